# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += auth/libauth.a
auth_libauth_a_SOURCES = \
	auth/address.c auth/address.h auth/address_private.h \
	auth/address_author.c auth/address_domain.c \
	auth/align.c auth/align.h auth/align_private.h auth/suffixes.c auth/suffixes.h \
	auth/base64.c auth/base64.h \
	auth/canon.c auth/canon.h auth/canon_body.c \
	auth/canon_scan.c auth/canon_scan.h \
	auth/digest.c auth/digest.h \
	auth/dns.h auth/dns_private.h auth/dns_answer.c auth/dns_unbound.c auth/dns_wait.c \
	auth/everywhere.c auth/everywhere.h auth/spread.c auth/spread.h \
	auth/spf.h auth/dmarc.h auth/keyrecord.h \
	auth/dmarc.c auth/dmarc_find.c auth/dmarc_private.h auth/dmarc_tree.c \
	auth/keyrecord.c auth/taglist.c auth/taglist.h \
	auth/keys.c auth/keys.h auth/keys_private.h auth/keys_public.c auth/keys_text.c \
	auth/keyset.c auth/keyset.h auth/keyset_private.h auth/keyset_load.c \
	auth/spf.c auth/spf_private.h auth/spf_ask.c auth/spf_check.c auth/spf_explain.c \
	auth/spf_macro.c auth/spf_mech.c auth/spf_term.c auth/spf_value.c auth/spf_warn.c \
	auth/locked.c auth/locked.h \
	auth/sign.c auth/sign.h auth/sign_private.h auth/sign_value.c \
	auth/keylist.c auth/keylist.h

auth_libs = auth/libauth.a lib/libfrank.a $(CRYPTO_LIBS) $(IDN_LIBS) $(PSL_LIBS)

check_PROGRAMS += tests/unit/address_test
tests_unit_address_test_SOURCES = tests/unit/address_test.c
tests_unit_address_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/align_test
tests_unit_align_test_SOURCES = tests/unit/align_test.c
tests_unit_align_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/author_test
tests_unit_author_test_SOURCES = tests/unit/author_test.c
tests_unit_author_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/canon_test
tests_unit_canon_test_SOURCES = tests/unit/canon_test.c
tests_unit_canon_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/dns_answer_test
tests_unit_dns_answer_test_SOURCES = tests/unit/dns_answer_test.c
tests_unit_dns_answer_test_LDADD = auth/libauth.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/everywhere_test
tests_unit_everywhere_test_SOURCES = tests/unit/everywhere_test.c \
	tests/unit/dns_lab.c tests/unit/dns_lab.h
