/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/two_tenants.h"

const char two_tenants[] =
    "table <ours> { example.org, .example.org }\n"
    "map <owners> file \"owners\"\n"
    "set owners <owners>\n"
    "set recipient-delimiter \"+\"\n"
    "keys \"keys\"\n"
    "key legacy domain example.net selector s2019 file \"old.pem\"\n"
    "match path submission owns author sign\n"                                     /* 7 */
    "match path relay owns author sign\n"                                          /* 8 */
    "match path local author <ours> sign\n"                                        /* 9 */
    "match path local author .example.org sign with example.org\n"                 /* 10 */
    "match author example.net owns author sign with legacy\n"                      /* 11 */
    "match path local author victim.test sign with example.org\n"                  /* 12 */
    "match rcpts > 10 tag \"X-Burst: {rcpts} by {user}\" note \"from {sender}\"\n" /* 13 */
    "accept path inbound\n"                                                        /* 14 */
    "reject author unclear reply \"5.7.1 one author\"\n"                           /* 15 */
    "reject path submission not owns author reply \"5.7.1 {user} as {author}\"\n"  /* 16 */
    "watch hold rcpts > 20 label \"many\"\n"                                       /* 17 */
    "hold signed no author <ours> label \"unsigned\" notify\n"                     /* 18 */
    "hold hours 22-06 label \"night\" until 2026-03-02\n"                          /* 19 */
    "accept\n";                                                                    /* 20 */

const char two_tenants_owners[] = "alice@example.org alice, 192.0.2.0/28\n"
				  "ceo@example.org ceo\n"
				  "@example.org sales\n"
				  "@example.net bob\n"
				  "@victim.test victim\n";

const char two_tenants_keys[] = "- example.org s2025 rsa-sha256 1700000000\n"
				"- example.org s2026 rsa-sha256 1700000001\n"
				"- example.org e2026 ed25519-sha256 1600000000\n"
				"- victim.test v1 rsa-sha256 1700000000\n"
				"extra example.org x2027 rsa-sha256 1800000000\n"
				"legacy example.net s2019 rsa-sha256 1500000000\n";
