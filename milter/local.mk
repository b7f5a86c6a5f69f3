# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

# Everything about a message but libmilter and the processes: what a test can drive by itself.
noinst_LIBRARIES += milter/libsession.a
milter_libsession_a_SOURCES = \
	milter/alerts.c milter/alerts.h \
	milter/answer.c \
	milter/dns_client.c milter/dns_client.h \
	milter/dns_client_private.h \
	milter/dns_lost.c \
	milter/dns_pack.c \
	milter/dns_reader.c \
	milter/dns_wire.h \
	milter/follow_client.c milter/follow_client.h \
	milter/generation.h \
	milter/helper.c milter/helper.h \
	milter/helper_cache.c milter/helper_cache.h \
	milter/incidents.c milter/incidents.h \
	milter/incidents_due.c \
	milter/incidents_private.h \
	milter/incident_text.c milter/incident_text.h \
	milter/key_client.c milter/key_client.h \
	milter/key_list.c \
	milter/key_states.c milter/key_states.h \
	milter/key_states_private.h \
	milter/key_states_rows.c \
	milter/key_sweep.c \
	milter/key_switch.c \
	milter/key_watch.c milter/key_watch.h \
	milter/key_watch_private.h \
	milter/key_wire.h \
	milter/message.c milter/message.h \
	milter/meters.c milter/meters.h \
	milter/meters_keep.c milter/meters_private.h \
	milter/notice_mail.c \
	milter/notices.c milter/notices.h \
	milter/notices_private.h milter/notices_tell.c \
	milter/own_mail.c milter/own_mail.h \
	milter/receiver_client.c milter/receiver_client.h \
	milter/receiver_client_private.h \
	milter/receiver_spf.c \
	milter/receiver_verdict.c \
	milter/session.c milter/session.h \
	milter/session_dns.c \
	milter/session_keys.c \
	milter/session_end.c \
	milter/session_own.c \
	milter/session_private.h \
	milter/session_signed.c \
	milter/session_tables.c \
	milter/spf_opinions.c milter/spf_opinions.h \
	milter/tables_ask.c milter/tables_ask.h \
	milter/tables_client.c milter/tables_client.h \
	milter/tables_client_private.h \
	milter/tables_reader.c \
	milter/tables_wire.h

# The tables process, in the same way.
noinst_LIBRARIES += milter/libtables.a
milter_libtables_a_SOURCES = \
	milter/tables_process.c milter/tables_process.h \
	milter/tables_queue.c milter/tables_queue.h

# The dns process, which a test can run without frankd.
noinst_LIBRARIES += milter/libdns.a
milter_libdns_a_SOURCES = \
	milter/account.c milter/account.h \
	milter/dns_jobs.c milter/dns_jobs.h \
	milter/dns_jobs_private.h \
	milter/dns_jobs_servers.c \
	milter/dns_process.c milter/dns_process.h \
	milter/dns_queries.c milter/dns_queries.h \
	milter/dns_question.c milter/dns_question.h \
	milter/link.c milter/link.h

sbin_PROGRAMS += milter/frankd
milter_frankd_SOURCES = \
	milter/adapter.c milter/adapter.h \
	milter/attach.c milter/attach.h \
	milter/children.c \
	milter/children_follow.c \
	milter/children_keys.c \
	milter/children_tables.c \
	milter/config.c milter/config.h \
	milter/coverage_watch.c milter/coverage_watch.h \
	milter/control.c milter/control.h milter/control_private.h \
	milter/control_incidents.c \
	milter/control_meters.c \
	milter/follow_process.c milter/follow_process.h \
	milter/generation.c \
	milter/key_process.c milter/key_process.h \
	milter/main.c \
	milter/milter_process.c milter/milter_process.h \
	milter/notify.c milter/notify.h \
	milter/prepare.c \
	milter/receiver_process.c milter/receiver_process.h \
	milter/record.c milter/record.h \
	milter/reload.c \
	milter/runtime.c milter/runtime.h \
	milter/runtime_alerts.c \
	milter/runtime_coverage.c \
	milter/runtime_dns.c \
	milter/runtime_follow.c \
	milter/runtime_incidents.c \
	milter/runtime_tables.c \
	milter/spawn.c milter/spawn.h \
	milter/status.c milter/status.h milter/status_json.c \
	milter/supervise.c milter/supervisor.h
