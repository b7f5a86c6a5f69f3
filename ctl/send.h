/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_SEND_H
#define CTL_SEND_H

/*
 * 'frank doctor --send': one message takes the way that mail takes, and is followed to what
 * became of it. send.c (the command), send_hand.c (the message, and handing it over),
 * send_follow.c (waiting for the journal), send_judge.c and send_answer.c (what that
 * means), send_mailbox.c and send_mail.c (the message as it arrived), send_text.c
 * (showing).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/place.h"
#include "journal/read.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "replies/replies.h"

#include "ctl/after.h"
#include "ctl/doctor.h"

enum {
	SEND_FINDINGS_MAX = 64,
	SEND_MAIL_MAX = 1 << 20, /* bytes of the message as it arrived */
	SEND_SLACK_US = 2000000, /* syslog writes whole seconds */
};

/* Each belongs to one of these. */
struct send_finding {
	const char *check; /* "send-path", "send-spf" ... */
	struct doctor_finding finding;
};

/* Who decides it, or that nobody did. */
enum send_state {
	SEND_WAITING, /* nothing that lasts is known */
	SEND_STOPPED, /* frankd held or refused it */
	SEND_UNSEEN,  /* Postfix sent it without frankd */
	SEND_SETTLED, /* sent or bounced, each recipient */
};

/* By the last that is known of each. */
struct send_rcpts {
	size_t n, n_sent, n_failed;
};

struct send {
	struct ctl *ctl;
	const struct doctor_order *order;
	const struct doctor_world *world;
	struct arena *arena;

	struct view from, from_domain, to;
	bool is_submitted;
	struct place server; /* where it is */
	struct view way;     /* "sendmail(1)", "mail.example.org port 587" */

	struct view message_id; /* without the angle brackets */
	struct view text;       /* lines end in LF */
	int64_t began;          /* wall */
	bool is_taken;
	bool was_said;        /* or at least sent as far as frankd */
	struct view queue_id; /* empty: not known */

	struct journal_reader *reader;
	struct after after;
	struct replies *replies; /* NULL: there are none */
	enum send_state state;
	int64_t decided; /* wall; 0: no decision is known */
	struct view verdict;
	struct send_rcpts rcpts;
	struct view milter_said; /* what Postfix's log has of a milter */

	struct buf mail;       /* as it arrived, or stands in the queue */
	struct view mail_from; /* where that was read; empty: nowhere */

	struct send_finding findings[SEND_FINDINGS_MAX];
	size_t n_findings;
};

/* The command, once the order was read. An exit code. */
int send_test(
    struct ctl *ctl, const struct doctor_order *order, const struct doctor_scene *scene);

/* Another finding, in printf's words; those that are too many go over the last. */
struct doctor_finding *send_say(struct send *send, const char *check,
    enum doctor_answer answer, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void send_remedy(struct send *send, struct doctor_finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The message, made of from and to; RANDOM makes it the only one. */
void send_make(struct send *send, const uint64_t random[2], int64_t now);
/* Hand it over, and say how that went. PASSWORD is empty where there is no login. */
void send_hand_over(struct send *send, struct view password);

/* Wait until it is known what became of it, at most until DEADLINE (monotonic). -1: the
 * journal cannot be read. */
int send_follow(struct send *send, int64_t deadline, struct err *err);
/* Is WHAT, of an outcome, the end for that recipient? */
bool send_is_final(struct view what);

/* What frankd's record of it says; the outcomes; nothing of both. */
int send_judge(struct send *send, struct err *err);
void send_judge_outcomes(struct send *send);

/* The message into send->mail, from the mailbox that was named. True: it is there. */
bool send_mailbox_look(struct send *send);
/* Of a message that is in Postfix's queue still. */
void send_queue_look(struct send *send);
/* What libopendkim says of send->mail. */
void send_judge_mail(struct send *send);

void send_text(const struct send *send, struct buf *out);
void send_json(const struct send *send, struct buf *out);

#endif
