/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/dns.h"
#include "auth/keys.h"
#include "lib/bug.h"

#include "auth/spread.h"

bool
spread_key_take(
    struct keyset *set, size_t i, struct arena *arena, struct spread_key *ret_key)
{
	const struct keyset_entry *entry = keyset_at(set, i);
	struct spread_key key = {.algorithm = entry->algorithm};
	struct buf public = BUF_INIT(KEY_RECORD_MAX);
	bool is_good =
	    keyset_public(set, i, &public, &key.bits, NULL) == 0 &&
	    key_fingerprint(key.algorithm, buf_view(&public), key.fingerprint, NULL) == 0;

	if (is_good) {
		key.domain = arena_text(arena, view_of(entry->domain));
		key.selector = arena_text(arena, view_of(entry->selector));
		key.name = arena_text(arena, view_of(entry->name));
		key.public = arena_view(arena, buf_view(&public));
		*ret_key = key;
	}
	buf_fini(&public);
	return is_good;
}

static void
answer_read(const struct spread_key *key, const struct dns_answer *answer,
    struct spread_answer *into)
{
	struct key_published published;

	*into = (struct spread_answer){.state = answer->state,
	    .failure = dns_failure_text(answer),
	    .is_known = answer->state != DNS_NO_ANSWER && answer->state != DNS_FAILED,
	    .ttl = answer->ttl,
	    .is_secure = answer->is_secure};
	if (!into->is_known)
		return;
	key_published_read(answer, &published);
	into->faults = key_compare(&published, key->algorithm, key->fingerprint);
}

/* They come in any order, and people compare. */
static void
take_servers(const struct everywhere_found *found, struct spread *finding)
{
	finding->zone = found->zone;
	finding->is_cut = found->is_cut;
	for (size_t i = 0; i < found->n; i++) {
		const struct everywhere_server *server = &found->servers[i];
		size_t at = finding->n++;

		for (; at > 0; at--) {
			int by_name =
			    view_compare(finding->servers[at - 1]->name, server->name);
			if (by_name < 0 ||
			    (by_name == 0 && memcmp(&finding->servers[at - 1]->addr,
						 &server->addr, sizeof(server->addr)) <= 0))
				break;
			finding->servers[at] = finding->servers[at - 1];
		}
		finding->servers[at] = server;
	}
	for (size_t i = 0; i < finding->n; i++) {
		answer_read(
		    finding->key, &finding->servers[i]->answer, &finding->answers[i]);
		finding->n_unknown += !finding->answers[i].is_known;
		finding->is_silent &= finding->answers[i].state == DNS_NO_ANSWER;
	}
}

static enum spread_verdict
verdict_of(const struct spread *finding)
{
	const struct spread_answer *resolver = &finding->resolver;
	unsigned faults = resolver->is_known ? resolver->faults : 0;
	size_t known = 0, good = 0;

	for (size_t i = 0; i < finding->n; i++) {
		const struct spread_answer *answer = &finding->answers[i];

		known += answer->is_known;
		good += answer->is_known && (answer->faults & KEY_FAULTS_UNUSABLE) == 0;
		faults |= answer->faults;
	}
	bool has_resolver =
	    resolver->is_known && (resolver->faults & KEY_FAULTS_UNUSABLE) == 0;
	if (known == 0 && !resolver->is_known)
		return SPREAD_UNKNOWN;
	if (known == 0 ? has_resolver : good == known)
		return has_resolver || !resolver->is_known ? SPREAD_PUBLISHED
							   : SPREAD_CACHED;
	if (good > 0)
		return SPREAD_LAGGING;
	return (faults & KEY_FAULTS_MISMATCHED) != 0 ? SPREAD_WRONG : SPREAD_MISSING;
}

int
spread_ask(struct dns *dns, const struct spread_wish *wish, const struct spread_key *key,
    struct spread *ret_spread, struct everywhere **ret_everywhere, struct err *err)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct buf name = BUF_INIT(DNS_NAME_MAX * 4);
	const struct dns_answer *answer;
	int result = -1;

	memset(ret_spread, 0, sizeof(*ret_spread));
	ret_spread->key = key;
	buf_addf(&name, "%s._domainkey.%s", key->selector, key->domain);
	struct everywhere_question question = {.type = DNS_TXT,
	    .name = buf_view(&name),
	    .resolver = wish->resolver,
	    .port = wish->port,
	    .deadline = wish->deadline};
	if (answers_lookup(answers, DNS_TXT, question.name) == NULL)
		(void)dns_fetch(dns, answers, wish->deadline, err);
	answer = answers_lookup(answers, DNS_TXT, question.name);
	*ret_everywhere = everywhere_ask(dns, &question, err);
	if (answer != NULL && *ret_everywhere != NULL) {
		answer_read(key, answer, &ret_spread->resolver);
		ret_spread->is_silent = answer->state == DNS_NO_ANSWER;
		take_servers(everywhere_answers(*ret_everywhere), ret_spread);
		ret_spread->verdict = verdict_of(ret_spread);
		result = 0;
	}
	buf_fini(&name);
	arena_free(arena);
	return result;
}

void
spread_record(const struct spread_key *key, struct buf *out)
{
	buf_addf(out, "v=DKIM1; k=%s; p=%.*s",
	    key->algorithm == SIGN_RSA_SHA256 ? "rsa" : "ed25519", VIEW_ARG(key->public));
}
