/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_KEYRECORD_H
#define AUTH_KEYRECORD_H

/*
 * A DKIM key as it is published (RFC 6376 3.6.1, RFC 8301, RFC 8463), and as it compares
 * with ours. Pure, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "auth/sign.h"
#include "lib/lookup.h"

enum { KEY_FINGERPRINT = 32, KEY_PROBLEM_MAX = 160 };

/* What is wrong with a published key, worst first; several may be at once. */
enum key_fault {
	KEY_FAULT_NO_RECORD = 1 << 0, /* no TXT record at all */
	KEY_FAULT_SPLIT = 1 << 1,     /* cut, in several records, or quotes left in it */
	KEY_FAULT_MANY = 1 << 2,      /* more than one: receivers may take any */
	KEY_FAULT_SYNTAX = 1 << 3,    /* no tag list, v= wrong or not first, p= missing */
	KEY_FAULT_REVOKED = 1 << 4,   /* p= is empty */
	KEY_FAULT_BASE64 = 1 << 5,    /* p= is not base64, or no key */
	KEY_FAULT_ALGORITHM = 1 << 6, /* k= is not our key's */
	KEY_FAULT_OTHER_KEY = 1 << 7, /* a good key, but not ours */
	KEY_FAULT_HASH = 1 << 8,      /* h= has no sha256 */
	KEY_FAULT_SERVICE = 1 << 9,   /* s= has neither * nor email */
	KEY_FAULT_SHORT = 1 << 10, /* RSA below 1024 bits: receivers must not accept it */
	/* These are usable. */
	KEY_FAULT_TESTING = 1 << 11, /* t=y */
	KEY_FAULT_STRICT = 1 << 12,  /* t=s: i= must be the very domain (ours is) */
	KEY_FAULT_WEAK = 1 << 13,    /* RSA below 2048 bits */
};
enum {
	KEY_FAULTS_UNPUBLISHED = KEY_FAULT_NO_RECORD | KEY_FAULT_REVOKED,
	KEY_FAULTS_MISMATCHED = KEY_FAULT_SPLIT | KEY_FAULT_MANY | KEY_FAULT_SYNTAX |
				KEY_FAULT_BASE64 | KEY_FAULT_ALGORITHM |
				KEY_FAULT_OTHER_KEY | KEY_FAULT_HASH | KEY_FAULT_SERVICE |
				KEY_FAULT_SHORT,
};

/* What the record says, so far as it does not hang on our key. */
struct key_published {
	unsigned faults; /* enum key_fault */
	enum sign_algorithm algorithm;
	unsigned bits; /* 0: no key that can be read, and no fingerprint; Ed25519: 256 */
	/* SHA-256 of the key itself: the DER of RSA's SubjectPublicKeyInfo, however p=
	 * writes it (PKCS#1 or SPKI), or Ed25519's 32 bytes. */
	uint8_t fingerprint[KEY_FINGERPRINT];
};

/* ANSWER is DNS_FOUND, DNS_NO_DATA or DNS_NO_NAME, to TXT at SELECTOR._domainkey.DOMAIN. */
void key_published_read(
    const struct dns_answer *answer, struct key_published *ret_published);

/* The fingerprint of a key of ours: PUBLIC is p= as keys_public gives it. */
int key_fingerprint(enum sign_algorithm algorithm, struct view public_base64,
    uint8_t ret_fingerprint[KEY_FINGERPRINT], struct err *err);

/* The faults of PUBLISHED for our key; 0: ready, and nothing to say. */
unsigned key_compare(const struct key_published *published, enum sign_algorithm algorithm,
    const uint8_t fingerprint[KEY_FINGERPRINT]);

/* The worst of FAULTS in words for an admin, with what to do: "p= is another key: publish
 * the one that 'frank key list' shows"; "" for 0. */
const char *key_fault_text(unsigned faults);

#endif
