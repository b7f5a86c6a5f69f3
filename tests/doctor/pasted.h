/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_DOCTOR_PASTED_H
#define TESTS_DOCTOR_PASTED_H

/* May a line of a remedy be pasted, if it has no capital to say that it is words? */

#include <stdbool.h>

#include "doctor/doctor.h"
#include "lib/bug.h"

static inline bool
line_is_as_it_says(struct view line)
{
	static const char *const words[] = {"a", "add", "also", "and", "ask", "do", "for",
	    "give", "if", "in", "look", "make", "name", "or", "or,", "see", "take", "the",
	    "then", "then,", "use", "when", "where", "with", "write"};
	struct view rest = line, first;

	if (doctor_is_words(line) || !view_cut(&rest, ' ', &first))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (view_is(first, view_of(words[i])))
			return false;
	return true;
}

#endif
