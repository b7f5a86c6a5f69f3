/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

/*
 * The strings of a rule: what may stand in a tag, note, label and reply, and filling in
 * {facts}.
 */

#include "policy/parse.h"

/* Every {name} is a fact that can be filled in. */
bool text_check_names(struct parser *parser, struct view text, struct span where);
/* "Name: value", cut into both. */
bool text_check_tag(struct parser *parser, struct text_effect *tag);
bool text_check_label(struct parser *parser, const struct rule *rule);
bool text_check_reply(struct parser *parser, const struct rule *rule);

#endif
