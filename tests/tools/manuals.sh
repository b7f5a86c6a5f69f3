#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# The manuals are well-formed and name each other rightly. Prints TAP.

set -eu
cd "${FRANK_SRC:-.}"

if ! command -v mandoc >/dev/null 2>&1; then
	echo "1..1"
	echo "ok 1 - manuals # SKIP mandoc is not installed"
	exit 0
fi

set -- doc/frankd.8 doc/frank-holdd.8 doc/frank.1 doc/frank.conf.5 doc/frank-replies.5
echo "1..$#"
number=0
for manual in "$@"; do
	number=$((number + 1))
	# Whether the system has the pages we refer to is not what is asked here.
	if said=$(mandoc -T lint -W warning "$manual" 2>&1 | grep -v 'STYLE: referenced manual not found') &&
		[ -n "$said" ]; then
		echo "not ok $number - $manual is well-formed"
		printf '%s\n' "$said" | sed 's/^/# /'
	else
		echo "ok $number - $manual is well-formed"
	fi
done
