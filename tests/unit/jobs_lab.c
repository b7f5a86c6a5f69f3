/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "tests/unit/jobs_lab.h"

struct jobs_lab jobs_lab;

static void
reply_take(void *context, const struct dns_reply_head *reply, struct view answers)
{
	(void)context;
	must(jobs_lab.n_replies < ARRAY_LEN(jobs_lab.replies));
	jobs_lab.replies[jobs_lab.n_replies++] = *reply;
	jobs_lab.n_answers = answers.n;
}

int
jobs_lab_set_up(void **state)
{
	static const struct dns_jobs_settings settings = {.reply = reply_take};

	(void)state;
	jobs_lab.others = mem_zeroed(1, sizeof(*jobs_lab.others));
	jobs_lab.others_next = mem_zeroed(1, sizeof(*jobs_lab.others_next));
	jobs_lab.ours = mem_zeroed(1, sizeof(*jobs_lab.ours));
	jobs_lab.jobs =
	    dns_jobs_new(&settings, &(struct dns_pair){jobs_lab.ours, jobs_lab.others});
	jobs_lab.n_replies = 0;
	jobs_lab.now = (struct clock){.wall = 1000, .mono = 1000};
	return 0;
}

int
jobs_lab_tear_down(void **state)
{
	(void)state;
	dns_jobs_free(jobs_lab.jobs);
	free(jobs_lab.others);
	free(jobs_lab.others_next);
	free(jobs_lab.ours);
	return 0;
}

void
jobs_lab_turn(void)
{
	dns_jobs_turn(jobs_lab.jobs, jobs_lab.now.mono);
}

void
jobs_lab_frame(struct buf *frame, uint64_t id, const char *domain, uint32_t n_egress)
{
	struct dns_question_head head = {
	    .kind = DNS_ASK_SPF, .id = id, .n_egress = n_egress, .with_answers = 1};
	struct addr egress = {.family = ADDR_IPV4, .bytes = {192, 0, 2, 1}};

	buf_add_bytes(frame, &head, sizeof(head));
	buf_addf(frame, "%s%ca@%s%chelo.example%c", domain, '\0', domain, '\0', '\0');
	for (uint32_t i = 0; i < n_egress; i++)
		buf_add_bytes(frame, &egress, sizeof(egress));
}

void
jobs_lab_spf(uint64_t id, const char *domain)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);

	jobs_lab_frame(&frame, id, domain, 1);
	assert_true(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	buf_fini(&frame);
}

void
jobs_lab_key(uint64_t id, const char *domain)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);
	struct dns_question_head head = {.kind = DNS_ASK_KEY, .id = id, .is_ours = 1};

	buf_add_bytes(&frame, &head, sizeof(head));
	buf_addf(&frame, "%s%cs%c", domain, '\0', '\0');
	assert_true(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	buf_fini(&frame);
}

void
jobs_lab_dmarc(uint64_t id, const char *domain)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);
	struct dns_question_head head = {.kind = DNS_ASK_DMARC, .id = id};

	buf_add_bytes(&frame, &head, sizeof(head));
	buf_addf(&frame, "%s%c", domain, '\0');
	assert_true(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	buf_fini(&frame);
}
