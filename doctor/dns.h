/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_DNS_H
#define DOCTOR_DNS_H

/* The checks of the area DNS, dns_*.c. */

#include "doctor/doctor.h"
#include "doctor/world.h"

typedef void doctor_run_fn(const struct doctor_world *world,
    const struct doctor_subject *subject, struct doctor_report *report);

doctor_run_fn dns_check_mx, dns_check_address, dns_check_ptr, dns_check_helo, dns_check_spf,
    dns_check_dkim, dns_check_dmarc, dns_check_mta_sts, dns_check_tls_rpt,
    dns_check_wildcard, dns_check_servers, dns_check_dnssec;

#endif
