/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include <string.h>

#include "lib/bug.h"

static struct policy *
load(const char *text, const char *owners, const char *keys, struct buf *shown)
{
	struct bundle *bundle = bundle_new(NULL);
	struct map_seed seed = {.k0 = 1, .k1 = 2};
	struct policy *policy;
	struct diag diag;

	must(bundle_put(bundle, VIEW("frank.conf"), view_of(text), NULL) == 0);
	must(bundle_put(bundle, VIEW("owners"), view_of(owners), NULL) == 0);
	if (keys != NULL)
		must(bundle_put(bundle, VIEW(POLICY_KEYS_FILE), view_of(keys), NULL) == 0);
	diag_init(&diag);
	policy = policy_load(bundle, "frank.conf", seed, 0, &diag);
	buf_add(shown, buf_view(&diag.out));
	diag_fini(&diag);
	bundle_free(bundle);
	return policy;
}

struct policy *
lab_policy(const char *text, const char *owners, const char *keys)
{
	struct buf shown = BUF_INIT(1 << 20);
	struct policy *policy = load(text, owners, keys, &shown);

	if (policy == NULL)
		fail_msg("the policy does not load:\n%s", buf_text(&shown));
	buf_fini(&shown);
	return policy;
}

void
lab_refused(const char *text, struct buf *shown)
{
	struct policy *policy = load(text, "", NULL, shown);

	if (policy != NULL)
		fail_msg("this loads, and should not:\n%.200s", text);
}

struct fact_address
lab_address(const char *text)
{
	struct fact_address address = {.text = view_of(text), .local = view_of(text)};
	const char *at = strrchr(text, '@');

	if (at != NULL) {
		address.local.n = (size_t)(at - text);
		address.domain = view_of(at + 1);
	}
	return address;
}

struct facts
lab_facts(enum fact_path path, const char *user, const char *client)
{
	struct facts facts = {
	    .time = 1772452800000000,
	    .local_date = 20260302,
	    .local_minute = 12 * 60,
	    .local_weekday = 1,
	    .path = path,
	    .user = view_of(user),
	    .rcpts = 1,
	    .size = 1000,
	};

	if (client[0] != '\0')
		must(addr_parse(view_of(client), &facts.client, NULL) == 0);
	return facts;
}

void
lab_same(const char *what, const char *part, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s: got \"%s\", want \"%s\"", what, part, got, want);
}

void
lab_same_view(const char *what, const char *part, struct view got, const char *want)
{
	if (!view_is(got, view_of(want)))
		fail_msg(
		    "%s: %s: got \"%.*s\", want \"%s\"", what, part, VIEW_ARG(got), want);
}
