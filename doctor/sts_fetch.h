/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_STS_FETCH_H
#define DOCTOR_STS_FETCH_H

/* The policy of MTA-STS from its web server, as senders fetch it (RFC 8461 3.3): no
 * redirect is followed, nothing is kept. */

#include "doctor/doctor.h"
#include "doctor/world.h"

/* From HOST, "mta-sts.example.org", at one of ADDRS, or where 'https' of the world says.
 * False: it was said why not; bad only when a server answered. */
bool sts_fetch(const struct doctor_world *world, struct doctor_report *report,
    struct view host, const struct addr *addrs, size_t n_addrs, struct view *ret_text);

#endif
