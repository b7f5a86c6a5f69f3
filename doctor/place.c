/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/lookup.h"
#include "lib/net.h"

#include "doctor/place.h"

enum { PORT_MAX = 65535 };

static bool
is_host(struct view host)
{
	char normal[DNS_NAME_MAX * 4 + 1];

	return host.n > 0 && !view_has_char(host, '/') && !view_has_char(host, ' ') &&
	       dns_name_normal(host, normal);
}

bool
place_parse(struct view text, unsigned port, struct place *ret_place)
{
	struct view host = text, number = VIEW_NONE;
	unsigned long long given = port;
	struct addr addr;

	if (addr_parse(text, &addr, NULL) == 0) {
		*ret_place = (struct place){text, port};
		return true;
	}
	if (view_starts(text, VIEW("["))) {
		number = view_from(text, 1);
		if (!view_has_char(number, ']') || !view_cut(&number, ']', &host) ||
		    addr_parse(host, &addr, NULL) < 0 ||
		    (number.n > 0 && number.p[0] != ':'))
			return false;
		number = number.n > 0 ? view_from(number, 1) : VIEW_NONE;
	} else {
		number = text;
		(void)view_cut(&number, ':', &host);
		if (!is_host(host))
			return false;
	}
	if (number.p != NULL && (!view_number(number, PORT_MAX, &given) || given == 0))
		return false;
	*ret_place = (struct place){host, (unsigned)given};
	return true;
}
