/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "doctor/dns.h"

const struct doctor_check doctor_dns[] = {
    {"dns-helo", DOCTOR_ONCE,
	"Receivers look the name up that our server greets with, and many refuse one that "
	"is "
	"not theirs to find.",
	dns_check_helo},
    {"dns-ptr", DOCTOR_EGRESS,
	"Large receivers refuse mail from an address without a name, or whose name does "
	"not "
	"lead back to it.",
	dns_check_ptr},
    {"dns-mx", DOCTOR_DOMAIN,
	"Who cannot be answered is not believed: receivers refuse senders in a domain that "
	"takes no mail, and bounces are lost.",
	dns_check_mx},
    {"dns-address", DOCTOR_DOMAIN,
	"Replies and bounces go to these hosts; those that cannot be found get none.",
	dns_check_address},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
