/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/map.h"

#include "auth/digest.h"

#include "milter/own_mail.h"

enum { TEXT_MAX = 4096 };

void
own_mail_secret_make(struct own_mail_secret *ret_secret)
{
	for (size_t i = 0; i < OWN_MAIL_SECRET; i += sizeof(struct map_seed)) {
		struct map_seed random = map_seed_random();
		memcpy(ret_secret->bytes + i, &random, sizeof(random));
	}
}

static void
add_part(struct buf *text, struct view part, bool is_address)
{
	part = view_trim(part);
	/* Domains come back in lower case. */
	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];
		buf_add_char(
		    text, is_address && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	buf_add_char(text, '\n');
}

/* "SECONDS HEX" */
static void
make(const struct own_mail_secret *secret, const struct own_mail *mail, int64_t time,
    char into[OWN_MAIL_MARK])
{
	struct buf text = BUF_INIT(TEXT_MAX);
	uint8_t mac[DIGEST_BYTES];

	buf_addf(&text, "%lld\n", (long long)time);
	add_part(&text, mail->message_id, false);
	add_part(&text, mail->rcpt, true);
	add_part(&text, mail->date, false);
	digest_mac(secret->bytes, sizeof(secret->bytes), text.p, text.n, mac);
	int n = snprintf(into, OWN_MAIL_MARK, "%lld ", (long long)time);
	for (size_t i = 0; i < sizeof(mac); i++)
		n +=
		    snprintf(into + n, OWN_MAIL_MARK - (size_t)n, "%02x", (unsigned)mac[i]);
	/* What was cut is no mail of ours: it would have the MAC of something else. */
	if (text.full)
		into[0] = '\0';
	buf_fini(&text);
}

void
own_mail_mark(const struct own_mail_secret *secret, const struct own_mail *mail,
    int64_t now, char into[OWN_MAIL_MARK])
{
	make(secret, mail, now, into);
}

bool
own_mail_is(const struct own_mail_secret *secret, const struct own_mail *mail,
    struct view mark, int64_t now)
{
	char want[OWN_MAIL_MARK];
	struct view rest = view_trim(mark), time_text;
	unsigned long long time;
	unsigned char different = 0;

	mark = rest;
	if (!view_cut(&rest, ' ', &time_text) ||
	    !view_number(time_text, INT64_MAX, &time) ||
	    now - (int64_t)time >= OWN_MAIL_SECONDS || (int64_t)time > now + 60)
		return false;
	make(secret, mail, (int64_t)time, want);
	if (mark.n == 0 || mark.n != strlen(want))
		return false;
	/* All of it, so that the time it takes says nothing. */
	for (size_t i = 0; i < mark.n; i++)
		different |= (unsigned char)(mark.p[i] ^ want[i]);
	return different == 0;
}