milter_frankd_LDADD = milter/libtables.a milter/libsession.a milter/libdns.a $(metering_libs) \
	$(follow_libs) engine/libengine.a journal/libjournal.a \
	receiver/libreceiver.a auth/libauth.a policy/libpolicy.a lib/libfrank.a \
	$(MILTER_LIBS) $(OPENDKIM_LIBS) $(SPF2_LIBS) $(UNBOUND_LIBS) $(SQLITE_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) \
	-lpthread -lm

session_lab = tests/unit/session_lab.c tests/unit/session_lab.h \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
check_PROGRAMS += tests/unit/session_test
tests_unit_session_test_SOURCES = tests/unit/session_test.c $(session_lab)
tests_unit_session_test_LDADD = milter/libsession.a $(metering_libs) engine/libengine.a \
	auth/libauth.a policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS) $(PSL_LIBS) $(IDN_LIBS) \
	$(CRYPTO_LIBS) -lm

check_PROGRAMS += tests/unit/key_client_test
tests_unit_key_client_test_SOURCES = tests/unit/key_client_test.c
tests_unit_key_client_test_LDADD = milter/libsession.a lib/libfrank.a $(CMOCKA_LIBS) -lpthread

check_PROGRAMS += tests/unit/receiver_client_spf_test
tests_unit_receiver_client_spf_test_SOURCES = tests/unit/receiver_client_spf_test.c \
	tests/unit/receiver_spf_lab.c tests/unit/receiver_spf_lab.h
tests_unit_receiver_client_spf_test_LDADD = milter/libsession.a $(metering_libs) engine/libengine.a \
	auth/libauth.a policy/libpolicy.a $(receiver_libs) $(CMOCKA_LIBS) $(PSL_LIBS) \
	$(IDN_LIBS) $(CRYPTO_LIBS) -lpthread
check_PROGRAMS += tests/unit/receiver_client_test
receiver_client_lab = tests/unit/receiver_client_lab.c tests/unit/receiver_client_lab.h
tests_unit_receiver_client_test_SOURCES = tests/unit/receiver_client_test.c \
	$(receiver_client_lab)
tests_unit_receiver_client_test_LDADD = milter/libsession.a engine/libengine.a auth/libauth.a \
	policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) -lpthread
check_PROGRAMS += tests/unit/receiver_verdict_test
tests_unit_receiver_verdict_test_SOURCES = tests/unit/receiver_verdict_test.c \
	$(receiver_client_lab)
tests_unit_receiver_verdict_test_LDADD = $(tests_unit_receiver_client_test_LDADD)

ask_lab = tests/unit/ask_lab.c tests/unit/ask_lab.h
check_PROGRAMS += tests/unit/dns_client_test
tests_unit_dns_client_test_SOURCES = tests/unit/dns_client_test.c $(ask_lab)
tests_unit_dns_client_test_LDADD = milter/libsession.a auth/libauth.a lib/libfrank.a \
	$(CMOCKA_LIBS) $(CRYPTO_LIBS) -lpthread
check_PROGRAMS += tests/unit/dns_bounds_test
tests_unit_dns_bounds_test_SOURCES = tests/unit/dns_bounds_test.c $(ask_lab)
tests_unit_dns_bounds_test_LDADD = $(tests_unit_dns_client_test_LDADD)
check_PROGRAMS += tests/unit/dns_expiry_test
tests_unit_dns_expiry_test_SOURCES = tests/unit/dns_expiry_test.c $(ask_lab)
tests_unit_dns_expiry_test_LDADD = $(tests_unit_dns_client_test_LDADD)
check_PROGRAMS += tests/unit/dns_hung_test
tests_unit_dns_hung_test_SOURCES = tests/unit/dns_hung_test.c $(ask_lab)
tests_unit_dns_hung_test_LDADD = $(tests_unit_dns_client_test_LDADD)
check_PROGRAMS += tests/unit/dns_lost_test
tests_unit_dns_lost_test_SOURCES = tests/unit/dns_lost_test.c $(ask_lab)
tests_unit_dns_lost_test_LDADD = $(tests_unit_dns_client_test_LDADD)
check_PROGRAMS += tests/unit/dns_wait_test
tests_unit_dns_wait_test_SOURCES = tests/unit/dns_wait_test.c $(ask_lab)
tests_unit_dns_wait_test_LDADD = $(tests_unit_dns_client_test_LDADD)

