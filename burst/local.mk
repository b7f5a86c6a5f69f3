# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += burst/libburst.a
burst_libburst_a_SOURCES = \
	burst/burst.c burst/burst.h burst/private.h \
	burst/bytes.c burst/bytes.h \
	burst/calendar.c burst/calendar.h \
	burst/distinct.c burst/distinct.h burst/sketch.c burst/sketch.h \
	burst/give.c burst/take.c \
	burst/keep.c burst/keep.h burst/snapshot.c burst/snapshot.h burst/snapshot_read.c \
	burst/look.c \
	burst/lru.c burst/lru.h \
	burst/meter.c burst/shard.c burst/usual.c \
	burst/profile.c burst/profile.h \
	burst/recall.c \
	burst/ring.c burst/ring.h

burst_libs = burst/libburst.a lib/libfrank.a
