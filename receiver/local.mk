# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += receiver/libreceiver.a
receiver_libreceiver_a_SOURCES = \
	receiver/child.c receiver/child.h \
	receiver/filter.c receiver/filter.h \
	receiver/sandbox.c receiver/sandbox.h \
	receiver/serve.c receiver/serve.h \
	receiver/tags.c receiver/tags.h \
	receiver/verify.c receiver/verify.h \
	receiver/wire.h
receiver_libreceiver_a_CPPFLAGS = $(AM_CPPFLAGS) $(OPENDKIM_CFLAGS)
receiver_libs = receiver/libreceiver.a lib/libfrank.a $(OPENDKIM_LIBS)
