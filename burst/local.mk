# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += burst/libburst.a
burst_libburst_a_SOURCES = \
	burst/burst.c burst/burst.h burst/private.h \
	burst/bytes.c burst/bytes.h \
	burst/calendar.c burst/calendar.h \
	burst/distinct.c burst/distinct.h burst/sketch.c burst/sketch.h \
	burst/give.c burst/take.c \
	burst/keep.c burst/keep.h burst/snapshot.c burst/snapshot.h burst/snapshot_read.c \
	burst/look.c \
	burst/lru.c burst/lru.h \
	burst/meter.c burst/shard.c burst/usual.c \
	burst/profile.c burst/profile.h \
	burst/recall.c \
	burst/ring.c burst/ring.h

burst_libs = burst/libburst.a lib/libfrank.a -lm

check_PROGRAMS += tests/unit/ring_test
tests_unit_ring_test_SOURCES = tests/unit/ring_test.c
tests_unit_ring_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/distinct_test
tests_unit_distinct_test_SOURCES = tests/unit/distinct_test.c
tests_unit_distinct_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/lru_test
tests_unit_lru_test_SOURCES = tests/unit/lru_test.c
tests_unit_lru_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
burst_lab = tests/unit/burst_lab.c tests/unit/burst_lab.h
check_PROGRAMS += tests/unit/usual_test
tests_unit_usual_test_SOURCES = tests/unit/usual_test.c $(burst_lab)
tests_unit_usual_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/burst_test
tests_unit_burst_test_SOURCES = tests/unit/burst_test.c $(burst_lab)
tests_unit_burst_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/recall_test
tests_unit_recall_test_SOURCES = tests/unit/recall_test.c $(burst_lab)
tests_unit_recall_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/keep_test
tests_unit_keep_test_SOURCES = tests/unit/keep_test.c $(burst_lab)
tests_unit_keep_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/burst_rows_test
tests_unit_burst_rows_test_SOURCES = tests/unit/burst_rows_test.c $(burst_lab)
tests_unit_burst_rows_test_LDADD = $(burst_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/burst_threads_test
tests_unit_burst_threads_test_SOURCES = tests/unit/burst_threads_test.c $(burst_lab)
tests_unit_burst_threads_test_LDADD = $(burst_libs) $(CMOCKA_LIBS) -lpthread

# Figures, never a verdict: bytes of a key, time of an update, a snapshot.
EXTRA_PROGRAMS += tests/bench/burst_bench
tests_bench_burst_bench_SOURCES = tests/bench/burst_bench.c
tests_bench_burst_bench_LDADD = $(burst_libs) -lpthread
