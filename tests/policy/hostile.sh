#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Files that are no policy, or far too much of one: `frank check` says what is wrong in one of its
# sentences, soon, and without dying. Prints TAP.

set -u
frank=$(cd "${FRANK_BUILD:-.}" && pwd)/ctl/frank
scratch=${TMPDIR:-/tmp}/hostile-$$

mkdir "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
number=0
as=

# title, what it must say; the policy is frank.conf
expect() {
	number=$((number + 1))
	# shellcheck disable=SC2086 # a command and its options, or nothing
	timeout 20 $as "$frank" check frank.conf >said 2>&1
	status=$?
	if [ "$status" -lt 64 ] && [ "$status" -ne 0 ] && grep -qF -- "$2" said; then
		echo "ok $number - $1"
	elif [ "$status" -ge 64 ] && [ "$status" -lt 100 ] && grep -qF -- "$2" said; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		echo "# exit $status, expected: $2"
		head -c 600 said | sed 's/^/# /'
	fi
	if [ "$(wc -c <said)" -gt 20000 ]; then echo "# it says a great deal: $(wc -c <said) bytes"; fi
	rm -rf frank.conf part table
}

# N lines made by awk's printf of FORMAT with the line's number
lines() {
	awk -v n="$1" -v format="$2\n" 'BEGIN { for (i = 1; i <= n; i++) printf format, i, i }'
}

expect "no file" "No such file or directory"
mkdir frank.conf
expect "a directory" "directory"
mkfifo frank.conf
expect "a pipe that nobody writes to" "is a FIFO"
: >frank.conf
expect "an empty file" "no line decides"
head -c 4096 "$frank" >frank.conf
expect "a program" "NUL"
awk 'BEGIN { srand(1); for (i = 0; i < 4000; i++) printf "%c", 1 + int(rand() * 254) }' >frank.conf
expect "noise" "error: "
printf 'accept\0\n' >frank.conf
expect "a NUL" "NUL"
printf 'accept\r\n' >frank.conf
expect "CR LF" "CR LF"
printf '\357\273\277accept\n' >frank.conf
expect "a byte order mark" "byte order mark"
printf 'hold user caf\351 label "x"\naccept\n' >frank.conf
expect "Latin-1" "UTF-8"
{ printf 'hold user '; head -c 10485760 /dev/zero | tr '\0' a; printf '\naccept\n'; } >frank.conf
expect "a line of 10 MB" "larger than 1048576 bytes"
{ printf 'hold user '; head -c 70000 /dev/zero | tr '\0' a; printf '\naccept\n'; } >frank.conf
expect "a line of 70 KB" "longer than 65536 bytes"
{ lines 60000 '# line %d'; echo 'hold'; echo accept; } >frank.conf
expect "an error far down" "frank.conf:60001:1"
lines 1000 'nonsense %d' >frank.conf
expect "a thousand errors" "and more errors: these are the first 20"

echo 'include "part"' >frank.conf
expect "an include that is not there" "part"
echo 'include "part"' >frank.conf
echo 'include "frank.conf"' >part
expect "files that include each other" "cannot include another"
echo 'include "frank.conf"' >frank.conf
expect "a file that includes itself" "is read already"
printf 'include "part"\naccept\n' >frank.conf
mkdir part
expect "an include that is a directory" "part"
echo 'include "/dev/zero"' >frank.conf
expect "an include without an end" "/dev/zero"
mkdir parts
for i in $(seq 64); do : >"parts/$i"; done
lines 64 'include "parts/%d"' >frank.conf
expect "more files than there may be" "more than 64 files in one policy"

printf 'table <t> file "table"\nhold user <t> label "x"\naccept\n' >frank.conf
expect "a table that is not there" "table"
printf 'table <t> file "table"\nhold user <t> label "x"\naccept\n' >frank.conf
mkdir table
expect "a table that is a directory" "table"
printf 'table <t> file "table"\nhold user <t> label "x"\naccept\n' >frank.conf
mkfifo table
expect "a table that is a pipe" "is a FIFO"
printf 'table <t> file "table"\nhold user <t> label "x"\naccept\n' >frank.conf
printf 'alice\nbob\0\n' >table
expect "a table with a NUL" "NUL"
printf 'map <m> file "table"\nhold rcpts > <m> label "x"\naccept\n' >frank.conf
{ printf 'alice '; head -c 70000 /dev/zero | tr '\0' 1; echo; } >table
expect "a map with a long line" "longer than 65536 bytes"

# Root reads everything, so this one needs somebody else, who may not get into the build tree.
if [ "$(id -u)" -eq 0 ]; then as="setpriv --reuid 65534 --regid 65534 --clear-groups"; fi
cp "$frank" ./frank.copy
built=$frank frank=$PWD/frank.copy
printf 'table <t> file "table"\nhold user <t> label "x"\naccept\n' >frank.conf
echo alice >table
chmod 000 table
expect "a table that may not be read" "Permission denied"
frank=$built as=

{ lines 65 'meter m%d count messages per user within 1h'; echo accept; } >frank.conf
expect "more meters than there may be" "more than 64 meters"
{ lines 257 'table <t%d> { a }'; echo accept; } >frank.conf
expect "more tables than there may be" "more than 256 tables and maps"
{ lines 2001 'keys "keys%d"'; echo accept; } >frank.conf
expect "more places of keys than there may be" "more than 2000 keys lines"
{ lines 2001 'hold rcpts > %d label "x"'; echo accept; } >frank.conf
expect "more rules than there may be" "more than 2000 rules"
{ lines 257 'hold rcpt a%d@example.org label "x"'; echo accept; } >frank.conf
expect "more tests of recipients than there may be" "more than 256 different tests"
{ printf 'table <t> {'; lines 5000 ' a%d,'; echo ' a }'; echo accept; } | tr -d '\n' >frank.conf
expect "a long table within the policy" "a long table belongs in a file"
{ printf 'hold'; lines 33 ' rcpts > %d' | tr -d '\n'; echo ' label "x"'; echo accept; } >frank.conf
expect "more tests in a line than there may be" "more than 32 tests in one rule"
echo "1..$number"
