/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/lookup.h"

struct answers {
	struct arena *arena;
	struct dns_answer at[ANSWERS_MAX];
	size_t n;
	struct wanted {
		enum dns_type type;
		struct view name;
	} wanted[ANSWERS_WANTED_MAX];
	size_t n_wanted;
	/* For names that cannot be asked. */
	struct dns_answer impossible;
};

const char *
dns_type_name(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_NS:
		return "NS";
	case DNS_CNAME:
		return "CNAME";
	case DNS_SOA:
		return "SOA";
	case DNS_PTR:
		return "PTR";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	case DNS_DS:
		return "DS";
	case DNS_RRSIG:
		return "RRSIG";
	}
	return "?";
}

const char *
dns_state_name(enum dns_state state)
{
	static const char *const names[] = {[DNS_NO_ANSWER] = "no answer",
	    [DNS_FOUND] = "found",
	    [DNS_NO_DATA] = "no such record",
	    [DNS_NO_NAME] = "no such name",
	    [DNS_FAILED] = "failed"};

	return (size_t)state < ARRAY_LEN(names) ? names[state] : "?";
}

const char *
dns_failure_text(const struct dns_answer *answer)
{
	static const char *const rcodes[] = {[1] = "FORMERR",
	    [2] = "SERVFAIL",
	    [4] = "NOTIMP",
	    [5] = "REFUSED",
	    [9] = "NOTAUTH"};

	if (answer->state != DNS_FAILED)
		return dns_state_name(answer->state);
	if (answer->is_bogus)
		return "DNSSEC failed";
	if (answer->rcode < ARRAY_LEN(rcodes) && rcodes[answer->rcode] != NULL)
		return rcodes[answer->rcode];
	return dns_state_name(answer->state);
}

/* One octet of a name at *REST, which moves behind it. -1: an escape that is none. */
static int
octet_take(struct view *rest)
{
	unsigned value = 0;

	if (rest->p[0] != '\\') {
		value = (unsigned char)rest->p[0];
		*rest = view_from(*rest, 1);
		return (int)value;
	}
	if (rest->n < 4)
		return -1;
	for (size_t i = 1; i <= 3; i++) {
		if (rest->p[i] < '0' || rest->p[i] > '9')
			return -1;
		value = value * 10 + (unsigned)(rest->p[i] - '0');
	}
	*rest = view_from(*rest, 4);
	return value <= 255 ? (int)value : -1;
}

static size_t
octet_put(int octet, char *into)
{
	if (octet >= 'A' && octet <= 'Z')
		octet += 'a' - 'A';
	if (octet > ' ' && octet <= '~' && octet != '.' && octet != '\\') {
		*into = (char)octet;
		return 1;
	}
	return (size_t)snprintf(into, 5, "\\%03d", octet);
}

bool
dns_name_normal(struct view name, char into[DNS_NAME_MAX * 4 + 1])
{
	struct view rest = name;
	size_t n = 0, octets = 0, label = 0;

	while (rest.n > 0) {
		if (rest.p[0] == '.') {
			if (label == 0)
				return false;
			rest = view_from(rest, 1);
			label = 0;
			if (rest.n > 0) {
				into[n++] = '.';
				octets++;
			}
			continue;
		}
		int octet = octet_take(&rest);
		if (octet < 0 || ++label > DNS_LABEL_MAX || ++octets > DNS_NAME_MAX)
			return false;
		n += octet_put(octet, into + n);
	}
	into[n] = '\0';
	return octets <= DNS_NAME_MAX;
}

struct answers *
answers_new(struct arena *arena)
{
	struct answers *answers = arena_alloc(arena, sizeof(*answers));

	if (answers != NULL) {
		answers->arena = arena;
		answers->impossible.state = DNS_NO_NAME;
		answers->impossible.rcode = 3;
	}
	return answers;
}

static const struct dns_answer *
answer_find(const struct answers *answers, enum dns_type type, struct view name)
{
	for (size_t i = 0; i < answers->n; i++)
		if (answers->at[i].type == type && view_is(answers->at[i].name, name))
			return &answers->at[i];
	return NULL;
}

static bool
is_wanted(const struct answers *answers, enum dns_type type, struct view name)
{
	for (size_t i = 0; i < answers->n_wanted; i++)
		if (answers->wanted[i].type == type &&
		    view_is(answers->wanted[i].name, name))
			return true;
	return false;
}

const struct dns_answer *
answers_lookup(void *context, enum dns_type type, struct view name)
{
	struct answers *answers = context;
	char normal[DNS_NAME_MAX * 4 + 1];

	if (!dns_name_normal(name, normal))
		return &answers->impossible;
	const struct dns_answer *found = answer_find(answers, type, view_of(normal));
	if (found != NULL || answers->n_wanted == ANSWERS_WANTED_MAX ||
	    is_wanted(answers, type, view_of(normal)))
		return found;
	struct view kept = arena_view(answers->arena, view_of(normal));
	if (kept.p != NULL)
		answers->wanted[answers->n_wanted++] = (struct wanted){type, kept};
	return NULL;
}

bool
answers_add(struct answers *answers, const struct dns_answer *answer)
{
	struct dns_record *records = NULL;

	if (answer_find(answers, answer->type, answer->name) != NULL)
		return true;
	if (answers->n == ANSWERS_MAX)
		return false;
	struct dns_answer copy = *answer;
	copy.name = arena_view(answers->arena, answer->name);
	if (answer->n > 0)
		records = arena_array(answers->arena, answer->n, sizeof(records[0]));
	if (copy.name.p == NULL || (answer->n > 0 && records == NULL))
		return false;
	for (uint32_t i = 0; i < answer->n; i++) {
		records[i] = answer->records[i];
		records[i].data = arena_view(answers->arena, answer->records[i].data);
		if (records[i].data.p == NULL)
			return false;
	}
	copy.records = records;
	answers->at[answers->n++] = copy;
	return true;
}

size_t
answers_count(const struct answers *answers)
{
	return answers->n;
}

const struct dns_answer *
answers_at(const struct answers *answers, size_t i)
{
	return i < answers->n ? &answers->at[i] : NULL;
}

size_t
answers_wanted(const struct answers *answers)
{
	return answers->n_wanted;
}

void
answers_wanted_at(
    const struct answers *answers, size_t i, enum dns_type *ret_type, struct view *ret_name)
{
	must(i < answers->n_wanted);
	*ret_type = answers->wanted[i].type;
	*ret_name = answers->wanted[i].name;
}

void
answers_want_none(struct answers *answers)
{
	answers->n_wanted = 0;
}
