/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "tests/bench/sim.h"

/* One seed: eight weeks, day by day, and what is counted of it. */

struct run {
	struct sim_site site;
	struct sim_attacks attacks;
	struct sim_post post;
	struct sim_judge *judge;
	struct sim_incidents *incidents;
	struct sim_result *result;
};

static struct sim_label *
label_of(struct sim_result *result, struct view text)
{
	size_t i = 0;

	while (i < SIM_LABELS - 1 && result->labels[i].text[0] != '\0' &&
	       !view_is(view_of(result->labels[i].text), text))
		i++;
	snprintf(
	    result->labels[i].text, sizeof(result->labels[i].text), "%.*s", VIEW_ARG(text));
	return &result->labels[i];
}

/* The owner finds that his mail waits, and asks. */
static void
ask_postmaster(struct run *run, const struct sim_mail *mail)
{
	static const uint64_t rcpt = SIM_POSTMASTER;
	const struct sim_person *person = &run->site.people[mail->person];
	struct sim_mail question = {.time = mail->time,
	    .person = mail->person,
	    .attack = -1,
	    .client = place_of(person, mail->time, &run->site.rng),
	    .n = 1};
	struct sim_verdict verdict;

	sim_judge_mail(run->judge, run->site.people, &question, &rcpt, &verdict);
	run->result->asked++;
	run->result->answered += verdict.verdict == VERDICT_ACCEPT;
}

static void
count_attack(struct run *run, const struct sim_mail *mail, bool is_held)
{
	struct sim_attack *attack = &run->attacks.at[mail->attack];

	if (attack->began == 0)
		attack->began = mail->time;
	if (!is_held) {
		attack->reached += mail->n;
		if (attack->held == 0)
			attack->reached_before += mail->n;
	} else if (attack->held == 0) {
		attack->held = mail->time;
		ask_postmaster(run, mail);
	}
}

static void
tell(const struct run *run, const struct sim_mail *mail, const struct sim_verdict *verdict)
{
	const struct sim_person *person = &run->site.people[mail->person];
	char when[CLOCK_TEXT];

	printf("%s  \"%.*s\"  %.*s  %llu, usual %llu  %s, first seen on day %d\n",
	    clock_text(mail->time, when), VIEW_ARG(verdict->label), VIEW_ARG(verdict->key),
	    (unsigned long long)verdict->reading, (unsigned long long)verdict->usual,
	    person->login, person->born);
}

static void
count_held(struct run *run, const struct sim_mail *mail, const struct sim_verdict *verdict)
{
	struct sim_result *result = run->result;
	struct sim_label *label = label_of(result, verdict->label);
	enum sim_trade trade = run->site.people[mail->person].trade;
	enum sim_finding found =
	    incidents_held(run->incidents, verdict, mail->attack >= 0, mail->time);

	switch (found) {
	case FOUND_TRUE:
		label->attacks++;
		break;
	case FOUND_COLLATERAL:
		result->collateral++;
		break;
	case FOUND_FALSE:
		result->false_alarms++;
		result->by_trade[trade]++;
		result->held_by_trade[trade]++;
		label->false_alarms++;
		label->innocent++;
		result->held_falsely++;
		if (result->is_telling)
			tell(run, mail, verdict);
		break;
	case FOUND_FALSE_AGAIN:
		result->held_by_trade[trade]++;
		label->innocent++;
		result->held_falsely++;
		break;
	}
}

static void
send_mail(struct run *run, const struct sim_mail *mail)
{
	struct sim_verdict verdict;
	struct view meter, key;

	run->result->mails++;
	sim_judge_mail(
	    run->judge, run->site.people, mail, run->post.pool + mail->first, &verdict);
	if (mail->attack >= 0)
		for (uint32_t i = 0; sim_judge_key(run->judge, i, &meter, &key); i++)
			if (key.n > 0)
				incidents_attacked(run->incidents, meter, key, mail->time);
	if (verdict.verdict == VERDICT_HOLD)
		count_held(run, mail, &verdict);
	else
		must(verdict.verdict == VERDICT_ACCEPT);
	if (mail->attack >= 0)
		count_attack(run, mail, verdict.verdict == VERDICT_HOLD);
}

/* Those months in which there is something to be held by. */
static double
user_months(const struct sim_site *site)
{
	double days = 0;

	for (size_t i = 0; i < SIM_LOGINS; i++) {
		int from = site->people[i].born;

		days += SIM_DAYS - (from > SIM_QUIET_DAYS ? from : SIM_QUIET_DAYS);
	}
	return days / 30;
}

void
sim_run(const char *policy, uint64_t seed, struct sim_result *ret_result)
{
	struct run *run = mem_zeroed(1, sizeof(*run));

	*ret_result = (struct sim_result){.is_telling = ret_result->is_telling};
	run->result = ret_result;
	site_init(&run->site, seed);
	attacks_init(&run->attacks, seed);
	run->judge = sim_judge_new(policy);
	run->incidents = incidents_new();
	for (int day = 0; day < SIM_DAYS; day++) {
		traffic_day(&run->site, day, &run->post);
		attacks_day(&run->attacks, &run->site, day, &run->post);
		size_t n = post_due(&run->post, SIM_BEGIN + (day + 1) * SIM_DAY);
		for (size_t i = 0; i < n; i++)
			send_mail(run, &run->post.mails[i]);
		post_drop(&run->post, n);
	}
	ret_result->n_attacks = run->attacks.n;
	memcpy(ret_result->attacks, run->attacks.at, sizeof(ret_result->attacks));
	ret_result->user_months = user_months(&run->site);
	incidents_free(run->incidents);
	sim_judge_free(run->judge);
	post_fini(&run->post);
	site_fini(&run->site);
	free(run);
}
