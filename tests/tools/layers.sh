#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Who may include whom, and which outside library, and the clock, and other programs, belong to
# which folder or file. Prints TAP.

set -eu
cd "${FRANK_SRC:-.}"

echo 1..3

# Folder: what its files may include. auth is open to engine for alignment alone.
allowed='
lib      lib/
policy   policy/ lib/
burst    burst/ lib/
auth     auth/ lib/
receiver receiver/ lib/
metering metering/ policy/ burst/ lib/
maillog  maillog/ lib/
engine   engine/ policy/ auth/align.h lib/
journal  journal/ policy/ lib/
milter   milter/ lib/ policy/ burst/ metering/ maillog/ auth/ receiver/ engine/ journal/
postfix  postfix/ lib/
holdd    holdd/ postfix/ lib/
doctor   doctor/ lib/ postfix/ policy/ auth/
ctl      ctl/ lib/ doctor/ postfix/ policy/ burst/ metering/ maillog/ auth/ receiver/ engine/ journal/
'
# Header of an outside library: the folders that own it.
owners='
libmilter/ milter/adapter.c
openssl/   auth/ ctl/
sqlite3.h  journal/
unbound.h  auth/
opendkim/  receiver/
spf2/      receiver/
idn2.h     auth/
libpsl.h   auth/
gmime/     ctl/mail_gmime.c
syslog.h   lib/log.c
'

folders=
for folder in lib policy burst metering maillog auth receiver engine journal milter postfix holdd doctor ctl; do
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
		# Ours in angle brackets is still ours.
		first = header
		sub(/\/.*/, "", first)
		is_ours = $0 ~ /"/ || (index(header, "/") && (first, 1) in may)
		if (is_ours && !may_include(folder, header))
			printf "# %s:%d: %s may not include %s\n", FILENAME, FNR, folder, header
		if (!is_ours && !owns(FILENAME, header))
			printf "# %s:%d: <%s> belongs to another file or folder\n", FILENAME, FNR, header
	}' {} +)

# Calls of the functions $1 (an expression), outside the files $2 (another) and outside comments.
calls() {
	# shellcheck disable=SC2086,SC2016 # a list of folders; awk's fields
	find $folders -name '*.[ch]' | LC_ALL=C sort | grep -vE "^($2)" | xargs awk -v names="$1" '
		/^[ \t]*(\*|\/\*|\/\/)/ { next }
		$0 ~ "(^|[^A-Za-z0-9_])(" names ")[ \t]*\\(" { print "# " FILENAME ":" FNR ": " $0 }'
}

check() { # number, title, what is wrong
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$3"
	fi
}

check 1 "every include stays within its layer" "$wrong"
check 2 "only lib/clock.c asks the system for the time" \
	"$(calls 'clock_gettime|gettimeofday|timespec_get|time|ftime' 'lib/clock\.c$')"
check 3 "only lib/run.c, receiver/confined.c and milter/ start processes" \
	"$(calls 'v?fork|_Fork|clone|f?exec[lv]p?e?|posix_spawnp?|system|popen' 'lib/run\.c$|receiver/confined\.c$|milter/')"
