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
# Everybody can pass through /tmp, which need not hold for TMPDIR.
scratch=$(mktemp -d /tmp/frank-doctor.XXXXXX)
bless=${BLESS:-${FRANK_BLESS:-}}

[ -n "$scratch" ] || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$source/tests/doctor" || exit 1

chmod 755 "$scratch"
export DOCTOR_FILES="$scratch/files"
cp -r files "$scratch/files"
mkdir -p "$DOCTOR_FILES/queue/open" "$DOCTOR_FILES/queue/closed" "$DOCTOR_FILES/queue/etc" \
	"$DOCTOR_FILES/bare-queue"
chmod 755 "$DOCTOR_FILES" "$DOCTOR_FILES"/*queue "$DOCTOR_FILES"/queue/*
chmod 700 "$DOCTOR_FILES/queue/closed"
: >"$DOCTOR_FILES/queue/open/file"
echo '127.0.0.1 localhost' >"$DOCTOR_FILES/queue/etc/hosts"

number=0
report() { # 0 or not, title
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

"$cases" >"$scratch/names" || exit 1
for name in $(cat "$scratch/names"); do
	"$cases" "$name" >"$scratch/raw"
	status=$?
	# Who runs this, and the group of nobody, differ.
	sed "s,$DOCTOR_FILES,/FILES,g; s/, group [^:]*:/, group GROUP:/
		s/socket-group [a-z0-9_]*/socket-group GROUP/" "$scratch/raw" >"$scratch/said"
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
