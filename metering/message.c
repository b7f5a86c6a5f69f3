/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "policy/judge.h"

#include "metering/private.h"

/* One message: its recipients as they come, its readings, what it is charged. */

void
metering_message_init(struct metering_message *message)
{
	*message = (struct metering_message){0};
	buf_init(&message->rcpts, METERING_RCPTS_MAX * sizeof(struct metering_rcpt));
}

void
metering_message_fini(struct metering_message *message)
{
	buf_fini(&message->rcpts);
}

void
metering_message_reset(struct metering_message *message)
{
	struct buf rcpts = message->rcpts;

	buf_reset(&rcpts);
	*message = (struct metering_message){.rcpts = rcpts};
}

/* The login; else the client; else this machine. */
static void
take_origin(
    struct metering_message *message, const struct facts *facts, struct arena *arena)
{
	const struct burst *burst = message->metering->site->burst;
	char text[ADDR_TEXT];
	struct login login;

	login_make(message->metering->policy, facts->user, &login);
	if (login.n > 0) {
		message->user = burst_key(burst, login_view(&login));
		message->origin = message->user;
		message->origin_name =
		    arena_view(arena, view_head(login_view(&login), METERING_NAME_MAX));
		return;
	}
	struct view name = facts->client.family == ADDR_NONE
			       ? VIEW("local")
			       : view_of(addr_text(facts->client, text));
	message->origin_name = arena_view(arena, name);
	message->origin = key_hash(burst, METER_PER_ORIGIN, false, name);
}

/* In the memory of recipients: as one more that this origin has to do with. */
static uint64_t
client_pair(const struct metering_message *message, const struct facts *facts)
{
	char text[ADDR_TEXT];

	if (facts->client.family == ADDR_NONE)
		return 0;
	return burst_pair(message->metering->site->burst, message->origin,
	    view_of(addr_text(facts->client, text)));
}

void
metering_begin(struct metering_message *message, const struct metering *metering,
    const struct facts *facts, struct arena *arena, int64_t wall)
{
	if (metering == NULL || facts->path == PATH_INBOUND || facts->path == PATH_REENTRY)
		return;
	message->metering = metering;
	take_origin(message, facts, arena);
	message->client = client_pair(message, facts);
	message->is_exempt = exempt_has(metering->site, message->origin_name, wall);
}

void
metering_rcpt(struct metering_message *message, const struct fact_address *rcpt)
{
	const struct metering *metering = message->metering;
	struct metering_rcpt entry = {0};
	struct address_key key, stem;

	if (metering == NULL || !metering->counts_rcpts)
		return;
	for (size_t i = 0; i < metering->n; i++)
		if (policy_meter_counts(metering->policy, &metering->meters[i], rcpt))
			entry.meters |= UINT64_C(1) << i;
	address_key_make(rcpt, &key);
	if (key.is_usable) {
		const struct burst *burst = metering->site->burst;

		if (address_key_stem(metering->policy, &key, &stem))
			key = stem;
		entry.pair = burst_pair(burst, message->origin, address_key_view(&key));
	}
	if (rcpt->domain.n > 0)
		entry.domain = burst_key(metering->site->burst, rcpt->domain);
	buf_add_bytes(&message->rcpts, &entry, sizeof(entry));
}

static const struct metering_rcpt *
rcpts_of(const struct metering_message *message, size_t *ret_n)
{
	*ret_n = message->rcpts.n / sizeof(struct metering_rcpt);
	return (const struct metering_rcpt *)(const void *)message->rcpts.p;
}

/* How many recipients count for the meter AT. */
static uint64_t
count_rcpts(const struct metering_message *message, size_t at, const struct facts *facts)
{
	size_t n;
	const struct metering_rcpt *rcpts = rcpts_of(message, &n);
	uint64_t count = 0;

	if (message->metering->meters[at].to.n == 0)
		return facts->rcpts;
	for (size_t i = 0; i < n; i++)
		count += rcpts[i].meters >> at & 1;
	return count;
}

/* The pairs, or the domains, of those that count for AT, each once. -1: no memory. */
static int
collect(const struct metering_message *message, size_t at, bool is_pairs,
    struct arena *arena, struct burst_amount *ret_amount)
{
	size_t n, kept = 0;
	const struct metering_rcpt *rcpts = rcpts_of(message, &n);
	uint64_t *hashes = arena_array(arena, n + 1, sizeof(*hashes));

