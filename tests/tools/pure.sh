#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# The objects of the pure folders may import no input, output, clock, randomness, environment
# or locale. What they may import from libc is listed; everything else must be ours. Prints TAP.

set -eu
cd "${FRANK_BUILD:-.}"

libraries='policy/libpolicy.a engine/libengine.a'

# Memory, strings, numbers, and what the compiler puts in by itself.
libc='^(malloc|calloc|realloc|reallocarray|free|mem(cpy|move|set|cmp|chr|rchr|mem)|'
libc=$libc'str(len|nlen|cmp|ncmp|chr|rchr|spn|cspn|str|dup|ndup|casecmp|ncasecmp|tol|toul|toll|toull|tod)|'
libc=$libc'qsort|bsearch|abort|isdigit|snprintf|vsnprintf|explicit_bzero|sqrt|floor|ceil|'
libc=$libc'__(mem|str|sn|vsn)[a-z]*_chk|__isoc99_sscanf|__stack_chk_fail|__errno_location|'
libc=$libc'__isoc23_strto[a-z]*|_GLOBAL_OFFSET_TABLE_|__asan_.*|__ubsan_.*|__tsan_.*|__gcov_.*|__start___.*|__stop___.*)$'
# Of lib/, only what computes.
ours='^(policy|engine|burst|facts|diag|align|arena|buf|view|err|escape|map|net|bug|json|siphash|mem)_'

echo 1..2
number=0
for library in $libraries; do
	number=$((number + 1))
	if [ ! -f "$library" ]; then
		echo "not ok $number - $library is pure"
		echo "# $library has not been built"
		continue
	fi
	# Symbols that one object of the archive defines for another are no imports.
	impure=$(nm -A -P "$library" | awk -v libc="$libc" -v ours="$ours" '
		$3 != "U" { defined[$2] = 1; next }
		{ wanted[$2] = wanted[$2] " " $1 }
		END {
			for (s in wanted)
				if (!(s in defined) && s !~ libc && s !~ ours)
					print "# " s " is imported by" wanted[s]
		}')
	if [ -z "$impure" ]; then
		echo "ok $number - $library is pure"
	else
		echo "not ok $number - $library is pure"
		echo "$impure"
	fi
done
