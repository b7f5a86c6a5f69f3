# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
sbin_PROGRAMS += holdd/frank-holdd
holdd_frank_holdd_SOURCES = \
	holdd/holdd.h \
	holdd/main.c \
	holdd/peer.c \
	holdd/request.c \
	holdd/serve.c
holdd_frank_holdd_LDADD = postfix/libpostfix.a lib/libfrank.a