	if (hashes == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		uint64_t hash = is_pairs ? rcpts[i].pair : rcpts[i].domain;
		if ((rcpts[i].meters >> at & 1) != 0 && hash != 0)
			hashes[kept++] = hash;
	}
	ret_amount->hashes = hashes;
	ret_amount->n_hashes = burst_unique(hashes, kept);
	return 0;
}

static int
one_hash(uint64_t hash, struct arena *arena, struct burst_amount *ret_amount)
{
	uint64_t *hashes = arena_alloc(arena, sizeof(*hashes));

	if (hashes == NULL)
		return -1;
	*hashes = hash;
	ret_amount->hashes = hashes;
	ret_amount->n_hashes = 1;
	return 0;
}

static int
amount_clients(const struct burst *burst, const struct facts *facts, struct arena *arena,
    struct burst_amount *ret_amount)
{
	char text[ADDR_TEXT];

	if (facts->client.family == ADDR_NONE)
		return 0;
	return one_hash(
	    burst_key(burst, view_of(addr_text(facts->client, text))), arena, ret_amount);
}

/* What this message adds to the meter AT. -1: no memory is left. */
static int
amount_of(const struct metering_message *message, size_t at, const struct facts *facts,
    const struct burst_now *now, struct arena *arena, struct burst_amount *ret_amount)
{
	struct burst *burst = message->metering->site->burst;

	switch (message->metering->meters[at].what) {
	case METER_MESSAGES:
		ret_amount->count = count_rcpts(message, at, facts) > 0;
		return 0;
	case METER_RECIPIENTS:
		ret_amount->count = count_rcpts(message, at, facts);
		return 0;
	case METER_BYTES:
		ret_amount->count = count_rcpts(message, at, facts) > 0 ? facts->size : 0;
		return 0;
	case METER_RCPT_DOMAINS:
		return collect(message, at, false, arena, ret_amount);
	case METER_NEW_RECIPIENTS:
		if (collect(message, at, true, arena, ret_amount) != 0)
			return -1;
		ret_amount->count = burst_new_recipients(
		    burst, ret_amount->hashes, ret_amount->n_hashes, now);
		return 0;
	case METER_CLIENTS:
		return amount_clients(burst, facts, arena, ret_amount);
	case METER_USERS:
		return message->user == 0 ? 0 : one_hash(message->user, arena, ret_amount);
	case METER_BOUNCES: /* it has not come back yet */
		break;
	}
	return 0;
}

static void
read_meter(struct metering_message *message, size_t at, const struct facts *facts,
    struct arena *arena, const struct burst_now *now, struct fact_meter *fact)
{
	const struct metering *metering = message->metering;
	const struct policy_meter *meter = &metering->meters[at];
	struct burst_meter *bound = metering->bound[at];
	struct metering_amount *amount = &message->amounts[at];

	fact->name = meter->name;
	if (bound == NULL)
		return;
	fact->state = READING_NO_KEY;
	struct view name = key_name(message, meter, facts, arena);
	if (name.n == 0)
		return;
	fact->state = READING_UNKNOWN;
	if (amount_of(message, at, facts, now, arena, &amount->amount) != 0)
		return;
	amount->name = name;
	amount->key =
	    key_hash(metering->site->burst, meter->whom, message->user != 0, name);
	/* Whom somebody wrote to before we looked, nobody knows. */
	if (meter->what == METER_NEW_RECIPIENTS && burst_meter_learn_left(bound) > 0)
		return;
	struct burst_reading reading = burst_read(bound, amount->key, &amount->amount, now);
	fact->state = READING_KNOWN;
	fact->reading = reading.reading;
	fact->usual_of = (enum fact_usual)reading.usual_of;
	fact->usual = reading.usual;
	if (message->is_exempt || exempt_has(metering->site, name, facts->time)) {
		fact->state = READING_EXEMPT;
		fact->reading = 0;
	}
}

/* A login cannot be younger than our memory of it. */
static void
read_age(const struct metering_message *message, struct facts *facts,
    const struct burst_now *now)
{
	struct burst *burst = message->metering->site->burst;

	if (message->user == 0 || burst_learn_left(burst) > 0)
		return;
	facts->has_age = true;
	facts->age = burst_age(burst, message->user, now);
}

