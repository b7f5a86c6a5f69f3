# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += metering/libmetering.a
metering_libmetering_a_SOURCES = \
	metering/exempt.c \
	metering/keys.c \
	metering/message.c \
	metering/metering.c metering/metering.h \
	metering/private.h

# Behind what uses it, before policy/libpolicy.a and lib/libfrank.a.
metering_libs = metering/libmetering.a burst/libburst.a
