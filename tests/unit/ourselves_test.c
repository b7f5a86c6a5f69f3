/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Policy, keys, journal, versions, suffixes: each as it should be, not so, and not to be
 * known. */

#include "tests/unit/doctor_lab.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/ourselves.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "tests/unit/policy_lab.h"

#define KEYS "keys \"keys\"\naccept\n"
#define LIST "- example.org s2026 rsa-sha256 1767225600\n"

static const struct doctor_subject nothing;

static void
expect(
    const char *name, const struct doctor_world *world, const char *what, const char *want)
{
	const struct doctor_check *check = doctor_ourselves;
	struct doctor_report *report = lab_report();

	while (check->name != NULL && strcmp(check->name, name) != 0)
		check++;
	must(check->name != NULL);
	check->run(world, &nothing, report);
	lab_report_end(report, what, want);
}

static void
test_policy(void **state)
{
	struct policy *policy = lab_policy("accept\n", "", NULL);
	struct doctor_world world = {.policy = policy, .config_path = "/dev/null"};

	(void)state;
	expect("ourselves-policy", &world, "fine",
	    "ok /dev/null has no errors, and nothing to warn of\n");
	world.policy_warnings = VIEW("frank.conf:3: warning: two of them\n"
				     "    3 | keys\n"
				     "frank.conf:9: warning: and this\n");
	expect("ourselves-policy", &world, "warnings",
	    "bad frank.conf:3: warning: two of them\n"
	    "> See where, and how it is meant:\n> frank check\n"
	    "bad frank.conf:9: warning: and this\n"
	    "> See where, and how it is meant:\n> frank check\n");
	world.policy = NULL;
	world.policy_fault = VIEW("frank.conf:1: error: expected a statement\n  1 | x\n");
	expect("ourselves-policy", &world, "errors",
	    "bad /dev/null cannot be used: frank.conf:1: error: expected a statement\n"
	    "> frank check\n");
	policy_free(policy);
}

/* A file that this user may not read says nothing of what is in it. */
static void
test_policy_denied(void **state)
{
	enum { NOBODY = 65534 };
	struct doctor_world world = {.policy_fault = VIEW("denied")};
	bool is_root = geteuid() == 0;
	char path[64] = "/tmp/frank-doctor.XXXXXX", want[128];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(fchmod(fd, 0), 0);
	close(fd);
	world.config_path = path;
	snprintf(want, sizeof(want), "could not tell %s: Permission denied\n", path);
	/* access(2) goes by the real user. */
	if (is_root)
		assert_int_equal(setreuid(NOBODY, 0), 0);
	expect("ourselves-policy", &world, "denied", want);
	if (is_root)
		assert_int_equal(setreuid(0, 0), 0);
	unlink(path);
}

struct keys {
	const char *what, *policy, *list, *notes, *want;
};

#define CHECK "> See what is meant, mend it, and then 'frank reload':\n> frank check\n"

static const struct keys keys[] = {
    {"fine", KEYS, LIST, "", "ok 1 key can be used\n"},
    {"two", KEYS, LIST "- example.org ed ed25519-sha256 1767225600\n", "",
	"ok 2 keys can be used\n"},
    {"one of them is open to others", KEYS, LIST,
	"error: keys/a.pem: mode 0644\nwarning: keys/b.pem: 1024 bits\n",
	"bad error: keys/a.pem: mode 0644\n" CHECK
	"bad warning: keys/b.pem: 1024 bits\n" CHECK "ok 1 key can be used\n"},
    {"a source that is not there", KEYS, "", "frank.conf:1: error: keys: No such file\n",
	"bad frank.conf:1: error: keys: No such file\n" CHECK
	"bad there is no key that can be used: nothing is signed\n"
	"> frank key new DOMAIN SELECTOR\n> frank reload\n"},
    {"none are named", "accept\n", "", "",
	"bad the policy names no keys: nothing is ever signed\n"
	"> In frank.conf, and then 'frank key new DOMAIN SELECTOR' and 'frank reload':\n"
	"> keys \"keys\"\n"},
    {"they are for root", KEYS, NULL,
	"keys were not looked at: keys is for root; sudo frank check does\n",
	"could not tell keys were not looked at: keys is for root; sudo frank check "
	"does\n"},
    {"nobody looked", KEYS, NULL, "", "could not tell the keys were not looked at\n"},
};

