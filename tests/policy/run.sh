#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Golden policies: NAME.conf with NAME.ok (its canonical form, which must parse to itself) and
# NAME.err (complete diagnostics); a file with warnings has both, and no file means no output.
# NAME.conf.keys is the list of usable keys. BLESS=1 (or make bless) rewrites them. Prints TAP.

set -u
source=$(cd "${FRANK_SRC:-.}" && pwd)
check=${POLICY_CHECK:-$(cd "${FRANK_BUILD:-.}" && pwd)/tests/tools/policy_check}
scratch=${TMPDIR:-/tmp}/policy-$$
bless=${BLESS:-${FRANK_BLESS:-}}
today=20270125

mkdir "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$source/tests/policy" || exit 1

# Hold the output in $scratch/$2 against the golden file $1.$2.
same() {
	[ -f "$1.$2" ] || [ -s "$scratch/$2" ] || return 0
	if [ -n "$bless" ]; then
		if [ -s "$scratch/$2" ]; then cp "$scratch/$2" "$1.$2"; else rm -f "$1.$2"; fi
		return 0
	fi
	golden=$1.$2
	[ -f "$golden" ] || golden=/dev/null
	diff -u "$golden" "$scratch/$2" >"$scratch/diff" && return 0
	sed 's/^/# /' "$scratch/diff"
	return 1
}

number=0
for file in *.conf; do
	name=${file%.conf}
	number=$((number + 1))
	"$check" -d "$today" "$file" >"$scratch/ok" 2>"$scratch/err"
	status=$?
	verdict=ok
	same "$name" ok || verdict="not ok"
	same "$name" err || verdict="not ok"
	if [ "$status" -gt 1 ]; then
		verdict="not ok"
		echo "# exit status $status"
		sed 's/^/# /' "$scratch/err"
	fi
	echo "$verdict $number - $name"
done
echo "1..$number"
