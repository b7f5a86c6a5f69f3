# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += engine/libengine.a
engine_libengine_a_SOURCES = \
	engine/decide.c \
	engine/deciding.h \
	engine/derive.c \
	engine/dmarc.c engine/dmarc.h engine/dmarc_say.c \
	engine/engine.h \
	engine/line.c \
	engine/remedy.c \
	engine/lists.c engine/lists.h \
	engine/sign.c \
	engine/trace.c

check_PROGRAMS += tests/unit/engine_test
tests_unit_engine_test_SOURCES = tests/unit/engine_test.c \
	tests/unit/two_tenants.c tests/unit/two_tenants.h \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_engine_test_LDADD = engine/libengine.a policy/libpolicy.a auth/libauth.a \
	lib/libfrank.a $(CMOCKA_LIBS) $(IDN_LIBS) $(PSL_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/dmarc_say_test
tests_unit_dmarc_say_test_SOURCES = tests/unit/dmarc_say_test.c \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_dmarc_say_test_LDADD = $(tests_unit_engine_test_LDADD)

check_PROGRAMS += tests/unit/trace_test
tests_unit_trace_test_SOURCES = tests/unit/trace_test.c \
	tests/unit/two_tenants.c tests/unit/two_tenants.h \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_trace_test_LDADD = $(tests_unit_engine_test_LDADD)

check_PROGRAMS += tests/unit/engine_reference_test
engine_reference = tests/unit/reference.h tests/unit/reference_random.c \
	tests/unit/reference_make.c tests/unit/reference_judge.c tests/unit/reference_foresee.c \
	tests/unit/reference_decide.c tests/unit/reference_check.c \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_engine_reference_test_SOURCES = tests/unit/engine_reference_test.c \
	$(engine_reference)
tests_unit_engine_reference_test_LDADD = $(tests_unit_engine_test_LDADD)

check_PROGRAMS += tests/unit/remedy_test
tests_unit_remedy_test_SOURCES = tests/unit/remedy_test.c \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_remedy_test_LDADD = engine/libengine.a policy/libpolicy.a auth/libauth.a \
	lib/libfrank.a $(CMOCKA_LIBS) $(IDN_LIBS) $(PSL_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_engine
tests_fuzz_fuzz_engine_SOURCES = tests/fuzz/fuzz_engine.c tests/fuzz/replay.c \
	$(engine_reference)
tests_fuzz_fuzz_engine_LDADD = $(tests_unit_engine_test_LDADD)
