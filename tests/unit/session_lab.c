/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/unit/policy_lab.h"
#include "tests/unit/session_lab.h"

static struct clock
fake_now(void *context)
{
	(void)context;
	return (struct clock){.wall = 1772442180000000, .mono = SESSION_LAB_MONO};
}

static struct generation *
fake_hold(void *context)
{
	struct session_lab *lab = context;

	if (lab->no_policy)
		return NULL;
	lab->held++;
	return &lab->generation;
}

static void
fake_release(void *context, struct generation *generation)
{
	struct session_lab *lab = context;

	assert_ptr_equal(generation, &lab->generation);
	lab->held--;
}

static void
fake_log(void *context, const struct facts *facts, const struct decision *decision,
    uint32_t micros)
{
	(void)context;
	(void)facts;
	(void)decision;
	(void)micros;
}

void
session_lab_begin(struct session_lab *lab, const char *policy, const char *keys)
{
	lab->generation.policy = lab_policy(policy, NULL, keys);
	message_pool_init(&lab->pool);
	lab->calls = (struct session_world){.context = lab,
	    .messages = &lab->pool,
	    .now = fake_now,
	    .hold_policy = fake_hold,
	    .release_policy = fake_release,
	    .log = fake_log};
}

void
session_lab_end(struct session_lab *lab)
{
	message_pool_fini(&lab->pool);
	policy_free(lab->generation.policy);
}

void
session_lab_connect(
    struct session *session, const char *address, unsigned client_port, unsigned port)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)client_port)};

	assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
	session_connect(session, (const struct sockaddr *)&in, port);
	session_helo(session, "client.example.net");
}
