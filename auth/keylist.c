/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/keylist.h"

static const char *
algorithm_name(enum sign_algorithm algorithm)
{
	switch (algorithm) {
	case SIGN_RSA_SHA256:
		return "rsa-sha256";
	case SIGN_ED25519_SHA256:
		break;
	}
	return "ed25519-sha256";
}

void
keyset_list(const struct keyset *set, struct buf *out)
{
	for (size_t i = 0; i < keyset_count(set); i++) {
		const struct keyset_entry *entry = keyset_at(set, i);

		buf_addf(out, "%s %s %s %s %lld\n",
		    entry->name[0] != '\0' ? entry->name : "-", entry->domain,
		    entry->selector, algorithm_name(entry->algorithm),
		    (long long)entry->mtime);
	}
}
