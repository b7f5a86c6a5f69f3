#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Each check of Postfix: the answer that it should give for each variant of a configuration (as
# tests/doctor/cases_*.c want it), and its very words (CHECK.ok). BLESS=1 (or make bless) rewrites
# the words, not the answers. Prints TAP.

set -u
source=$(cd "${FRANK_SRC:-.}" && pwd)
cases=$(cd "${FRANK_BUILD:-.}" && pwd)/tests/doctor/doctor_cases
scratch=${TMPDIR:-/tmp}/doctor-$$
bless=${BLESS:-${FRANK_BLESS:-}}

mkdir "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$source/tests/doctor" || exit 1

number=0
report() { # 0 or not, title
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

"$cases" >"$scratch/names" || exit 1
for name in $(cat "$scratch/names"); do
	"$cases" "$name" >"$scratch/said"
	status=$?
	[ "$status" -eq 0 ] || grep -B 12 '^!!\|no variants' "$scratch/said" | sed 's/^/# /'
	report "$status" "$name answers as it should"
	[ -z "$bless" ] || cp "$scratch/said" "$name.ok"
	diff -u "$name.ok" "$scratch/said" >"$scratch/diff" 2>&1
	status=$?
	sed 's/^/# /' "$scratch/diff"
	report "$status" "$name says it in these words"
done
ls ./*.ok | sed 's,^./,,; s,\.ok$,,' | LC_ALL=C sort >"$scratch/golden"
LC_ALL=C sort "$scratch/names" | diff - "$scratch/golden" | sed 's/^/# /'
LC_ALL=C sort "$scratch/names" | cmp -s - "$scratch/golden"
report "$?" "there is nothing beside that"
echo "1..$number"