check_PROGRAMS += tests/unit/reader_start_test
tests_unit_reader_start_test_SOURCES = tests/unit/reader_start_test.c $(ask_lab)
tests_unit_reader_start_test_LDADD = milter/libsession.a engine/libengine.a auth/libauth.a \
	policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) -lpthread

check_PROGRAMS += tests/unit/dns_share_test
tests_unit_dns_share_test_SOURCES = tests/unit/dns_share_test.c
tests_unit_dns_share_test_LDADD = $(tests_unit_dns_process_test_LDADD)

check_PROGRAMS += tests/unit/key_states_test
tests_unit_key_states_test_SOURCES = tests/unit/key_states_test.c
tests_unit_key_states_test_LDADD = milter/libsession.a auth/libauth.a policy/libpolicy.a \
	lib/libfrank.a $(CMOCKA_LIBS) $(CRYPTO_LIBS) -lpthread

check_PROGRAMS += tests/unit/dns_process_test
tests_unit_dns_process_test_SOURCES = tests/unit/dns_process_test.c \
	tests/unit/dns_lab.c tests/unit/dns_lab.h
tests_unit_dns_process_test_LDADD = milter/libdns.a receiver/libreceiver.a auth/libauth.a lib/libfrank.a \
	$(UNBOUND_LIBS) $(CMOCKA_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) -lpthread
check_PROGRAMS += tests/unit/dns_resolv_conf_test
tests_unit_dns_resolv_conf_test_SOURCES = tests/unit/dns_resolv_conf_test.c \
	tests/unit/dns_lab.c tests/unit/dns_lab.h
tests_unit_dns_resolv_conf_test_LDADD = $(tests_unit_dns_process_test_LDADD)
jobs_lab = tests/unit/jobs_lab.c tests/unit/jobs_lab.h \
	tests/unit/dns_fake.c tests/unit/dns_fake.h
check_PROGRAMS += tests/unit/dns_jobs_test
tests_unit_dns_jobs_test_SOURCES = tests/unit/dns_jobs_test.c $(jobs_lab)
tests_unit_dns_jobs_test_LDADD = milter/libdns.a auth/libauth.a lib/libfrank.a \
	$(CMOCKA_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS)
check_PROGRAMS += tests/unit/dns_jobs_time_test
tests_unit_dns_jobs_time_test_SOURCES = tests/unit/dns_jobs_time_test.c $(jobs_lab)
tests_unit_dns_jobs_time_test_LDADD = $(tests_unit_dns_jobs_test_LDADD)

check_PROGRAMS += tests/unit/children_test
tests_unit_children_test_SOURCES = tests/unit/children_test.c milter/children.c
tests_unit_children_test_LDADD = milter/libdns.a lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/dns_servers_test
tests_unit_dns_servers_test_SOURCES = tests/unit/dns_servers_test.c \
	tests/unit/dns_fake.c tests/unit/dns_fake.h
tests_unit_dns_servers_test_LDADD = milter/libdns.a auth/libauth.a lib/libfrank.a \
	$(CMOCKA_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS)

watch_lab = tests/unit/watch_lab.c tests/unit/watch_lab.h \
	tests/unit/policy_lab.c tests/unit/policy_lab.h $(journal_lab)
check_PROGRAMS += tests/unit/key_watch_test tests/unit/key_watch_kept_test
tests_unit_key_watch_test_SOURCES = tests/unit/key_watch_test.c $(watch_lab)
tests_unit_key_watch_test_LDADD = milter/libsession.a journal/libjournal.a auth/libauth.a \
	policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) -lpthread
