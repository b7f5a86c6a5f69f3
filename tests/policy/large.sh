#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Tables and maps of a million lines load within 100 MB, whatever is in them, and answer.
# Prints TAP.

set -u
frank=$(cd "${FRANK_BUILD:-.}" && pwd)/ctl/frank
scratch=${TMPDIR:-/tmp}/large-$$
million=1000000 bar=102400 # KB

mkdir "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
number=0
if grep -qE '__(asan|tsan)_init' "$frank"; then
	echo "1..0 # SKIP a sanitizer has memory of its own"
	exit 0
fi

# title, policy, a case; the table is in place
expect() {
	number=$((number + 1))
	printf '%s\naccept\n' "$2" >frank.conf
	echo "$3" >cases
	peak=$(/usr/bin/python3 -c 'import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=open("said", "w"), stderr=subprocess.STDOUT).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' \
		timeout 60 "$frank" -c frank.conf test cases)
	if [ "${peak% *}" -eq 0 ] && [ "${peak#* }" -le $bar ]; then
		echo "ok $number - $1, ${peak#* } KB"
	else
		echo "not ok $number - $1"
		echo "# exit and KB: $peak, at most $bar KB"
		head -c 600 said | sed 's/^/# /'
	fi
}

awk -v n=$million 'BEGIN { for (i = 0; i < n; i++) printf "user%d@example%d.org\n", i, i % 1000 }' >table
# shellcheck disable=SC2016 # awk's own
expect "a table of addresses" 'table <t> file "table"
hold author <t> label "t"' 'author=user999999@example999.org -> hold'

awk '{ print $1, "login" NR }' table >map
expect "a map of owners" 'map <t> file "map"
set owners <t>
hold not owns author label "t"' 'author=user999999@example999.org user=login1000000 -> accept'

awk -v n=$million 'BEGIN { for (i = 0; i < n; i++)
	printf "%d.%d.%d.0/24\n", i / 65536 + 10, i / 256 % 256, i % 256 }' >table
expect "a table of networks" 'table <t> file "table"
hold client <t> label "t"' 'client=25.66.63.9 -> hold'

awk '{ print $1, NR }' table >map
expect "a map of networks" 'map <t> file "map"
hold rcpts > <t> label "t"' 'client=25.66.63.9 rcpts=1000001 -> hold'

awk -v n=$million 'BEGIN { for (i = 0; i < n; i++)
	printf "2001:db8:%x:%x::/64 %d\n", i / 65536, i % 65536, i }' >map
expect "a map of networks of IPv6" 'map <t> file "map"
hold rcpts > <t> label "t"' 'client=2001:db8:f:423f::1 rcpts=1000000 -> hold'
echo "1..$number"
