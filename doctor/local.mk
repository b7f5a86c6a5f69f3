# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += doctor/libdoctor.a
doctor_libdoctor_a_SOURCES = \
	doctor/doctor.h \
	doctor/machine.c doctor/machine.h \
	doctor/machine_judge.c \
	doctor/machine_limits.c \
	doctor/machine_logs.c \
	doctor/machine_process.c \
	doctor/ourselves.c doctor/ourselves.h \
	doctor/ourselves_journal.c \
	doctor/ourselves_judge.c \
	doctor/postfix.h doctor/postfix_private.h \
	doctor/postfix_checks.c \
	doctor/postfix_endpoint.c \
	doctor/postfix_generic.c \
	doctor/postfix_leaving.c \
	doctor/postfix_logins.c \
	doctor/postfix_look.c \
	doctor/postfix_milter.c \
	doctor/postfix_milter_order.c \
	doctor/postfix_milter_settings.c \
	doctor/postfix_names.c \
	doctor/postfix_reentry.c \
	doctor/postfix_rewriting.c \
	doctor/postfix_settings.c \
	doctor/postfix_socket.c \
	doctor/postfix_use.c \
	doctor/world.h

check_PROGRAMS += tests/doctor/doctor_cases
tests_doctor_doctor_cases_SOURCES = tests/doctor/doctor_cases.c \
	tests/doctor/cases_leaving.c \
	tests/doctor/cases_limits.c \
	tests/doctor/cases_milter.c \
	tests/doctor/cases_settings.c \
	tests/doctor/cases_socket.c \
	tests/doctor/cases_ways.c \
	tests/doctor/lab.c tests/doctor/lab.h tests/unit/doctor_lab.c
tests_doctor_doctor_cases_LDADD = doctor/libdoctor.a postfix/libpostfix.a \
	policy/libpolicy.a auth/libauth.a lib/libfrank.a $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS)
tap_scripts += tests/doctor/run.sh

# For tests/system: what is said here.
noinst_PROGRAMS += tests/doctor/doctor_here
tests_doctor_doctor_here_SOURCES = tests/doctor/doctor_here.c tests/unit/doctor_lab.c \
	ctl/load.c ctl/load.h
tests_doctor_doctor_here_LDADD = doctor/libdoctor.a postfix/libpostfix.a \
	policy/libpolicy.a auth/libauth.a lib/libfrank.a $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS)
EXTRA_DIST += tests/doctor

doctor_unit_sources = tests/unit/doctor_lab.c tests/unit/doctor_lab.h tests/unit/doctor_findings.c
doctor_unit_libs = doctor/libdoctor.a postfix/libpostfix.a policy/libpolicy.a auth/libauth.a \
	lib/libfrank.a $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/machine_test
tests_unit_machine_test_SOURCES = tests/unit/machine_test.c $(doctor_unit_sources)
tests_unit_machine_test_LDADD = $(doctor_unit_libs)
check_PROGRAMS += tests/unit/machine_process_test
tests_unit_machine_process_test_SOURCES = tests/unit/machine_process_test.c $(doctor_unit_sources)
tests_unit_machine_process_test_LDADD = $(doctor_unit_libs)
check_PROGRAMS += tests/unit/ourselves_test
tests_unit_ourselves_test_SOURCES = tests/unit/ourselves_test.c $(doctor_unit_sources) \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_ourselves_test_LDADD = $(doctor_unit_libs)
