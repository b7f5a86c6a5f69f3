/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bundle.h"
#include "lib/ipc.h"
#include "policy/rule.h"
#include "receiver/wire.h"

#include "tests/unit/receiver_client_lab.h"

static const char policy_text[] = "set verify-every 3\n"
				  "keys \"keys\"\n"
				  "match path submission owns author sign\n"
				  "accept\n";
static const char keys_text[] = "- example.org s2026 rsa-sha256 1767225600\n";

/* A client has no end of its own: it lives as long as the process. */
static struct receiver_client_lab *volatile kept[8];
static unsigned n_kept;

static void
on_share(void *context, struct generation *generation)
{
	struct receiver_client_lab *lab = context;

	assert_ptr_equal(generation, &lab->generation);
	atomic_fetch_add(&lab->shared, 1);
}

static void
on_unshare(void *context, struct generation *generation)
{
	struct receiver_client_lab *lab = context;

	(void)generation;
	atomic_fetch_sub(&lab->shared, 1);
}

static void
on_disagrees(void *context, const struct policy_key *key, const char *reason)
{
	struct receiver_client_lab *lab = context;

	(void)key;
	(void)reason;
	atomic_fetch_add(&lab->disagreed, 1);
}

static const struct policy_key *
on_signs(void *context, const struct generation *generation, struct view domain,
    enum policy_algorithm algorithm)
{
	const struct receiver_client_lab *lab = context;

	return lab->is_unsigned ? NULL
				: policy_newest_key(generation->policy, domain, algorithm);
}

static void
on_hung(void *context)
{
	struct receiver_client_lab *lab = context;

	atomic_fetch_add(&lab->hung, 1);
}

void
receiver_client_lab_attach(struct receiver_client_lab *lab)
{
	int pair[2];
	struct err err = ERR_INIT;

	assert_int_equal(ipc_pair(pair, &err), 0);
	lab->receiver = pair[1];
	assert_int_equal(receiver_client_attach(lab->client, pair[0], &err), 0);
}

int
receiver_client_lab_set_up(void **state)
{
	struct receiver_client_lab *lab = calloc(1, sizeof(*lab));
	struct bundle *bundle = bundle_new(NULL);
	struct err err = ERR_INIT;
	struct diag diag;

	assert_non_null(lab);
	diag_init(&diag);
	assert_int_equal(
	    bundle_put(bundle, VIEW("frank.conf"), VIEW(policy_text), &err), 0);
	assert_int_equal(
	    bundle_put(bundle, VIEW(POLICY_KEYS_FILE), VIEW(keys_text), &err), 0);
	lab->generation.policy =
	    policy_load(bundle, "frank.conf", (struct map_seed){1, 2}, 0, &diag);
	if (lab->generation.policy == NULL)
		fail_msg("%s", buf_text(&diag.out));
	diag_fini(&diag);
	bundle_free(bundle);
	lab->generation.opinions = lab->opinions;
	lab->generation.keys = key_client_new();
	struct receiver_calls calls = {
	    lab, on_share, on_unshare, on_disagrees, on_hung, on_signs, NULL};
	lab->client = receiver_client_new(&calls);
	receiver_client_lab_attach(lab);
	*state = lab;
	return 0;
}

/* Its reader ends with the socket. */
int
receiver_client_lab_tear_down(void **state)
{
	struct receiver_client_lab *lab = *state;

	kept[n_kept++ % 8] = lab;

	close(lab->receiver);
	for (int i = 0; i < 200; i++) {
		struct receiver_status status;
		receiver_client_status(lab->client, &status);
		if (!status.is_there)
			break;
		usleep(5000);
	}
	policy_free(lab->generation.policy);
	key_client_free(lab->generation.keys);
	return 0;
}

struct receiver_ticket
receiver_client_lab_open(struct receiver_client_lab *lab, const char *domain)
{
	struct receiver_ticket ticket;

	receiver_client_open(lab->client, &lab->generation, view_of(domain), &ticket);
	return ticket;
}

uint32_t
receiver_client_lab_next(struct receiver_client_lab *lab)
{
	static char frame[IPC_FRAME_MAX];
	struct receiver_frame head;
	struct err err = ERR_INIT;
	size_t n;

	if (ipc_recv(lab->receiver, frame, sizeof(frame), &n, 1000, &err) != 1)
		return 0;
	memcpy(&head, frame, sizeof(head));
	return head.type;
}
