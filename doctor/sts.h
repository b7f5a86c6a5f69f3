/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_STS_H
#define DOCTOR_STS_H

/* The policy of MTA-STS (RFC 8461 3.2, 4.1). Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/view.h"

enum {
	STS_POLICY_MAX = 64 << 10, /* bytes: what RFC 8461 3.3 lets senders take */
	STS_AGE_MAX = 31557600,    /* seconds */
	STS_MX_MAX = 100,          /* lines */
};

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };

struct sts_policy {
	enum sts_mode mode;
	unsigned long long max_age; /* seconds */
	struct view mx[STS_MX_MAX]; /* "mail.example.org", "*.example.org" */
	size_t n_mx;
};

const char *sts_mode_name(enum sts_mode mode);

/* Views point into TEXT. 0, or -1: it is no policy; ERR_LIMIT: it has more lines than are
 * looked at. */
int sts_parse(struct view text, struct sts_policy *ret_policy, struct err *err);

/* May mail go to HOST, without a dot at its end? */
bool sts_allows(const struct sts_policy *policy, struct view host);

#endif
