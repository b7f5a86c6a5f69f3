/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "dns_fake.h"
#include "lib/bug.h"

int
dns_ask(struct dns *dns, const struct dns_wish *wish, int *ret_id, struct err *err)
{
	(void)err;
	if (dns->is_refusing)
		return -1;
	for (size_t i = 0; i < DNS_FAKE_MAX; i++) {
		if (dns->open[i].id != 0)
			continue;
		*ret_id = dns->open[i].id = ++dns->last_id;
		dns->open[i].type = wish->type;
		dns->open[i].done = wish->done;
		dns->open[i].context = wish->context;
		snprintf(dns->open[i].name, sizeof(dns->open[i].name), "%.*s",
		    VIEW_ARG(wish->name));
		dns->n_asked++;
		return 0;
	}
	BUG("too many questions");
}

void
dns_cancel(struct dns *dns, int id)
{
	for (size_t i = 0; i < DNS_FAKE_MAX; i++)
		if (dns->open[i].id == id) {
			dns->open[i].id = 0;
			dns->n_cancelled++;
		}
}

struct dns *
dns_new_server(const char *resolver, const struct dns_server *server, struct err *err)
{
	(void)resolver;
	(void)server;
	(void)err;
	return mem_zeroed(1, sizeof(struct dns));
}

void
dns_free(struct dns *dns)
{
	free(dns);
}

int
dns_fd(struct dns *dns)
{
	(void)dns;
	return 0;
}

void
dns_process(struct dns *dns)
{
	(void)dns;
}

int
dns_fetch(struct dns *dns, struct answers *answers, int64_t deadline, struct err *err)
{
	(void)dns;
	(void)answers;
	(void)deadline;
	return err_set(err, ERR_TEMP, "nobody waits here");
}

size_t
dns_fake_open(const struct dns *dns)
{
	size_t n = 0;

	for (size_t i = 0; i < DNS_FAKE_MAX; i++)
		n += dns->open[i].id != 0;
	return n;
}

static bool
answer(struct dns *dns, const char *name, enum dns_type only, struct view data)
{
	struct dns_record record = {.data = data};
	bool is_found = false;

	for (size_t i = 0; i < DNS_FAKE_MAX; i++) {
		if (dns->open[i].id == 0 || strcmp(dns->open[i].name, name) != 0 ||
		    (only != 0 && dns->open[i].type != only))
			continue;
		const struct dns_answer answer = {.name = view_of(name),
		    .type = dns->open[i].type,
		    .state = data.p != NULL ? DNS_FOUND : DNS_NO_NAME,
		    .records = &record,
		    .n = data.p != NULL,
		    .ttl = 600};
		dns->open[i].id = 0;
		dns->open[i].done(dns->open[i].context, &answer);
		is_found = true;
	}
	return is_found;
}

bool
dns_fake_answer(struct dns *dns, const char *name, const char *text)
{
	return answer(dns, name, 0, view_of(text));
}

bool
dns_fake_answer_type(
    struct dns *dns, enum dns_type type, const char *name, struct view data)
{
	return answer(dns, name, type, data);
}
