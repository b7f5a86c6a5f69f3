/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_MORE_H
#define JOURNAL_MORE_H

/*
 * The facts that have no column of their own, as one JSON object, and back (SQLite takes
 * the object apart). What is empty is left out. Bytes that are not UTF-8 do not survive
 * here, so nothing that a rule looks at is kept in it as free text from outside.
 */

#include <sqlite3.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/view.h"

#include "journal/read.h"

/* name in the object, member of struct journal_row */
#define MORE_TEXTS(X)                                                                      \
	X("helo", facts.helo)                                                              \
	X("sender_domain", facts.sender.domain)                                            \
	X("author_domain", facts.author.domain)                                            \
	X("unclear", facts.unclear)                                                        \
	X("reply", reply)                                                                  \
	X("on_error", on_error)                                                            \
	X("key", key)                                                                      \
	X("unsigned", unsigned_why)                                                        \
	X("dmarc_fails", dmarc_why)                                                        \
	X("tags", tags)                                                                    \
	X("notes", notes)                                                                  \
	X("watch", watch)                                                                  \
	X("advice", advice)

#define MORE_NUMBERS(X)                                                                    \
	X("date", facts.local_date)                                                        \
	X("minute", facts.local_minute)                                                    \
	X("weekday", facts.local_weekday)                                                  \
	X("fragile", facts.fragile)                                                        \
	X("us", micros)

/* What is no JSON would end the whole SELECT. */
#define MORE_SELECT(name, member)                                                          \
	", json_extract(iif(json_valid(more), more, '{}'), '$." name "')"

/* Behind the columns of SCHEMA_DECISION in a SELECT. */
#define MORE_COLUMNS                                                                       \
	MORE_TEXTS(MORE_SELECT)                                                            \
	MORE_NUMBERS(MORE_SELECT)                                                          \
	MORE_SELECT("fits", ) ", json_valid(more) IS NOT 1"

void more_write(const struct journal_row *row, struct buf *out);

/* ROW has what its columns hold; add the rest, from column AT on. All text in ARENA. */
void more_read(sqlite3_stmt *stmt, int at, struct arena *arena, struct journal_row *row);

#endif
