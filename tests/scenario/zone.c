/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <pthread.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/net.h"

#include "tests/scenario/words.h"
#include "tests/scenario/zone.h"

struct record {
	struct record *next;
	struct view name, data;
	enum dns_type type;
	uint16_t preference;
	bool is_key; /* of the scenario's */
	bool is_hidden;
};

struct zone {
	pthread_mutex_t lock;
	struct arena *arena;
	struct record *first, **end;
};

struct zone *
zone_new(void)
{
	struct zone *zone = mem_zeroed(1, sizeof(*zone));

	must(pthread_mutex_init(&zone->lock, NULL) == 0);
	zone->arena = arena_new(0);
	zone->end = &zone->first;
	return zone;
}

void
zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	arena_free(zone->arena);
	pthread_mutex_destroy(&zone->lock);
	free(zone);
}

/* Whole from the beginning: the server may be reading. */
static void
add(struct zone *zone, const struct record *new)
{
	pthread_mutex_lock(&zone->lock);
	struct record *record = arena_alloc(zone->arena, sizeof(*record));
	*record = *new;
	record->name = arena_view(zone->arena, new->name);
	record->data = arena_view(zone->arena, new->data);
	*zone->end = record;
	zone->end = &record->next;
	pthread_mutex_unlock(&zone->lock);
}

void
zone_add_key(struct zone *zone, struct view name, struct view text)
{
	const struct record record = {
	    .name = name, .data = text, .type = DNS_TXT, .is_key = true};

	add(zone, &record);
}

/* The newest of them: a key may be made again under its name. */
static struct record *
key_find(struct zone *zone, struct view name)
{
	struct record *found = NULL;

	for (struct record *at = zone->first; at != NULL; at = at->next)
		if (at->is_key && view_is_nocase(at->name, name))
			found = at;
	return found;
}

bool
zone_publish(struct zone *zone, struct view name, bool is_published)
{
	pthread_mutex_lock(&zone->lock);
	struct record *record = key_find(zone, name);
	if (record != NULL)
		record->is_hidden = !is_published;
	pthread_mutex_unlock(&zone->lock);
	return record != NULL;
}

struct view
zone_key(struct zone *zone, struct view name)
{
	pthread_mutex_lock(&zone->lock);
	const struct record *record = key_find(zone, name);
	struct view text = record != NULL ? record->data : VIEW_NONE;
	pthread_mutex_unlock(&zone->lock);
	return text;
}

static int
address_of(struct view text, uint8_t family, struct addr *ret_addr, struct err *err)
{
	if (addr_parse(text, ret_addr, err) != 0)
		return -1;
	return ret_addr->family == family
		   ? 0
		   : err_set(err, ERR_BAD_INPUT, "an address of the other kind");
}

static int
read_data(struct zone *zone, struct words *words, enum dns_type type, struct view name,
    struct err *err)
{
	unsigned preference = 0;
	struct view data;
	struct addr addr;

	if (type == DNS_MX &&
	    words_take_number(words, "the preference", &preference, err) != 0)
		return -1;
	if (words_take(words, "the data", &data, err) != 0 || words_end(words, err) != 0)
		return -1;
	if (type == DNS_A || type == DNS_AAAA) {
		size_t n = type == DNS_A ? 4 : 16;
		if (address_of(data, n == 4 ? ADDR_IPV4 : ADDR_IPV6, &addr, err) != 0)
			return -1;
		data = (struct view){(const char *)addr.bytes, n};
	}
	const struct record record = {
	    .name = name, .data = data, .type = type, .preference = (uint16_t)preference};
	add(zone, &record);
	return 0;
}

int
zone_read(struct zone *zone, struct view lines, struct err *err)
{
	static const enum dns_type types[] = {
	    DNS_A, DNS_NS, DNS_CNAME, DNS_PTR, DNS_MX, DNS_TXT, DNS_AAAA};
	struct words words;
	struct view line, name;

	while (view_cut(&lines, '\n', &line)) {
		size_t i = 0;
		if (view_trim(line).n == 0)
			continue;
		if (words_split(line, zone->arena, &words, err) != 0 ||
		    words_take(&words, "the name", &name, err) != 0)
			return -1;
		while (
		    i < ARRAY_LEN(types) && !words_take_if(&words, dns_type_name(types[i])))
			i++;
		if (i == ARRAY_LEN(types))
			return err_set(
			    err, ERR_BAD_INPUT, "%.*s: no type of record", VIEW_ARG(name));
		if (read_data(zone, &words, types[i], name, err) != 0)
			return err_add(err, "%.*s", VIEW_ARG(name));
	}
	return 0;
}

/* Does NAME exist because RECORD does? */
static bool
makes_exist(const struct record *record, struct view name)
{
	if (!view_ends_nocase(record->name, name))
		return false;
	return record->name.n == name.n ||
	       record->name.p[record->name.n - name.n - 1] == '.';
}

struct dns_answer *
zone_answer(struct zone *zone, enum dns_type type, struct view name, struct arena *arena)
{
	struct dns_answer *answer = arena_alloc(arena, sizeof(*answer));
	struct dns_record *records = arena_array(arena, DNS_RECORDS_MAX, sizeof(*records));

	*answer = (struct dns_answer){.name = arena_view(arena, name),
	    .type = type,
	    .state = DNS_NO_NAME,
	    .records = records,
	    .rcode = 3,
	    .ttl = ZONE_TTL};
	pthread_mutex_lock(&zone->lock);
	for (struct record *at = zone->first; at != NULL; at = at->next) {
		if (at->is_hidden || !makes_exist(at, name))
			continue;
		answer->rcode = 0;
		if (answer->state == DNS_NO_NAME)
			answer->state = DNS_NO_DATA;
		if (at->type != type || at->name.n != name.n ||
		    answer->n == DNS_RECORDS_MAX)
			continue;
		answer->state = DNS_FOUND;
		records[answer->n++] = (struct dns_record){
		    .data = arena_view(arena, at->data), .preference = at->preference};
	}
	pthread_mutex_unlock(&zone->lock);
	return answer;
}
