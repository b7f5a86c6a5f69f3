/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_POSTFIX_PRIVATE_H
#define DOCTOR_POSTFIX_PRIVATE_H

/* What the checks of Postfix share. */

#include "doctor/doctor.h"
#include "doctor/postfix.h"
#include "doctor/world.h"

/* doctor.h wants functions of this type. */
#define LOOK_CHECK(name)                                                                   \
	void name(const struct doctor_world *world, const struct doctor_subject *subject,  \
	    struct doctor_report *report)

LOOK_CHECK(doctor_check_milter_smtpd);
LOOK_CHECK(doctor_check_milter_local);
LOOK_CHECK(doctor_check_milter_order);
LOOK_CHECK(doctor_check_milter_action);
LOOK_CHECK(doctor_check_milter_timeouts);
LOOK_CHECK(doctor_check_milter_protocol);
LOOK_CHECK(doctor_check_milter_macros);
LOOK_CHECK(doctor_check_bounces);
LOOK_CHECK(doctor_check_reentry);
LOOK_CHECK(doctor_check_rewriting);
LOOK_CHECK(doctor_check_generic);
LOOK_CHECK(doctor_check_line_length);
LOOK_CHECK(doctor_check_eight_bit);
LOOK_CHECK(doctor_check_bare_newline);
LOOK_CHECK(doctor_check_queue_ids);
LOOK_CHECK(doctor_check_logins);
LOOK_CHECK(doctor_check_socket);
LOOK_CHECK(doctor_check_compatibility);
LOOK_CHECK(doctor_check_names);
LOOK_CHECK(doctor_check_helo);
LOOK_CHECK(doctor_check_relayhost);
LOOK_CHECK(doctor_check_unused);

/* One check at work. */
struct look {
	const struct doctor_world *world;
	const struct postfix_conf *conf;
	struct doctor_report *report;
};

/* False: there is no Postfix to be seen, and that was said. */
bool look_begin(
    struct look *look, const struct doctor_world *world, struct doctor_report *report);
/* False: frank.conf cannot be used, and that was said. */
bool look_at_policy(const struct look *look, const struct policy_settings **ret_settings);

/* The value of NAME for SERVICE (NULL: main.cf). False: it cannot be told, which was said.
 */
bool look_value(const struct look *look, const struct postfix_service *service,
    const char *name, struct view *ret_value);
/* The same; a Postfix that has no such parameter is no reason to say anything: empty. */
bool look_value_or_none(const struct look *look, const struct postfix_service *service,
    const char *name, struct view *ret_value);
/* "yes" or "no"; false: neither, which was said. */
bool look_truth(const struct look *look, const struct postfix_service *service,
    const char *name, bool *ret_is_yes);

/* The next service that runs COMMAND; *AT is 0 at first. NULL: no more. */
const struct postfix_service *look_next(
    const struct look *look, const char *command, size_t *at);

/* JUDGE each of them; that there is none could not be told. */
typedef void look_judge(const struct look *look, const struct postfix_service *service);
void look_each(const struct doctor_world *world, struct doctor_report *report,
    const char *command, look_judge *judge);

/*
 * Does SERVICE, an smtpd, take mail back from a content filter: one that only this machine
 * reaches, or whose port is in 'set reentry', that is kept from filtering again, and whose
 * own line lets nobody log in? An outer service may be kept from it, too, and takes nothing
 * back.
 */
bool look_takes_back(const struct look *look, const struct policy_settings *settings,
    const struct postfix_service *service);

/* "submission/inet", as postconf names it; in the report's arena. */
const char *look_name(const struct look *look, const struct postfix_service *service);
/* "submission/inet: smtpd_milters", or without a service of its own
 * "smtpd_milters": where its value stands. */
const char *look_place(
    const struct look *look, const struct postfix_service *service, const char *name);

/* The remedy: main.cf has NAME no more, and Postfix is told. */
void look_unset(const struct look *look, struct doctor_finding *finding, const char *name);

/* The remedy: NAME gets VALUE where its value stands now, and Postfix is told. */
void look_set(const struct look *look, struct doctor_finding *finding,
    const struct postfix_service *service, const char *name, struct view value);

/* A finding, unless the same was said before: NULL. What several services share is said
 * once.
 */
struct doctor_finding *look_say(const struct look *look, enum doctor_answer answer,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One of smtpd_milters or non_smtpd_milters. */
struct look_milter {
	struct view endpoint; /* "unix:frank/milter.sock" */
	struct view settings; /* "default_action=tempfail, connect_timeout=2s" */
};
bool look_next_milter(struct view *rest, struct look_milter *ret_milter);
bool look_setting(
    const struct look_milter *milter, struct view name, struct view *ret_value);
/* Is it meant to be frankd's socket, 'set listen'? */
bool look_is_frank(
    const struct look *look, const struct policy_settings *settings, struct view endpoint);
/* "unix:PATH" or "local:PATH"; "inet:HOST:PORT". */
bool look_take_path(struct view endpoint, struct view *ret_path);
bool look_take_inet(struct view endpoint, struct view *ret_host, struct view *ret_port);
/* "127.0.0.1", "localhost", "[::1]". */
bool look_is_loopback(struct view host);
/* Are DIR/PATH and OTHER the same, doubled slashes aside? */
bool look_paths_are_same(struct view dir, struct view path, struct view other);
/* Is frankd one of LIST? */
bool look_has_frank(
    const struct look *look, const struct policy_settings *settings, struct view list);
/* frankd's socket as main.cf is to have it. */
struct view look_endpoint(const struct look *look, const struct policy_settings *settings);

/* A service that asks frankd, and how it is named in its list. */
struct look_use {
	const struct postfix_service *service;
	const char *list;  /* "smtpd_milters" or "non_smtpd_milters" */
	const char *place; /* where that is written, when it only refers to another */
	struct view value;
	struct look_milter milter;
};
/* The next of all; *AT is 0 at first. False: no more. What cannot be told of a service is
 * said, and it is passed over. */
bool look_next_use(const struct look *look, const struct policy_settings *settings,
    size_t *at, struct look_use *ret_use);
/* JUDGE each of them; that there is none could not be told, which look_no_uses() says. */
typedef void look_judge_use(const struct look *look, const struct policy_settings *settings,
    const struct look_use *use);
void look_each_use(
    const struct doctor_world *world, struct doctor_report *report, look_judge_use *judge);
void look_no_uses(const struct look *look);
/* What holds for frankd there: its own SETTING in the list, else milter_SETTING. *ret_place
 * is where it stands. */
bool look_use_setting(const struct look *look, const struct look_use *use,
    const char *setting, struct view *ret_value, const char **ret_place);
/* The remedy: frankd's socket is named ENDPOINT there. */
void look_set_endpoint(const struct look *look, struct doctor_finding *finding,
    const struct look_use *use, struct view endpoint);
/* The remedy: that SETTING gets VALUE where it stands. */
void look_set_use(const struct look *look, struct doctor_finding *finding,
    const struct look_use *use, const char *setting, const char *value);
/* The remedy: frankd is the last in its list. */
void look_set_last(
    const struct look *look, struct doctor_finding *finding, const struct look_use *use);

#endif
