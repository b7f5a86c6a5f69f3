/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/watch_lab.h"

#include "tests/unit/policy_lab.h"

static const char policy_text[] = "keys \"keys\"\n"
				  "match path submission owns author sign\n"
				  "accept\n";
static const char keys_text[] = "- example.net n2026 ed25519-sha256 1767225600\n"
				"- example.org s2024 ed25519-sha256 1700000000\n"
				"- example.org s2025 ed25519-sha256 1735689600\n"
				"- example.org s2026 ed25519-sha256 1767225600\n";
/* Their 32 bytes are all the same letter. */
static const struct {
	const char *selector, *public;
} published[WATCH_LAB_KEYS] = {
    {"n2026", "bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4="},
    {"s2024", "NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ="},
    {"s2025", "NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU="},
    {"s2026", "NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY="},
};

static size_t
key_of(struct view selector)
{
	for (size_t i = 0; i < WATCH_LAB_KEYS; i++)
		if (view_is(selector, view_of(published[i].selector)))
			return i;
	fail_msg("no key %.*s", VIEW_ARG(selector));
	return 0;
}

static struct generation *
fake_hold(void *context)
{
	struct watch_lab *lab = context;

	return &lab->generation;
}

static void
fake_let_go(void *context, struct generation *generation)
{
	struct watch_lab *lab = context;

	assert_ptr_equal(generation, &lab->generation);
}

static int
fake_public(void *context, struct generation *generation, const struct policy_key *key,
    struct buf *out, struct err *err)
{
	struct watch_lab *lab = context;

	(void)generation;
	lab->asked_public++;
	if (lab->keys_are_gone)
		return err_set(err, ERR_TEMP, "no key process");
	buf_add_text(out, published[key_of(key->selector)].public);
	return 0;
}

static bool
fake_ask(
    void *context, const struct dns_question *question, struct dns_reply_head *ret_reply)
{
	struct watch_lab *lab = context;
	size_t i = key_of(question->selector);
	struct key_published *key = &ret_reply->key.published;
	struct err err = ERR_INIT;

	lab->asked++;
	memset(ret_reply, 0, sizeof(*ret_reply));
	ret_reply->kind = question->kind;
	ret_reply->ttl = 300;
	if (lab->is_silent)
		return false;
	ret_reply->key.state = lab->is_published[i] ? DNS_FOUND : DNS_NO_NAME;
	key->algorithm = SIGN_ED25519_SHA256;
	key->bits = 256;
	key->faults = lab->is_testing ? KEY_FAULT_TESTING : 0;
	assert_int_equal(key_fingerprint(SIGN_ED25519_SHA256, view_of(published[i].public),
			     key->fingerprint, &err),
	    0);
	if (question->kind == DNS_ASK_KEY_EVERYWHERE) {
		ret_reply->key.n_servers = ret_reply->key.n_answered = 2;
		ret_reply->key.n_same = lab->is_lagging ? 1 : 2;
		if (lab->is_lagging)
			snprintf(ret_reply->key.lagging, DNS_TEXT_MAX, "ns2.example.org");
	}
	/* As the DNS client tells of what is new. */
	if (question->kind == DNS_ASK_KEY &&
	    lab->is_published[i] != lab->was_published[i]) {
		lab->was_published[i] = lab->is_published[i];
		key_watch_learn(lab->watch, question, ret_reply);
	}
	return true;
}

static void
fake_say(void *context, bool is_bad, struct view text)
{
	struct watch_lab *lab = context;

	buf_addf(&lab->said, "%s%.*s\n", is_bad ? "! " : "", VIEW_ARG(text));
}

static int64_t
fake_now(void *context)
{
	const struct watch_lab *lab = context;

	return lab->now;
}

static int64_t
fake_mono(void *context)
{
	const struct watch_lab *lab = context;

	return lab->mono;
}