static void
test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct policy *policy = lab_policy(keys[i].policy, "", keys[i].list);
		const struct doctor_world world = {.policy = policy,
		    .config_path = "frank.conf",
		    .has_keys = keys[i].list != NULL,
		    .key_notes = view_of(keys[i].notes)};

		expect("ourselves-keys", &world, keys[i].what, keys[i].want);
		policy_free(policy);
	}
	const struct doctor_world none = {
	    .policy_fault = VIEW("no"), .config_path = "frank.conf"};
	expect("ourselves-keys", &none, "no policy",
	    "could not tell frank.conf cannot be used: no\n");
}

static void
test_many_notes(void **state)
{
	struct buf notes = BUF_INIT(65536), want = BUF_INIT(65536);
	struct policy *policy = lab_policy(KEYS, "", LIST);

	(void)state;
	for (int i = 0; i < OURSELVES_KEYS_SHOWN + 5; i++) {
		buf_addf(&notes, "error: key %d\n", i);
		if (i < OURSELVES_KEYS_SHOWN)
			buf_addf(&want, "bad error: key %d\n" CHECK, i);
	}
	buf_add_text(&want, "bad and 5 more\n> frank check\nok 1 key can be used\n");
	const struct doctor_world world = {.policy = policy,
	    .has_keys = true,
	    .key_notes = buf_view(&notes),
	    .config_path = "frank.conf"};
	expect("ourselves-keys", &world, "many", buf_text(&want));
	policy_free(policy);
	buf_fini(&notes);
	buf_fini(&want);
}

#define MB ((uint64_t)1 << 20)

