# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
bin_PROGRAMS += ctl/frank
ctl_frank_SOURCES = \
	ctl/after.c ctl/after.h ctl/after_text.c \
	ctl/cases.c ctl/cases.h \
	ctl/cases_advice.c \
	ctl/cases_facts.c ctl/cases_facts.h \
	ctl/cause.c ctl/cause.h \
	ctl/changer.c ctl/changer.h \
	ctl/check.c \
	ctl/check_tables.c ctl/check_tables.h \
	ctl/confirm.c ctl/confirm.h \
	ctl/control.c \
	ctl/coverage.c ctl/coverage.h ctl/coverage_text.c \
	ctl/ctl.h \
	ctl/deliveries.c ctl/deliveries.h ctl/deliveries_change.c ctl/deliveries_change.h \
	ctl/deliveries_change_text.c ctl/deliveries_count.c ctl/deliveries_group.c \
	ctl/deliveries_list.c ctl/deliveries_list.h \
	ctl/deliveries_login.c ctl/deliveries_slow.c ctl/deliveries_slow.h \
	ctl/deliveries_slow_text.c ctl/deliveries_text.c ctl/delays.c ctl/delays.h \
	ctl/doctor.c ctl/doctor.h ctl/doctor_json.c ctl/doctor_option.c \
	ctl/doctor_scene.c ctl/doctor_text.c \
	ctl/explain.c ctl/explain.h ctl/explain_private.h ctl/explain_text.c \
	ctl/group.c ctl/group.h \
	ctl/held.c ctl/held.h ctl/held_join.c ctl/held_join.h ctl/held_option.c ctl/held_parts.c \
	ctl/hold.c ctl/hold.h ctl/hold_group.c ctl/hold_list.c ctl/hold_mail.c ctl/hold_show.c \
	ctl/hold_text.c \
	ctl/hold_change.c ctl/hold_change.h ctl/hold_change_json.c \
	ctl/hold_choose.c ctl/hold_fault.c ctl/hold_judge.c ctl/hold_say.c \
	ctl/incident.c ctl/incident.h ctl/incident_ask.c ctl/incident_cell.c \
	ctl/incident_show.c ctl/incident_sweep.c \
	ctl/import.c ctl/import.h \
	ctl/import_conf.c \
	ctl/import_dataset.c \
	ctl/import_domains.c \
	ctl/import_headers.c \
	ctl/import_hosts.c \
	ctl/import_keys.c \
	ctl/import_known.c \
	ctl/import_order.c \
	ctl/import_pattern.c \
	ctl/import_plan.c \
	ctl/import_policy.c \
	ctl/import_report.c \
	ctl/import_settings.c \
	ctl/import_signing.c \
	ctl/import_write.c \
	ctl/key.c ctl/key.h \
	ctl/key_check.c ctl/key_check.h ctl/key_check_text.c \
	ctl/key_list.c \
	ctl/key_new.c \
	ctl/key_running.c ctl/key_running.h \
	ctl/key_source.c \
	ctl/load.c ctl/load.h \
	ctl/log.c \
	ctl/main.c \
	ctl/mbox.c ctl/mbox.h \
	ctl/meter.c \
	ctl/paths.c \
	ctl/password.c ctl/password.h \
	ctl/picture.c ctl/picture.h \
	ctl/progress.c ctl/progress.h \
	ctl/outcome_show.c ctl/outcome_show.h \
	ctl/queue.c ctl/queue_samples.c ctl/queue.h ctl/queue_count.c ctl/queue_text.c ctl/queue_watch.c \
	ctl/replay.c ctl/replay.h \
	ctl/replay_group.c ctl/replay_rcpt.c ctl/replay_run.c ctl/replay_text.c \
	ctl/replies.c \
	ctl/reply.c ctl/reply.h \
	ctl/rerun.c ctl/rerun.h \
	ctl/running.c ctl/running.h \
	ctl/say.c \
	ctl/send.c ctl/send.h ctl/send_answer.c ctl/send_follow.c ctl/send_hand.c ctl/send_judge.c \
	ctl/send_mail.c ctl/send_mailbox.c ctl/send_text.c \
	ctl/seen.c ctl/seen.h ctl/show.c ctl/show.h \
	ctl/spf.c ctl/spf.h \
	ctl/spf_json.c \
	ctl/spf_text.c \
	ctl/status.c \
	ctl/test.c \
	ctl/top.c \
	ctl/trace_text.c ctl/trace_text.h \
	ctl/undecided.c ctl/undecided.h \
	ctl/verify.c ctl/verify.h \
	ctl/verify_find.c \
	ctl/verify_keys.c \
	ctl/verify_mail.c \
	ctl/watched.c ctl/watched.h \
	ctl/world.c ctl/world.h