tests_unit_key_watch_kept_test_SOURCES = tests/unit/key_watch_kept_test.c $(watch_lab)
tests_unit_key_watch_kept_test_LDADD = $(tests_unit_key_watch_test_LDADD)

check_PROGRAMS += tests/unit/spf_opinions_test
tests_unit_spf_opinions_test_SOURCES = tests/unit/spf_opinions_test.c
tests_unit_spf_opinions_test_LDADD = milter/libsession.a lib/libfrank.a $(CMOCKA_LIBS) \
	$(CRYPTO_LIBS) -lpthread

check_PROGRAMS += tests/unit/session_dns_test tests/unit/session_signed_test
tests_unit_session_dns_test_SOURCES = tests/unit/session_dns_test.c $(session_lab)
tests_unit_session_dns_test_LDADD = $(tests_unit_session_test_LDADD)
tests_unit_session_signed_test_SOURCES = tests/unit/session_signed_test.c $(session_lab)
tests_unit_session_signed_test_LDADD = $(tests_unit_session_test_LDADD)

check_PROGRAMS += tests/unit/session_own_test
tests_unit_session_own_test_SOURCES = tests/unit/session_own_test.c $(session_lab)
tests_unit_session_own_test_LDADD = $(tests_unit_session_test_LDADD)

check_PROGRAMS += tests/unit/incidents_test
tests_unit_incidents_test_SOURCES = tests/unit/incidents_test.c
tests_unit_incidents_test_LDADD = milter/libsession.a policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/meters_test
tests_unit_meters_test_SOURCES = tests/unit/meters_test.c $(journal_lab) \
	tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_meters_test_LDADD = milter/libsession.a $(metering_libs) journal/libjournal.a \
	policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS) $(SQLITE_LIBS) -lpthread -lm

check_PROGRAMS += tests/unit/notices_test
tests_unit_notices_test_SOURCES = tests/unit/notices_test.c $(journal_lab) $(smtp_lab)
tests_unit_notices_test_LDADD = milter/libsession.a journal/libjournal.a auth/libauth.a \
	policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS) $(SQLITE_LIBS) $(PSL_LIBS) $(IDN_LIBS) \
	$(CRYPTO_LIBS) -lpthread
check_PROGRAMS += tests/unit/tables_ask_test
tests_unit_tables_ask_test_SOURCES = tests/unit/tables_ask_test.c
tests_unit_tables_ask_test_LDADD = milter/libsession.a lib/libfrank.a $(CMOCKA_LIBS)
tables_lab = tests/unit/tables_lab.c tests/unit/tables_lab.h
check_PROGRAMS += tests/unit/tables_client_test
tests_unit_tables_client_test_SOURCES = tests/unit/tables_client_test.c $(tables_lab)
tests_unit_tables_client_test_LDADD = milter/libsession.a lib/libfrank.a $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/tables_share_test
tests_unit_tables_share_test_SOURCES = tests/unit/tables_share_test.c $(tables_lab)
tests_unit_tables_share_test_LDADD = $(tests_unit_tables_client_test_LDADD)
check_PROGRAMS += tests/unit/tables_process_test
tests_unit_tables_process_test_SOURCES = tests/unit/tables_process_test.c
tests_unit_tables_process_test_LDADD = milter/libtables.a milter/libsession.a milter/libdns.a \
	receiver/libreceiver.a lib/libfrank.a $(CMOCKA_LIBS) -lpthread

check_PROGRAMS += tests/unit/session_tables_test
tests_unit_session_tables_test_SOURCES = tests/unit/session_tables_test.c
tests_unit_session_tables_test_LDADD = $(tests_unit_session_test_LDADD)

check_PROGRAMS += tests/unit/alerts_test
tests_unit_alerts_test_SOURCES = tests/unit/alerts_test.c milter/alerts.c
tests_unit_alerts_test_LDADD = journal/libjournal.a policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/coverage_watch_test
tests_unit_coverage_watch_test_SOURCES = tests/unit/coverage_watch_test.c \
	milter/coverage_watch.c $(journal_lab) tests/unit/policy_lab.c tests/unit/policy_lab.h
tests_unit_coverage_watch_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)
