/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/* Names, and what DNS says of them. */

static size_t
octet_put(unsigned char c, char *into)
{
	if (c >= 'A' && c <= 'Z')
		c = (unsigned char)(c + ('a' - 'A'));
	if (c > ' ' && c <= '~' && c != '\\') {
		*into = (char)c;
		return 1;
	}
	return (size_t)snprintf(into, 5, "\\%03u", c);
}

bool
spf_name(struct view domain, char into[SPF_NAME_SIZE], struct view *ret_name)
{
	size_t n = 0, label = 0;

	if (domain.n > 0 && domain.p[domain.n - 1] == '.')
		domain.n--;
	if (domain.n == 0 || domain.n > DNS_NAME_MAX)
		return false;
	for (size_t i = 0; i < domain.n; i++) {
		if (domain.p[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
			into[n++] = '.';
			continue;
		}
		if (++label > DNS_LABEL_MAX)
			return false;
		n += octet_put((unsigned char)domain.p[i], into + n);
	}
	if (label == 0)
		return false;
	into[n] = '\0';
	*ret_name = (struct view){into, n};
	return true;
}

struct view
spf_name_reverse(const struct spf_run *run, char into[SPF_NAME_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *bytes = run->client.bytes;
	char *at = into;

	if (run->client.family == ADDR_IPV4) {
		int n = snprintf(into, SPF_NAME_SIZE, "%u.%u.%u.%u.in-addr.arpa", bytes[3],
		    bytes[2], bytes[1], bytes[0]);

		return (struct view){into, (size_t)n};
	}
	for (unsigned i = 16; i-- > 0;) {
		*at++ = hex[bytes[i] & 15];
		*at++ = '.';
		*at++ = hex[bytes[i] >> 4];
		*at++ = '.';
	}
	memcpy(at, "ip6.arpa", 9);
	return (struct view){into, (size_t)(at - into) + 8};
}

static const struct dns_answer *
asked_find(const struct spf_asked *asked, enum dns_type type, struct view name)
{
	for (unsigned i = 0; i < asked->n; i++)
		if (asked->at[i]->type == type && view_is(asked->at[i]->name, name))
			return asked->at[i];
	return NULL;
}

static void
asked_add(struct spf_asked *asked, const struct dns_answer *answer)
{
	for (unsigned i = 0; i < asked->n; i++)
		if (asked->at[i] == answer)
			return;
	asked->at[asked->n++] = answer;
}

/* Asked for, or asked for before. NULL: not known yet; or, with *ret_is_over, one too many.
 */
static const struct dns_answer *
answer_get(struct spf_run *run, enum dns_type type, struct view name, bool *ret_is_over)
{
	struct spf_asked *asked = run->asked;
	const struct dns_answer *answer = asked_find(asked, type, name);

	if (answer != NULL)
		return answer;
	if (asked->n + asked->pending >= SPF_QUERIES_MAX) {
		/* What is pending may turn out to be one and the same. */
		*ret_is_over = asked->pending == 0;
		return NULL;
	}
	answer = run->asking->lookup(run->asking->context, type, name);
	if (answer == NULL)
		asked->pending++;
	else
		asked_add(asked, answer);
	return answer;
}

void
spf_ask_ahead(struct spf_run *run, enum dns_type type, struct view name)
{
	bool is_over;

	(void)answer_get(run, type, name, &is_over);
}

enum spf_got
spf_ask(struct spf_run *run, enum dns_type type, struct view name,
    const struct dns_answer **ret_answer)
{
	bool is_over = false;
	const struct dns_answer *answer = answer_get(run, type, name, &is_over);

	if (is_over) {
		spf_problem(run, "more than %d look-ups in all", SPF_QUERIES_MAX);
		return SPF_GOT_UNANSWERED;
	}
	if (answer == NULL)
		return SPF_GOT_PENDING;
	if (answer->ttl < run->ttl)
		run->ttl = answer->ttl;
	*ret_answer = answer;
	switch (answer->state) {
	case DNS_FOUND:
		return answer->n > 0 || answer->is_cut ? SPF_GOT_FOUND : SPF_GOT_VOID;
	case DNS_NO_DATA:
	case DNS_NO_NAME:
		return SPF_GOT_VOID;
	case DNS_FAILED:
		spf_problem(run, "%s of %.*s: DNS failed%s", dns_type_name(type),
		    VIEW_ARG(name), answer->is_bogus ? " (DNSSEC)" : "");
		return SPF_GOT_FAILED;
	case DNS_NO_ANSWER:
		break;
	}
	spf_problem(run, "%s of %.*s: no answer", dns_type_name(type), VIEW_ARG(name));
	return SPF_GOT_UNANSWERED;
}
