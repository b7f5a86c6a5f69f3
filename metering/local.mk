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

# A figure, never a verdict: what four meters add to a message, in microseconds.
EXTRA_PROGRAMS += tests/bench/metering_bench
tests_bench_metering_bench_SOURCES = tests/bench/metering_bench.c
tests_bench_metering_bench_LDADD = $(metering_libs) engine/libengine.a auth/libauth.a \
	policy/libpolicy.a lib/libfrank.a $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) -lm
