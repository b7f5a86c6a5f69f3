/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/base64.h"
#include "auth/sign_private.h"

enum {
	LINE = 76, /* columns before a fold; the tab counts as one */
	DOMAIN_MAX = 255,
};

static const char field_name[] = "DKIM-Signature";

/* Every instance of every name, from the last up (RFC 6376 5.4.2). */
static void
prepare_fields(struct sign *sign)
{
	for (uint32_t index = 0; index < SIGN_NAMES; index++) {
		const struct sign_name *known = &sign_names[index];
		size_t n = known->over ? 1 : 0;

		for (size_t i = sign->n_fields; i > 0; i--) {
			const struct sign_field *field = &sign->fields[i - 1];
			struct view name = {sign->raw.p + field->name_at, field->name_n};
			struct view value = {sign->raw.p + field->value_at, field->value_n};

			if (field->index != index)
				continue;
			canon_header(sign->header_canon, name, value, &sign->canonical);
			buf_add(&sign->canonical, VIEW("\r\n"));
			n++;
		}
		for (; n > 0; n--) {
			if (sign->names.n > 0)
				buf_add_char(&sign->names, ':');
			buf_add(&sign->names, known->name);
		}
	}
	sign->prepared = true;
}

/* A name as it may stand in d= and s=: nothing that could end the tag or begin another. */
static bool
is_dns_name(struct view name)
{
	size_t label = 0;

	if (name.n == 0 || name.n > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
		if (++label > 63)
			return false;
	}
	return label > 0;
}

/* Columns since the last line end of what VALUE holds. */
static size_t
column(const struct buf *value)
{
	size_t n = 0;

	while (n < value->n && value->p[value->n - 1 - n] != '\n')
		n++;
	return n;
}

/* One more tag, behind a blank where it fits into the line and behind a fold where not. */
static void
add_tag(struct buf *value, const char *name, struct view text)
{
	size_t n = strlen(name) + text.n + 2;

	buf_add_text(value, column(value) + n > LINE ? "\n\t" : " ");
	buf_add_text(value, name);
	buf_add(value, text);
	buf_add_char(value, ';');
}

static void
add_number_tag(struct buf *value, const char *name, int64_t number)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%" PRId64, number);

	add_tag(value, name, (struct view){text, (size_t)n});
}

/* "h=", broken behind its colons. */
static void
add_names(struct buf *value, struct view names)
{
	struct view name;
	size_t at;

	buf_add_text(value, "\n\th=");
	at = 3;
	while (view_cut(&names, ':', &name)) {
		if (at + name.n + 1 > LINE) {
			buf_add_text(value, "\n\t");
			at = 1;
		}
		buf_add(value, name);
		buf_add_char(value, names.p != NULL ? ':' : ';');
		at += name.n + 1;
	}
}

static void
add_tags(struct sign *sign, const struct sign_key *key, int64_t time, int64_t expire,
    struct buf *value)
{
	static const char *const canons[] = {
	    [SIGN_RELAXED] = "relaxed",
	    [SIGN_SIMPLE] = "simple",
	};
	char canon[32], hash[BASE64_SIZE(SIGN_DIGEST)];
	int n = snprintf(canon, sizeof(canon), "%s/%s", canons[sign->header_canon],
	    canons[sign->body.canon]);

	buf_add_text(value, " v=1;");
	add_tag(value, "a=",
	    key->algorithm == SIGN_RSA_SHA256 ? VIEW("rsa-sha256")
					      : VIEW("ed25519-sha256"));
	add_tag(value, "c=", (struct view){canon, (size_t)n});
	add_tag(value, "d=", key->domain);
	add_tag(value, "s=", key->selector);
	add_number_tag(value, "t=", time);
	if (expire != 0)
		add_number_tag(value, "x=", expire);
	add_names(value, buf_view(&sign->names));
	add_tag(value, "bh=", base64(sign->body_hash, SIGN_DIGEST, hash));
	/* The signature begins right behind "b=": some verifiers cannot take a fold away
	 * there. */
	buf_add_text(value, "\n\tb=");
}

static void
hash_header(struct sign *sign, struct view value, uint8_t ret_digest[SIGN_DIGEST])
{
	buf_reset(&sign->scratch);
	canon_header(sign->header_canon, view_of(field_name), value, &sign->scratch);
	digest_begin(sign->digest);
	digest_add(sign->digest, sign->canonical.p, sign->canonical.n);
	digest_add(sign->digest, sign->scratch.p, sign->scratch.n);
	digest_end(sign->digest, ret_digest);
}

int
sign_prepare(struct sign *sign, const struct sign_key *key, int64_t time, int64_t expire,
    struct buf *value, uint8_t ret_digest[SIGN_DIGEST], struct err *err)
{
	must(sign->body_done);
	if (!is_dns_name(key->domain))
		return err_set(err, ERR_CONFIG, "not a domain to sign for");
	if (!is_dns_name(key->selector))
		return err_set(err, ERR_CONFIG, "not a selector");
	if (time < 0 || (expire != 0 && expire <= time))
		return err_set(err, ERR_BAD_INPUT, "a signature that is never valid");
	if (!sign->prepared)
		prepare_fields(sign);
	buf_reset(value);
	add_tags(sign, key, time, expire, value);
	if (value->full || sign->names.full || sign->canonical.full)
		return err_set(err, ERR_LIMIT, "the signature's header field is too long");
	hash_header(sign, buf_view(value), ret_digest);
	must(!sign->scratch.full);
	return 0;
}

void
sign_finish(struct buf *value, const uint8_t *signature, size_t n)
{
	char text[BASE64_SIZE(SIGN_SIGNATURE_MAX)];
	struct view rest;
	size_t room = LINE - column(value);

	must(n <= SIGN_SIGNATURE_MAX);
	rest = base64(signature, n, text);
	while (rest.n > room) {
		buf_add(value, view_head(rest, room));
		buf_add_text(value, "\n\t");
		rest = view_from(rest, room);
		room = LINE - 1;
	}
	buf_add(value, rest);
}
