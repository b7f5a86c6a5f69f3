#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# run.sh [BUILD]: what we sign, other people's verifiers verify. Prints TAP. The messages stay in
# BUILD's tests/differential/out when something is wrong.

set -eu

source=$(cd "$(dirname "$0")" && pwd)
build=${1:-${FRANK_BUILD:-.}}
out=$build/tests/differential/out

rm -rf "$out"
mkdir -p "$out"
"$build/tests/differential/make_messages" "$out"
"$build/tests/differential/verify_opendkim" "$out" >"$out/opendkim"
/usr/bin/python3 "$source/verify_dkimpy.py" "$out" >"$out/dkimpy"
perl "$source/verify_mail_dkim.pl" "$out" >"$out/mail_dkim"
/usr/bin/python3 "$source/compare.py" "$out" >"$out/tap"
cat "$out/tap"
grep -q '^not ok' "$out/tap" || rm -rf "$out"
