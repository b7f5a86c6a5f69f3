#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Functions of at most 60 lines, files of at most 400, the tests excepted. Prints TAP; with "-l" the
# longest of each, tests included.

set -eu
cd "${FRANK_SRC:-.}"

folders='lib policy burst metering maillog follow replies auth receiver engine journal milter postfix
	holdd doctor ctl'

sources() {
	for folder in $folders; do
		if [ -d "$folder" ]; then find "$folder" -name '*.[ch]'; fi
	done | LC_ALL=C sort
}

functions() {
	# shellcheck disable=SC2016 # awk's fields
	sources | xargs awk '
		FNR == 1 { start = 0; name = "" }
		/^[A-Za-z_][A-Za-z0-9_ *]*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
		/^\{/ { start = FNR }
		/^\}/ && start { printf "%d %s:%d %s\n", FNR - start - 1, FILENAME, start, name; start = 0 }'
}

files() {
	sources | xargs wc -l | awk '$2 != "total" { print $1, $2 }'
}

check() { # number, title, limit; lines "SIZE WHAT" on standard input
	over=$(awk -v limit="$3" '$1 > limit { sub(/ /, " lines: "); print "# " $0 }')
	if [ -z "$over" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$over"
	fi
}

if [ "${1:-}" = -l ]; then
	folders="$folders tests"
	echo "longest functions (limit 60)"
	functions | sort -rn | head -n 15
	echo "longest files (limit 400)"
	files | sort -rn | head -n 15
	files | sort -n | awk '{ size[NR] = $1; all += $1 }
		END { printf "%d files, %d lines, median %d\n", NR, all, size[int((NR + 1) / 2)] }'
	exit 0
fi
echo 1..2
functions | check 1 "no function is longer than 60 lines" 60
files | check 2 "no file is longer than 400 lines" 400
