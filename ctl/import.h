/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_IMPORT_H
#define CTL_IMPORT_H

/*
 * What 'frank import opendkim' is made of: the configuration of OpenDKIM 2.11 is read as
 * that program reads it, and said again in Frank's language.
 *
 *	import_conf	opendkim.conf and what it includes -> settings
 *	import_known	the table of settings that there are
 *	import_dataset	a data set (file, pattern file, list) -> rows
 *	import_keys	KeyTable and the files of keys -> keys
 *	import_pattern	a pattern of SigningTable -> what Frank can ask of an author
 *	import_signing	SigningTable -> rules
 *	import_domains	Domain, Selector, KeyFile and SubDomains -> rules
 *	import_order	which of several rules comes first -> what each leaves to others
 *	import_hosts	InternalHosts -> networks
 *	import_headers	which header fields are signed
 *	import_settings	all other settings
 *	import_plan	rules and keys -> names, places and groups
 *	import_policy	the text of frank.conf
 *	import_write	the new directory
 *	import_report	what became of every setting
 *
 * Everything lives in one arena, but for private keys, which are wiped at the end. Mistakes
 * are collected with their places, so that one run names them all. One thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/map.h"
#include "lib/net.h"
#include "lib/view.h"

#include "policy/list.h"

#include "auth/keys.h"

enum {
	IMPORT_CONF_MAX = 1 << 20,     /* bytes of one configuration file */
	IMPORT_DATASET_MAX = 16 << 20, /* bytes of one data set */
	IMPORT_SETTINGS_MAX = 1000,    /* in all files */
	IMPORT_ROWS_MAX = 100000,      /* of one data set, and rules */
	IMPORT_LINE_MAX = 1022,        /* bytes of a data set's line: OpenDKIM cuts there */
	IMPORT_LEVELS_MAX = 5,         /* of Include */
	IMPORT_KEYS_MAX = 50000,
	IMPORT_ERRORS_MAX = 20, /* said in one run */
	IMPORT_SIGNERS_MAX = 8, /* keys for one message */
};

/* LINE 0: the file as a whole; FILE NULL: nowhere. */
struct import_place {
	const char *file;
	unsigned line;
};

enum import_result {
	IMPORT_CARRIED, /* said in Frank's language */
	IMPORT_LEFT,    /* not carried over, and nothing to do about it */
	IMPORT_LOOK,    /* not carried over, and a person has to decide */
	IMPORT_DIFFERS, /* Frank does this otherwise, whatever was configured */
};

struct import_finding {
	struct import_place place;
	struct view what; /* a setting or a row, as it was written */
	enum import_result result;
	const char *text;
};

struct import_setting {
	struct import_place place;
	const struct import_known *known; /* NULL: there is no such setting */
	struct view name, value;
	bool is_said; /* there is a finding about it */
};

/* A private key, for one domain. */
struct import_key {
	struct import_place place;
	struct view domain, selector, path;
	struct view name; /* in KeyTable; then, if is_named, in frank.conf */
	struct buf pem;   /* wiped by import_fini */
	enum sign_algorithm algorithm;
	bool is_used;
	bool is_named; /* signs by its own name, not by that of its domain */
};

/* Whose mail is signed. */
enum import_kind { IMPORT_ADDRESS, IMPORT_DOMAIN, IMPORT_BELOW, IMPORT_ANY };

struct import_rule {
	struct import_place place;
	enum import_kind kind;
	struct view text; /* as it stands behind 'author' */
	struct view domain;
	struct import_key *keys[IMPORT_SIGNERS_MAX];
	unsigned n_keys;
	size_t order; /* lower ones come first */
	bool is_part; /* of what was written: that was wider */
	bool is_shadowed;
	LIST(const struct import_rule *) but; /* signed by these instead */
};

struct import {
	struct arena *arena;
	const char *source; /* opendkim.conf, as it was named */
	LIST(struct import_setting) settings;
	LIST(struct import_finding) findings;
	size_t n_errors;
	bool has_denied;  /* one of them: this user may not read a file */
	bool has_missing; /* the configuration itself is not there */
	bool is_json;

	const char *base; /* BaseDirectory, or NULL */
	LIST(struct import_key *) keys;
	struct map by_record; /* keys by their name in DNS */
	LIST(struct import_rule *) rules;
	struct map by_pattern; /* rules by their text */
	bool is_multiple;      /* MultipleSignatures */

	LIST(struct prefix) internal; /* InternalHosts but for loopback */
	bool has_loopback;            /* InternalHosts has it */

	const char *canonicalization;
	struct buf more; /* 'set' lines, and such as comments */
};

void import_init(struct import *import);
void import_fini(struct import *import);