ctl_frank_LDADD = doctor/libdoctor.a $(SSL_LIBS) postfix/libpostfix.a replies/libreplies.a \
	maillog/libmaillog.a ctl/libmail.a $(metering_libs) engine/libengine.a \
	journal/libjournal.a policy/libpolicy.a auth/libauth.a \
	receiver/libreceiver.a lib/libfrank.a $(OPENDKIM_LIBS) $(SPF2_LIBS) $(UNBOUND_LIBS) \
	$(SQLITE_LIBS) $(CRYPTO_LIBS) $(IDN_LIBS) $(PSL_LIBS) -lm \
	$(GMIME_LIBS)

# What a message is made of.
noinst_LIBRARIES += ctl/libmail.a
ctl_libmail_a_SOURCES = ctl/mail.c ctl/mail.h ctl/mail_html.c ctl/mail_plain.c
ctl_libmail_a_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
if HAVE_GMIME
ctl_libmail_a_SOURCES += ctl/mail_gmime.c
else
ctl_libmail_a_SOURCES += ctl/mail_none.c
endif
EXTRA_DIST += ctl/mail_gmime.c ctl/mail_none.c

# Golden tests of what frank(1) prints, on journals made by this program.
check_PROGRAMS += tests/cli/cli_fixture
tests_cli_cli_fixture_SOURCES = tests/cli/fixture.c ctl/load.c milter/record.c
tests_cli_cli_fixture_LDADD = $(follow_libs) $(ctl_frank_LDADD)
check_PROGRAMS += tests/cli/cli_lines
tests_cli_cli_lines_SOURCES = tests/cli/lines.c
tests_cli_cli_lines_LDADD = $(follow_libs) journal/libjournal.a policy/libpolicy.a \
	lib/libfrank.a $(SQLITE_LIBS)
dist_man_MANS += doc/frank.1
tap_scripts += tests/cli/run.sh

# What 'frank import' makes of OpenDKIM's configuration, against OpenDKIM itself.
tap_scripts += tests/differential/import_opendkim.py
EXTRA_DIST += tests/differential/milter.py

EXTRA_DIST += tests/cli/lib \
	tests/cli/check.sh tests/cli/check.out \
	tests/cli/doctor_blocklist.sh tests/cli/doctor_blocklist.out \
	tests/cli/doctor_connect.sh tests/cli/doctor_connect.out tests/cli/smtp.py \
	tests/cli/doctor_dns.sh tests/cli/doctor_dns.out \
	tests/cli/doctor_dnssec.sh tests/cli/doctor_dnssec.out \
	tests/cli/doctor_send.sh tests/cli/doctor_send.out tests/cli/submit.py \
	tests/cli/doctor_sts.sh tests/cli/doctor_sts.out tests/cli/https.py \
	tests/cli/coverage.sh tests/cli/coverage.out \
	tests/cli/deliveries.sh tests/cli/deliveries.out \
	tests/cli/explain.sh tests/cli/explain.out \
	tests/cli/explain_again.sh tests/cli/explain_again.out \
	tests/cli/incident.sh tests/cli/incident.out \
	tests/cli/import tests/cli/import.sh tests/cli/import.out \
	tests/cli/control.py tests/cli/keys.sh tests/cli/keys.out \
	tests/cli/complete.sh tests/cli/complete.out \
	tests/cli/log.sh tests/cli/log.out \
	tests/cli/meters.sh tests/cli/meters.out \
	tests/cli/queue.sh tests/cli/queue.out \
	tests/cli/replay.sh tests/cli/replay.out \
	tests/cli/reply.sh tests/cli/reply.out \
	tests/cli/spf.sh tests/cli/spf.out tests/cli/world.py \
	tests/cli/supply.sh tests/cli/supply.out \
	tests/cli/test.sh tests/cli/test.out \
	tests/cli/usage.sh tests/cli/usage.out \
	tests/cli/verify.sh tests/cli/verify.out

check_PROGRAMS += tests/fuzz/fuzz_cases
tests_fuzz_fuzz_cases_SOURCES = tests/fuzz/fuzz_cases.c tests/fuzz/replay.c \
	ctl/cases.c ctl/cases_advice.c ctl/cases_facts.c
