# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += lib/libfrank.a
lib_libfrank_a_SOURCES = \
	lib/arena.c lib/arena.h \
	lib/buf.c lib/buf.h \
	lib/bug.c lib/bug.h \
	lib/bundle.c lib/bundle.h \
	lib/clock.c lib/clock.h \
	lib/control.c lib/control.h \
	lib/err.c lib/err.h \
	lib/escape.c lib/escape.h \
	lib/file.c lib/file.h lib/file_trust.c \
	lib/ipc.c lib/ipc.h \
	lib/json.c lib/json.h \
	lib/listen.c lib/listen.h \
	lib/log.c lib/log.h \
	lib/map.c lib/map.h lib/map_seed.c \
	lib/net.c lib/net.h \
	lib/run.c lib/run.h \
	lib/utf8.c lib/utf8.h \
	lib/view.c lib/view.h
