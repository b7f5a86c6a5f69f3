/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_DOCTOR_LAB_H
#define TESTS_DOCTOR_LAB_H

/*
 * One check, run on what postconf prints of Postfix 3.7.11 with a few lines changed. In all
 * texts "/FILES" is the directory DOCTOR_FILES; a policy that names keys has one for
 * example.org.
 */

#include <stdbool.h>
#include <stddef.h>

#include "doctor/doctor.h"
#include "doctor/world.h"

/*
 * NULL for any of these: as on a server where all is fine.
 *
 * main       lines of main.cf, beside the usual ones; "!name": this Postfix has no such
 *            parameter
 * master     lines of master.cf without their options, instead of the usual ones
 * overrides  the options, as postconf -P prints them, instead of the usual ones
 * policy     lines of frank.conf; "!": it cannot be used
 * warnings   what postconf says on stderr
 */
struct variant {
	const char *what;
	enum doctor_answer want; /* the worst of its findings */
	const char *main, *master, *overrides, *policy, *warnings;
};

struct variants {
	const char *check;
	const struct variant *list;
	size_t n;
};

#define VARIANTS(check, list)                                                              \
	{                                                                                  \
		(check), (list), sizeof(list) / sizeof((list)[0])                          \
	}

/* Run the check on all of them and on no Postfix at all; what it says goes to stdout.
 * False: an answer is not the wanted one, or there is one of the three that no variant
 * wants. */
bool lab_run(const struct variants *variants);

/* Sockets in /FILES/queue/open: milter.sock for everybody, own.sock for its owner. */
void lab_sockets(void);

/* Each has one without a check at its end. */
extern const struct variants cases_milter[], cases_settings[], cases_leaving[],
    cases_ways[], cases_socket[], cases_limits[];

#endif
