# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += maillog/libmaillog.a
maillog_libmaillog_a_SOURCES = \
	maillog/delivery.c \
	maillog/line.c \
	maillog/maillog.h maillog/private.h \
	maillog/parse.c

check_PROGRAMS += tests/unit/maillog_test
tests_unit_maillog_test_SOURCES = tests/unit/maillog_test.c
tests_unit_maillog_test_LDADD = maillog/libmaillog.a lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_maillog
tests_fuzz_fuzz_maillog_SOURCES = tests/fuzz/fuzz_maillog.c tests/fuzz/replay.c
tests_fuzz_fuzz_maillog_LDADD = maillog/libmaillog.a lib/libfrank.a
