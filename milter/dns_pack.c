/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_client_private.h"

/* ---- questions ---- */

static bool
name_is_good(struct view name, size_t max)
{
	return name.n > 0 && name.n <= max && !view_has_char(name, '\0');
}

bool
dns_question_is_good(const struct dns_question *question)
{
	if (!name_is_good(question->domain, DNS_NAME_MAX))
		return false;
	switch (question->kind) {
	case DNS_ASK_SPF:
		return question->n_egress > 0 && question->n_egress <= SPF_EGRESS_MAX &&
		       name_is_good(question->sender, DNS_SENDER_MAX) &&
		       question->helo.n <= DNS_NAME_MAX &&
		       !view_has_char(question->helo, '\0');
	case DNS_ASK_KEY:
	case DNS_ASK_KEY_EVERYWHERE:
		return name_is_good(question->selector, DNS_NAME_MAX);
	case DNS_ASK_DMARC:
		return true;
	}
	return false;
}

static size_t
put(char *into, size_t at, const void *bytes, size_t n)
{
	if (n > 0)
		memcpy(into + at, bytes, n);
	return at + n;
}

static size_t
put_text(char *into, size_t at, struct view text)
{
	at = put(into, at, text.p, text.n);
	into[at] = '\0';
	return at + 1;
}

size_t
dns_question_key(const struct dns_question *question, bool is_full, struct map_seed seed,
    char into[DNS_KEY_MAX])
{
	size_t at = 0;

	into[at++] = (char)(question->kind * 2 + is_full);
	at = put_text(into, at, question->domain);
	if (question->kind != DNS_ASK_SPF)
		return put_text(into, at, question->selector);
	uint64_t egress = siphash(
	    seed, question->egress, question->n_egress * sizeof(question->egress[0]));
	at = put(into, at, &egress, sizeof(egress));
	if (!is_full)
		return at;
	at = put_text(into, at, question->sender);
	return put_text(into, at, question->helo);
}

size_t
dns_question_frame(const struct dns_question *question, char into[DNS_QUESTION_MAX])
{
	struct dns_question_head head = {
	    .kind = question->kind, .is_ours = question->is_ours};
	size_t at = sizeof(head);

	at = put_text(into, at, question->domain);
	if (question->kind == DNS_ASK_SPF) {
		head.with_answers = question->is_ours;
		head.n_egress = question->n_egress;
		at = put_text(into, at, question->sender);
		at = put_text(into, at, question->helo);
		at = put(into, at, question->egress,
		    question->n_egress * sizeof(question->egress[0]));
	} else if (question->kind != DNS_ASK_DMARC) {
		at = put_text(into, at, question->selector);
	}
	(void)put(into, 0, &head, sizeof(head));
	return at;
}

void
dns_question_read(
    struct view frame, struct addr egress[SPF_EGRESS_MAX], struct dns_question *ret)
{
	struct dns_question_head head;
	struct view rest = view_from(frame, sizeof(head));

	memcpy(&head, frame.p, sizeof(head));
	*ret = (struct dns_question){
	    .kind = (enum dns_kind)head.kind, .is_ours = head.is_ours != 0};
	(void)view_cut(&rest, '\0', &ret->domain);
	if (ret->kind == DNS_ASK_SPF) {
		(void)view_cut(&rest, '\0', &ret->sender);
		(void)view_cut(&rest, '\0', &ret->helo);
		must(head.n_egress <= SPF_EGRESS_MAX &&
		     rest.n == head.n_egress * sizeof(egress[0]));
		memcpy(egress, rest.p, rest.n);
		ret->egress = egress;
		ret->n_egress = head.n_egress;
	} else if (ret->kind != DNS_ASK_DMARC) {
		(void)view_cut(&rest, '\0', &ret->selector);
	}
}

/* ---- replies ---- */

/* The texts of a reply, in the order in which they are packed. */
enum { TEXTS_MAX = 4 };

static unsigned
texts_of(struct dns_reply_head *reply, char *texts[TEXTS_MAX])
{
	unsigned n = 0;

	switch (reply->kind) {
	case DNS_ASK_SPF:
		texts[n++] = reply->spf.term;
		texts[n++] = reply->spf.domain;
		texts[n++] = reply->spf.problem;
		break;
	case DNS_ASK_DMARC:
		texts[n++] = reply->dmarc.by_list.domain;
		texts[n++] = reply->dmarc.by_list.organizational;
		texts[n++] = reply->dmarc.by_tree.domain;
		texts[n++] = reply->dmarc.by_tree.organizational;
		break;
	default:
		texts[n++] = reply->key.lagging;
		break;
	}
	return n;
}

static bool
way_check(const struct dns_dmarc_way *way)
{
	return way->state > DMARC_PENDING && way->state <= DMARC_PRESENT &&
	       way->asks <= DMARC_ASKS_REJECT;
}

bool
dns_reply_check(struct dns_reply_head *reply)
{
	char *texts[TEXTS_MAX];

	switch (reply->kind) {
	case DNS_ASK_SPF:
		if (reply->spf.outcome > SPF_EVAL_PERMERROR)
			return false;
		break;
	case DNS_ASK_DMARC:
		if (!way_check(&reply->dmarc.by_list) || !way_check(&reply->dmarc.by_tree))
			return false;
		break;
	case DNS_ASK_KEY:
	case DNS_ASK_KEY_EVERYWHERE:
		if (reply->key.state > DNS_FAILED)
			return false;
		break;
	default:
		return false;
	}
	for (unsigned n = texts_of(reply, texts); n-- > 0;)
		texts[n][DNS_TEXT_MAX - 1] = '\0';
	if (reply->ttl < DNS_TTL_MIN)
		reply->ttl = DNS_TTL_MIN;
	if (reply->ttl > DNS_TTL_MAX)
		reply->ttl = DNS_TTL_MAX;
	return true;
}

