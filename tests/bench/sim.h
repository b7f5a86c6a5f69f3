/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_BENCH_SIM_H
#define TESTS_BENCH_SIM_H

/*
 * A site of 500 logins, played for eight weeks through the real policy, engine and meters:
 * whom does the policy hold that it should, and whom that it should not? People and attacks
 * only make messages; nobody but the judge (sim_judge.c) knows the policy, and it does not
 * know which message is an attack.
 *
 * Everything follows from the seed. Time is UTC, and begins on a Monday.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "lib/net.h"
#include "lib/view.h"

#define SIM_SECOND ((int64_t)1000000)
#define SIM_HOUR   (3600 * SIM_SECOND)
#define SIM_DAY    (24 * SIM_HOUR)
#define SIM_BEGIN  (1767571200 * SIM_SECOND) /* Monday, 2026-01-05 */

enum {
	SIM_DAYS = 56,
	SIM_QUIET_DAYS = 14,         /* without attacks: the meters are learning */
	SIM_LOGINS = 500,            /* there from the first day, or one of the new ones */
	SIM_PEOPLE = SIM_LOGINS + 1, /* and the web shop, which logs in nowhere */
	SIM_SHOP = SIM_LOGINS,
};

/* sim_random.c: xoshiro256**, and what is drawn from it. */
struct rng {
	uint64_t state[4];
};
void rng_seed(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
double rng_unit(struct rng *rng); /* 0 <= x < 1 */
uint32_t rng_below(struct rng *rng, uint32_t n);
uint32_t rng_from(struct rng *rng, uint32_t low, uint32_t high); /* both can come */
double rng_real(struct rng *rng, double low, double high);
bool rng_chance(struct rng *rng, double p);
double rng_lognormal(struct rng *rng, double median, double sigma);
double rng_mood(struct rng *rng, double shape); /* gamma with a mean of 1 */
uint32_t rng_poisson(struct rng *rng, double mean);

#define SIM_POSTMASTER UINT64_MAX /* a recipient */

/* A message. Recipients are numbers: below SIM_LOGINS colleagues, above them the world. */
struct sim_mail {
	int64_t time;
	uint32_t order; /* of making, so that equal times stay in order */
	uint32_t person;
	int32_t attack; /* -1: none */
	struct addr client;
	uint32_t first, n; /* recipients, in the pool */
};

/* Messages that are still to be sent, and all recipients. */
struct sim_post {
	struct sim_mail *mails;
	size_t n, room;
	uint64_t *pool;
	size_t n_pool, pool_room;
	uint32_t order;
	uint64_t strangers; /* how many there were: the next one is new to everybody */
};
void post_fini(struct sim_post *post);
void post_begin(struct sim_post *post, int64_t time, uint32_t person, struct addr client);
void post_rcpt(struct sim_post *post, uint64_t rcpt); /* of the mail begun last */
uint64_t post_stranger(struct sim_post *post);
/* Sorts; returns how many come before END. */
size_t post_due(struct sim_post *post, int64_t end);
void post_drop(struct sim_post *post, size_t n); /* the first N */

/* sim_people.c: who there is. */
enum sim_trade {
	TRADE_OFFICE,     /* colleagues, customers; by day */
	TRADE_PRIVATE,    /* a few, evenings and weekends */
	TRADE_SUPPORT,    /* a shared mailbox that answers strangers */
	TRADE_SALES,      /* and on some days a campaign */
	TRADE_CLUB,       /* each week to all its members */
	TRADE_INVOICES,   /* on the last working day of a month to its customers */
	TRADE_MACHINE,    /* all day to few; now and then a storm */
	TRADE_NEWSLETTER, /* each week to its subscribers */
	TRADE_SHOP,       /* sendmail(1): to ever new ones, more in the evening */
	TRADES,
};
extern const char *const sim_trades[TRADES];

struct sim_book { /* whom somebody writes to, the most frequent first */
	uint64_t *rcpts;
	uint32_t n, room;
};

struct sim_person {
	char login[40]; /* without the domain */
	enum sim_trade trade;
	double rate;      /* messages of a working day */
	double free_days; /* share of it on a weekend */
	double fresh;     /* of those written to are strangers */
	double group;     /* of the messages go to many at once */
	double shape[24]; /* sums to 1 */
	struct sim_book book;
	struct sim_book list; /* members, customers, subscribers */
	uint32_t list_weekday, list_hour;
	struct addr desk, home, trip_home;
	uint32_t n_homes;   /* a shared mailbox is answered from several */
	uint32_t home_days; /* after so many the provider gives another address; 0: never */
	uint32_t carrier;   /* network of the telephone */
	bool is_roaming;    /* each message of the telephone has another address */
	double phone, webmail;
	int born, away, back; /* days; on holiday from 'away' until before 'back' */
	int trip, trip_end, trip_shift; /* days, days, hours */

	/* of the day that it is */
	bool is_at_home;
	double mood, fresh_today;
};

struct sim_site {
	struct rng rng;
	struct sim_person people[SIM_PEOPLE];
	double holiday[SIM_DAYS]; /* how much is written: 1 usual, 0.04 on a holiday */
	double sale[SIM_DAYS];    /* how much the shop sells */
};
void site_init(struct sim_site *site, uint64_t seed);
void site_fini(struct sim_site *site);
void book_add(struct sim_book *book, uint64_t rcpt);
uint64_t book_draw(const struct sim_book *book, struct rng *rng); /* Zipf; not empty */

/* sim_places.c: from where. */
struct addr place_office(uint32_t office);
struct addr place_home(struct rng *rng);
struct addr place_residence(struct rng *rng); /* of anybody */
struct addr place_carrier(uint32_t carrier, uint32_t host);
struct addr place_world(struct rng *rng);                      /* somewhere */
struct addr place_beside(struct addr client, struct rng *rng); /* in the same network */
struct addr place_of(const struct sim_person *person, int64_t time, struct rng *rng);

/* sim_traffic.c: what the innocent write on DAY. */
void traffic_day(struct sim_site *site, int day, struct sim_post *post);

/* sim_attacks.c */
enum sim_kind { SIM_LOUD, SIM_SLOW, SIM_WIDE, SIM_CROWD, SIM_REPLY, SIM_KINDS };
extern const char *const sim_kinds[SIM_KINDS];

struct sim_attack {
	enum sim_kind kind;
	int day;
	uint32_t victim; /* the first of them */
	/* what came of it */
	int64_t began, held; /* first message; the first that was held, or 0 */
	uint64_t would, reached, reached_before;
};
enum { SIM_ATTACKS_MAX = 64 };
struct sim_attacks {
	struct rng rng;
	struct sim_attack at[SIM_ATTACKS_MAX];
	size_t n;
};
void attacks_init(struct sim_attacks *attacks, uint64_t seed);
/* The messages of those that begin on DAY. */
void attacks_day(struct sim_attacks *attacks, const struct sim_site *site, int day,
    struct sim_post *post);

/* sim_judge.c: a message as frankd would see it. */
struct sim_judge;
struct sim_verdict {
	enum verdict verdict;
	struct view label;
	/* Of the meter that decided, or else the origin: text until the next message. */
	struct view meter, key;
	int64_t within; /* that meter looks back so far; 0: no meter */
	uint64_t reading, usual;
};
/* PATH: of a policy. Ends the program when it does not load. */
struct sim_judge *sim_judge_new(const char *path);
void sim_judge_free(struct sim_judge *judge);
/* PEOPLE: the site's; logins are names of recipients, too. */
void sim_judge_mail(struct sim_judge *judge, const struct sim_person *people,
    const struct sim_mail *mail, const uint64_t *rcpts, struct sim_verdict *ret_verdict);
/* The key that METER had for the message that was judged last, empty if none; behind the
 * meters comes the origin. false: no more. */
bool sim_judge_key(const struct sim_judge *judge, uint32_t meter, struct view *ret_meter,
    struct view *ret_key);

/* sim_incidents.c: what is shown to an admin, and whether it is true. */
struct sim_incidents;
struct sim_incidents *incidents_new(void);
void incidents_free(struct sim_incidents *incidents);
/* A message of an attack was charged to this key. */
void incidents_attacked(
    struct sim_incidents *incidents, struct view meter, struct view key, int64_t time);
enum sim_finding { FOUND_TRUE, FOUND_COLLATERAL, FOUND_FALSE, FOUND_FALSE_AGAIN };
/* A message was held. FOUND_FALSE: this opens a false alarm, FOUND_FALSE_AGAIN: it joins
 * one. */
enum sim_finding incidents_held(struct sim_incidents *incidents,
    const struct sim_verdict *verdict, bool is_attack, int64_t time);

/* sim_run.c: one seed. */
enum { SIM_LABELS = 16 };
struct sim_result {
	bool is_telling; /* set before: a line for each false alarm */
	struct sim_attack attacks[SIM_ATTACKS_MAX];
	size_t n_attacks;
	uint64_t mails, false_alarms, held_falsely, collateral;
	uint64_t by_trade[TRADES], held_by_trade[TRADES];
	struct sim_label {
		char text[48];
		uint64_t false_alarms, innocent, attacks;
	} labels[SIM_LABELS];
	uint64_t asked, answered; /* owners of held accounts who wrote to postmaster */
	double user_months;
};
void sim_run(const char *policy, uint64_t seed, struct sim_result *ret_result);

#endif
