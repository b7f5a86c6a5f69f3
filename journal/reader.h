/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

/* What the files of the reading side share. */

#include "journal/read.h"

const char *journal_reader_dir(const struct journal_reader *reader);

#endif