void
watch_lab_begin(struct watch_lab *lab)
{
	const struct key_watch_calls calls = {.context = lab,
	    .hold = fake_hold,
	    .let_go = fake_let_go,
	    .ask = fake_ask,
	    .public_half = fake_public,
	    .say = fake_say,
	    .now = fake_now,
	    .mono = fake_mono};

	memset(lab->states, 0, sizeof(lab->states));
	lab->watch = key_watch_new(&calls, (struct map_seed){1, 2}, lab->dir);
}

void
watch_lab_load(const struct watch_lab *lab, struct generation *generation, const char *keys)
{
	generation->policy = lab_policy(policy_text, NULL, keys);
	generation->number = lab->generation.number + 1;
}

int
watch_lab_set_up(void **state)
{
	struct watch_lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	lab->generation.policy = lab_policy(policy_text, NULL, keys_text);
	lab->generation.number = 1;
	lab->generation.states = lab->states;
	lab->now = WATCH_LAB_NOW;
	lab->dir = lab_dir();
	buf_init(&lab->said, 65536);
	watch_lab_begin(lab);
	*state = lab;
	return 0;
}

int
watch_lab_tear_down(void **state)
{
	struct watch_lab *lab = *state;

	key_watch_free(lab->watch);
	policy_free(lab->generation.policy);
	buf_fini(&lab->said);
	free(lab);
	lab_remove();
	return 0;
}

void
watch_lab_seconds(struct watch_lab *lab, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		lab->now++;
		lab->mono++;
		key_watch_step(lab->watch);
	}
}

void
watch_lab_expect(
    struct watch_lab *lab, const char *when, const char *selector, const char *said)
{
	const struct policy_key *key = key_watch_chosen(
	    lab->watch, &lab->generation, VIEW("example.org"), ALGORITHM_ED25519);

	if (!view_is(key->selector, view_of(selector)))
		fail_msg(
		    "%s: %.*s signs, want %s", when, VIEW_ARG(key->selector), selector);
	if (strcmp(buf_text(&lab->said), said) != 0)
		fail_msg("%s: said\n%swant\n%s", when, buf_text(&lab->said), said);
	buf_reset(&lab->said);
}

static void
keep_selector(void *context, const struct state_key *key)
{
	buf_addf(context, "%.*s ", VIEW_ARG(key->selector));
}

void
watch_lab_expect_kept(struct watch_lab *lab, const char *when, const char *want)
{
	struct buf kept = BUF_INIT(1024);
	struct err err = ERR_INIT;
	bool is_damaged;

	if (state_keys_read(lab->dir, keep_selector, &kept, &is_damaged, &err) < 0)
		fail_msg("%s: %s", when, err.text);
	lab_same(when, "state.db", buf_text(&kept), want);
	buf_fini(&kept);
}

void
watch_lab_publish(struct watch_lab *lab, const char *selector, bool is_published)
{
	lab->is_published[key_of(view_of(selector))] = is_published;
}

/* REPLY for SELECTOR comes, as DNS is now. */
void
watch_lab_learn(struct watch_lab *lab, const char *selector)
{
	struct dns_question question = {.kind = DNS_ASK_KEY,
	    .domain = selector[0] == 'n' ? VIEW("example.net") : VIEW("example.org"),
	    .selector = view_of(selector),
	    .is_ours = true};
	struct dns_reply_head reply;

	assert_true(fake_ask(lab, &question, &reply));
	key_watch_learn(lab->watch, &question, &reply);
}

void
watch_lab_expect_row(
    struct watch_lab *lab, const char *when, const char *selector, const char *want)
{
	struct buf list = BUF_INIT(60000);
	char mark[64];
	struct view rest, line;
	bool is_found = false;

	key_watch_list(lab->watch, &lab->generation, VIEW(""), 0, &list);
	snprintf(mark, sizeof(mark), "\"selector\":\"%s\"", selector);
	rest = buf_view(&list);
	while (view_cut(&rest, '\n', &line)) {
		char text[4096];
		snprintf(text, sizeof(text), "%.*s", VIEW_ARG(line));
		if (strstr(text, mark) == NULL)
			continue;
		is_found = true;
		if (strstr(text, want) == NULL)
			fail_msg("%s: no %s in %s", when, want, text);
	}
	assert_true(is_found);
	buf_fini(&list);
}
