# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
bin_PROGRAMS += ctl/frank
ctl_frank_SOURCES = \
	ctl/cases.c ctl/cases.h \
	ctl/cases_facts.c ctl/cases_facts.h \
	ctl/check.c \
	ctl/control.c \
	ctl/ctl.h \
	ctl/explain.c \
	ctl/key.c ctl/key.h \
	ctl/key_new.c \
	ctl/key_source.c \
	ctl/load.c ctl/load.h \
	ctl/log.c \
	ctl/main.c \
	ctl/paths.c \
	ctl/rerun.c ctl/rerun.h \
	ctl/running.c ctl/running.h \
	ctl/say.c \
	ctl/show.c ctl/show.h \
	ctl/test.c \
	ctl/trace_text.c ctl/trace_text.h
ctl_frank_LDADD = engine/libengine.a journal/libjournal.a policy/libpolicy.a auth/libauth.a \
	lib/libfrank.a $(SQLITE_LIBS) $(CRYPTO_LIBS) $(IDN_LIBS) $(PSL_LIBS)