tests_fuzz_fuzz_cases_LDADD = engine/libengine.a policy/libpolicy.a auth/libauth.a \
	lib/libfrank.a $(IDN_LIBS) $(PSL_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/seen_test
tests_unit_seen_test_SOURCES = tests/unit/seen_test.c ctl/seen.c
tests_unit_seen_test_LDADD = policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/held_test
tests_unit_held_test_SOURCES = tests/unit/held_test.c ctl/held_join.c ctl/held_parts.c tests/unit/ctl_alone.c
tests_unit_held_test_LDADD = postfix/libpostfix.a policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/mail_test
tests_unit_mail_test_SOURCES = tests/unit/mail_test.c
tests_unit_mail_test_LDADD = ctl/libmail.a $(receiver_libs) $(GMIME_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/hold_text_test
tests_unit_hold_text_test_SOURCES = tests/unit/hold_text_test.c ctl/held_join.c \
	ctl/held_parts.c ctl/group.c ctl/hold_group.c ctl/hold_text.c ctl/incident_cell.c tests/unit/ctl_alone.c
tests_unit_hold_text_test_LDADD = postfix/libpostfix.a policy/libpolicy.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/fuzz/fuzz_mail
tests_fuzz_fuzz_mail_SOURCES = tests/fuzz/fuzz_mail.c tests/fuzz/replay.c ctl/hold_mail.c \
	ctl/hold_text.c ctl/incident_cell.c ctl/held_join.c ctl/held_parts.c tests/unit/ctl_alone.c
tests_fuzz_fuzz_mail_LDADD = postfix/libpostfix.a ctl/libmail.a $(receiver_libs) policy/libpolicy.a lib/libfrank.a \
	$(GMIME_LIBS)
check_PROGRAMS += tests/fuzz/fuzz_mbox
tests_fuzz_fuzz_mbox_SOURCES = tests/fuzz/fuzz_mbox.c tests/fuzz/replay.c ctl/mbox.c
tests_fuzz_fuzz_mbox_LDADD = lib/libfrank.a
check_PROGRAMS += tests/unit/mbox_test
tests_unit_mbox_test_SOURCES = tests/unit/mbox_test.c ctl/mbox.c
tests_unit_mbox_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/postfix_test
tests_unit_postfix_test_SOURCES = tests/unit/postfix_test.c
tests_unit_postfix_test_LDADD = postfix/libpostfix.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/hold_about_test
tests_unit_hold_about_test_SOURCES = tests/unit/hold_about_test.c ctl/held_join.c \
	ctl/held_parts.c ctl/hold_fault.c ctl/hold_say.c ctl/hold_text.c ctl/incident_cell.c tests/unit/ctl_alone.c
tests_unit_hold_about_test_LDADD = $(tests_unit_hold_text_test_LDADD)
check_PROGRAMS += tests/unit/queue_test
tests_unit_queue_test_SOURCES = tests/unit/queue_test.c ctl/cause.c ctl/held_join.c \
	ctl/held_parts.c ctl/hold_text.c ctl/incident_cell.c ctl/picture.c \
	ctl/queue_count.c ctl/queue_text.c ctl/group.c tests/unit/ctl_alone.c
tests_unit_queue_test_LDADD = replies/libreplies.a $(tests_unit_hold_text_test_LDADD)
check_PROGRAMS += tests/fuzz/fuzz_queue
tests_fuzz_fuzz_queue_SOURCES = tests/fuzz/fuzz_queue.c tests/fuzz/replay.c ctl/cause.c \
	ctl/held_join.c ctl/held_parts.c ctl/hold_text.c ctl/incident_cell.c ctl/picture.c \
	ctl/queue_count.c ctl/queue_text.c ctl/group.c tests/unit/ctl_alone.c
tests_fuzz_fuzz_queue_LDADD = replies/libreplies.a postfix/libpostfix.a policy/libpolicy.a \
	lib/libfrank.a
check_PROGRAMS += tests/unit/queue_samples_test
tests_unit_queue_samples_test_SOURCES = tests/unit/queue_samples_test.c ctl/queue_samples.c \
	$(journal_lab)
tests_unit_queue_samples_test_LDADD = $(journal_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/deliveries_test
tests_unit_deliveries_test_SOURCES = tests/unit/deliveries_test.c ctl/cause.c \
	ctl/deliveries_change.c ctl/deliveries_change_text.c ctl/deliveries_count.c \
	ctl/deliveries_group.c ctl/deliveries_login.c ctl/delays.c ctl/group.c tests/unit/ctl_alone.c
tests_unit_deliveries_test_LDADD = replies/libreplies.a policy/libpolicy.a lib/libfrank.a \
	$(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/slow_test
tests_unit_slow_test_SOURCES = tests/unit/slow_test.c ctl/cause.c ctl/deliveries_change.c \
	ctl/deliveries_count.c ctl/deliveries_group.c ctl/deliveries_login.c ctl/group.c \
	ctl/deliveries_slow.c ctl/delays.c tests/unit/ctl_alone.c
tests_unit_slow_test_LDADD = $(tests_unit_deliveries_test_LDADD)
