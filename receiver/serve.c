/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/ipc.h"

#include "receiver/serve.h"
#include "receiver/spf.h"
#include "receiver/verify.h"

enum {
	KEY_MAX = 2048, /* bytes of a KEY frame: two names and a record */
};

struct stream_key {
	uint32_t index;
	struct buf text; /* "domain NUL selector NUL record NUL" */
	struct verify_key key;
};

struct stream_signature {
	uint32_t key;
	struct buf value;
};

struct stream {
	bool is_open;
	uint32_t serial;
	struct buf body, header; /* full: too large */
	size_t field_sizes[VERIFY_FIELDS];
	size_t n_fields, n_keys, n_signatures;
	bool has_many_fields;
	struct stream_key keys[RECEIVER_SIGNATURES_MAX];
	struct stream_signature signatures[RECEIVER_SIGNATURES_MAX];
};

struct receiver {
	struct verify *verify;
	struct stream streams[RECEIVER_STREAMS];
};

static void
stream_close(struct stream *stream)
{
	buf_fini(&stream->body);
	buf_fini(&stream->header);
	for (size_t i = 0; i < stream->n_keys; i++)
		buf_fini(&stream->keys[i].text);
	for (size_t i = 0; i < stream->n_signatures; i++)
		buf_fini(&stream->signatures[i].value);
	memset(stream, 0, sizeof(*stream));
}

static void
stream_open(struct stream *stream, uint32_t serial)
{
	stream_close(stream);
	stream->is_open = true;
	stream->serial = serial;
	buf_init(&stream->body, RECEIVER_BODY_MAX);
	buf_init(&stream->header, RECEIVER_FIELDS_MAX);
}

/* These answer false when the frame has not its form. */

static bool
take_field(struct stream *stream, struct view field)
{
	if (field.n == 0)
		return false;
	if (stream->n_fields == VERIFY_FIELDS) {
		stream->has_many_fields = true;
		return true;
	}
	buf_add(&stream->header, field);
	if (!stream->header.full)
		stream->field_sizes[stream->n_fields++] = field.n;
	return true;
}

static bool
take_key(struct stream *stream, uint32_t index, struct view payload)
{
	struct stream_key *key = &stream->keys[stream->n_keys];
	struct view rest, end;

	if (stream->n_keys == RECEIVER_SIGNATURES_MAX || payload.n > KEY_MAX)
		return false;
	buf_init(&key->text, KEY_MAX);
	buf_add(&key->text, payload);
	stream->n_keys++;
	key->index = index;
	rest = buf_view(&key->text);
	return view_cut(&rest, '\0', &key->key.domain) &&
	       view_cut(&rest, '\0', &key->key.selector) &&
	       view_cut(&rest, '\0', &key->key.record) && view_cut(&rest, '\0', &end) &&
	       end.n == 0 && !view_cut(&rest, '\0', &end);
}

static bool
take_signature(struct stream *stream, uint32_t key, struct view value)
{
	struct stream_signature *signature = &stream->signatures[stream->n_signatures];

	if (stream->n_signatures == RECEIVER_SIGNATURES_MAX)
		return false;
	buf_init(&signature->value, RECEIVER_PAYLOAD_MAX);
	buf_add(&signature->value, value);
	signature->key = key;
	stream->n_signatures++;
	return true;
}

static const struct verify_key *
find_key(const struct stream *stream, uint32_t index)
{
	for (size_t i = 0; i < stream->n_keys; i++)
		if (stream->keys[i].index == index)
			return &stream->keys[i].key;
	return NULL;
}

static const char *
too_large(const struct stream *stream)
{
	if (stream->body.full)
		return "the body is larger than 1 MB";
	if (stream->header.full)
		return "the signed header fields are larger than 256 KB";
	if (stream->has_many_fields)
		return "there are more than 2000 signed header fields";
	return NULL;
}

static void
judge_signature(struct receiver *receiver, const struct stream *stream,
    const struct verify_message *message, const struct stream_signature *signature,
    struct receiver_result *result)
{
	const char *why = too_large(stream);
	struct verify_answer answer;

	result->key = signature->key;
	if (why != NULL) {
		result->opinion = RECEIVER_NO_OPINION;
		snprintf(result->reason, sizeof(result->reason), "%s", why);
		return;
	}
	verify_signature(receiver->verify, message, buf_view(&signature->value),
	    find_key(stream, signature->key), &answer);
	result->opinion = (uint32_t)answer.opinion;
	memcpy(result->reason, answer.reason, sizeof(result->reason));
}

static void
stream_judge(struct receiver *receiver, const struct stream *stream,
    struct receiver_verdict *verdict)
{
	struct view *fields = mem_zeroed(stream->n_fields + 1, sizeof(*fields));
	struct view header = buf_view(&stream->header);
	struct verify_message message = {.fields = fields,
	    .n_fields = stream->n_fields,
	    .body = buf_view(&stream->body)};

