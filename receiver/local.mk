# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += receiver/libreceiver.a
receiver_libreceiver_a_SOURCES = \
	receiver/child.c receiver/child.h \
	receiver/confined.c receiver/confined.h \
	receiver/filter.c receiver/filter.h \
	receiver/sandbox.c receiver/sandbox.h \
	receiver/serve.c receiver/serve.h \
	receiver/spf.c receiver/spf.h \
	receiver/spf_private.h \
	receiver/spf_reason.c \
	receiver/tags.c receiver/tags.h \
	receiver/verify.c receiver/verify.h \
	receiver/wire.h
receiver_libreceiver_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENDKIM_CFLAGS)
receiver_libs = receiver/libreceiver.a lib/libfrank.a $(OPENDKIM_LIBS) \
	$(SPF2_LIBS)

check_PROGRAMS += tests/unit/receiver_verify_test
tests_unit_receiver_verify_test_SOURCES = tests/unit/receiver_verify_test.c \
	tests/unit/receiver_lab.c tests/unit/receiver_lab.h
tests_unit_receiver_verify_test_LDADD = $(receiver_libs) $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/receiver_serve_test
tests_unit_receiver_serve_test_SOURCES = tests/unit/receiver_serve_test.c \
	tests/unit/receiver_lab.c tests/unit/receiver_lab.h
tests_unit_receiver_serve_test_LDADD = $(receiver_libs) $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/receiver_sandbox_test
tests_unit_receiver_sandbox_test_SOURCES = tests/unit/receiver_sandbox_test.c \
	tests/unit/receiver_lab.c tests/unit/receiver_lab.h
tests_unit_receiver_sandbox_test_LDADD = $(receiver_libs) $(auth_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/receiver_spf_test
tests_unit_receiver_spf_test_SOURCES = tests/unit/receiver_spf_test.c \
	tests/unit/receiver_spf_lab.c tests/unit/receiver_spf_lab.h
tests_unit_receiver_spf_test_LDADD = $(receiver_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/receiver_spf_hostile_test
tests_unit_receiver_spf_hostile_test_SOURCES = tests/unit/receiver_spf_hostile_test.c \
	tests/unit/receiver_spf_lab.c tests/unit/receiver_spf_lab.h
tests_unit_receiver_spf_hostile_test_LDADD = $(receiver_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_receiver
tests_fuzz_fuzz_receiver_SOURCES = tests/fuzz/fuzz_receiver.c tests/fuzz/replay.c
tests_fuzz_fuzz_receiver_LDADD = $(receiver_libs)
