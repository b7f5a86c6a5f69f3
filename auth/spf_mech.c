/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/* The mechanisms that compare addresses and names: RFC 7208 5.3 to 5.7. */

/* The names of one mx or ptr. */
struct names {
	struct view at[SPF_NAMES_MAX];
	size_t n;
};

enum spf_match
spf_match_failed(struct spf_run *run, enum spf_got got)
{
	if (got == SPF_GOT_PENDING)
		return SPF_MATCH_PENDING;
	if (got == SPF_GOT_UNANSWERED)
		run->is_unanswered = true;
	return SPF_MATCH_TEMPERROR;
}

bool
spf_void_count(struct spf_run *run)
{
	if (run->voids++ < SPF_VOID_MAX)
		return true;
	spf_problem(run, "more than %d look-ups without an answer", SPF_VOID_MAX);
	return false;
}

static bool
network_has(const uint8_t *network, const uint8_t *address, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(network, address, whole) == 0 &&
	       (rest == 0 || ((network[whole] ^ address[whole]) >> (8 - rest)) == 0);
}

static enum dns_type
address_type(const struct spf_run *run)
{
	return run->client.family == ADDR_IPV4 ? DNS_A : DNS_AAAA;
}

static bool
answer_has(const struct spf_run *run, const struct dns_answer *answer, unsigned bits)
{
	size_t size = run->client.family == ADDR_IPV4 ? 4 : 16;

	for (uint32_t i = 0; i < answer->n; i++)
		if (answer->records[i].data.n == size &&
		    network_has((const uint8_t *)answer->records[i].data.p,
			run->client.bytes, bits))
			return true;
	return false;
}

/* The client is in none of the records that were read; what of those that were not? */
static enum spf_match
match_none(struct spf_run *run, const struct dns_answer *answer)
{
	if (!answer->is_cut)
		return SPF_MATCH_NO;
	spf_problem(run, "%s of %.*s: too many records to read them all",
	    dns_type_name(answer->type), VIEW_ARG(answer->name));
	return spf_match_failed(run, SPF_GOT_UNANSWERED);
}

/* Is the client, with BITS of its address, among the addresses of NAME? */
static enum spf_match
address_match(struct spf_run *run, struct view name, unsigned bits)
{
	const struct dns_answer *answer = NULL;
	enum spf_got got = spf_ask(run, address_type(run), name, &answer);

	if (got == SPF_GOT_VOID)
		return spf_void_count(run) ? SPF_MATCH_NO : SPF_MATCH_PERMERROR;
	if (got != SPF_GOT_FOUND)
		return spf_match_failed(run, got);
	return answer_has(run, answer, bits) ? SPF_MATCH_YES : match_none(run, answer);
}

/* In order of preference; of one preference by name, for DNS gives them in any order. */
static bool
comes_before(const struct dns_record *a, const struct dns_record *b)
{
	return a->preference != b->preference ? a->preference < b->preference
					      : view_compare(a->data, b->data) < 0;
}

