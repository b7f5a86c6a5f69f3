/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_AREAS_H
#define DOCTOR_AREAS_H

/* Which areas there are, in the order in which they are shown. */

#include "doctor/doctor.h"

struct doctor_area {
	const char *name;  /* "dns": the names of its checks begin so */
	const char *title; /* "DNS" */
	const struct doctor_check *checks;
};

extern const struct doctor_area doctor_areas[]; /* the last has no name */

#endif
