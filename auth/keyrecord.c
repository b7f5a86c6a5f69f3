/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "auth/base64.h"
#include "auth/keyrecord.h"
#include "auth/keys.h"
#include "auth/taglist.h"

enum {
	PUBLIC_MAX = DNS_TXT_MAX / 4 * 3 + 3,
	RSA_LEAST = 1024,
	RSA_GOOD = 2048,
	CUT_AT = 255, /* one string of a TXT record, RFC 1035 3.3.14 */
};

/* The tags that count, by the letter that is their name. */
struct tags {
	struct view v, k, p, h, s, t;
	bool has_v, has_k, has_p, has_h, has_s, has_t;
};

static bool
set_once(struct view value, struct view *into, bool *has)
{
	bool is_first = !*has;

	*into = value;
	*has = true;
	return is_first;
}

/* False: it stands there twice. Unknown tags and notes may be anything, as may g= of RFC
 * 4871. */
static bool
add_tag(struct tags *tags, const struct tag *tag)
{
	if (tag->name.n != 1)
		return true;
	switch (tag->name.p[0]) {
	case 'v':
		return set_once(tag->value, &tags->v, &tags->has_v);
	case 'k':
		return set_once(tag->value, &tags->k, &tags->has_k);
	case 'p':
		return set_once(tag->value, &tags->p, &tags->has_p);
	case 'h':
		return set_once(tag->value, &tags->h, &tags->has_h);
	case 's':
		return set_once(tag->value, &tags->s, &tags->has_s);
	case 't':
		return set_once(tag->value, &tags->t, &tags->has_t);
	default:
		return true;
	}
}

static bool
read_tags(struct view text, struct tags *ret_tags)
{
	struct tags tags = {.has_v = false};
	struct tag tag;
	bool is_first = true;
	int found;

	while ((found = tag_take(&text, &tag)) > 0) {
		if (!is_first && view_is(tag.name, VIEW("v")))
			return false;
		is_first = false;
		if (!add_tag(&tags, &tag))
			return false;
	}
	if (found < 0 || !tags.has_p || (tags.has_v && !view_is(tags.v, VIEW("DKIM1"))))
		return false;
	*ret_tags = tags;
	return true;
}

/* Does its own length (DER, X.690 8.1.3) say that there is more of it? */
static bool
is_cut(const uint8_t *bytes, size_t n)
{
	size_t header = 2, length;

	if (n < 4 || bytes[0] != 0x30)
		return false;
	length = bytes[1];
	if (bytes[1] == 0x81) {
		header = 3;
		length = bytes[2];
	} else if (bytes[1] == 0x82) {
		header = 4;
		length = (size_t)bytes[2] << 8 | bytes[3];
	} else if (bytes[1] > 0x80)
		return false;
	return header + length > n;
}

static unsigned
read_key(struct view text, struct view p, struct key_published *published)
{
	uint8_t bytes[PUBLIC_MAX];
	size_t n = 0;

	if (view_trim(p).n == 0)
		return KEY_FAULT_REVOKED;
	if (view_has_char(p, '"') || view_has_char(p, '\\'))
		return KEY_FAULT_SPLIT;
	if (p.n > DNS_TXT_MAX)
		return KEY_FAULT_BASE64;
	if (base64_read(p, bytes, &n) &&
	    key_public_read(published->algorithm, bytes, n, published->fingerprint,
		&published->bits, NULL) == 0)
		return 0;
	if (published->algorithm == SIGN_RSA_SHA256 &&
	    (is_cut(bytes, n) || text.n == CUT_AT))
		return KEY_FAULT_SPLIT;
	return KEY_FAULT_BASE64;
}

static unsigned
read_algorithm(const struct tags *tags, struct key_published *published)
{
	published->algorithm = SIGN_RSA_SHA256;
	if (!tags->has_k || view_is(tags->k, VIEW("rsa")))
		return 0;
	if (!view_is(tags->k, VIEW("ed25519")))
		return KEY_FAULT_ALGORITHM;
	published->algorithm = SIGN_ED25519_SHA256;
	return 0;
}

static unsigned
read_limits(const struct tags *tags, const struct key_published *published)
{
	unsigned faults = 0;

	if (tags->has_h && !tag_value_has(tags->h, VIEW("sha256")))
		faults |= KEY_FAULT_HASH;
	if (tags->has_s && !tag_value_has(tags->s, VIEW("*")) &&
	    !tag_value_has(tags->s, VIEW("email")))
		faults |= KEY_FAULT_SERVICE;
	if (tags->has_t && tag_value_has(tags->t, VIEW("y")))
		faults |= KEY_FAULT_TESTING;
	if (tags->has_t && tag_value_has(tags->t, VIEW("s")))
		faults |= KEY_FAULT_STRICT;
	if (published->bits == 0 || published->algorithm != SIGN_RSA_SHA256)
		return faults;
	if (published->bits < RSA_LEAST)
		return faults | KEY_FAULT_SHORT;
	return published->bits < RSA_GOOD ? faults | KEY_FAULT_WEAK : faults;
}

