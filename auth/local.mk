# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += auth/libauth.a
auth_libauth_a_SOURCES = \
	auth/address.c auth/address.h auth/address_private.h \
	auth/address_author.c auth/address_domain.c \
	auth/align.c auth/align.h \
	auth/base64.c auth/base64.h \
	auth/canon.c auth/canon.h auth/canon_body.c \
	auth/canon_scan.c auth/canon_scan.h \
	auth/digest.c auth/digest.h \
	auth/keys.c auth/keys.h auth/keys_private.h auth/keys_text.c \
	auth/keyset.c auth/keyset.h auth/keyset_private.h auth/keyset_load.c \
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
check_PROGRAMS += tests/unit/canon_test
tests_unit_canon_test_SOURCES = tests/unit/canon_test.c
tests_unit_canon_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/keys_test
tests_unit_keys_test_SOURCES = tests/unit/keys_test.c
tests_unit_keys_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/keyset_test
tests_unit_keyset_test_SOURCES = tests/unit/keyset_test.c
tests_unit_keyset_test_LDADD = $(auth_libs) $(CMOCKA_LIBS)
