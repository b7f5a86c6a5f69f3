# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Scenarios: see README. The runner needs libopendkim, which verifies what was signed; without it
# the suites fail, and say so.

if HAVE_OPENDKIM
check_PROGRAMS += tests/scenario/scenario
endif
tests_scenario_scenario_SOURCES = \
	tests/scenario/core.c tests/scenario/core.h tests/scenario/core_load.c \
	tests/scenario/core_dns.c tests/scenario/core_meters.c \
	tests/scenario/core_tables.c \
	tests/scenario/daemon.c tests/scenario/daemon.h \
	tests/scenario/driver.h \
	tests/scenario/expect.c tests/scenario/expect.h \
	tests/scenario/lab.c tests/scenario/lab.h \
	tests/scenario/mail.c tests/scenario/mail.h \
	tests/scenario/main.c \
	tests/scenario/read.c tests/scenario/read.h tests/scenario/read_message.c \
	tests/scenario/run.c tests/scenario/run.h \
	tests/scenario/scenario.h \
	tests/scenario/verify.c tests/scenario/verify.h \
	tests/scenario/wire.c \
	tests/scenario/wire_packet.c tests/scenario/wire_packet.h \
	tests/scenario/words.c tests/scenario/words.h \
	tests/scenario/zone.c tests/scenario/zone.h tests/scenario/zone_server.c \
	milter/config.c milter/generation.c milter/record.c
tests_scenario_scenario_CPPFLAGS = $(AM_CPPFLAGS) $(OPENDKIM_CFLAGS)
tests_scenario_scenario_LDADD = milter/libsession.a milter/libdns.a $(metering_libs) engine/libengine.a journal/libjournal.a \
	auth/libauth.a policy/libpolicy.a lib/libfrank.a $(OPENDKIM_LIBS) \
	$(SQLITE_LIBS) $(PSL_LIBS) $(IDN_LIBS) $(CRYPTO_LIBS) -lpthread -lm

tap_scripts += tests/scenario/core.sh tests/scenario/wire.sh tests/scenario/refuse.sh
EXTRA_DIST += $(wildcard $(top_srcdir)/tests/scenario/*.scn) tests/scenario/bad \
	tests/scenario/README tests/scenario/all.sh

# make scenario S=b_accept [DRIVER=wire]: one of them, with a transcript.
S =
DRIVER = core
scenario: all tests/scenario/scenario
	$(AM_V_at)FRANK_BUILD=$(abs_top_builddir) tests/scenario/scenario -v -d $(DRIVER) \
		$(patsubst %,$(top_srcdir)/tests/scenario/%.scn,$(S:.scn=))
.PHONY: scenario
