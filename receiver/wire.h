/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_WIRE_H
#define RECEIVER_WIRE_H

/*
 * Between the milter process and the receiver process (SOCK_SEQPACKET). A message that was
 * chosen to be verified is a stream: OPEN, then BODY frames as the message passes, and once
 * it is signed its FIELDs (those that the signatures cover, in the order of the message),
 * for each signature a SIGNATURE and before it the KEY that verifies it, END. CANCEL
 * forgets it at any point. The answer is one struct receiver_verdict. Nothing waits for it:
 * a frame that cannot be sent at once cancels the stream, and the opinion is lost.
 *
 * An SPF frame is a question by itself, of no stream: what does libspf2 make of these
 * answers of DNS? Its answer is a verdict of stream RECEIVER_SPF_STREAM with one result.
 */

#include <stdint.h>

#include "lib/net.h"

enum receiver_frame_type {
	RECEIVER_OPEN = 1,
	RECEIVER_BODY,  /* bytes of the body, with CRLF */
	RECEIVER_FIELD, /* "Name:value", folds LF, no final line end */
	RECEIVER_KEY,   /* key index in 'number'; "domain NUL selector NUL record NUL" */
	RECEIVER_SIGNATURE, /* key index in 'number'; the DKIM-Signature field's value,
			       folds LF */
	RECEIVER_END,
	RECEIVER_CANCEL,
	/* struct receiver_spf_head, then "our result NUL domain NUL sender NUL helo NUL",
	 * then answers_pack() */
	RECEIVER_SPF,
};

enum {
	RECEIVER_STREAMS = 4,            /* at once */
	RECEIVER_BODY_MAX = 1 << 20,     /* bytes; a longer message is not verified */
	RECEIVER_FIELDS_MAX = 256 << 10, /* bytes of header fields of a stream */
	RECEIVER_PAYLOAD_MAX = 60000,    /* bytes in one frame */
	RECEIVER_SIGNATURES_MAX = 8,
	RECEIVER_REASON_MAX = 160,
	RECEIVER_SPF_STREAM = RECEIVER_STREAMS, /* in verdicts */
};

struct receiver_frame {
	uint32_t type;
	uint32_t stream; /* 0 .. RECEIVER_STREAMS - 1 */
	uint32_t serial; /* of the message in the stream; echoed */
	uint32_t number;
	/* then the payload: the rest of the frame */
};

struct receiver_spf_head {
	struct addr client; /* for which DNS was asked */
};

enum receiver_opinion { RECEIVER_NO_OPINION, RECEIVER_AGREES, RECEIVER_DISAGREES };

struct receiver_result {
	uint32_t key;                     /* index */
	uint32_t opinion;                 /* enum receiver_opinion */
	char reason[RECEIVER_REASON_MAX]; /* for people; NUL-terminated */
};

struct receiver_verdict {
	uint32_t stream, serial;
	uint32_t n;
	struct receiver_result results[RECEIVER_SIGNATURES_MAX];
};

#endif
