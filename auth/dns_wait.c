/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <poll.h>
#include <stdint.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "auth/dns.h"

/* Asking for who may wait for the answer. */

/* One question's place; 'fetch' is who counts them. */
struct place {
	struct fetch *fetch;
	enum dns_type type;
	struct view name;
	int id;
	bool is_answered;
};

struct fetch {
	struct answers *answers;
	struct place places[ANSWERS_WANTED_MAX];
	size_t n, n_answered;
	bool is_full;
};

static void
answer_take(void *context, const struct dns_answer *answer)
{
	struct place *place = context;
	struct fetch *fetch = place->fetch;

	place->is_answered = true;
	fetch->n_answered++;
	if (!answers_add(fetch->answers, answer))
		fetch->is_full = true;
}

/* Until all is answered or DEADLINE has passed. */
static void
answers_await(struct dns *dns, const struct fetch *fetch, int64_t deadline)
{
	struct pollfd ready = {.fd = dns_fd(dns), .events = POLLIN};

	while (fetch->n_answered < fetch->n) {
		int64_t left = deadline - clock_mono();

		if (left <= 0)
			return;
		int n =
		    poll(&ready, 1, left >= 60000000 ? 60000 : (int)((left + 999) / 1000));
		if (n > 0)
			dns_process(dns);
		else
			must(n == 0 || errno == EINTR);
	}
}

static void
answers_give_up(struct dns *dns, struct fetch *fetch)
{
	for (size_t i = 0; i < fetch->n; i++) {
		struct place *place = &fetch->places[i];
		struct dns_answer none = {.name = place->name, .type = place->type};

		if (place->is_answered)
			continue;
		dns_cancel(dns, place->id);
		answer_take(place, &none);
	}
}

int
dns_fetch(struct dns *dns, struct answers *answers, int64_t deadline, struct err *err)
{
	struct fetch fetch = {.answers = answers};
	int result = 0;

	/* An answer may be there at once, and add to what is counted. */
	for (size_t i = 0; result == 0 && i < answers_wanted(answers); i++) {
		struct place *place = &fetch.places[fetch.n++];

		place->fetch = &fetch;
		answers_wanted_at(answers, i, &place->type, &place->name);
		const struct dns_wish wish = {place->type, place->name, answer_take, place};
		result = dns_ask(dns, &wish, &place->id, err);
		if (result != 0)
			fetch.n--;
	}
	if (result == 0)
		answers_await(dns, &fetch, deadline);
	answers_give_up(dns, &fetch);
	answers_want_none(answers);
	if (result == 0 && fetch.is_full)
		return err_set(
		    err, ERR_LIMIT, "this needs more than %d answers of DNS", ANSWERS_MAX);
	return result;
}

/* Letters, digits, '-', '_': what keys are published under. */
static bool
is_key_name(struct view name)
{
	char normal[DNS_NAME_MAX * 4 + 1];

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
			return false;
	}
	return name.n > 0 && dns_name_normal(name, normal);
}

static const char *
rcode_text(int rcode)
{
	static const char *const names[] = {
	    "an empty answer", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};

	return rcode >= 0 && (size_t)rcode < ARRAY_LEN(names) ? names[rcode] : "an error";
}

static int
text_read(const struct dns_answer *answer, struct buf *out, size_t *ret_n, struct err *err)
{
	switch (answer->state) {
	case DNS_NO_DATA:
	case DNS_NO_NAME:
		return 0;
	case DNS_NO_ANSWER:
		return err_set(err, ERR_TEMP, "no answer in time");
	case DNS_FAILED:
		if (answer->is_cut)
			return err_set(err, ERR_BAD_INPUT,
			    "the TXT record is damaged or larger than %d bytes",
			    DNS_TXT_MAX);
		if (answer->is_bogus)
			return err_set(err, ERR_TEMP, "DNSSEC: the answer is bogus");
		return err_set(
		    err, ERR_TEMP, "the resolver answers %s", rcode_text(answer->rcode));
	case DNS_FOUND:
		break;
	}
	buf_add(out, answer->records[0].data);
	if (out->full)
		return err_set(err, ERR_BAD_INPUT, "the TXT record is too large");
	*ret_n = answer->n;
	return 1;
}

int
dns_txt(struct dns *dns, struct view name, int milliseconds, struct buf *out, size_t *ret_n,
    struct err *err)
{
	int result = -1;

	if (!is_key_name(name))
		return err_set(err, ERR_BAD_INPUT, "this is not a name that DNS can hold");
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	int64_t deadline = clock_mono() + (int64_t)milliseconds * 1000;
	const struct dns_answer *answer = answers_lookup(answers, DNS_TXT, name);
	if (answer == NULL && dns_fetch(dns, answers, deadline, err) == 0)
		answer = answers_lookup(answers, DNS_TXT, name);
	if (answer != NULL)
		result = text_read(answer, out, ret_n, err);
	arena_free(arena);
	return result;
}
