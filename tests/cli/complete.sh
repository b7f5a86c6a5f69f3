# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"

# WORD ...: what bash offers for the last of them.
offers() {
	echo "== frank $*"
	bash --norc -c '. "$1"; shift; COMP_WORDS=(frank "$@"); COMP_CWORD=$#
		_frank; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$(dirname "$FRANK_TEST_LIB")/../../contrib/frank.bash" "$@" | tr '\n' ' '
	echo
}
offers ''
offers ho
offers hold ''
offers hold release --
offers log --s
offers log --to ''
offers nothing ''
offers '.*' ''