/* A text in the arena. */
const char *import_text(struct import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Say "PLACE: error: TEXT" on stderr; the import is not done then. */
void import_error(struct import *import, struct import_place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of a file that cannot be read, with what ERR says. */
void import_error_file(
    struct import *import, struct import_place place, const struct err *err);

/* Note what became of WHAT. */
void import_find(struct import *import, struct import_place place, struct view what,
    enum import_result result, const char *text);
/* The same of a setting, which is said at most once. */
void import_say(struct import *import, struct import_setting *setting,
    enum import_result result, const char *text);

/* import_conf.c: errors are said. import_get: the last one of that name, as OpenDKIM has
 * it; NULL. */
void import_conf_read(struct import *import, const char *path);
struct import_setting *import_get(struct import *import, const char *name);
/* Is the boolean NAME there and true? */
bool import_is_on(struct import *import, const char *name);

/*
 * import_known.c. A setting of OpenDKIM, and what is said of it when no other part of the
 * import does. NULL: there is none of that name, in any case of letters.
 */
enum import_type { IMPORT_STRING, IMPORT_BOOLEAN, IMPORT_NUMBER };
struct import_known {
	const char *name;
	enum import_type type;
	enum import_result result;
	const char *text;
};
const struct import_known *import_known_find(struct view name);
/* The nearest name there is, or NULL. */
const char *import_known_guess(struct view name);

/* import_dataset.c: the rows of a data set, in order. */
struct import_row {
	struct import_place place;
	struct view key, value; /* value: empty when it has none */
};
enum import_form { IMPORT_FILE, IMPORT_PATTERNS, IMPORT_LIST };
struct import_dataset {
	enum import_form form;
	LIST(struct import_row) rows;
};
/* -1: said. */
int import_dataset_read(struct import *import, const struct import_setting *setting,
    struct import_dataset *ret_set);
/* The full path of a file that PLACE names as PATH; NULL: said. */
const char *import_path(struct import *import, struct import_place place, struct view path);

/* import_keys.c: a KeyTable as it was read. */
struct import_keytable {
	struct import_dataset set;
	struct map by_name; /* of struct import_row */
};
/* -1: said. _index: the same of rows that are there already. Both are followed by _fini. */
int import_keytable_read(struct import *import, const struct import_setting *setting,
    struct import_keytable *table);
int import_keytable_index(struct import *import, struct import_keytable *table);
void import_keytable_fini(struct import_keytable *table);
/* A row's domain is "%": the author's. */
bool import_keytable_any(const struct import_row *row);
/*
 * The key of ROW for DOMAIN, when the row has none of its own; read at the first time.
 * NULL: said.
 */
struct import_key *import_keytable_key(
    struct import *import, const struct import_row *row, struct view domain);

/* import_pattern.c: what of SigningTable's keys Frank can ask. */
struct import_pattern {
	enum import_kind kind;
	bool is_ending;   /* fits what ends in the domain: the domain, and what is below */
	struct view text; /* behind 'author'; empty for IMPORT_ANY */
	struct view domain;
};
/* 0, or -1: *ret_why says why not. */
int import_pattern_read(struct import *import, enum import_form form, struct view key,
    struct import_pattern *ret_pattern, const char **ret_why);
/* Behind 'author', for KIND of DOMAIN. */
struct view import_pattern_text(
    struct import *import, enum import_kind kind, struct view domain);

/* import_signing.c: fill import->rules from the rows of a SigningTable. How many of them
 * ask for a tag i=. */
unsigned import_signing_read(struct import *import, const struct import_keytable *keys,
    const struct import_dataset *set);

/* import_domains.c: from KeyTable and SigningTable, or from Domain, Selector and KeyFile,
 * as if they were such tables. Says what became of them all. */
void import_rules_read(struct import *import);

/* import_order.c: fill 'but', 'is_shadowed' and the keys' 'is_used'. */
void import_order(struct import *import);

/* import_hosts.c, import_headers.c, import_settings.c: the other settings. */
void import_hosts_read(struct import *import);
void import_headers_read(struct import *import);
void import_settings_read(struct import *import);

/* import_plan.c: what frank.conf will have. */
struct import_group {
	struct view with; /* behind 'sign with'; empty: 'sign' alone */
	LIST(const struct import_rule *) rules;
	LIST(const struct import_rule *) but; /* of the one rule: signed by others */
	struct view authors;                  /* behind 'author': what the rules are for */
};
struct import_file {
	const char *path; /* below the new directory */
	struct view content;
	bool is_secret;
};
struct import_plan {
	struct import *import;
	LIST(struct import_group *) groups;
	LIST(struct import_file) files;
	struct map by_with; /* groups of rules that leave nothing to others */
	struct map domains; /* of keys */
	struct map names;   /* of keys and tables */
	size_t n_tables;
};
void import_plan_init(struct import_plan *plan, struct import *import);
void import_plan_make(struct import_plan *plan);
void import_plan_fini(struct import_plan *plan);
/* TEXT as a name in Frank's language, which nothing else in the plan has. */
struct view import_plan_name(struct import_plan *plan, struct view text);
/* A key's file below the new directory. */
const char *import_plan_path(struct import *import, const struct import_key *key);

/* import_policy.c: frank.conf in OUT, its tables as files of the plan. -1: err. */
int import_policy_make(struct import_plan *plan, struct buf *out, struct err *err);

/*
 * import_write.c: TO must not exist or be empty. All files are written into a directory
 * beside it, which is checked as 'frank check' does and then takes its name.
 *
 * ret_errors: how many 'frank check' has, with those in NOTES. -1: err, and nothing is
 * left.
 */
int import_write(const struct import_plan *plan, const char *to, size_t *ret_errors,
    struct buf *notes, struct err *err);
/* The same check without writing anything, and without what is about files. */
void import_check(const struct import_plan *plan, size_t *ret_errors, struct buf *notes);

/* import_report.c */
struct import_outcome {
	const char *to; /* NULL: nothing was written */
	size_t errors;  /* of the check */
	struct view notes, policy;
};
/* Print it; the exit code. */
int import_report(struct import *import, const struct import_outcome *outcome);
/* One error as a JSON line. */
void import_report_error(struct import_place place, const char *text);

#endif
