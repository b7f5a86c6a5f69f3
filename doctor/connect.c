/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "doctor/connect.h"

const struct doctor_check doctor_connection[] = {
    {"connect-out", DOCTOR_ONCE,
	"Mail leaves through port 25 of the receiver's host; many providers keep it closed "
	"until they are asked.",
	connect_check_out},
    {"connect-in", DOCTOR_ONCE,
	"Users and other servers give up, or do not trust us, when what we offer does not "
	"answer, or shows a certificate that does not hold.",
	connect_check_in},
    {"connect-source", DOCTOR_ONCE,
	"SPF, names and blocklists go by the address that receivers see; 'set egress' has "
	"to "
	"say which that is.",
	connect_check_source},
    {"connect-firewall", DOCTOR_ONCE,
	"What the firewall of this machine drops never leaves it, and waits in the queue.",
	connect_check_firewall},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
