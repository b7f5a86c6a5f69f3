/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/log.h"

#include "milter/record.h"

#include "tests/scenario/core.h"

/* The driver that calls the session, and what the session needs from outside. */

static struct clock
world_now(void *context)
{
	struct core *core = context;

	return (struct clock){.wall = core->lab->wall, .mono = core->lab->wall};
}

static struct generation *
world_hold(void *context)
{
	struct core *core = context;

	core->generation->references++;
	return core->generation;
}

static void
world_release(void *context, struct generation *generation)
{
	struct core *core = context;

	must(generation == core->generation && generation->references > 1);
	generation->references--;
}

static int
world_sign(void *context, struct generation *generation, const struct policy_key *key,
    const uint8_t digest[SIGN_DIGEST], struct sign_signature *ret_signature,
    struct err *err)
{
	struct core *core = context;

	(void)generation;
	switch (core->lab->keys) {
	case KEYS_GONE:
		return err_set(err, ERR_TEMP, "no key process within 1000 ms");
	case KEYS_REFUSE:
		return err_set(err, ERR_TEMP,
		    "the key file is gone or has changed since it was loaded: frank reload "
		    "takes it as it is now");
	case KEYS_WORK:
	case KEYS_LIE:
		break;
	}
	if (keyset_sign(core->signer, key->index, digest, ret_signature->bytes,
		&ret_signature->n, err) != 0)
		return -1;
	if (core->lab->keys == KEYS_LIE)
		ret_signature->bytes[0] ^= 1;
	return 0;
}

/* frankd -d logs to stderr: so does the core, into the lab's log. */
void
core_log_begin(struct core *core)
{
	core->stderr_fd = dup(STDERR_FILENO);
	int fd = open(core->lab->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	must(core->stderr_fd >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
	close(fd);
}

void
core_log_end(struct core *core)
{
	must(dup2(core->stderr_fd, STDERR_FILENO) >= 0);
	close(core->stderr_fd);
}

/* The journal itself always writes at once. A full disk matters to whom requires it. */
static int
world_record(void *context, const struct facts *facts, const struct decision *decision,
    const struct generation *generation, uint32_t micros, struct err *err)
{
	struct core *core = context;
	const struct policy_settings *settings = policy_settings(generation->policy);

	if (!core->lab->journal_is_full)
		return record_write(
		    core->journal, facts, decision, view_of(generation->hash), micros, err);
	if (settings->journal == JOURNAL_REQUIRED)
		return err_set(err, ERR_TEMP, "the journal cannot be written: disk full");
	return 0;
}

static void
world_log(void *context, const struct facts *facts, const struct decision *decision,
    uint32_t micros)
{
	core_log_begin(context);
	record_log(facts, decision, micros);
	core_log_end(context);
}

static void
world_set(struct core *core)
{
	core->world = (struct session_world){
	    .context = core,
	    .messages = &core->messages,
	    .now = world_now,
	    .hold_policy = world_hold,
	    .release_policy = world_release,
	    .sign = world_sign,
	    .record = world_record,
	    .log = world_log,
	};
}

static int
core_start(struct lab *lab, struct buf *said)
{
	struct core *core = mem_zeroed(1, sizeof(*core));
	struct journal_settings settings = {
	    .mode = JOURNAL_MODE_REQUIRED, .host = VIEW("scenario")};
	struct err err = ERR_INIT;

	log_open(LOG_TO_STDERR, "frankd", true);
	must(clock_set_zone("UTC", &err) == 0);
	core->lab = lab;
	lab->driver = core;
	message_pool_init(&core->messages);
	world_set(core);
	core_dns_begin(core);
	core_tables_begin(core);
	core_meters_begin(core);
	if (journal_open(lab->state, &settings, NULL, NULL, &core->journal, &err) != 0) {
		buf_addf(said, "%s\n", err.text);
		return -1;
	}
	return core_load(core, said);
}

static void
core_stop(struct lab *lab)
{
	struct core *core = TAKE(lab->driver);

	if (core == NULL)
		return;
	session_free(core->session);
	core_unload(core);
	meters_free(core->meters);
	key_watch_free(core->key_watch);
	message_pool_fini(&core->messages);
	if (core->journal != NULL)
		journal_close(core->journal);
	free(core);
}

static int
core_reload(struct lab *lab, struct buf *said)
{
	struct core *core = lab->driver;

	if (core_load(core, said) == 0)
		return 0;
	buf_addf(
	    said, "nothing changed: policy %.6s stays in force\n", core->generation->hash);
	return -1;
}

/* ---- one message ---- */

static void
connect_client(struct core *core, const struct mail *mail)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)mail->client_port)};
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)mail->client_port)};
	const struct sockaddr *sa = (const struct sockaddr *)&in;

	memcpy(&in.sin_addr, mail->client.bytes, sizeof(in.sin_addr));
	memcpy(&in6.sin6_addr, mail->client.bytes, sizeof(in6.sin6_addr));
	if (mail->client.family == ADDR_IPV6)
		sa = (const struct sockaddr *)&in6;
	session_free(core->session);
	core->session = session_new(&core->world);
	session_connect(core->session, sa, mail->message->has_lost_macros ? 0 : mail->port);
	session_helo(core->session, mail->helo);
}

