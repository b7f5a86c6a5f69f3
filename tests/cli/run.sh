#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# Runs every golden NAME.sh here in an empty directory of its own and compares what it prints
# with NAME.out. Prints TAP. With FRANK_BLESS=1 the .out files are rewritten instead.
#
#	run.sh [NAME ...]

set -eu
src=$(cd "${FRANK_SRC:-.}" && pwd)
build=$(cd "${FRANK_BUILD:-.}" && pwd)
here=$src/tests/cli
[ -x "$build/ctl/frank" ] || {
	echo "run.sh: no frank in $build: FRANK_BUILD says where it was built" >&2
	exit 1
}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/frank-cli-XXXXXX")
trap 'rm -rf "$tmp"' EXIT INT TERM

if [ $# -eq 0 ]; then
	# Other scripts here are suites of their own.
	# shellcheck disable=SC2013,SC2016 # names without blanks; the text is looked for as it is
	for script in $(grep -l '^[.] "$FRANK_TEST_LIB"' "$here"/*.sh); do
		set -- "$@" "$(basename "$script" .sh)"
	done
fi
echo "1..$#"

number=0
failed=0
for name; do
	number=$((number + 1))
	mkdir "$tmp/$name"
	(
		cd "$tmp/$name"
		PATH=$build/ctl:$build/tests/cli:$PATH LC_ALL=C TZ=UTC NO_COLOR=1 \
			FRANK_REPLIES=$src/contrib/replies.conf FRANK_TEST_LIB=$here/lib sh "$here/$name.sh"
	) >"$tmp/$name.got" 2>&1 </dev/null || echo "[the script ended with $?]" >>"$tmp/$name.got"
	if [ "${FRANK_BLESS:-}" = 1 ]; then
		cp "$tmp/$name.got" "$here/$name.out"
	fi
	if diff -u "$here/$name.out" "$tmp/$name.got" >"$tmp/diff" 2>&1; then
		echo "ok $number - $name"
	else
		failed=1
		echo "not ok $number - $name"
		sed 's/^/# /' "$tmp/diff"
	fi
done
exit $failed
