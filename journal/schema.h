/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_SCHEMA_H
#define JOURNAL_SCHEMA_H

/*
 * The tables of a day's file. Text is stored as it came: untrusted, not always UTF-8. What
 * people filter on has a column, all else is one JSON object in 'more' (see more.h).
 * 'outcome' is what became of a message after Postfix took it: a row for each line of
 * Postfix's log that says something (journal/outcome.h). How far the log has been read is
 * in 'meta' as 'place', and 'place_number' says which file's is the latest. 'queue' is what
 * was in Postfix's queue, a row for each of its queues every minute.
 */

#define SCHEMA_VERSION 1

#define SCHEMA_DAY                                                                         \
	"CREATE TABLE IF NOT EXISTS decision("                                             \
	"  id INTEGER PRIMARY KEY, time INTEGER, host TEXT, queue_id TEXT,"                \
	"  message_id TEXT, verdict TEXT, place TEXT, label TEXT, path TEXT, user TEXT,"   \
	"  client TEXT, sender TEXT, author TEXT, rcpts INTEGER, size INTEGER,"            \
	"  signed TEXT, policy TEXT, more TEXT);"                                          \
	"CREATE TABLE IF NOT EXISTS recipient("                                            \
	"  decision INTEGER, n INTEGER, address TEXT, domain TEXT,"                        \
	"  PRIMARY KEY(decision, n)) WITHOUT ROWID;"                                       \
	"CREATE TABLE IF NOT EXISTS outcome("                                              \
	"  id INTEGER PRIMARY KEY, time INTEGER, host TEXT, what TEXT, queue_id TEXT,"     \
	"  other_id TEXT, recipient TEXT, original TEXT, domain TEXT, relay TEXT,"         \
	"  dsn TEXT, delay INTEGER, user TEXT, client TEXT, sender TEXT, program TEXT,"    \
	"  text TEXT, delay_before INTEGER, delay_active INTEGER, delay_connect INTEGER,"  \
	"  delay_send INTEGER);"                                                           \
	"CREATE INDEX IF NOT EXISTS outcome_of ON outcome(queue_id);"                      \
	"CREATE INDEX IF NOT EXISTS outcome_from ON outcome(other_id)"                     \
	"  WHERE other_id IS NOT NULL;"                                                    \
	"CREATE TABLE IF NOT EXISTS queue("                                                \
	"  time INTEGER, name TEXT, messages INTEGER, bytes INTEGER, oldest INTEGER);"     \
	"CREATE TABLE IF NOT EXISTS action("                                               \
	"  id INTEGER PRIMARY KEY, time INTEGER, what TEXT, who TEXT, text TEXT);"         \
	"CREATE TABLE IF NOT EXISTS dropped("                                              \
	"  id INTEGER PRIMARY KEY, time INTEGER, count INTEGER, why TEXT);"                \
	"CREATE TABLE IF NOT EXISTS k("                                                    \
	"  key INTEGER, id INTEGER, PRIMARY KEY(key, id)) WITHOUT ROWID;"                  \
	"CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"     \
	"INSERT OR IGNORE INTO meta VALUES('version', 1), ('indexed', 0);"

#define SCHEMA_ADD_DECISION                                                                \
	"INSERT INTO decision(id, time, host, queue_id, message_id, verdict, place, "      \
	"label,"                                                                           \
	" path, user, client, sender, author, rcpts, size, signed, policy, more)"          \
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)"

#define SCHEMA_ADD_RECIPIENT "INSERT INTO recipient VALUES(?1,?2,?3,?4)"
#define SCHEMA_ADD_ACTION    "INSERT INTO action(time, what, who, text) VALUES(?1,?2,?3,?4)"
#define SCHEMA_ADD_DROPPED   "INSERT INTO dropped(time, count, why) VALUES(?1,?2,?3)"
#define SCHEMA_ADD_KEY       "INSERT OR IGNORE INTO k VALUES(?1,?2)"

#define SCHEMA_ADD_OUTCOME                                                                 \
	"INSERT INTO outcome(time, host, what, queue_id, other_id, recipient, original,"   \
	" domain, relay, dsn, delay, user, client, sender, program, text, delay_before,"   \
	" delay_active, delay_connect, delay_send)"                                        \
	" VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)"
/* To the table of an earlier frankd. */
#define SCHEMA_WIDEN_OUTCOME                                                               \
	"ALTER TABLE outcome ADD COLUMN delay_before INTEGER;"                             \
	"ALTER TABLE outcome ADD COLUMN delay_active INTEGER;"                             \
	"ALTER TABLE outcome ADD COLUMN delay_connect INTEGER;"                            \
	"ALTER TABLE outcome ADD COLUMN delay_send INTEGER;"
#define SCHEMA_SET_PLACE                                                                   \
	"INSERT OR REPLACE INTO meta VALUES('place', ?1), ('place_number', ?2)"

#define SCHEMA_ADD_QUEUE "INSERT INTO queue VALUES(?1,?2,?3,?4,?5)"

/* Columns as in SCHEMA_ADD_DECISION. */
#define SCHEMA_DECISION                                                                    \
	"id, time, host, queue_id, message_id, verdict, place, label, path, user, client," \
	" sender, author, rcpts, size, signed, policy, more"

enum schema_decision {
	DECISION_ID,
	DECISION_TIME,
	DECISION_HOST,
	DECISION_QUEUE_ID,
	DECISION_MESSAGE_ID,
	DECISION_VERDICT,
	DECISION_PLACE,
	DECISION_LABEL,
	DECISION_PATH,
	DECISION_USER,
	DECISION_CLIENT,
	DECISION_SENDER,
	DECISION_AUTHOR,
	DECISION_RCPTS,
	DECISION_SIZE,
	DECISION_SIGNED,
	DECISION_POLICY,
	DECISION_MORE,
	DECISION_COLUMNS,
};

#define SCHEMA_POLICIES                                                                    \
	"CREATE TABLE IF NOT EXISTS policy("                                               \
	"  hash TEXT PRIMARY KEY, first INTEGER, last INTEGER, packed BLOB);"

#endif
