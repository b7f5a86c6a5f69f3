/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_SETTINGS_H
#define POLICY_SETTINGS_H

/*
 * 'set': the table of settings is words.def, their places in struct policy_settings are
 * settings.c.
 */

#include "policy/policy.h"
#include "policy/words.h"

enum setting_type {
	TYPE_SOCKET,
	TYPE_PATH,
	TYPE_ACCOUNT,
	TYPE_ADDRESSES,
	TYPE_HOST,
	TYPE_HOSTS,
	TYPE_NETWORKS,
	TYPE_MAP,
	TYPE_CHOICE,
	TYPE_CHARACTER,
	TYPE_ZONE,
	TYPE_DURATION,
	TYPE_NUMBER,
	TYPE_LIFETIME,
	TYPE_RESOLVER,
	TYPE_MAILBOX,
	TYPE_SERVER,
	TYPE_PORTS,
	TYPE_MAILLOG,
	TYPE_REASONS,
};

struct parser;
struct token;

void settings_default(struct policy_settings *settings);
const char *setting_text(enum setting setting);

bool setting_find(struct view text, enum setting *ret_setting);
enum setting_type setting_type(enum setting setting);
/* Where the settings that are plain text go. */
void setting_put_text(struct parser *parser, enum setting setting, struct view text);
/* Numbers and durations within their bounds, and addresses of others. */
bool setting_take_amount(struct parser *parser, enum setting setting);
bool setting_take_server(struct parser *parser, enum setting setting);
/* One of the words of 'coverage-ignore'. */
bool setting_add_reason(struct parser *parser, const struct token *token);
/* The value of a setting that has one: the next token. */
bool setting_take_one(struct parser *parser, enum setting setting);

#endif
