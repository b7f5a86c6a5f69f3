# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
noinst_LIBRARIES += doctor/libdoctor.a
doctor_libdoctor_a_SOURCES = \
	doctor/areas.c doctor/areas.h \
	doctor/ask.c doctor/ask.h \
	doctor/blocklist.c doctor/blocklist.h \
	doctor/busy.c doctor/busy.h \
	doctor/connect.c doctor/connect.h \
	doctor/connect_firewall.c doctor/connect_firewall_judge.c doctor/connect_in.c doctor/connect_offer.c \
	doctor/connect_out.c doctor/connect_source.c doctor/connect_tls.c \
	doctor/dns.c doctor/dns.h \
	doctor/dns_dkim.c doctor/dns_dmarc.c doctor/dns_dnssec.c doctor/dns_mx.c \
	doctor/dns_ptr.c doctor/dns_servers.c doctor/dns_spf.c doctor/dns_sts.c \
	doctor/dns_text.c doctor/dns_text.h \
	doctor/doctor.h doctor/world.h \
	doctor/firewall.c doctor/firewall.h \
	doctor/firewall_iptables.c doctor/firewall_match.c \
	doctor/firewall_nft.c doctor/firewall_nft.h \
	doctor/firewall_nft_rule.c doctor/firewall_nft_value.c \
	doctor/firewall_rules.h doctor/firewall_word.c \
	doctor/http.c doctor/http.h \
	doctor/machine.c doctor/machine.h \
	doctor/machine_judge.c \
	doctor/machine_limits.c \
	doctor/machine_logs.c \
	doctor/machine_process.c \
	doctor/machine_traffic.c \
	doctor/ourselves.c doctor/ourselves.h \
	doctor/ourselves_journal.c \
	doctor/ourselves_judge.c \
	doctor/place.c doctor/place.h \
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
	doctor/relay.c doctor/relay.h \
	doctor/report.c \
	doctor/reverse.c doctor/reverse.h \
	doctor/run.c doctor/run.h \
	doctor/servers.c doctor/servers.h \
	doctor/socket.c doctor/socket.h \
	doctor/sts.c doctor/sts.h \
	doctor/sts_fetch.c doctor/sts_fetch.h \
	doctor/submit.c doctor/submit.h \
	doctor/talk.c doctor/talk.h \
	doctor/tls.c doctor/tls.h \
	doctor/traffic.c doctor/traffic.h \
	doctor/traffic_waits.c
doctor_libdoctor_a_CFLAGS = $(AM_CFLAGS) $(SSL_CFLAGS)

doctor_libs = doctor/libdoctor.a $(SSL_LIBS) postfix/libpostfix.a journal/libjournal.a policy/libpolicy.a \
	auth/libauth.a lib/libfrank.a $(SQLITE_LIBS) $(UNBOUND_LIBS) $(CRYPTO_LIBS) $(IDN_LIBS) $(PSL_LIBS)
check_PROGRAMS += tests/unit/doctor_run_test
tests_unit_doctor_run_test_SOURCES = tests/unit/doctor_run_test.c
tests_unit_doctor_run_test_LDADD = $(doctor_libs) $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/doctor_judge_test
tests_unit_doctor_judge_test_SOURCES = tests/unit/doctor_judge_test.c \
	tests/unit/doctor_findings.c tests/unit/doctor_lab.h
tests_unit_doctor_judge_test_LDADD = $(doctor_libs) $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/firewall_nft_test tests/unit/firewall_iptables_test
tests_unit_firewall_nft_test_SOURCES = tests/unit/firewall_nft_test.c \
	tests/unit/firewall_lab.c tests/unit/firewall_lab.h
tests_unit_firewall_nft_test_LDADD = doctor/libdoctor.a lib/libfrank.a $(CMOCKA_LIBS)
tests_unit_firewall_iptables_test_SOURCES = tests/unit/firewall_iptables_test.c \
	tests/unit/firewall_lab.c tests/unit/firewall_lab.h
