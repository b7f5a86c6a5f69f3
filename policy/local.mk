# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += policy/libpolicy.a
policy_libpolicy_a_SOURCES = \
	policy/advice.h \
	policy/advice_lists.c \
	policy/advice_print.c \
	policy/advice_read.c \
	policy/address.c \
	policy/answers.c \
	policy/answers.h \
	policy/ascii.h \
	policy/ask.c \
	policy/ast.h \
	policy/check.c \
	policy/check.h \
	policy/check_meter.c \
	policy/check_reach.c \
	policy/check_rules.c \
	policy/check_surprise.c \
	policy/diag.c \
	policy/diag.h \
	policy/facts.c \
	policy/facts.h \
	policy/foresee.c \
	policy/index.c \
	policy/index.h \
	policy/judge.h \
	policy/keys.c \
	policy/lex.c \
	policy/lex.h \
	policy/list.h \
	policy/login.c \
	policy/lookups.c \
	policy/match.c \
	policy/measure.c \
	policy/owns.c \
	policy/parse.c \
	policy/parse.h \
	policy/parse_argument.c \
	policy/parse_compare.c \
	policy/parse_meter.c \
	policy/parse_name.c \
	policy/parse_rule.c \
	policy/parse_set.c \
	policy/parse_test.c \
	policy/policy.c \
	policy/policy.h \
	policy/print.c \
	policy/rcpt.c \
	policy/rule.h \
	policy/settings.c \
	policy/settings_amount.c \
	policy/settings.h \
	policy/source.c \
	policy/source.h \
	policy/supply.c \
	policy/table.c \
	policy/table.h \
	policy/table_load.c \
	policy/text.c \
	policy/text.h \
	policy/value.c \
	policy/value.h \
	policy/words.c \
	policy/words.def \
	policy/words.h

check_PROGRAMS += tests/tools/policy_check
tests_tools_policy_check_SOURCES = tests/tools/policy_check.c
tests_tools_policy_check_LDADD = policy/libpolicy.a lib/libfrank.a
tap_scripts += tests/policy/run.sh tests/policy/hostile.sh tests/policy/large.sh
EXTRA_DIST += tests/policy
dist_man_MANS += doc/frank.conf.5

check_PROGRAMS += tests/fuzz/fuzz_policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/fuzz_policy.c tests/fuzz/replay.c
tests_fuzz_fuzz_policy_LDADD = engine/libengine.a policy/libpolicy.a auth/libauth.a lib/libfrank.a \
	$(IDN_LIBS) $(PSL_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_tables
tests_fuzz_fuzz_tables_SOURCES = tests/fuzz/fuzz_tables.c tests/fuzz/replay.c
tests_fuzz_fuzz_tables_LDADD = policy/libpolicy.a lib/libfrank.a

check_PROGRAMS += tests/unit/lex_test
tests_unit_lex_test_SOURCES = tests/unit/lex_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_lex_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/match_test
tests_unit_match_test_SOURCES = tests/unit/match_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_match_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/owns_test
tests_unit_owns_test_SOURCES = tests/unit/owns_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_owns_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/settings_test
tests_unit_settings_test_SOURCES = tests/unit/settings_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_settings_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/table_test
tests_unit_table_test_SOURCES = tests/unit/table_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_table_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)

# Policies to begin with, and what they decide.
policyexamplesdir = $(docdir)/examples
policytablesdir = $(policyexamplesdir)/tables
dist_policyexamples_DATA = policy/default.conf policy/default.cases \
	policy/examples/bursts.conf policy/examples/bursts.cases \
	policy/examples/day.conf policy/examples/day.cases \
	policy/examples/filter.conf policy/examples/filter.cases \
	policy/examples/hosting.conf policy/examples/hosting.cases \
	policy/examples/lists.conf policy/examples/lists.cases \
	policy/examples/newsletter.conf policy/examples/newsletter.cases \
	policy/examples/relay.conf policy/examples/relay.cases \
	policy/examples/submission.conf policy/examples/submission.cases \
	policy/examples/web.conf policy/examples/web.cases
dist_policytables_DATA = policy/examples/tables/owners policy/examples/tables/owners-day \
	policy/examples/tables/owners-relay policy/examples/tables/plan
tap_scripts += tests/cases/run.sh
EXTRA_DIST += tests/cases

check_PROGRAMS += tests/unit/advice_test
tests_unit_advice_test_SOURCES = tests/unit/advice_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_advice_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/meter_test
tests_unit_meter_test_SOURCES = tests/unit/meter_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_meter_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/load_keys_test
tests_unit_load_keys_test_SOURCES = tests/unit/load_keys_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_load_keys_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/lookups_test
tests_unit_lookups_test_SOURCES = tests/unit/lookups_test.c tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_lookups_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
