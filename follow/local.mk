# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += follow/libfollow.a
follow_libfollow_a_SOURCES = \
	follow/batch.c follow/batch.h \
	follow/census.c follow/census.h \
	follow/file_source.c follow/source.h \
	follow/outcomes.c follow/outcomes.h \
	follow/tail.c follow/tail.h follow/tail_private.h \
	follow/tail_find.c \
	follow/wire.h
if HAVE_SYSTEMD
follow_libfollow_a_SOURCES += follow/journald.c
else
follow_libfollow_a_SOURCES += follow/journald_none.c
endif
EXTRA_DIST += follow/journald.c follow/journald_none.c
follow_libs = follow/libfollow.a postfix/libpostfix.a maillog/libmaillog.a $(SYSTEMD_LIBS)

check_PROGRAMS += tests/unit/tail_test
tests_unit_tail_test_SOURCES = tests/unit/tail_test.c
tests_unit_tail_test_LDADD = follow/libfollow.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/follow_batch_test
tests_unit_follow_batch_test_SOURCES = tests/unit/follow_batch_test.c
tests_unit_follow_batch_test_LDADD = follow/libfollow.a journal/libjournal.a maillog/libmaillog.a \
	lib/libfrank.a $(CMOCKA_LIBS) $(SQLITE_LIBS)

# How fast a log is followed: DIR [MEGABYTES].
EXTRA_PROGRAMS += tests/bench/follow_bench
tests_bench_follow_bench_SOURCES = tests/bench/follow_bench.c
tests_bench_follow_bench_LDADD = $(follow_libs) $(journal_libs)