tests_unit_firewall_iptables_test_LDADD = doctor/libdoctor.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/fuzz/fuzz_firewall
tests_fuzz_fuzz_firewall_SOURCES = tests/fuzz/fuzz_firewall.c tests/fuzz/replay.c
tests_fuzz_fuzz_firewall_LDADD = doctor/libdoctor.a lib/libfrank.a
EXTRA_DIST += tests/firewall
check_PROGRAMS += tests/unit/submit_test
tests_unit_submit_test_SOURCES = tests/unit/submit_test.c
tests_unit_submit_test_LDADD = $(doctor_libs) $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/sts_test
tests_unit_sts_test_SOURCES = tests/unit/sts_test.c
tests_unit_sts_test_LDADD = doctor/libdoctor.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/fuzz/fuzz_sts
tests_fuzz_fuzz_sts_SOURCES = tests/fuzz/fuzz_sts.c tests/fuzz/replay.c
tests_fuzz_fuzz_sts_LDADD = doctor/libdoctor.a lib/libfrank.a

check_PROGRAMS += tests/doctor/doctor_cases
tests_doctor_doctor_cases_SOURCES = tests/doctor/doctor_cases.c \
	tests/doctor/cases_leaving.c \
	tests/doctor/cases_limits.c \
	tests/doctor/cases_milter.c \
	tests/doctor/cases_settings.c \
	tests/doctor/cases_socket.c \
	tests/doctor/cases_ways.c \
	tests/doctor/lab.c tests/doctor/lab.h tests/doctor/pasted.h
tests_doctor_doctor_cases_LDADD = doctor/libdoctor.a postfix/libpostfix.a \
	journal/libjournal.a policy/libpolicy.a auth/libauth.a lib/libfrank.a $(SQLITE_LIBS) \
	$(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS)
tap_scripts += tests/doctor/run.sh

# For tests/system: what is said here.
noinst_PROGRAMS += tests/doctor/doctor_here
tests_doctor_doctor_here_SOURCES = tests/doctor/doctor_here.c \
	ctl/load.c ctl/load.h
tests_doctor_doctor_here_LDADD = doctor/libdoctor.a postfix/libpostfix.a \
	journal/libjournal.a policy/libpolicy.a auth/libauth.a lib/libfrank.a $(SQLITE_LIBS) \
	$(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS)
EXTRA_DIST += tests/doctor

doctor_unit_sources = tests/unit/doctor_lab.h tests/unit/doctor_findings.c tests/doctor/pasted.h
doctor_unit_libs = doctor/libdoctor.a postfix/libpostfix.a journal/libjournal.a policy/libpolicy.a auth/libauth.a \
	lib/libfrank.a $(SQLITE_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/machine_test
tests_unit_machine_test_SOURCES = tests/unit/machine_test.c $(doctor_unit_sources)
tests_unit_machine_test_LDADD = $(doctor_unit_libs)
check_PROGRAMS += tests/unit/machine_process_test
tests_unit_machine_process_test_SOURCES = tests/unit/machine_process_test.c $(doctor_unit_sources)
tests_unit_machine_process_test_LDADD = $(doctor_unit_libs)
check_PROGRAMS += tests/unit/doctor_text_test
tests_unit_doctor_text_test_SOURCES = tests/unit/doctor_text_test.c ctl/doctor_text.c \
	$(doctor_unit_sources)
tests_unit_doctor_text_test_LDADD = $(doctor_unit_libs)
check_PROGRAMS += tests/unit/ourselves_test
tests_unit_ourselves_test_SOURCES = tests/unit/ourselves_test.c $(doctor_unit_sources) \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_ourselves_test_LDADD = $(doctor_unit_libs)
check_PROGRAMS += tests/unit/traffic_test
tests_unit_traffic_test_SOURCES = tests/unit/traffic_test.c $(doctor_unit_sources) \
	tests/unit/journal_lab.c tests/unit/journal_lab.h
tests_unit_traffic_test_LDADD = $(doctor_unit_libs)
check_PROGRAMS += tests/unit/traffic_lines_test
tests_unit_traffic_lines_test_SOURCES = tests/unit/traffic_lines_test.c $(doctor_unit_sources) \
	tests/unit/journal_lab.c tests/unit/journal_lab.h
tests_unit_traffic_lines_test_LDADD = $(doctor_unit_libs)
