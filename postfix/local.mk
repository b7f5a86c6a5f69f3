# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
noinst_LIBRARIES += postfix/libpostfix.a
postfix_libpostfix_a_SOURCES = \
	postfix/change.c postfix/change.h \
	postfix/conf.c postfix/conf.h postfix/conf_private.h \
	postfix/conf_expand.c postfix/conf_read.c \
	postfix/lifetime.c postfix/lifetime.h \
	postfix/program.c postfix/program.h \
	postfix/queue.c postfix/queue.h postfix/queue_read.c \
	postfix/request.c postfix/request.h

check_PROGRAMS += tests/unit/postfix_request_test
tests_unit_postfix_request_test_SOURCES = tests/unit/postfix_request_test.c
tests_unit_postfix_request_test_LDADD = postfix/libpostfix.a lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_holdd
tests_fuzz_fuzz_holdd_SOURCES = tests/fuzz/fuzz_holdd.c tests/fuzz/replay.c
tests_fuzz_fuzz_holdd_LDADD = postfix/libpostfix.a lib/libfrank.a

check_PROGRAMS += tests/unit/postfix_conf_test
tests_unit_postfix_conf_test_SOURCES = tests/unit/postfix_conf_test.c
tests_unit_postfix_conf_test_LDADD = postfix/libpostfix.a lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_postconf
tests_fuzz_fuzz_postconf_SOURCES = tests/fuzz/fuzz_postconf.c tests/fuzz/replay.c
tests_fuzz_fuzz_postconf_LDADD = postfix/libpostfix.a lib/libfrank.a
