/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Frames to the receiver process, libopendkim behind them. An input is a run of frames,
 * each: type, stream, serial, number (a byte each), length of the payload (two, high byte
 * first), and as much of the payload as there is. A type of 255 sends one that is shorter
 * than its head. An answer must be one: for the stream and the serial that ended, with a
 * reason wherever there is no agreement.
 */

#include <stdint.h>
#include <string.h>

#include "lib/bug.h"
#include "receiver/serve.h"

enum { HEAD = 6, SHORT = 255 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_verdict(const struct receiver_verdict *verdict, const struct receiver_frame *end)
{
	if (end->type == RECEIVER_SPF) {
		must(verdict->stream == RECEIVER_SPF_STREAM && verdict->n == 1);
	} else {
		must(end->type == RECEIVER_END);
		must(verdict->stream == end->stream);
	}
	must(verdict->serial == end->serial);
	must(verdict->n <= RECEIVER_SIGNATURES_MAX);
	for (uint32_t i = 0; i < verdict->n; i++) {
		const struct receiver_result *result = &verdict->results[i];

		must(result->opinion <= RECEIVER_DISAGREES);
		must(memchr(result->reason, '\0', sizeof(result->reason)) != NULL);
		must((result->reason[0] == '\0') == (result->opinion == RECEIVER_AGREES));
	}
}

/* Takes one frame off the input; how many bytes it was. 0: it ended the process. */
static size_t
take(struct receiver *receiver, const uint8_t *data, size_t size)
{
	const struct receiver_frame head = {data[0], data[1], data[2], data[3]};
	size_t n = (size_t)data[4] << 8 | data[5], total;
	struct receiver_verdict verdict;
	char *frame;
	int result;

	if (n > size - HEAD)
		n = size - HEAD;
	total = head.type == SHORT ? n % sizeof(head) : sizeof(head) + n;
	frame = mem_zeroed(total + 1, 1);
	memcpy(frame, &head, total < sizeof(head) ? total : sizeof(head));
	if (total > sizeof(head))
		memcpy(frame + sizeof(head), data + HEAD, n);
	result = receiver_take(receiver, frame, total, &verdict, NULL);
	free(frame);
	if (result == 1)
		check_verdict(&verdict, &head);
	return result < 0 ? 0 : HEAD + n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct receiver *receiver = receiver_new();
	size_t n = 1;

	while (n > 0 && size >= HEAD) {
		n = take(receiver, data, size);
		data += n;
		size -= n;
	}
	receiver_free(receiver);
	return 0;
}
