/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

/* What the files of the reading side share. */

#include "journal/read.h"
#include "journal/row.h"

/* Told of each day's file that there is, oldest first, from that of SINCE to that of UNTIL
 * (0: open). 0: go on. */
typedef int journal_reader_day(void *context, struct row_file *file, struct err *err);
/* As journal_find() says of files that cannot be read. */
int journal_reader_days(struct journal_reader *reader, int64_t since, int64_t until,
    journal_reader_day *each, void *context, struct err *err);

const char *journal_reader_dir(const struct journal_reader *reader);

#endif