static void
test_room(void **state)
{
	static const struct {
		struct ourselves_journal journal;
		const char *want;
	} cases[] = {
	    {{10, 1000 * MB, 2000 * MB, 30}, "ok the journal has 10 days of 100 MB\n"},
	    {{40, 4000 * MB, 1 * MB, 30}, "ok the journal has 40 days of 100 MB\n"},
	    {{10, 1000 * MB, 1999 * MB, 30},
		"bad the journal takes 100 MB a day; for 'set keep 30d' 2000 MB more are "
		"needed, and 1999 are free\n"
		"> In frank.conf, and then 'frank reload':\n> set keep 19d\n"},
	    {{0, 0, 1999 * MB, 30},
		"could not tell the journal has no whole day yet: how much it takes is not "
		"known\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_report *report = lab_report();

		ourselves_judge_room(&cases[i].journal, report);
		lab_report_end(report, "room", cases[i].want);
	}
}

static void
put_day(const char *dir, const char *name, off_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd != -1);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static void
test_days(void **state)
{
	static const char *const names[] = {"journal-2026-11-28.db",
	    "journal-2026-11-29.db", "journal-2026-11-30.db", "journal-2026-11-29.db-wal",
	    "policies.db"};
	const int64_t now = 1796040000000000; /* 2026-11-30 12:00 */
	char dir[64] = "/tmp/frank-doctor.XXXXXX", path[256];
	struct doctor_report *report = lab_report();
	struct ourselves_journal journal;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put_day(dir, names[i], (off_t)(1000 * (i + 1)));
	assert_true(ourselves_read_journal(dir, now, &journal, report));
	assert_int_equal(journal.days, 2);
	assert_int_equal(journal.bytes, 3000);
	assert_true(journal.bytes_free > 0);
	lab_report_end(report, "days", "");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
	report = lab_report();
	assert_false(ourselves_read_journal("/no/such", now, &journal, report));
	lab_report_end(
	    report, "not there", "could not tell /no/such: No such file or directory\n");
}

static void
test_owner(void **state)
{
	const struct passwd *self = getpwuid(geteuid()), *nobody = getpwnam("nobody");
	char dir[64] = "/tmp/frank-doctor.XXXXXX", want[512];
	struct doctor_report *report = lab_report();

	(void)state;
	if (self == NULL || nobody == NULL)
		skip();
	assert_non_null(mkdtemp(dir));
	self = getpwuid(geteuid());
	snprintf(want, sizeof(want), "ok %s belongs to %s\n", dir, self->pw_name);
	ourselves_judge_owner(dir, view_of(self->pw_name), report);
	lab_report_end(report, "ours", want);
	report = lab_report();
	ourselves_judge_owner(dir, VIEW("nobody"), report);
	snprintf(want, sizeof(want),
	    "bad %s is 0700 and belongs to user %u: frankd, which runs as nobody, cannot "
	    "write there\n> chown nobody %s\n> chmod 0750 %s\n",
	    dir, geteuid(), dir, dir);
	lab_report_end(report, "somebody else's", want);
	report = lab_report();
	ourselves_judge_owner(dir, VIEW("no-such-user"), report);
	snprintf(want, sizeof(want),
	    "could not tell there is no user 'no-such-user' ('set user'): whose %s should "
	    "be is not known\n",
	    dir);
	lab_report_end(report, "nobody's", want);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_journal_nowhere(void **state)
{
	const struct doctor_world world = {.config_path = "frank.conf"};
	const struct doctor_world gone = {.config_path = "frank.conf",
	    .policy_fault = VIEW("no"),
	    .control = "/no/such.sock",
	    .state_dir = "/"};

	(void)state;
	expect("ourselves-journal", &world, "nothing is known",
	    "could not tell frankd does not say how it fares: its control socket is not "
	    "known\n"
	    "could not tell the directory of the journal is not known\n");
	expect("ourselves-journal", &gone, "nobody is there",
	    "could not tell frankd does not say how it fares: /no/such.sock: No such file "
	    "or "
	    "directory\n"
	    "could not tell frank.conf cannot be used: no\n");
}

static void
test_status(void **state)
{
	static const struct {
		const char *status, *want;
	} cases[] = {
	    {"{\"journal.written\":5,\"journal.lost\":0,\"journal.trouble\":\"\"}", ""},
	    {"{\"journal.written\":5,\"journal.lost\":12}",
		"bad frankd has lost 12 records since it began: those messages are not in "
		"the journal\n> journalctl -u frankd\n"},
	    {"{\"journal.lost\":0,\"journal.trouble\":\"disk I/O error\",\"x\":1}",
		"bad frankd cannot write the journal: disk I/O error\n"
		"> frank status\n> journalctl -u frankd\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_report *report = lab_report();

		ourselves_judge_status(view_of(cases[i].status), report);
		lab_report_end(report, cases[i].status, cases[i].want);
	}
}

#define LISTING "Listing...\nvim/stable-security 9.0 amd64 [upgradable from: 8.2]\n"
#define SSL     "libssl3/stable-security,now 3.0.17-1 amd64 [upgradable from: 3.0.15-1]\n"

static void
test_updates(void **state)
{
	static const struct {
		const char *what, *listed;
		int64_t age;
		const char *want;
	} cases[] = {
	    {"fine", LISTING "libssl3-dev/stable-security 3 amd64 [upgradable from: 2]\n",
		60, "ok of Postfix and the libraries of frankd apt has nothing newer\n"},
	    {"a hole", LISTING SSL, 60,
		"bad libssl3 3.0.17-1 is there and not installed, and mends a known hole\n"
		"> apt install --only-upgrade libssl3\n"
		"> systemctl restart postfix frankd\n"},
	    {"no hole", "postfix/stable 3.7.12 amd64 [upgradable from: 3.7.11]\n", 60,
		"ok postfix 3.7.12 is there and not installed; it mends no known hole\n"},
	    {"old lists", LISTING, 15 * 86400,
		"could not tell apt's lists are 15 days old: what came since is not known; "
		"apt update mends that\n"},
	    {"no lists", "", -1, "could not tell how old apt's lists are is not known\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_report *report = lab_report();

		ourselves_judge_updates(view_of(cases[i].listed), cases[i].age, report);
		lab_report_end(report, cases[i].what, cases[i].want);
	}
}

#define NEWER_LIST                                                                         \
	"> Install a newer one (package publicsuffix); where there is none, with "         \
	"psl-make-dafsa installed:\n"                                                      \
	"> curl -o /root/suffixes "                                                        \
	"https://publicsuffix.org/list/public_suffix_list.dat\n"                           \
	"> psl-make-dafsa --output-format=binary /root/suffixes "                          \
	"/usr/share/publicsuffix/public_suffix_list.dafsa\n"                               \
	"> systemctl restart frankd\n"

static void
test_suffixes(void **state)
{
	static const struct {
		int64_t time;
		const char *file, *want;
	} cases[] = {
	    {1767225600, "/usr/share/list", "ok /usr/share/list is of 2026-01-01\n"},
	    {1735689600, "",
		"could not tell the list built into libpsl is of 2025-01-01: by newer "
		"suffixes domains may align otherwise\n" NEWER_LIST},
	    {1600000000, "",
		"bad the list built into libpsl is of 2020-09-13, years old\n" NEWER_LIST},
	    {0, "",
		"could not tell the list built into libpsl does not say how old it is\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct doctor_report *report = lab_report();

		ourselves_judge_suffixes(cases[i].time, cases[i].file, 1768000000, report);
		lab_report_end(report, "suffixes", cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_policy_denied),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_many_notes),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_days),
	    cmocka_unit_test(test_owner),
	    cmocka_unit_test(test_journal_nowhere),
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_updates),
	    cmocka_unit_test(test_suffixes),
	};

	return cmocka_run_group_tests_name("ourselves", tests, NULL, NULL);
}
