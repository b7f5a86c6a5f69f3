/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_HELD_H
#define CTL_HELD_H

/*
 * What waits in Postfix's hold queue, joined with what the journal knows of it: who sent
 * it, why it was held. A message that frankd did not hold is shown as somebody else's; one
 * that the journal has as held and that is not in the queue any more is gone.
 *
 * Queue ids are used again: an entry and a record belong together when the record's time
 * fits the entry's arrival (HELD_SLACK) and the sender is the same.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/net.h"
#include "lib/view.h"

#include "ctl/ctl.h"

enum {
	HELD_SLACK =
	    3600, /* seconds from the arrival, when the client began, to the decision */
	HELD_MAX = 1000000,
};

enum held_state {
	HELD_OURS,   /* frankd held it, and it waits */
	HELD_OTHERS, /* it waits, and somebody else put it there */
	HELD_GONE,   /* frankd held it, and it is not in the queue any more */
};

struct held_domain {
	struct view name; /* in lower case */
	uint32_t rcpts;
};

struct held_message {
	enum held_state state;
	struct view id,
	    sender;       /* as Postfix has them; of one that is gone as the journal has */
	struct view rcpt; /* the first */
	uint32_t rcpts;
	const struct held_domain *domains; /* when asked for: each once */
	uint32_t n_domains;
	uint64_t size;
	int64_t arrival; /* wall, seconds; of one that is gone, when it was decided */
	/* From the journal; empty when it knows nothing of it. Of somebody else's it may
	 * know that it was accepted; then there is no label. */
	int64_t decided;    /* wall, microseconds; 0: the journal knows nothing */
	struct view origin; /* the login, else the client's address, else "local" */
	struct view user, author, label, place, message_id;
	struct view signed_with; /* "example.org/s2026:rsa-sha256 ..." */
	struct addr client;
	uint32_t incident; /* 0: none that frankd knows of */
};

/* Empty views, 0: any. Upper and lower case are the same. */
struct held_filter {
	struct view user, label;
	struct view to;              /* a recipient's domain, or address */
	struct view state;           /* as held_state_name() has it */
	const struct prefix *client; /* NULL: any */
	int64_t older;               /* seconds */
	uint32_t incident;
	bool with_domains;
	bool with_gone; /* also those that are gone, for as long as the journal goes back */
	const char *const *ids;
	size_t n_ids; /* 0: any */
};

struct held {
	struct arena *arena;
	struct held_message *list; /* oldest first */
	size_t n;
	size_t others, gone; /* of them */
};

/*
 * The options that choose, in a command's own table for getopt_long():
 *	--user U --label L --to DOMAIN --older 2h --client NET --incident N
 */
#define HELD_OPTIONS                                                                       \
	{"user", required_argument, NULL, 'u'}, {"label", required_argument, NULL, 'l'},   \
	    {"to", required_argument, NULL, 't'}, {"older", required_argument, NULL, 'o'}, \
	    {"client", required_argument, NULL, 'n'},                                      \
	{                                                                                  \
		"incident", required_argument, NULL, 'i'                                   \
	}

/* 1: OPTION is one of them, and is in FILTER, whose client is then CLIENT; 0: it is none;
 * -1: what is wrong with VALUE was said. */
int held_option(
    struct held_filter *filter, struct prefix *client, int option, const char *value);

/* "held", "others", "gone". */
const char *held_state_name(enum held_state state);

/*
 * Ask Postfix and the journal (and, for incidents, frankd, if it is there). CONFIG: as
 * postfix.h has it. 0; -1: ERR says what could not be asked. held_fini() either way.
 */
int held_collect(struct ctl *ctl, const char *config, const struct held_filter *filter,
    struct held *ret_held, struct err *err);
void held_fini(struct held *held);

#endif
