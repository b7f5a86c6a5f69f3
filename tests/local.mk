# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# The suites themselves are named by the folders they belong to: programs under tests/unit and
# tests/fuzz in check_PROGRAMS, scripts that print TAP in tap_scripts. Every suite finds the
# two trees in FRANK_SRC and FRANK_BUILD and a directory of its own in TMPDIR.

include tests/scenario/local.mk

tap_scripts += tests/tools/layers.sh tests/tools/pure.sh tests/tools/sizes.sh \
	tests/tools/manuals.sh tests/tools/words.sh

system_tests += tests/system/paths_test.py tests/system/hold_test.py \
	tests/system/forged_test.py tests/system/kill_test.py tests/system/reload_test.py \
	tests/system/supervisor_test.py tests/system/many_keys_test.py \
	tests/system/dmarc_test.py tests/system/rotation_test.py tests/system/dns_fault_test.py \
	tests/system/meters_test.py tests/system/descriptors_test.py \
	tests/system/incident_test.py tests/system/hold_list_test.py tests/system/tables_test.py \
	tests/system/hold_release_test.py tests/system/hold_bulk_test.py \
	tests/system/hold_terminal_test.py tests/system/holdd_test.py \
	tests/system/follow_test.py tests/system/journald_test.py \
	tests/system/journald_begin_test.py \
	tests/system/alert_test.py tests/system/queue_test.py \
	tests/system/queue_large_test.py tests/system/coverage_test.py \
	tests/system/doctor_dns_test.py tests/system/receivers_test.py \
	tests/system/doctor_postfix_test.py tests/system/doctor_send_test.py \
	tests/system/doctor_firewall_test.py

EXTRA_DIST += tests/tools tests/system tests/fuzz/corpus $(tap_scripts)

frank_suites = $(filter tests/unit/% tests/fuzz/%,$(check_PROGRAMS)) $(tap_scripts)
frank_run = $(PYTHON3) $(top_srcdir)/tests/tools/run --source $(top_srcdir) --build . \
	$(if $(V),--verbose) $(if $(COUNTS),--counts '$(COUNTS)') $(if $(LIMIT),--limit $(LIMIT))

# Some suites only: make check SUITES=tests/unit/view_test
SUITES =

check-local:
	$(AM_V_at)$(frank_run) $(or $(SUITES),$(frank_suites))

# Needs root and Postfix; nothing of the host's own Postfix is touched.
check-system: all
	$(AM_V_at)$(frank_run) --jobs 1 $(or $(SUITES),$(system_tests))

# The official SPF suites, which are no part of Frank; FRANK_SPF_SUITES names their folder.
check-spf: tests/differential/spf_eval
	$(AM_V_at)FRANK_BUILD=. $(PYTHON3) -B $(top_srcdir)/tests/differential/spf_suites.py

# Golden files are rewritten by the suites that compare them; then the difference is shown.
bless: all
	-$(AM_V_at)FRANK_BLESS=1 $(frank_run) $(tap_scripts)
	$(AM_V_at)cd $(top_srcdir) && git --no-pager diff --stat -p -- tests

sizes:
	$(AM_V_at)FRANK_SRC=$(top_srcdir) $(top_srcdir)/tests/tools/sizes.sh -l

lint:
	$(AM_V_at)cd $(top_srcdir) && tests/tools/lint.sh $(FILES)

# Builds of their own below this one. The flags of hardening and the sanitizers do not mix.
# Suites that speak with a frankd are several times as slow there.
sanitizer_flags = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
sub_build = $(MKDIR_P) $@ && cd $@ && { test -f Makefile || \
	$(abs_top_srcdir)/configure -q --disable-hardening

check-asan:
	$(AM_V_at)$(sub_build) CFLAGS='$(sanitizer_flags) -fsanitize=address,undefined'; }
	$(AM_V_at)ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1 \
		$(MAKE) -C $@ check LIMIT=900

check-tsan:
	$(AM_V_at)$(sub_build) CFLAGS='$(sanitizer_flags) -fsanitize=thread'; }
	$(AM_V_at)TSAN_OPTIONS=halt_on_error=1 $(MAKE) -C $@ check LIMIT=900

# make fuzz T=policy [FUZZ_SECONDS=600]. What it finds stays in fuzz/found/T; what is worth
# keeping is copied to tests/fuzz/corpus/T by hand.
T = policy
FUZZ_SECONDS = 60
fuzz_flags = $(sanitizer_flags) -DFRANK_LIBFUZZER -fsanitize=fuzzer-no-link,address,undefined
fuzz:
	$(AM_V_at)$(sub_build) CC=clang CFLAGS='$(fuzz_flags)'; }
	$(AM_V_at)$(MAKE) -C $@ Makefile
	$(AM_V_at)$(MAKE) -C $@ LDFLAGS=-fsanitize=fuzzer,address,undefined tests/fuzz/fuzz_$(T)
	$(AM_V_at)$(MKDIR_P) $@/found/$(T) && cd $@/found/$(T) && ../../tests/fuzz/fuzz_$(T) \
		-max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
		. $(wildcard $(abs_top_srcdir)/tests/fuzz/corpus/$(T) $(abs_top_srcdir)/tests/$(T))

# Figures, never a verdict; see the head of the script.
bench: all tests/bench/miltload tests/bench/rawref tests/bench/spf_bench \
		tests/bench/burst_bench tests/bench/metering_bench
	$(AM_V_at)FRANK_SRC=$(abs_top_srcdir) FRANK_BUILD=$(abs_top_builddir) \
		$(top_srcdir)/tests/bench/bench.py $(BENCH)

EXTRA_PROGRAMS += tests/bench/miltload tests/bench/rawref tests/bench/spf_bench
tests_bench_miltload_SOURCES = tests/bench/miltload.c
tests_bench_miltload_CFLAGS = -O2 -Wall -Wextra
tests_bench_rawref_SOURCES = tests/bench/rawref.c
tests_bench_rawref_LDADD = $(CRYPTO_LIBS)
tests_bench_spf_bench_SOURCES = tests/bench/spf_bench.c
tests_bench_spf_bench_LDADD = auth/libauth.a lib/libfrank.a $(SPF2_LIBS)

clean-local:
	rm -rf check-asan check-tsan fuzz

.PHONY: check-system check-spf bless sizes lint check-asan check-tsan fuzz bench
