# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
noinst_LIBRARIES += journal/libjournal.a
journal_libjournal_a_SOURCES = \
	journal/address.c journal/address.h \
	journal/day.c journal/day.h \
	journal/db.c journal/db.h \
	journal/journal.c journal/journal.h \
	journal/keep.c \
	journal/more.c journal/more.h \
	journal/policies.c \
	journal/queue.c journal/queue.h \
	journal/read.h \
	journal/record.c journal/record.h \
	journal/schema.h \
	journal/secret.c \
	journal/writer.c journal/writer.h
