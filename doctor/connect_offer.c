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

/* "127.0.0.1:smtp", "[::1]:25", "submission": what stands before the last ':'. */
static struct view
host_part(struct view service, struct view *ret_port)
{
	size_t n = service.n;

	while (n > 0 && service.p[n - 1] != ':')
		n--;
	*ret_port = view_from(service, n);
	return view_head(service, n > 0 ? n - 1 : 0);
}

/* Is HOST, of master.cf or inet_interfaces, ADDR? */
static bool
is_at(struct view host, struct addr addr)
{
	struct addr there;

	if (host.n > 2 && host.p[0] == '[')
		host = view_from(view_head(host, host.n - 1), 1);
	if (addr_parse(host, &there, NULL) == 0)
		return addr_is(there, addr);
	return view_is_nocase(host, VIEW("all")) ||
	       (addr_is_loopback(addr) && (view_is_nocase(host, VIEW("localhost")) ||
					      view_is_nocase(host, VIEW("loopback-only"))));
}

/* INTERFACES are separated by commas or blanks. */
static bool
is_among(struct view interfaces, struct addr addr)
{
	struct view part, rest;

	while (view_cut(&interfaces, ',', &part))
		while ((rest = word(&part)).n > 0)
			if (is_at(rest, addr))
				return true;
	return false;
}

struct view
connect_service_name(struct view lines, unsigned port)
{
	struct view line;

	while (view_cut(&lines, '\n', &line)) {
		struct view service = word(&line), type = word(&line), name;

		(void)host_part(service, &name);
		if (view_is(type, VIEW("inet")) && named_port(name) == port)
			return service;
	}
	return VIEW("");
}

enum connect_offer
connect_offers(struct view lines, struct view interfaces, struct addr addr, unsigned port)
{
	enum connect_offer offer = CONNECT_OFFER_NO;
	struct view line;

	while (view_cut(&lines, '\n', &line)) {
		struct view service = word(&line), type = word(&line), name;
		struct view host = host_part(service, &name);

		if (!view_is(type, VIEW("inet")) || named_port(name) != port)
			continue;
		if (host.n > 0 ? is_at(host, addr) : is_among(interfaces, addr))
			return CONNECT_OFFER_HERE;
		offer = CONNECT_OFFER_ELSEWHERE;
	}
	return offer;
}