static void
take_answer(
    const struct session_answer *answer, const struct mail *mail, struct outcome *outcome)
{
	struct arena *arena = mail->arena;

	for (uint32_t i = 0; i < answer->n_insert && i < OUTCOME_FIELDS_MAX; i++)
		outcome->inserted[outcome->n_inserted++] =
		    (struct mail_field){arena_text(arena, answer->insert[i].name),
			arena_text(arena, view_of(answer->insert[i].value))};
	if (answer->hold_reason != NULL)
		outcome->hold_reason = arena_text(arena, view_of(answer->hold_reason));
}

static void
take_reply(
    const struct session_answer *answer, const struct mail *mail, struct outcome *outcome)
{
	struct buf reply = BUF_INIT(4096);

	/* A record that failed turns an acceptance into a deferral, after the fact. */
	if (outcome->verdict == VERDICT_DEFER || outcome->verdict == VERDICT_REJECT) {
		buf_addf(&reply, "%s %s %s", answer->reply_code, answer->enhanced_code,
		    answer->reply_text);
		outcome->hold_reason = "";
	}
	outcome->reply = arena_text(mail->arena, buf_view(&reply));
	buf_fini(&reply);
}

static int
core_send(
    struct lab *lab, const struct mail *mail, struct outcome *ret_outcome, struct err *err)
{
	struct core *core = lab->driver;
	bool has_macros = !mail->message->has_lost_macros;

	(void)err;
	*ret_outcome = (struct outcome){.reply = "", .hold_reason = ""};
	core_meters_tick(core);
	meters_work(core->meters, world_now(core));
	if (!mail->message->is_again || core->session == NULL)
		connect_client(core, mail);
	session_mail(core->session, mail->sender, has_macros ? mail->login : NULL);
	for (unsigned i = 0; i < mail->n_rcpts; i++)
		session_rcpt(core->session, mail->rcpts[i]);
	for (unsigned i = 0; i < mail->n_fields; i++)
		session_header(core->session, mail->fields[i].name, mail->fields[i].value);
	session_header_end(core->session);
	session_body(core->session, buf_view(&mail->body));
	if (mail->message->is_aborted) {
		session_abort(core->session);
		return 0;
	}
	const struct session_answer *answer =
	    session_end(core->session, has_macros ? mail->id : NULL);
	take_answer(answer, mail, ret_outcome);
	ret_outcome->verdict = session_finish(core->session, NULL);
	take_reply(answer, mail, ret_outcome);
	session_abort(core->session);
	return 0;
}

static int
core_finish(struct buf *said)
{
	(void)said;
	return 0;
}

const struct driver driver_core = {
    .name = "core",
    .start = core_start,
    .reload = core_reload,
    .send = core_send,
    .meters = core_meters_step,
    .stop = core_stop,
    .finish = core_finish,
};