static unsigned
read_record(struct view text, struct key_published *published)
{
	struct tags tags;
	unsigned faults;

	if (!read_tags(text, &tags)) {
		/* A panel that keeps the quotes or the escapes of a zone file. */
		bool is_raw = view_starts(view_trim(text), VIEW("\"")) ||
			      (text.n > 0 && memmem(text.p, text.n, "\\;", 2) != NULL);

		return is_raw ? KEY_FAULT_SPLIT : KEY_FAULT_SYNTAX;
	}
	faults = read_algorithm(&tags, published);
	if (faults == 0 || view_trim(tags.p).n == 0)
		faults |= read_key(text, tags.p, published);
	return faults | read_limits(&tags, published);
}

/* Digits of base64 and nothing else, wherever they were cut. */
static bool
is_digits(struct view text)
{
	const struct view digits =
	    VIEW("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		 "0123456789+/=");

	for (size_t i = 0; i < text.n; i++)
		if (!view_has_char(digits, text.p[i]))
			return false;
	return text.n > 0;
}

/* Records of which one begins and another goes on: the strings of one, each on its own. */
static bool
is_in_pieces(const struct dns_answer *answer)
{
	bool has_begin = false, has_rest = false;

	for (uint32_t i = 0; i < answer->n; i++) {
		struct tags tags;

		has_begin |= read_tags(answer->records[i].data, &tags);
		has_rest |= is_digits(answer->records[i].data);
	}
	return has_begin && has_rest;
}

void
key_published_read(const struct dns_answer *answer, struct key_published *ret_published)
{
	*ret_published = (struct key_published){.algorithm = SIGN_RSA_SHA256};
	if (answer->state != DNS_FOUND || (answer->n == 0 && !answer->is_cut))
		ret_published->faults = KEY_FAULT_NO_RECORD;
	else if (answer->n > 1 && is_in_pieces(answer))
		ret_published->faults = KEY_FAULT_SPLIT | KEY_FAULT_MANY;
	else if (answer->n > 1 || (answer->n == 1 && answer->is_cut))
		ret_published->faults = KEY_FAULT_MANY;
	else if (answer->n == 0)
		ret_published->faults = KEY_FAULT_SYNTAX;
	else
		ret_published->faults = read_record(answer->records[0].data, ret_published);
}

int
key_fingerprint(enum sign_algorithm algorithm, struct view public_base64,
    uint8_t ret_fingerprint[KEY_FINGERPRINT], struct err *err)
{
	uint8_t bytes[PUBLIC_MAX];
	unsigned bits;
	size_t n;

	if (public_base64.n > DNS_TXT_MAX || !base64_read(public_base64, bytes, &n))
		return err_set(err, ERR_BAD_INPUT, "a public key that is not base64");
	return key_public_read(algorithm, bytes, n, ret_fingerprint, &bits, err);
}

unsigned
key_compare(const struct key_published *published, enum sign_algorithm algorithm,
    const uint8_t fingerprint[KEY_FINGERPRINT])
{
	if (published->bits == 0)
		return published->faults;
	if (published->algorithm != algorithm)
		return published->faults | KEY_FAULT_ALGORITHM;
	if (memcmp(published->fingerprint, fingerprint, KEY_FINGERPRINT) != 0)
		return published->faults | KEY_FAULT_OTHER_KEY;
	return published->faults;
}

const char *
key_fault_text(unsigned faults)
{
	static const char *const texts[] = {
	    "there is no TXT record: publish the one that 'frank key check' shows",
	    "it was cut, or quotes or backslashes of a zone file are part of it: publish "
	    "one "
	    "TXT record of strings of at most 255 bytes",
	    "more than one TXT record stands there and receivers take any: remove all but "
	    "the key's",
	    "it is no key record: publish it as 'frank key check' shows it, v=DKIM1 first",
	    "it is revoked (p= is empty): publish the key again, or remove it here",
	    "p= is no key: publish it as 'frank key check' shows it",
	    "k= is another algorithm than our key's: publish the record that 'frank key "
	    "check' shows",
	    "p= is another key than ours: publish the one that 'frank key check' shows",
	    "h= leaves out sha256: remove h= from the record",
	    "s= leaves out email: remove s= from the record",
	    "an RSA key below 1024 bits, which receivers must not accept: make a new one "
	    "with 'frank key new'",
	    "it is published as testing (t=y), and receivers may treat what it signs as "
	    "unsigned: remove t=y once mail is signed well",
	    "it is for the very domain only (t=s), and so are our signatures",
	    "an RSA key below 2048 bits: make a new one with 'frank key new'",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if ((faults & 1U << i) != 0)
			return texts[i];
	return "";
}
