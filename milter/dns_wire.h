/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_WIRE_H
#define MILTER_DNS_WIRE_H

/*
 * Between the milter process and the dns process (SOCK_SEQPACKET), one question or answer a
 * frame. Questions are answered in any order, each once, or not at all when the dns process
 * ends: nobody may count on an answer.
 */

#include <stdint.h>

#include "auth/dmarc.h"
#include "auth/keyrecord.h"
#include "auth/spf.h"
#include "lib/net.h"

enum dns_kind {
	DNS_ASK_SPF =
	    1, /* payload: domain NUL sender NUL helo NUL, then n_egress struct addr */
	DNS_ASK_DMARC, /* payload: domain NUL; both ways to find the record */
	DNS_ASK_KEY,   /* payload: domain NUL selector NUL */
	/* As DNS_ASK_KEY, of every authoritative server of the domain. */
	DNS_ASK_KEY_EVERYWHERE,
};

enum {
	DNS_FRAME_MAX = 60000, /* bytes of a frame */
	DNS_TEXT_MAX = 256,    /* bytes of a name in an answer, with its NUL */
	DNS_JOBS_MAX = 1024,   /* questions at once; one more, and the oldest is given up */
	DNS_OTHERS_JOBS = 768, /* of these, for domains of others */
	DNS_SPF_SECONDS = 3,   /* of wall time for one evaluation */
	DNS_JOB_SECONDS = 20,  /* for anything else: the resolver's own patience */
	DNS_OTHERS_SECONDS = 5, /* the same for domains of others */
	DNS_TTL_MIN = 5,        /* seconds that any answer is kept */
	DNS_TTL_MAX = 3600,
	DNS_TTL_FAILURE = 5, /* what got no answer, or a failure */
};

struct dns_question_head {
	uint32_t kind;
	uint32_t with_answers; /* SPF: send what DNS said along, for the receiver's eye */
	uint64_t id;           /* echoed */
	uint32_t n_egress;
	uint32_t is_ours; /* a domain that we sign for: others do not keep it waiting */
			  /* then the payload */
};

struct dns_spf_reply {
	uint32_t
	    outcome; /* enum spf_outcome; SPF_EVAL_PENDING: unknown, no answer in time */
	uint32_t is_per_message;
	uint64_t published; /* a number for what stands at the domain, whoever sends */
	struct addr egress; /* that gave it */
	char term[DNS_TEXT_MAX], domain[DNS_TEXT_MAX], problem[DNS_TEXT_MAX];
};

struct dns_dmarc_way {
	uint32_t state; /* enum dmarc_state; DMARC_PENDING does not come */
	uint32_t asks;  /* enum dmarc_asks */
	uint32_t is_strict_spf, is_strict_dkim;
	char domain[DNS_TEXT_MAX], organizational[DNS_TEXT_MAX];
};
struct dns_dmarc_reply {
	struct dns_dmarc_way by_list, by_tree;
};

struct dns_key_reply {
	uint32_t state; /* enum dns_state; the rest is set for FOUND, NO_DATA, NO_NAME */
	uint32_t is_secure;
	struct key_published published;
	/* DNS_ASK_KEY_EVERYWHERE: of n_servers that were asked, so many answered, and so
	 * many of these have what 'published' says. */
	uint32_t n_servers, n_answered, n_same;
	/* And there were none to ask: as far as the resolver knows nobody serves the zone.
	 * Without either the state is DNS_NO_ANSWER. */
	uint32_t has_no_servers;
	char lagging[DNS_TEXT_MAX]; /* a server that has something else */
};

struct dns_reply_head {
	uint32_t kind;
	uint32_t ttl; /* seconds; within DNS_TTL_MIN and DNS_TTL_MAX */
	uint64_t id;
	union {
		struct dns_spf_reply spf;
		struct dns_dmarc_reply dmarc;
		struct dns_key_reply key;
	};
	/* then, for SPF with_answers: answers_pack(), or nothing when it is too large */
};

#endif
