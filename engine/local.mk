# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

noinst_LIBRARIES += engine/libengine.a
engine_libengine_a_SOURCES = \
	engine/decide.c \
	engine/deciding.h \
	engine/engine.h \
	engine/line.c \
	engine/sign.c \
	engine/trace.c
