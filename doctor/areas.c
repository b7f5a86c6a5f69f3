/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "doctor/areas.h"

/* One line an area. */
const struct doctor_area doctor_areas[] = {
    {"dns", "DNS", doctor_dns},
    {"connect", "Connection", doctor_connection},
    {"blocklist", "Blocklists", doctor_blocklist},
    {"postfix", "Postfix", doctor_postfix},
    {"machine", "Machine", doctor_machine},
    {"ourselves", "Ourselves", doctor_ourselves},
    {NULL, NULL, NULL},
};
