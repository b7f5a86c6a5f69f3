# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += replies/libreplies.a
replies_libreplies_a_SOURCES = \
	replies/find.c \
	replies/pattern.c \
	replies/private.h \
	replies/read.c \
	replies/replies.h \
	replies/text.c

check_PROGRAMS += tests/unit/replies_test
tests_unit_replies_test_SOURCES = tests/unit/replies_test.c
tests_unit_replies_test_LDADD = replies/libreplies.a lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_replies
tests_fuzz_fuzz_replies_SOURCES = tests/fuzz/fuzz_replies.c tests/fuzz/replay.c
tests_fuzz_fuzz_replies_LDADD = replies/libreplies.a lib/libfrank.a
