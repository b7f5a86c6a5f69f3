/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef ENGINE_LISTS_H
#define ENGINE_LISTS_H

/*
 * What a decision adds, as the journal keeps it: written by frankd, and again by 'frank
 * explain', which compares. One form, so that a difference means something. Appended to
 * OUT.
 */

#include "engine/engine.h"
#include "lib/buf.h"

/* Bytes of one list in a record: all tags there may be, each with its name. */
enum { ENGINE_LIST_MAX = DECISION_TAGS_MAX * (512 + 128) };

/* "example.org/s2026:rsa-sha256 example.org/e2026:ed25519-sha256" */
void engine_list_signed(const struct decision *decision, struct buf *out);
/* "X-Frank-Burst: 60 recipients", LF between several */
void engine_list_tags(const struct decision *decision, struct buf *out);
/* LF between several */
void engine_list_notes(const struct decision *decision, struct buf *out);
/* "hold frank.conf:52 label", LF between several */
void engine_list_watch(const struct decision *decision, struct buf *out);

#endif
