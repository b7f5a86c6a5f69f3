/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_PLACE_H
#define DOCTOR_PLACE_H

/* "mail.example.org:25", "192.0.2.1", "[2001:db8::1]:25", "2001:db8::1". Pure. */

#include <stdbool.h>

#include "lib/view.h"

struct place {
	struct view host; /* without brackets; borrowed */
	unsigned port;
};

/* PORT where the text has none. False: it is no host, or no port. */
bool place_parse(struct view text, unsigned port, struct place *ret_place);

#endif