	for (size_t i = 0; i < stream->n_fields; i++) {
		fields[i] = view_head(header, stream->field_sizes[i]);
		header = view_from(header, stream->field_sizes[i]);
	}
	for (size_t i = 0; i < stream->n_signatures; i++)
		judge_signature(receiver, stream, &message, &stream->signatures[i],
		    &verdict->results[i]);
	verdict->n = (uint32_t)stream->n_signatures;
	free(fields);
}

/* Into an open stream. 1: an answer; 0: none (yet); -1: the frame has not its form. */
static int
stream_take(struct receiver *receiver, struct stream *stream,
    const struct receiver_frame *head, struct view payload,
    struct receiver_verdict *verdict)
{
	bool is_good = true;

	switch (head->type) {
	case RECEIVER_BODY:
		buf_add(&stream->body, payload);
		break;
	case RECEIVER_FIELD:
		is_good = take_field(stream, payload);
		break;
	case RECEIVER_KEY:
		is_good = take_key(stream, head->number, payload);
		break;
	case RECEIVER_SIGNATURE:
		is_good = take_signature(stream, head->number, payload);
		break;
	case RECEIVER_END:
		stream_judge(receiver, stream, verdict);
		stream_close(stream);
		return 1;
	default:
		stream_close(stream); /* CANCEL */
		break;
	}
	if (!is_good)
		stream_close(stream);
	return 0;
}

struct receiver *
receiver_new(void)
{
	struct receiver *receiver = mem_zeroed(1, sizeof(*receiver));

	receiver->verify = verify_new();
	verify_warm_up(receiver->verify);
	return receiver;
}

void
receiver_free(struct receiver *receiver)
{
	if (receiver == NULL)
		return;
	for (size_t i = 0; i < RECEIVER_STREAMS; i++)
		stream_close(&receiver->streams[i]);
	verify_free(receiver->verify);
	free(receiver);
}

/* A question by itself, with the answer in one result. */
static int
spf_take(const struct receiver_frame *head, struct view payload,
    struct receiver_verdict *verdict)
{
	struct receiver_result *result = &verdict->results[0];
	struct spf_judgement judgement;

	if (spf_judge_frame(payload, &judgement, NULL) < 0)
		return 0;
	memset(verdict, 0, sizeof(*verdict));
	verdict->stream = RECEIVER_SPF_STREAM;
	verdict->serial = head->serial;
	verdict->n = 1;
	result->opinion = (uint32_t)judgement.opinion;
	memcpy(result->reason, judgement.reason, sizeof(result->reason));
	return 1;
}

int
receiver_take(struct receiver *receiver, const void *frame, size_t n,
    struct receiver_verdict *ret_verdict, struct err *err)
{
	struct receiver_frame head;
	struct stream *stream;
	struct view payload;

	if (n < sizeof(head) || n - sizeof(head) > RECEIVER_PAYLOAD_MAX)
		return err_set(err, ERR_BAD_INPUT, "a frame of %zu bytes is none", n);
	memcpy(&head, frame, sizeof(head));
	payload = (struct view){(const char *)frame + sizeof(head), n - sizeof(head)};
	if (head.type < RECEIVER_OPEN || head.type > RECEIVER_SPF ||
	    head.stream >= RECEIVER_STREAMS)
		return err_set(err, ERR_BAD_INPUT,
		    "a frame of type %u for stream %u is none", head.type, head.stream);
	if (head.type == RECEIVER_SPF)
		return spf_take(&head, payload, ret_verdict);
	stream = &receiver->streams[head.stream];
	if (head.type == RECEIVER_OPEN) {
		stream_open(stream, head.serial);
		return 0;
	}
	if (!stream->is_open || stream->serial != head.serial)
		return 0;
	memset(ret_verdict, 0, sizeof(*ret_verdict));
	ret_verdict->stream = head.stream;
	ret_verdict->serial = head.serial;
	return stream_take(receiver, stream, &head, payload, ret_verdict);
}

/* 1: go on; 0: the peer has closed; -1. An answer that cannot be sent is lost, as wire.h
 * says. */
static int
serve_one(struct receiver *receiver, int fd, char *frame, struct err *err)
{
	struct receiver_verdict verdict;
	size_t n = 0;
	int taken, received = ipc_recv(fd, frame, IPC_FRAME_MAX, &n, IPC_FOREVER, err);

	if (received <= 0)
		return received;
	taken = receiver_take(receiver, frame, n, &verdict, err);
	if (taken < 0)
		return -1;
	if (taken == 1)
		(void)ipc_send(fd, &verdict, sizeof(verdict), NULL);
	return 1;
}

int
receiver_serve(int fd, struct err *err)
{
	struct receiver *receiver = receiver_new();
	char *frame = mem_zeroed(IPC_FRAME_MAX, 1);
	int result;

	while ((result = serve_one(receiver, fd, frame, err)) == 1)
		continue;
	receiver_free(receiver);
	free(frame);
	return result;
}
