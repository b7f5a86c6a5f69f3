/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/watch_lab.h"

/* What is known of keys after a restart, and what 'frank key list' gets. */

static void
test_restart(void **state)
{
	struct watch_lab *lab = *state;
	struct key_watch_status status;

	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, 2);
	watch_lab_expect(lab, "before", "s2025",
	    "key example.org/s2025: published everywhere, signs from now on\n");
	key_watch_free(lab->watch);
	lab->is_silent = true;
	watch_lab_begin(lab);
	lab->generation.number = 2;
	watch_lab_seconds(lab, 2);
	watch_lab_expect(lab, "after, and DNS does not answer", "s2025", "");

	/* A file that is none: said, and begun anew. */
	key_watch_free(lab->watch);
	FILE *file = fopen(lab_path("state.db"), "w");
	for (int i = 0; i < 1000; i++)
		fputs("noise, ", file);
	fclose(file);
	watch_lab_begin(lab);
	assert_non_null(strstr(buf_text(&lab->said), "! state.db: damaged"));
	assert_non_null(strstr(buf_text(&lab->said), "set aside"));
	lab->is_silent = false;
	lab->generation.number = 3;
	watch_lab_seconds(lab, 2);
	key_watch_status(lab->watch, &status);
	assert_string_equal(status.trouble, "");
}

/* A clock that is set back stops neither the sweep nor what is written. */
static void
test_clock(void **state)
{
	struct watch_lab *lab = *state;

	watch_lab_seconds(lab, 2);
	unsigned asked = lab->asked;
	lab->now -= 86400;
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	assert_int_equal(lab->asked, asked + 3);

	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	key_watch_free(lab->watch);
	lab->now -= 86400;
	watch_lab_begin(lab);
	char now[CLOCK_TEXT];
	clock_rfc3339(lab->now * 1000000, now);
	char want[64];
	snprintf(want, sizeof(want), "\"last-ready\":\"%s\"", now);
	watch_lab_expect_row(lab, "from the future", "s2025", want);
}

static void
test_list(void **state)
{
	struct watch_lab *lab = *state;
	struct buf list = BUF_INIT(60000);

	watch_lab_publish(lab, "s2025", true);
	watch_lab_seconds(lab, 2);
	watch_lab_expect_row(lab, "new", "s2026",
	    "\"state\":\"unpublished\",\"stage\":\"pending\",\"signs\":false");
	watch_lab_expect_row(lab, "in use", "s2025",
	    "\"state\":\"ready\",\"stage\":\"active\",\"signs\":true");
	watch_lab_expect_row(lab, "never seen, and old", "s2024", "\"stage\":\"pending");
	watch_lab_publish(lab, "s2026", true);
	watch_lab_seconds(lab, WATCH_PASS_SECONDS);
	watch_lab_expect_row(lab, "new", "s2026", "\"stage\":\"active\"");
	watch_lab_expect_row(lab, "replaced", "s2025",
	    "\"state\":\"ready\",\"stage\":\"retiring\",\"signs\":false");
	lab->now += WATCH_QUEUE_SECONDS + 300 - 2;
	watch_lab_expect_row(lab, "almost", "s2025", "\"stage\":\"retiring\"");
	lab->now += WATCH_PASS_SECONDS;
	watch_lab_expect_row(lab, "gone from all queues", "s2025", "\"stage\":\"retired\"");

	struct key_counts counts;
	key_watch_count(lab->watch, &lab->generation, &counts);
	assert_int_equal(counts.ready, 2);
	assert_int_equal(counts.faulty, 0);

	/* What does not fit says where to go on. */
	list.limit = 4500;
	key_watch_list(lab->watch, &lab->generation, VIEW(""), 1, &list);
	assert_non_null(strstr(buf_text(&list), "\"selector\":\"s2024\""));
	assert_null(strstr(buf_text(&list), "\"selector\":\"n2026\""));
	assert_non_null(strstr(buf_text(&list), "{\"next\":"));
	buf_fini(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WATCH_TEST(test_restart),
	    WATCH_TEST(test_clock),
	    WATCH_TEST(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
