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
	auth/sign.c auth/sign.h auth/sign_private.h auth/sign_value.c
auth_libauth_a_SOURCES += auth/keylist.c auth/keylist.h