static void
exchanges_sort(const struct dns_answer *answer, struct names *names)
{
	const struct dns_record *sorted[SPF_NAMES_MAX];
	size_t n = 0;

	for (uint32_t i = 0; i < answer->n; i++) {
		size_t at = n++;

		for (; at > 0 && comes_before(&answer->records[i], sorted[at - 1]); at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = &answer->records[i];
	}
	for (size_t i = 0; i < n; i++)
		names->at[i] = sorted[i]->data;
	names->n = n;
}

/* The name in its normal form; false: it cannot be asked ("." of a null MX, above all). */
static bool
name_take(struct view data, char into[SPF_NAME_SIZE], struct view *ret_name)
{
	if (!dns_name_normal(data, into) || into[0] == '\0')
		return false;
	*ret_name = view_of(into);
	return true;
}

/* All at once, so that who fetches the answers waits once. */
static void
names_ask(struct spf_run *run, const struct names *names)
{
	char normal[SPF_NAME_SIZE];
	struct view name;

	for (size_t i = 0; i < names->n; i++)
		if (name_take(names->at[i], normal, &name))
			spf_ask_ahead(run, address_type(run), name);
}

static enum spf_match
mx_match(struct spf_run *run, struct view name, unsigned bits)
{
	const struct dns_answer *answer = NULL;
	enum spf_got got = spf_ask(run, DNS_MX, name, &answer);
	enum spf_match match = SPF_MATCH_NO;
	struct names names = {.n = 0};
	char normal[SPF_NAME_SIZE];
	struct view exchange;

	if (got == SPF_GOT_VOID)
		return spf_void_count(run) ? SPF_MATCH_NO : SPF_MATCH_PERMERROR;
	if (got != SPF_GOT_FOUND)
		return spf_match_failed(run, got);
	if (answer->n > SPF_NAMES_MAX || answer->is_cut) {
		spf_problem(
		    run, "%.*s has more than %d MX records", VIEW_ARG(name), SPF_NAMES_MAX);
		return SPF_MATCH_PERMERROR;
	}
	exchanges_sort(answer, &names);
	names_ask(run, &names);
	for (size_t i = 0; i < names.n && match == SPF_MATCH_NO; i++)
		if (name_take(names.at[i], normal, &exchange))
			match = address_match(run, exchange, bits);
	return match;
}

/* The names that the client's address points to, the first ten of them. */
static enum spf_got
ptr_names(struct spf_run *run, struct names *ret_names)
{
	char name[SPF_NAME_SIZE];
	const struct dns_answer *answer = NULL;
	enum spf_got got = spf_ask(run, DNS_PTR, spf_name_reverse(run, name), &answer);

	ret_names->n = 0;
	if (got != SPF_GOT_FOUND)
		return got;
	for (uint32_t i = 0; i < answer->n && ret_names->n < SPF_NAMES_MAX; i++)
		ret_names->at[ret_names->n++] = answer->records[i].data;
	return SPF_GOT_FOUND;
}

/* Is it the client's address that NAME points back to? FOUND or VOID, or it is not known.
 */
static enum spf_got
name_validate(struct spf_run *run, struct view name)
{
	const struct dns_answer *answer = NULL;
	enum spf_got got = spf_ask(run, address_type(run), name, &answer);

	if (got == SPF_GOT_FOUND)
		return answer_has(run, answer, run->client.family == ADDR_IPV4 ? 32 : 128)
			   ? SPF_GOT_FOUND
			   : SPF_GOT_VOID;
	return got == SPF_GOT_FAILED ? SPF_GOT_VOID : got;
}

static bool
is_below(struct view name, struct view domain)
{
	return name.n > domain.n && view_ends_nocase(name, domain) &&
	       name.p[name.n - domain.n - 1] == '.';
}

/* 2: NAME is DOMAIN; 1: it is below; 0: neither. */
static unsigned
closeness(struct view name, struct view domain)
{
	return view_is_nocase(name, domain) ? 2 : is_below(name, domain);
}

enum spf_got
spf_ptr_validated(struct spf_run *run, struct view domain, struct view *ret_name)
{
	struct names names;
	char normal[SPF_NAME_SIZE];
	struct view name, best = VIEW_NONE;
	bool is_pending = false, is_unanswered = false;
	enum spf_got got = ptr_names(run, &names);

	if (got != SPF_GOT_FOUND)
		return got == SPF_GOT_FAILED ? SPF_GOT_VOID : got;
	names_ask(run, &names);
	for (size_t i = 0; i < names.n; i++) {
		/* Escaped octets would have to be unescaped, and dots among them not. */
		if (!name_take(names.at[i], normal, &name) || view_has_char(name, '\\'))
			continue;
		got = name_validate(run, name);
		is_pending = is_pending || got == SPF_GOT_PENDING;
		is_unanswered = is_unanswered || got == SPF_GOT_UNANSWERED;
		if (got == SPF_GOT_FOUND &&
		    (best.p == NULL || closeness(name, domain) > closeness(best, domain)))
			best = view_head(names.at[i], name.n);
	}
	if (is_pending)
		return SPF_GOT_PENDING;
	if (best.p == NULL)
		return is_unanswered ? SPF_GOT_UNANSWERED : SPF_GOT_VOID;
	*ret_name = best;
	return SPF_GOT_FOUND;
}

/* Only names that would match are looked up: the others cannot change the result. */
static enum spf_match
names_match(struct spf_run *run, const struct names *all, struct view target)
{
	struct names names = {.n = 0};
	char normal[SPF_NAME_SIZE];
	struct view name;
	enum spf_got got, worst = SPF_GOT_VOID;

	for (size_t i = 0; i < all->n; i++)
		if (name_take(all->at[i], normal, &name) && closeness(name, target) > 0)
			names.at[names.n++] = all->at[i];
	names_ask(run, &names);
	for (size_t i = 0; i < names.n; i++) {
		(void)name_take(names.at[i], normal, &name);
		got = name_validate(run, name);
		if (got == SPF_GOT_FOUND)
			return SPF_MATCH_YES;
		if (got != SPF_GOT_VOID && worst != SPF_GOT_PENDING)
			worst = got;
	}
	return worst == SPF_GOT_VOID ? SPF_MATCH_NO : spf_match_failed(run, worst);
}

/*
 * The names are the client's, so a void look-up among them is not the record's doing; that
 * of the PTR record itself is the term's own (4.6.4).
 */
static enum spf_match
ptr_match(struct spf_run *run, struct view target)
{
	struct names names;
	enum spf_got got = ptr_names(run, &names);

	if (got == SPF_GOT_VOID)
		return spf_void_count(run) ? SPF_MATCH_NO : SPF_MATCH_PERMERROR;
	if (got == SPF_GOT_FAILED)
		return SPF_MATCH_NO;
	if (got != SPF_GOT_FOUND)
		return spf_match_failed(run, got);
	return names_match(run, &names, target);
}

static enum spf_match
exists_match(struct spf_run *run, struct view name)
{
	const struct dns_answer *answer = NULL;
	enum spf_got got = spf_ask(run, DNS_A, name, &answer);

	if (got == SPF_GOT_VOID)
		return spf_void_count(run) ? SPF_MATCH_NO : SPF_MATCH_PERMERROR;
	return got == SPF_GOT_FOUND ? SPF_MATCH_YES : spf_match_failed(run, got);
}

static enum spf_match
network_match(const struct spf_run *run, const struct spf_term *term)
{
	uint8_t bits = term->kind == SPF_KIND_IP4 ? term->bits4 : term->bits6;

	return run->client.family == term->addr.family &&
		       network_has(term->addr.bytes, run->client.bytes, bits)
		   ? SPF_MATCH_YES
		   : SPF_MATCH_NO;
}

enum spf_match
spf_mech_match(struct spf_run *run, const struct spf_term *term, struct view domain)
{
	char expanded[SPF_DOMAIN_MAX + 1], normal[SPF_NAME_SIZE];
	struct view target = domain, name;
	unsigned bits = run->client.family == ADDR_IPV4 ? term->bits4 : term->bits6;
	enum spf_got got;

	if (term->kind == SPF_KIND_IP4 || term->kind == SPF_KIND_IP6)
		return network_match(run, term);
	if (term->spec.p != NULL) {
		got = spf_domain_expand(run, term->spec, domain, expanded, &target);
		if (got != SPF_GOT_FOUND)
			return got == SPF_GOT_VOID ? SPF_MATCH_NO
						   : spf_match_failed(run, got);
	}
	if (!spf_name(target, normal, &name))
		return SPF_MATCH_NO;
	if (term->kind == SPF_KIND_A)
		return address_match(run, name, bits);
	if (term->kind == SPF_KIND_MX)
		return mx_match(run, name, bits);
	if (term->kind == SPF_KIND_PTR)
		return ptr_match(run, name);
	return exists_match(run, name);
}
