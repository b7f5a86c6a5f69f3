/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/view.h"

#include "doctor/connect.h"

enum { PORT_MAX = 65535 };

/* What /etc/services has for mail. */
static unsigned
named_port(struct view name)
{
	static const struct {
		const char *name;
		unsigned port;
	} names[] = {{"smtp", 25}, {"mail", 25}, {"submission", 587}, {"submissions", 465},
	    {"smtps", 465}, {"ssmtp", 465}};
	unsigned long long port;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (view_is(name, view_of(names[i].name)))
			return names[i].port;
	return view_number(name, PORT_MAX, &port) ? (unsigned)port : 0;
}

/* The next word of *REST, which moves behind it. */
static struct view
word(struct view *rest)
{
	size_t n = 0;

	*rest = view_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	struct view taken = view_head(*rest, n);
	*rest = view_from(*rest, n);
	return taken;
}

/* Behind the last ':' of "127.0.0.1:smtp", "[::1]:25". */
static struct view
port_part(struct view service)
{
	size_t n = service.n;

	while (n > 0 && service.p[n - 1] != ':')
		n--;
	return view_from(service, n);
}

bool
connect_offers(struct view lines, unsigned port)
{
	struct view line;

	while (view_cut(&lines, '\n', &line)) {
		struct view service = word(&line), type = word(&line);

		if (view_is(type, VIEW("inet")) && named_port(port_part(service)) == port)
			return true;
	}
	return false;
}
