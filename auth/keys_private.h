/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_KEYS_PRIVATE_H
#define AUTH_KEYS_PRIVATE_H

/* OpenSSL's half of a key, for the files that implement keys.h. */

#include <openssl/evp.h>

#include "auth/keys.h"

EVP_PKEY *key_pkey(const struct key *key);

#endif
