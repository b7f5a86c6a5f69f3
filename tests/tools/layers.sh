#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Who may include whom, and which outside library belongs to which folder. Prints TAP.

set -eu
cd "${FRANK_SRC:-.}"

echo 1..2

# Folder: what its files may include. auth is open to engine for alignment alone.
allowed='
lib      lib/
policy   policy/ lib/
burst    burst/ lib/
auth     auth/ lib/
receiver receiver/ lib/
engine   engine/ policy/ auth/align.h lib/
journal  journal/ policy/ lib/
milter   milter/ lib/ policy/ burst/ auth/ receiver/ engine/ journal/
ctl      ctl/ lib/ policy/ burst/ auth/ receiver/ engine/ journal/
'
# Header of an outside library: the folders that own it.
owners='
libmilter/ milter/adapter
openssl/   auth/ ctl/
sqlite3.h  journal/
unbound.h  auth/
opendkim/  receiver/
spf2/      receiver/
syslog.h   lib/log
'

folders=
for folder in lib policy burst auth receiver engine journal milter ctl; do
	if [ -d "$folder" ]; then folders="$folders $folder"; fi
done

# shellcheck disable=SC2086 # a list of folders
wrong=$(find $folders -name '*.[ch]' -exec awk -v allowed="$allowed" -v owners="$owners" '
	BEGIN {
		n = split(allowed, line, "\n")
		for (i = 1; i <= n; i++) {
			words = split(line[i], word, " ")
			for (j = 2; j <= words; j++)
				may[word[1], j - 1] = word[j]
		}
		outside = split(owners, owned, "\n")
	}
	function may_include(folder, header,  i) {
		for (i = 1; (folder, i) in may; i++)
			if (index(header, may[folder, i]) == 1)
				return 1
		return 0
	}
	function owns(file, header,  i, j, words, word) {
		for (i = 1; i <= outside; i++) {
			words = split(owned[i], word, " ")
			if (words == 0 || index(header, word[1]) != 1)
				continue
			for (j = 2; j <= words; j++)
				if (index(file, word[j]) == 1)
					return 1
			return 0
		}
		return 1
	}
	/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
		header = $0
		sub(/^[^<"]*[<"]/, "", header)
		sub(/[>"].*$/, "", header)
		folder = FILENAME
		sub(/\/.*/, "", folder)
		if ($0 ~ /"/ && !may_include(folder, header))
			printf "# %s:%d: %s may not include %s\n", FILENAME, FNR, folder, header
		if ($0 ~ /</ && !owns(FILENAME, header))
			printf "# %s:%d: <%s> belongs to another file or folder\n", FILENAME, FNR, header
	}' {} +)

if [ -z "$wrong" ]; then
	echo "ok 1 - every include stays within its layer"
else
	echo "not ok 1 - every include stays within its layer"
	echo "$wrong"
fi

# Only lib/clock.c asks for the time; threads of libmilter would otherwise disagree about it.
# shellcheck disable=SC2086
clocks=$(grep -rnE '\b(clock_gettime|gettimeofday|time\(NULL\)|time\(0\))' $folders --include='*.c' |
	grep -v '^lib/clock.c:' || true)
if [ -z "$clocks" ]; then
	echo "ok 2 - only lib/clock.c asks the system for the time"
else
	echo "not ok 2 - only lib/clock.c asks the system for the time"
	echo "$clocks" | sed 's/^/# /'
fi
