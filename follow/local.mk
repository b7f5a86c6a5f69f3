# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += follow/libfollow.a
follow_libfollow_a_SOURCES = \
	follow/tail.c follow/tail.h follow/tail_private.h \
	follow/tail_find.c

check_PROGRAMS += tests/unit/tail_test
tests_unit_tail_test_SOURCES = tests/unit/tail_test.c
tests_unit_tail_test_LDADD = follow/libfollow.a lib/libfrank.a $(CMOCKA_LIBS)
