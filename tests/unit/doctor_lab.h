/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_DOCTOR_LAB_H
#define TESTS_UNIT_DOCTOR_LAB_H

/* What tests of single judgements share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doctor/doctor.h"
#include "lib/buf.h"

/* An empty report; lab_report_end() holds it against WANT and frees it: a line for each
 * finding, "ok ...", "bad ..." or "could not tell ...", and behind "> " each line of its
 * remedy. */
struct doctor_report *lab_report(void);
void lab_report_end(struct doctor_report *report, const char *what, const char *want);

#endif
