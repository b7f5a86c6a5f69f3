# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

# What the shipped policy catches, and how often it is wrong: eight weeks of a site that is made
# up. make simulate SEED=n, or without SEED all those that are named in simulate.c.
check_PROGRAMS += tests/bench/simulate
tests_bench_simulate_SOURCES = \
	tests/bench/simulate.c tests/bench/sim.h \
	tests/bench/sim_attacks.c \
	tests/bench/sim_incidents.c \
	tests/bench/sim_judge.c \
	tests/bench/sim_people.c \
	tests/bench/sim_places.c \
	tests/bench/sim_post.c \
	tests/bench/sim_random.c \
	tests/bench/sim_run.c \
	tests/bench/sim_traffic.c
tests_bench_simulate_LDADD = engine/libengine.a $(metering_libs) auth/libauth.a \
	policy/libpolicy.a lib/libfrank.a $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) -lm

tap_scripts += tests/bench/simulate.sh

SEED =
simulate: tests/bench/simulate
	$(AM_V_at)tests/bench/simulate -v $(top_srcdir)/policy/default.conf $(SEED)

.PHONY: simulate
