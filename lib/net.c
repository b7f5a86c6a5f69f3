/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/net.h"

static const uint8_t mapped_head[12] = {[10] = 0xff, [11] = 0xff};

static unsigned
all_bits(struct addr addr)
{
	return addr.family == ADDR_IPV4 ? 32 : 128;
}

static bool
is_mapped(struct addr addr)
{
	return addr.family == ADDR_IPV6 && memcmp(addr.bytes, mapped_head, 12) == 0;
}

static struct addr
fold(struct addr addr)
{
	struct addr folded = {.family = ADDR_IPV4};

	if (!is_mapped(addr))
		return addr;
	memcpy(folded.bytes, addr.bytes + 12, 4);
	return folded;
}

/* As written, ::ffff:a.b.c.d not folded yet. */
static int
parse_unfolded(struct view text, struct addr *ret_addr, struct err *err)
{
	char copy[ADDR_TEXT];
	struct addr addr = {.family = view_has_char(text, ':') ? ADDR_IPV6 : ADDR_IPV4};

	if (text.n == 0 || text.n >= sizeof(copy) || view_has_char(text, '\0'))
		return err_set(err, ERR_BAD_INPUT, "not an IP address");
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	if (inet_pton(addr.family == ADDR_IPV6 ? AF_INET6 : AF_INET, copy, addr.bytes) != 1)
		return err_set(err, ERR_BAD_INPUT, "not an IP address: %s", copy);
	*ret_addr = addr;
	return 0;
}

int
addr_parse(struct view text, struct addr *ret_addr, struct err *err)
{
	struct addr addr;

	if (parse_unfolded(text, &addr, err) < 0)
		return -1;
	*ret_addr = fold(addr);
	return 0;
}

/* Clear what is behind the first BITS bits; says whether anything was set there. */
static bool
clear_host_bits(struct addr *addr, unsigned bits)
{
	bool was_set = false;

	for (unsigned i = bits / 8; i < all_bits(*addr) / 8; i++) {
		unsigned kept = i == bits / 8 ? bits % 8 : 0;
		uint8_t mask = (uint8_t)(0xff00u >> kept);

		was_set = was_set || (addr->bytes[i] & (uint8_t)~mask) != 0;
		addr->bytes[i] &= mask;
	}
	return was_set;
}

int
prefix_parse(struct view text, struct prefix *ret_prefix, struct err *err)
{
	struct view rest = text, host = VIEW_NONE;
	struct prefix prefix;
	unsigned long long bits;
	char shown[ADDR_TEXT];

	(void)view_cut(&rest, '/', &host);
	if (parse_unfolded(host, &prefix.addr, err) < 0)
		return -1;
	bits = all_bits(prefix.addr);
	if (rest.p != NULL &&
	    (!view_number(rest, bits, &bits) || (rest.n > 1 && rest.p[0] == '0')))
		return err_set(err, ERR_BAD_INPUT,
		    "the prefix length is not a number from 0 to %u",
		    all_bits(prefix.addr));
	prefix.bits = (uint8_t)bits;
	if (clear_host_bits(&prefix.addr, prefix.bits))
		return err_set(err, ERR_BAD_INPUT, "host bits are set: did you mean %s",
		    prefix_text(prefix, shown));
	if (is_mapped(prefix.addr)) {
		prefix.addr = fold(prefix.addr);
		prefix.bits = (uint8_t)(prefix.bits - 96);
	}
	*ret_prefix = prefix;
	return 0;
}

struct addr
addr_of_sockaddr(const struct sockaddr *sa)
{
	struct addr addr = {.family = ADDR_NONE};

	if (sa == NULL)
		return addr;
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		addr.family = ADDR_IPV4;
		memcpy(addr.bytes, &in.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		addr.family = ADDR_IPV6;
		memcpy(addr.bytes, &in6.sin6_addr, 16);
	}
	return fold(addr);
}

const char *
addr_text(struct addr addr, char into[ADDR_TEXT])
{
	int family = addr.family == ADDR_IPV4 ? AF_INET : AF_INET6;

	if (addr.family == ADDR_NONE)
		memcpy(into, "unknown", sizeof("unknown"));
	else
		must(inet_ntop(family, addr.bytes, into, ADDR_TEXT) != NULL);
	return into;
}

const char *
prefix_text(struct prefix prefix, char into[ADDR_TEXT])
{
	size_t n = strlen(addr_text(prefix.addr, into));

	if (prefix.addr.family != ADDR_NONE && prefix.bits != all_bits(prefix.addr))
		(void)snprintf(into + n, ADDR_TEXT - n, "/%u", (unsigned)prefix.bits);
	return into;
}

bool
addr_is(struct addr a, struct addr b)
{
	return a.family == b.family &&
	       (a.family == ADDR_NONE || memcmp(a.bytes, b.bytes, all_bits(a) / 8) == 0);
}

bool
addr_is_loopback(struct addr addr)
{
	static const uint8_t one[16] = {[15] = 1};

	if (addr.family == ADDR_IPV4)
		return addr.bytes[0] == 127;
	return addr.family == ADDR_IPV6 && memcmp(addr.bytes, one, 16) == 0;
}

bool
prefix_has(struct prefix prefix, struct addr addr)
{
	if (addr.family == ADDR_NONE || addr.family != prefix.addr.family)
		return false;
	(void)clear_host_bits(&addr, prefix.bits);
	return addr_is(prefix.addr, addr);
}