static void
take_pairs(struct metering_message *message, struct arena *arena)
{
	size_t n;
	const struct metering_rcpt *rcpts = rcpts_of(message, &n);

	if (!message->metering->counts_new || n == 0)
		return;
	message->pairs = arena_array(arena, n, sizeof(*message->pairs));
	for (size_t i = 0; i < n && message->pairs != NULL; i++)
		if (rcpts[i].pair != 0)
			message->pairs[message->n_pairs++] = rcpts[i].pair;
}

void
metering_read(struct metering_message *message, struct facts *facts, struct arena *arena,
    const struct burst_now *now)
{
	const struct metering *metering = message->metering;

	if (metering == NULL)
		return;
	read_age(message, facts, now);
	message->amounts = arena_array(arena, metering->n + 1, sizeof(*message->amounts));
	struct fact_meter *meters = arena_array(arena, metering->n + 1, sizeof(*meters));
	if (message->amounts == NULL || meters == NULL)
		return;
	for (size_t i = 0; i < metering->n; i++)
		read_meter(message, i, facts, arena, now, &meters[i]);
	facts->meters = meters;
	facts->n_meters = (uint32_t)metering->n;
	take_pairs(message, arena);
}

bool
metering_client_is_new(const struct metering_message *message, const struct burst_now *now)
{
	if (message->metering == NULL || message->client == 0)
		return false;
	struct burst *burst = message->metering->site->burst;
	return burst_learn_left(burst) == 0 &&
	       burst_new_recipients(burst, &message->client, 1, now) > 0;
}

struct view
metering_key_name(const struct metering_message *message, uint32_t meter)
{
	if (message->amounts == NULL || meter >= message->metering->n)
		return VIEW_NONE;
	return message->amounts[meter].name;
}

void
metering_charge(
    struct metering_message *message, uint64_t flagged, const struct burst_now *now)
{
	const struct metering *metering = message->metering;

	if (metering == NULL)
		return;
	struct burst *burst = metering->site->burst;
	if (message->user != 0)
		burst_see_user(burst, message->user, now);
	if (message->client != 0)
		burst_remember(burst, &message->client, 1, now);
	burst_remember(burst, message->pairs, message->n_pairs, now);
	for (size_t i = 0; i < metering->n; i++)
		if ((flagged >> i & 1) != 0)
			flagged |= UINT64_C(1) << metering->first[i];
	for (size_t i = 0; i < metering->n && message->amounts != NULL; i++) {
		const struct metering_amount *amount = &message->amounts[i];

		if (amount->name.n > 0 && metering->first[i] == i)
			burst_charge(metering->bound[i], amount->key, amount->name,
			    &amount->amount, now, (flagged >> i & 1) != 0);
	}
}

void
metering_flag(
    struct metering_message *message, uint64_t flagged, const struct burst_now *now)
{
	const struct metering *metering = message->metering;

	if (metering == NULL || message->amounts == NULL)
		return;
	for (size_t i = 0; i < metering->n; i++)
		if (message->amounts[i].name.n > 0 && (flagged >> i & 1) != 0)
			burst_flag(metering->bound[i], message->amounts[i].key, now);
}

void
metering_bounce(const struct metering *metering, const struct facts *facts,
    const struct fact_address *rcpt, struct arena *arena, const struct burst_now *now)
{
	struct metering_message message = {.metering = NULL};
	const struct burst_amount one = {.count = 1};

	metering_begin(&message, metering, facts, arena, facts->time);
	if (message.metering == NULL)
		return;
	for (size_t i = 0; i < metering->n; i++) {
		const struct policy_meter *meter = &metering->meters[i];

		if (meter->what != METER_BOUNCES || metering->bound[i] == NULL ||
		    metering->first[i] != i ||
		    !policy_meter_counts(metering->policy, meter, rcpt))
			continue;
		struct view name = key_name(&message, meter, facts, arena);
		if (name.n > 0)
			burst_charge(metering->bound[i],
			    key_hash(metering->site->burst, meter->whom, message.user != 0,
				name),
			    name, &one, now, false);
	}
}
