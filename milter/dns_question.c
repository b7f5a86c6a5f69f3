/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/map.h"

#include "milter/dns_jobs.h"
#include "milter/dns_question.h"

enum { KEY_NAME_MAX = 2 * DNS_ASKED_TEXT_MAX + sizeof("._domainkey.") };

static bool
text_take(struct view *rest, struct arena *arena, struct view *ret_text)
{
	struct view text;

	if (!view_has_char(*rest, '\0'))
		return false;
	(void)view_cut(rest, '\0', &text);
	if (text.n > DNS_ASKED_TEXT_MAX)
		return false;
	*ret_text = arena_view(arena, text);
	return ret_text->p != NULL;
}

static bool
egress_take(struct view rest, uint32_t n, struct arena *arena, struct dns_asked *asked)
{
	if (n == 0 || n > SPF_EGRESS_MAX || rest.n != n * sizeof(struct addr))
		return false;
	struct addr *egress = arena_array(arena, n, sizeof(egress[0]));
	if (egress == NULL)
		return false;
	memcpy(egress, rest.p, rest.n);
	for (uint32_t i = 0; i < n; i++)
		if (egress[i].family != ADDR_IPV4 && egress[i].family != ADDR_IPV6)
			return false;
	asked->egress = egress;
	asked->n_egress = n;
	return true;
}

bool
dns_asked_read(struct view frame, struct arena *arena, struct dns_asked *ret_asked)
{
	struct dns_question_head head;
	struct view rest = view_from(frame, sizeof(head));

	if (frame.n < sizeof(head))
		return false;
	memcpy(&head, frame.p, sizeof(head));
	if (head.kind < DNS_ASK_SPF || head.kind > DNS_ASK_KEY_EVERYWHERE)
		return false;
	struct dns_asked asked = {.kind = (enum dns_kind)head.kind,
	    .with_answers = head.with_answers != 0,
	    .is_ours = head.is_ours != 0 || head.kind == DNS_ASK_KEY_EVERYWHERE,
	    .id = head.id};
	if (!text_take(&rest, arena, &asked.domain))
		return false;
	if (asked.kind == DNS_ASK_SPF &&
	    (!text_take(&rest, arena, &asked.sender) ||
		!text_take(&rest, arena, &asked.helo) ||
		!egress_take(rest, head.n_egress, arena, &asked)))
		return false;
	bool is_key = asked.kind == DNS_ASK_KEY || asked.kind == DNS_ASK_KEY_EVERYWHERE;
	if (is_key && !text_take(&rest, arena, &asked.selector))
		return false;
	if (asked.kind != DNS_ASK_SPF && (rest.n > 0 || head.n_egress != 0))
		return false;
	*ret_asked = asked;
	return true;
}

bool
dns_asked_key_name(const struct dns_asked *asked, char into[DNS_NAME_MAX * 4 + 1])
{
	char name[KEY_NAME_MAX];

	snprintf(name, sizeof(name), "%.*s._domainkey.%.*s", VIEW_ARG(asked->selector),
	    VIEW_ARG(asked->domain));
	return dns_name_normal(view_of(name), into);
}

static uint32_t
ttl_within(uint32_t ttl)
{
	if (ttl < DNS_TTL_MIN)
		return DNS_TTL_MIN;
	return ttl < DNS_TTL_MAX ? ttl : DNS_TTL_MAX;
}

static void
text_put(char into[DNS_TEXT_MAX], struct view text)
{
	snprintf(into, DNS_TEXT_MAX, "%.*s", VIEW_ARG(text));
}

/* A number for what stands at the domain. The evaluation has looked there. */
static uint64_t
published_at(struct view domain, const struct dns_known *known)
{
	const struct map_seed seed = {0, 0};
	const struct dns_answer *answer = known->lookup(known->context, DNS_TXT, domain);
	uint64_t sum = 0;

	/* In any order. */
	for (uint32_t i = 0; answer != NULL && i < answer->n; i++)
		sum += siphash(seed, answer->records[i].data.p, answer->records[i].data.n);
	return sum;
}

static bool
evaluate_spf(const struct dns_asked *asked, const struct dns_known *known,
    struct dns_reply_head *reply)
{
	const struct spf_question question = {.domain = asked->domain,
	    .sender = asked->sender,
	    .helo = asked->helo,
	    .now = asked->now};
	const struct spf_asking asking = {
	    .lookup = known->lookup, .context = known->context, .arena = known->arena};
	struct spf_result result;

	spf_eval_worst(&question, asked->egress, asked->n_egress, &asking, &result,
	    &reply->spf.egress);
	if (result.outcome == SPF_EVAL_PENDING)
		return false;
	reply->spf.outcome =
	    result.is_unanswered ? (uint32_t)SPF_EVAL_PENDING : (uint32_t)result.outcome;
	reply->spf.is_per_message = result.is_per_message;
	if (result.is_per_message)
		reply->spf.published = published_at(asked->domain, known);
	text_put(reply->spf.term, result.term);
	text_put(reply->spf.domain, result.domain);
	text_put(reply->spf.problem, result.problem);
	if (!result.is_unanswered && result.outcome != SPF_EVAL_TEMPERROR)
		reply->ttl = ttl_within(result.ttl);
	return true;
}

