# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += lib/libfrank.a
lib_libfrank_a_SOURCES = \
	lib/arena.c lib/arena.h \
	lib/buf.c lib/buf.h \
	lib/bug.c lib/bug.h \
	lib/bundle.c lib/bundle.h \
	lib/clock.c lib/clock.h \
	lib/control.c lib/control.h \
	lib/err.c lib/err.h \
	lib/escape.c lib/escape.h \
	lib/file.c lib/file.h lib/file_trust.c \
	lib/ipc.c lib/ipc.h \
	lib/json.c lib/json.h \
	lib/json_line.c lib/json_line.h \
	lib/listen.c lib/listen.h \
	lib/log.c lib/log.h \
	lib/lookup.c lib/lookup.h lib/lookup_pack.c \
	lib/map.c lib/map.h lib/map_seed.c \
	lib/net.c lib/net.h \
	lib/run.c lib/run.h \
	lib/smtp.c lib/smtp.h \
	lib/spool.c lib/spool.h \
	lib/thread.c lib/thread.h \
	lib/utf8.c lib/utf8.h \
	lib/view.c lib/view.h

check_PROGRAMS += tests/unit/arena_test
tests_unit_arena_test_SOURCES = tests/unit/arena_test.c
tests_unit_arena_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/buf_test
tests_unit_buf_test_SOURCES = tests/unit/buf_test.c
tests_unit_buf_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/bug_test
tests_unit_bug_test_SOURCES = tests/unit/bug_test.c
tests_unit_bug_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/bundle_test
tests_unit_bundle_test_SOURCES = tests/unit/bundle_test.c
tests_unit_bundle_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/clock_test
tests_unit_clock_test_SOURCES = tests/unit/clock_test.c
tests_unit_clock_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/control_test
tests_unit_control_test_SOURCES = tests/unit/control_test.c
tests_unit_control_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/err_test
tests_unit_err_test_SOURCES = tests/unit/err_test.c
tests_unit_err_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/escape_test
tests_unit_escape_test_SOURCES = tests/unit/escape_test.c
tests_unit_escape_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/file_test
tests_unit_file_test_SOURCES = tests/unit/file_test.c
tests_unit_file_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/file_trust_test
tests_unit_file_trust_test_SOURCES = tests/unit/file_trust_test.c
tests_unit_file_trust_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/ipc_test
tests_unit_ipc_test_SOURCES = tests/unit/ipc_test.c
tests_unit_ipc_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/lookup_test
tests_unit_lookup_test_SOURCES = tests/unit/lookup_test.c
tests_unit_lookup_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/json_test
tests_unit_json_test_SOURCES = tests/unit/json_test.c
tests_unit_json_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/listen_test
tests_unit_listen_test_SOURCES = tests/unit/listen_test.c
tests_unit_listen_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/log_test
tests_unit_log_test_SOURCES = tests/unit/log_test.c
tests_unit_log_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/map_test
tests_unit_map_test_SOURCES = tests/unit/map_test.c
tests_unit_map_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/net_test
tests_unit_net_test_SOURCES = tests/unit/net_test.c
tests_unit_net_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/run_test
tests_unit_run_test_SOURCES = tests/unit/run_test.c
tests_unit_run_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
smtp_lab = tests/unit/smtp_lab.c tests/unit/smtp_lab.h
check_PROGRAMS += tests/unit/smtp_test
tests_unit_smtp_test_SOURCES = tests/unit/smtp_test.c $(smtp_lab)
tests_unit_smtp_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/spool_test
tests_unit_spool_test_SOURCES = tests/unit/spool_test.c
tests_unit_spool_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/thread_test
tests_unit_thread_test_SOURCES = tests/unit/thread_test.c
tests_unit_thread_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/view_test
tests_unit_view_test_SOURCES = tests/unit/view_test.c
tests_unit_view_test_LDADD = lib/libfrank.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_control
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c tests/fuzz/replay.c
tests_fuzz_fuzz_control_LDADD = lib/libfrank.a

tap_scripts += tests/tools/selftest.sh