tests_unit_everywhere_test_LDADD = auth/libauth.a lib/libfrank.a $(UNBOUND_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/dns_trust_test
tests_unit_dns_trust_test_SOURCES = tests/unit/dns_trust_test.c \
	tests/unit/dns_lab.c tests/unit/dns_lab.h
tests_unit_dns_trust_test_LDADD = auth/libauth.a lib/libfrank.a $(UNBOUND_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/dns_unbound_test
tests_unit_dns_unbound_test_SOURCES = tests/unit/dns_unbound_test.c \
	tests/unit/dns_lab.c tests/unit/dns_lab.h
tests_unit_dns_unbound_test_LDADD = auth/libauth.a lib/libfrank.a $(UNBOUND_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/dns_test
tests_unit_dns_test_SOURCES = tests/unit/dns_test.c
tests_unit_dns_test_LDADD = auth/libauth.a lib/libfrank.a $(UNBOUND_LIBS) $(CMOCKA_LIBS) -lpthread
check_PROGRAMS += tests/unit/dmarc_test
tests_unit_dmarc_test_SOURCES = tests/unit/dmarc_test.c
tests_unit_dmarc_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/dmarc_find_test
tests_unit_dmarc_find_test_SOURCES = tests/unit/dmarc_find_test.c
tests_unit_dmarc_find_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/keyrecord_test
tests_unit_keyrecord_test_SOURCES = tests/unit/keyrecord_test.c
tests_unit_keyrecord_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/keys_test
tests_unit_keys_test_SOURCES = tests/unit/keys_test.c
tests_unit_keys_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/keyset_test
tests_unit_keyset_test_SOURCES = tests/unit/keyset_test.c \
	tests/unit/keyset_tree.c tests/unit/keyset_tree.h
tests_unit_keyset_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_dns
tests_fuzz_fuzz_dns_SOURCES = tests/fuzz/fuzz_dns.c tests/fuzz/replay.c
tests_fuzz_fuzz_dns_LDADD = auth/libauth.a lib/libfrank.a
check_PROGRAMS += tests/fuzz/fuzz_address
tests_fuzz_fuzz_address_SOURCES = tests/fuzz/fuzz_address.c tests/fuzz/replay.c
tests_fuzz_fuzz_address_LDADD = $(auth_libs)
check_PROGRAMS += tests/fuzz/fuzz_canon
tests_fuzz_fuzz_canon_SOURCES = tests/fuzz/fuzz_canon.c tests/fuzz/replay.c
tests_fuzz_fuzz_canon_LDADD = $(auth_libs)
check_PROGRAMS += tests/fuzz/fuzz_dmarc
tests_fuzz_fuzz_dmarc_SOURCES = tests/fuzz/fuzz_dmarc.c tests/fuzz/replay.c
tests_fuzz_fuzz_dmarc_LDADD = $(auth_libs)
check_PROGRAMS += tests/fuzz/fuzz_keyrecord
tests_fuzz_fuzz_keyrecord_SOURCES = tests/fuzz/fuzz_keyrecord.c tests/fuzz/replay.c
tests_fuzz_fuzz_keyrecord_LDADD = $(auth_libs)
check_PROGRAMS += tests/fuzz/fuzz_header
tests_fuzz_fuzz_header_SOURCES = tests/fuzz/fuzz_header.c tests/fuzz/replay.c
tests_fuzz_fuzz_header_LDADD = $(auth_libs)
check_PROGRAMS += tests/fuzz/fuzz_spf
tests_fuzz_fuzz_spf_SOURCES = tests/fuzz/fuzz_spf.c tests/fuzz/replay.c
tests_fuzz_fuzz_spf_LDADD = auth/libauth.a lib/libfrank.a

# What we sign, other people's verifiers verify.
check_PROGRAMS += tests/differential/make_messages
tests_differential_make_messages_SOURCES = tests/differential/make_messages.c \
	tests/differential/message.c tests/differential/message.h
tests_differential_make_messages_LDADD = $(auth_libs)
check_PROGRAMS += tests/differential/verify_opendkim
tests_differential_verify_opendkim_SOURCES = tests/differential/verify_opendkim.c
tests_differential_verify_opendkim_CPPFLAGS = $(AM_CPPFLAGS) $(OPENDKIM_CFLAGS)
tests_differential_verify_opendkim_LDADD = lib/libfrank.a $(OPENDKIM_LIBS)
tap_scripts += tests/differential/run.sh tests/cli/key.sh
EXTRA_DIST += tests/differential/compare.py tests/differential/verify_dkimpy.py \
	tests/differential/verify_mail_dkim.pl

# Figures, never a verdict: what canonicalising and signing cost beside OpenSSL alone.
check_PROGRAMS += tests/bench/sign_bench
tests_bench_sign_bench_SOURCES = tests/bench/sign_bench.c
tests_bench_sign_bench_LDADD = $(auth_libs)

check_PROGRAMS += tests/unit/sign_test
tests_unit_sign_test_SOURCES = tests/unit/sign_test.c
tests_unit_sign_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)

# SPF: the program behind `make check-spf` and behind the comparison with pyspf.
tap_scripts += tests/differential/spf_pyspf.py
check_PROGRAMS += tests/differential/spf_eval
tests_differential_spf_eval_SOURCES = tests/differential/spf_eval.c
tests_differential_spf_eval_LDADD = auth/libauth.a lib/libfrank.a
EXTRA_DIST += tests/differential/spf_suites.py tests/differential/spf_zone.py
check_PROGRAMS += tests/unit/spf_record_test
tests_unit_spf_record_test_SOURCES = tests/unit/spf_record_test.c \
	tests/unit/spf_lab.c tests/unit/spf_lab.h
tests_unit_spf_record_test_LDADD = auth/libauth.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/spf_macro_test
tests_unit_spf_macro_test_SOURCES = tests/unit/spf_macro_test.c \
	tests/unit/spf_lab.c tests/unit/spf_lab.h
tests_unit_spf_macro_test_LDADD = auth/libauth.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/spf_limit_test
tests_unit_spf_limit_test_SOURCES = tests/unit/spf_limit_test.c \
	tests/unit/spf_lab.c tests/unit/spf_lab.h
tests_unit_spf_limit_test_LDADD = auth/libauth.a lib/libfrank.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/spf_worst_test
tests_unit_spf_worst_test_SOURCES = tests/unit/spf_worst_test.c \
	tests/unit/spf_lab.c tests/unit/spf_lab.h
tests_unit_spf_worst_test_LDADD = auth/libauth.a lib/libfrank.a $(CMOCKA_LIBS)
