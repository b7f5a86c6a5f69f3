/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

/*
 * The strings of a rule: what may stand in a tag, note, label and reply, and filling in
 * {facts}.
 */

#include "policy/check.h"

/* The next {name} of *rest; false: there is none. */
bool text_next_name(struct view *rest, struct view *ret_name);
/* Is NAME a fact that can be filled in? Meters can, too. */
bool text_is_fill(struct view name);
void text_fail_name(struct checker *checker, struct span where, struct view name);

/* Every { has its }; what stands between is looked at when all meters are known. */
bool text_check_names(struct parser *parser, struct view text, struct span where);
/* "Name: value", cut into both. */
bool text_check_tag(struct parser *parser, struct text_effect *tag);
bool text_check_label(struct parser *parser, const struct rule *rule);
bool text_check_reply(struct parser *parser, const struct rule *rule);

#endif