static void
way_put(const struct dmarc_found *found, struct dns_dmarc_way *way)
{
	way->state = found->state;
	way->asks = found->asks;
	way->is_strict_spf = found->record.is_strict_spf;
	way->is_strict_dkim = found->record.is_strict_dkim;
	text_put(way->domain, found->domain);
	text_put(way->organizational, found->organizational);
}

static bool
evaluate_dmarc(const struct dns_asked *asked, const struct dns_known *known,
    struct dns_reply_head *reply)
{
	struct dmarc_found by_list, by_tree;

	/* Both, even if one is not complete: what they want is asked together. */
	dmarc_by_list(asked->domain, known->lookup, known->context, known->arena, &by_list);
	dmarc_by_tree(asked->domain, known->lookup, known->context, known->arena, &by_tree);
	if (by_list.state == DMARC_PENDING || by_tree.state == DMARC_PENDING)
		return false;
	way_put(&by_list, &reply->dmarc.by_list);
	way_put(&by_tree, &reply->dmarc.by_tree);
	if (by_list.state != DMARC_UNANSWERED && by_tree.state != DMARC_UNANSWERED)
		reply->ttl =
		    ttl_within(by_list.ttl < by_tree.ttl ? by_list.ttl : by_tree.ttl);
	return true;
}

static bool
is_known(enum dns_state state)
{
	return state == DNS_FOUND || state == DNS_NO_DATA || state == DNS_NO_NAME;
}

static bool
evaluate_key(const struct dns_asked *asked, const struct dns_known *known,
    struct dns_reply_head *reply)
{
	static const struct dns_answer impossible = {
	    .type = DNS_TXT, .state = DNS_NO_NAME, .ttl = DNS_TTL_MAX, .rcode = 3};
	char name[DNS_NAME_MAX * 4 + 1];
	const struct dns_answer *answer = &impossible;

	if (dns_asked_key_name(asked, name))
		answer = known->lookup(known->context, DNS_TXT, view_of(name));
	if (answer == NULL)
		return false;
	reply->key.state = answer->state;
	reply->key.is_secure = answer->is_secure;
	if (is_known(answer->state)) {
		key_published_read(answer, &reply->key.published);
		reply->ttl = ttl_within(answer->ttl);
	}
	return true;
}

bool
dns_asked_evaluate(const struct dns_asked *asked, const struct dns_known *known,
    struct dns_reply_head *reply)
{
	memset(reply, 0, sizeof(*reply)); /* it goes out with its gaps */
	reply->kind = asked->kind;
	reply->id = asked->id;
	reply->ttl = DNS_TTL_FAILURE;
	switch (asked->kind) {
	case DNS_ASK_SPF:
		return evaluate_spf(asked, known, reply);
	case DNS_ASK_DMARC:
		return evaluate_dmarc(asked, known, reply);
	case DNS_ASK_KEY:
	case DNS_ASK_KEY_EVERYWHERE:
		return evaluate_key(asked, known, reply);
	}
	BUG("a question of no kind");
}

static bool
is_same_key(const struct key_published *a, const struct key_published *b)
{
	return a->faults == b->faults && a->algorithm == b->algorithm &&
	       memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint)) == 0;
}

static void
server_put(char into[DNS_TEXT_MAX], const struct everywhere_server *server)
{
	char text[ADDR_TEXT], name[DNS_TEXT_MAX - ADDR_TEXT];

	snprintf(name, sizeof(name), "%.*s", VIEW_ARG(server->name));
	snprintf(into, DNS_TEXT_MAX, "%s (%s)", name, addr_text(server->addr, text));
}

void
dns_asked_add_servers(const struct everywhere_found *found, struct dns_reply_head *reply)
{
	struct dns_key_reply *key = &reply->key;
	uint32_t ttl = DNS_TTL_MAX;

	key->n_servers = (uint32_t)found->n;
	for (size_t i = 0; i < found->n; i++) {
		const struct everywhere_server *server = &found->servers[i];
		struct key_published published = {.faults = 0};

		if (!is_known(server->answer.state))
			continue;
		key_published_read(&server->answer, &published);
		if (server->answer.ttl < ttl)
			ttl = server->answer.ttl;
		if (key->n_answered++ == 0) {
			key->state = server->answer.state;
			key->published = published;
		}
		if (is_same_key(&key->published, &published))
			key->n_same++;
		else if (key->lagging[0] == '\0')
			server_put(key->lagging, server);
	}
	if (key->n_answered == 0)
		return;
	bool is_everywhere = key->n_same == key->n_answered && key->state == DNS_FOUND;
	if (!is_everywhere && ttl > DNS_TTL_WAITED_FOR)
		ttl = DNS_TTL_WAITED_FOR;
	reply->ttl = ttl_within(ttl);
}
