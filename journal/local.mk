# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
noinst_LIBRARIES += journal/libjournal.a
journal_libjournal_a_SOURCES = \
	journal/address.c journal/address.h \
	journal/coverage.c journal/coverage.h journal/coverage_private.h \
	journal/coverage_judge.c journal/coverage_left.c journal/coverage_scan.c \
	journal/coverage_trace.c \
	journal/day.c journal/day.h journal/day_outcomes.c journal/day_private.h \
	journal/day_rows.c \
	journal/db.c journal/db.h \
	journal/journal.c journal/journal.h \
	journal/keep.c \
	journal/more.c journal/more.h \
	journal/outcome.c journal/outcome.h \
	journal/past.c journal/place.c journal/place.h \
	journal/policies.c \
	journal/queue.c journal/queue.h \
	journal/policies_read.c \
	journal/read.c journal/read.h journal/reader.h \
	journal/row.c journal/row.h \
	journal/record.c journal/record.h \
	journal/sample.c journal/sample.h \
	journal/schema.h \
	journal/secret.c \
	journal/state.c journal/state.h \
	journal/state_db.c journal/state_db.h \
	journal/state_incidents.c journal/state_incidents.h \
	journal/state_meters.c journal/state_meters.h \
	journal/writer.c journal/writer.h

journal_tests = tests/unit/record_test tests/unit/journal_test tests/unit/journal_read_test
check_PROGRAMS += $(journal_tests)
journal_lab = tests/unit/journal_lab.c tests/unit/journal_lab.h
journal_libs = journal/libjournal.a policy/libpolicy.a lib/libfrank.a $(SQLITE_LIBS)
tests_unit_record_test_SOURCES = tests/unit/record_test.c $(journal_lab)
tests_unit_record_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)
tests_unit_journal_test_SOURCES = tests/unit/journal_test.c $(journal_lab)
tests_unit_journal_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)
tests_unit_journal_read_test_SOURCES = tests/unit/journal_read_test.c $(journal_lab)
tests_unit_journal_read_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/state_meters_test
tests_unit_state_meters_test_SOURCES = tests/unit/state_meters_test.c $(journal_lab)
tests_unit_state_meters_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/journal_faults_test
tests_unit_journal_faults_test_SOURCES = tests/unit/journal_faults_test.c $(journal_lab) \
	tests/unit/journal_outside.c tests/unit/journal_outside.h \
	tests/unit/journal_vfs.c tests/unit/journal_vfs.h
tests_unit_journal_faults_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/journal_damage_test
tests_unit_journal_damage_test_SOURCES = tests/unit/journal_damage_test.c $(journal_lab) \
	tests/unit/journal_outside.c tests/unit/journal_outside.h
tests_unit_journal_damage_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)

EXTRA_PROGRAMS += tests/bench/journal_bench
tests_bench_journal_bench_SOURCES = tests/bench/journal_bench.c
tests_bench_journal_bench_LDADD = $(journal_libs)

# A journal to measure its readers by: make tests/bench/outcomes
EXTRA_PROGRAMS += tests/bench/outcomes
tests_bench_outcomes_SOURCES = tests/bench/outcomes.c
tests_bench_outcomes_LDADD = $(journal_libs)

check_PROGRAMS += tests/fuzz/fuzz_record
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c tests/fuzz/replay.c
tests_fuzz_fuzz_record_LDADD = $(journal_libs)

check_PROGRAMS += tests/unit/journal_advice_test
tests_unit_journal_advice_test_SOURCES = tests/unit/journal_advice_test.c $(journal_lab)
tests_unit_journal_advice_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/state_test
tests_unit_state_test_SOURCES = tests/unit/state_test.c $(journal_lab)
tests_unit_state_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/state_incidents_test
tests_unit_state_incidents_test_SOURCES = tests/unit/state_incidents_test.c $(journal_lab)
tests_unit_state_incidents_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/journal_outcome_test
tests_unit_journal_outcome_test_SOURCES = tests/unit/journal_outcome_test.c $(journal_lab)
tests_unit_journal_outcome_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/coverage_test
tests_unit_coverage_test_SOURCES = tests/unit/coverage_test.c $(journal_lab)
tests_unit_coverage_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)
