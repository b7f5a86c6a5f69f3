# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
noinst_LIBRARIES += doctor/libdoctor.a
doctor_libdoctor_a_SOURCES = \
	doctor/areas.c doctor/areas.h \
	doctor/ask.c doctor/ask.h \
	doctor/blocklist.c doctor/blocklist.h \
	doctor/connect.c doctor/connect.h \
	doctor/connect_firewall.c doctor/connect_in.c doctor/connect_offer.c \
	doctor/connect_out.c doctor/connect_source.c doctor/connect_tls.c \
	doctor/dns.c doctor/dns.h \
	doctor/dns_dkim.c doctor/dns_dmarc.c doctor/dns_dnssec.c doctor/dns_mx.c \
	doctor/dns_ptr.c doctor/dns_servers.c doctor/dns_spf.c doctor/dns_text.c \
	doctor/doctor.h doctor/world.h \
	doctor/firewall.c doctor/firewall.h \
	doctor/place.c doctor/place.h \
	doctor/report.c \
	doctor/reverse.c doctor/reverse.h \
	doctor/run.c doctor/run.h \
	doctor/servers.c doctor/servers.h \
	doctor/socket.c doctor/socket.h \
	doctor/submit.c doctor/submit.h \
	doctor/talk.c doctor/talk.h \
	doctor/tls.c doctor/tls.h
doctor_libdoctor_a_CFLAGS = $(AM_CFLAGS) $(SSL_CFLAGS)

doctor_libs = doctor/libdoctor.a $(SSL_LIBS) postfix/libpostfix.a policy/libpolicy.a \
	auth/libauth.a lib/libfrank.a $(UNBOUND_LIBS) $(CRYPTO_LIBS) $(IDN_LIBS) $(PSL_LIBS)
check_PROGRAMS += tests/unit/doctor_run_test
tests_unit_doctor_run_test_SOURCES = tests/unit/doctor_run_test.c
tests_unit_doctor_run_test_LDADD = $(doctor_libs) $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/doctor_judge_test
tests_unit_doctor_judge_test_SOURCES = tests/unit/doctor_judge_test.c
tests_unit_doctor_judge_test_LDADD = $(doctor_libs) $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/submit_test
tests_unit_submit_test_SOURCES = tests/unit/submit_test.c
tests_unit_submit_test_LDADD = $(doctor_libs) $(CMOCKA_LIBS) -lpthread