/* What is not text, of one kind of reply. */
struct numbers {
	uint32_t kind, ttl;
	union {
		struct {
			uint8_t outcome, is_per_message;
			struct addr egress;
		} spf;
		struct {
			uint8_t state, asks, is_strict_spf, is_strict_dkim;
		} ways[2];
		struct {
			uint8_t state, is_secure, has_no_servers;
			uint16_t n_servers, n_answered, n_same;
			struct key_published published;
		} key;
	};
};

static size_t
numbers_size(uint32_t kind)
{
	if (kind == DNS_ASK_SPF)
		return offsetof(struct numbers, spf) + sizeof(((struct numbers *)0)->spf);
	if (kind == DNS_ASK_DMARC)
		return offsetof(struct numbers, ways) + sizeof(((struct numbers *)0)->ways);
	return offsetof(struct numbers, key) + sizeof(((struct numbers *)0)->key);
}

static void
numbers_of(const struct dns_reply_head *reply, struct numbers *numbers)
{
	const struct dns_dmarc_way *ways[] = {&reply->dmarc.by_list, &reply->dmarc.by_tree};

	*numbers = (struct numbers){.kind = reply->kind, .ttl = reply->ttl};
	if (reply->kind == DNS_ASK_SPF) {
		numbers->spf.outcome = (uint8_t)reply->spf.outcome;
		numbers->spf.is_per_message = reply->spf.is_per_message != 0;
		numbers->spf.egress = reply->spf.egress;
	} else if (reply->kind == DNS_ASK_DMARC) {
		for (unsigned i = 0; i < 2; i++) {
			numbers->ways[i].state = (uint8_t)ways[i]->state;
			numbers->ways[i].asks = (uint8_t)ways[i]->asks;
			numbers->ways[i].is_strict_spf = ways[i]->is_strict_spf != 0;
			numbers->ways[i].is_strict_dkim = ways[i]->is_strict_dkim != 0;
		}
	} else {
		numbers->key.state = (uint8_t)reply->key.state;
		numbers->key.is_secure = reply->key.is_secure != 0;
		numbers->key.has_no_servers = reply->key.has_no_servers != 0;
		numbers->key.n_servers = (uint16_t)reply->key.n_servers;
		numbers->key.n_answered = (uint16_t)reply->key.n_answered;
		numbers->key.n_same = (uint16_t)reply->key.n_same;
		numbers->key.published = reply->key.published;
	}
}

static void
numbers_put(const struct numbers *numbers, struct dns_reply_head *reply)
{
	struct dns_dmarc_way *ways[] = {&reply->dmarc.by_list, &reply->dmarc.by_tree};

	reply->kind = numbers->kind;
	reply->ttl = numbers->ttl;
	reply->id = 0;
	if (reply->kind == DNS_ASK_SPF) {
		reply->spf.outcome = numbers->spf.outcome;
		reply->spf.is_per_message = numbers->spf.is_per_message;
		reply->spf.egress = numbers->spf.egress;
	} else if (reply->kind == DNS_ASK_DMARC) {
		for (unsigned i = 0; i < 2; i++) {
			ways[i]->state = numbers->ways[i].state;
			ways[i]->asks = numbers->ways[i].asks;
			ways[i]->is_strict_spf = numbers->ways[i].is_strict_spf;
			ways[i]->is_strict_dkim = numbers->ways[i].is_strict_dkim;
		}
	} else {
		reply->key.state = numbers->key.state;
		reply->key.is_secure = numbers->key.is_secure;
		reply->key.has_no_servers = numbers->key.has_no_servers;
		reply->key.n_servers = numbers->key.n_servers;
		reply->key.n_answered = numbers->key.n_answered;
		reply->key.n_same = numbers->key.n_same;
		reply->key.published = numbers->key.published;
	}
}

size_t
dns_reply_pack(const struct dns_reply_head *reply, char into[DNS_PACKED_MAX])
{
	struct dns_reply_head copy = *reply;
	struct numbers numbers;
	char *texts[TEXTS_MAX];

	numbers_of(reply, &numbers);
	size_t at = put(into, 0, &numbers, numbers_size(reply->kind));
	unsigned n = texts_of(&copy, texts);
	for (unsigned i = 0; i < n; i++)
		at = put_text(into, at, view_of(texts[i]));
	return at;
}

void
dns_reply_unpack(struct view packed, struct dns_reply_head *ret_reply)
{
	struct numbers numbers;
	uint32_t kind;
	char *texts[TEXTS_MAX];

	memcpy(&kind, packed.p, sizeof(kind));
	memcpy(&numbers, packed.p, numbers_size(kind));
	numbers_put(&numbers, ret_reply);
	struct view rest = view_from(packed, numbers_size(kind)), text;
	unsigned n = texts_of(ret_reply, texts);
	for (unsigned i = 0; i < n && view_cut(&rest, '\0', &text); i++)
		(void)put_text(texts[i], 0, text);
}

bool
dns_reply_is_empty(const struct dns_reply_head *reply)
{
	switch (reply->kind) {
	case DNS_ASK_SPF:
		return reply->spf.outcome == SPF_EVAL_PENDING ||
		       reply->spf.outcome == SPF_EVAL_TEMPERROR;
	case DNS_ASK_DMARC:
		return reply->dmarc.by_list.state == DMARC_UNANSWERED ||
		       reply->dmarc.by_tree.state == DMARC_UNANSWERED;
	default:
		return reply->key.state == DNS_NO_ANSWER || reply->key.state == DNS_FAILED;
	}
}
