#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# The shipped policy in one simulated site: the bars of simulate.c hold, and they are missed by one
# that counts nothing. Prints TAP.

set -u
source=$(cd "${FRANK_SRC:-.}" && pwd)
simulate=${FRANK_BUILD:-.}/tests/bench/simulate
scratch=${TMPDIR:-/tmp}
policy=$source/policy/default.conf

echo 1..3
said=$("$simulate" "$policy" 101 2>&1)
status=$?
if [ "$status" -eq 0 ]; then echo "ok 1 - the shipped policy catches what it should"
else echo "not ok 1 - the shipped policy catches what it should"; fi
printf '%s\n' "$said" | sed 's/^/# /'

case $said in
*"
caught "*" false "*" per user-month reached-median "*) echo "ok 2 - the last line is the sum of it" ;;
*) echo "not ok 2 - the last line is the sum of it" ;;
esac

grep -vE '^(meter|hold .*(crowd|abroad|places|fresh|sent) )' "$policy" |
	sed '/^	label "many logins/d' >"$scratch/blind.conf"
if said=$("$simulate" "$scratch/blind.conf" 101 2>&1); then status=0; else status=$?; fi
case $status$said in
1*"missed: loud"*"caught 0.0%"*) echo "ok 3 - a policy that counts nothing misses them" ;;
*)
	echo "not ok 3 - a policy that counts nothing misses them"
	printf '%s\n' "$said" | sed 's/^/# /'
	;;
esac
