/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/dns_private.h"

enum {
	RCODE_NOERROR = 0,
	RCODE_NXDOMAIN = 3,
	RCODE_LAST = 255,
	TTL_LAST = INT32_MAX, /* RFC 2181 8 */
	NAME_TEXT = DNS_NAME_MAX * 4 + 1,
};

static size_t
octet_put(unsigned octet, char *into)
{
	into[0] = '\\';
	into[1] = (char)('0' + octet / 100);
	into[2] = (char)('0' + octet / 10 % 10);
	into[3] = (char)('0' + octet % 10);
	return 4;
}

/* Labels behind their lengths, not compressed, at *REST, which moves behind them. */
static bool
name_take(struct view *rest, char into[NAME_TEXT])
{
	char text[NAME_TEXT + 8];
	size_t n = 0, octets = 0;

	for (;;) {
		size_t label = rest->n > 0 ? (unsigned char)rest->p[0] : DNS_LABEL_MAX + 1;

		if (label > DNS_LABEL_MAX || label >= rest->n)
			return false;
		struct view octet = view_head(view_from(*rest, 1), label);
		*rest = view_from(*rest, label + 1);
		if (label == 0)
			break;
		octets += label + (octets > 0);
		if (octets > DNS_NAME_MAX)
			return false;
		if (n > 0)
			text[n++] = '.';
		for (size_t i = 0; i < label; i++)
			n += octet_put((unsigned char)octet.p[i], text + n);
	}
	return dns_name_normal((struct view){text, n}, into);
}

static struct view
name_read(struct view data, struct arena *arena, bool is_last)
{
	char name[NAME_TEXT];

	if (!name_take(&data, name) || (is_last && data.n > 0))
		return VIEW_NONE;
	return arena_view(arena, view_of(name));
}

/* Behind the two names of a SOA record; 0: it is too short for one. */
static uint32_t
serial_read(struct view data)
{
	char name[NAME_TEXT];
	uint32_t serial = 0;

	bool has_primary = name_take(&data, name);
	if (!has_primary || !name_take(&data, name) || data.n < 4)
		return 0;
	for (size_t i = 0; i < 4; i++)
		serial = serial << 8 | (unsigned char)data.p[i];
	return serial;
}

/* The strings of one record, each behind its length. */
static struct view
strings_join(struct view data, struct arena *arena)
{
	struct view rest = data;
	size_t n = 0, strings = 0;

	for (size_t size; rest.n > 0; rest = view_from(rest, size + 1)) {
		size = (unsigned char)rest.p[0];
		if (size >= rest.n)
			return VIEW_NONE;
		n += size;
		strings++;
	}
	if (strings == 0 || n > DNS_TXT_MAX)
		return VIEW_NONE;
	char *text = arena_alloc(arena, n + 1);
	if (text == NULL)
		return VIEW_NONE;
	size_t at = 0;
	for (size_t size; data.n > 0; data = view_from(data, size + 1)) {
		size = (unsigned char)data.p[0];
		memcpy(text + at, data.p + 1, size);
		at += size;
	}
	return (struct view){text, n};
}

/* False: not a record of TYPE as it should be. */
static bool
record_read(
    enum dns_type type, struct view data, struct arena *arena, struct dns_record *record)
{
	*record = (struct dns_record){.data = VIEW_NONE};
	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		if (data.n == (type == DNS_A ? 4 : 16))
			record->data = arena_view(arena, data);
		break;
	case DNS_TXT:
		record->data = strings_join(data, arena);
		break;
	case DNS_MX:
		if (data.n < 3)
			break;
		record->preference =
		    (uint16_t)((unsigned char)data.p[0] << 8 | (unsigned char)data.p[1]);
		record->data = name_read(view_from(data, 2), arena, true);
		break;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		record->data = name_read(data, arena, true);
		break;
	case DNS_SOA:
		record->data = name_read(data, arena, false);
		record->serial = serial_read(data);
		break;
	case DNS_DS:
	case DNS_RRSIG:
		record->data = arena_view(arena, data);
		break;
	}
	return record->data.p != NULL;
}

static void
records_take(const struct dns_raw *raw, struct arena *arena, struct dns_answer *answer)
{
	struct dns_record *records =
	    arena_array(arena, DNS_RECORDS_MAX, sizeof(records[0]));

	answer->is_cut = records == NULL;
	for (size_t i = 0; records != NULL && raw->data[i] != NULL; i++) {
		struct view data = {
		    raw->data[i], raw->sizes[i] > 0 ? (size_t)raw->sizes[i] : 0};

		if (answer->n == DNS_RECORDS_MAX ||
		    !record_read(answer->type, data, arena, &records[answer->n]))
			answer->is_cut = true;
		else
			answer->n++;
	}
	answer->records = records;
}

void
dns_answer_take(const struct dns_raw *raw, struct arena *arena, struct dns_answer *answer)
{
	answer->n = 0;
	answer->records = NULL;
	answer->is_cut = false;
	answer->is_bogus = raw->is_bogus;
	answer->is_secure = raw->is_secure && !raw->is_bogus;
	answer->rcode = (uint8_t)(raw->rcode & RCODE_LAST);
	answer->ttl = raw->ttl > 0 && raw->ttl <= TTL_LAST ? (uint32_t)raw->ttl : 0;
	answer->state = DNS_FAILED;
	if (raw->is_bogus)
		return;
	if (raw->rcode == RCODE_NXDOMAIN)
		answer->state = DNS_NO_NAME;
	else if (raw->rcode == RCODE_NOERROR && !raw->is_found)
		answer->state = DNS_NO_DATA;
	else if (raw->rcode == RCODE_NOERROR) {
		records_take(raw, arena, answer);
		answer->state = answer->n > 0 ? DNS_FOUND : DNS_FAILED;
	}
}
