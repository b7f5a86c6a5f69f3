#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# What reads the sources without running them. With arguments, only those files (.c and .h).
# A tool that is not installed is named and passed over; what a tool finds makes this fail.

set -u
cd "$(dirname "$0")/../.." || exit 1
status=0

if [ $# -gt 0 ]; then
	files=$*
else
	files=$(git ls-files '*.c' '*.h' | grep -v '^tests/bench/miltload\.c$')
fi
sources=$(printf '%s\n' "$files" | tr ' ' '\n' | grep '\.c$' || true)
libraries=$(pkg-config --cflags sqlite3 libcrypto libidn2 libpsl cmocka)
# One file needs what need not be there.
if pkg-config --exists gmime-3.0; then
	libraries="$libraries $(pkg-config --cflags gmime-3.0 | sed 's/-I/-isystem /g')"
else
	sources=$(printf '%s\n' "$sources" | grep -v '^ctl/mail_gmime\.c$' || true)
fi
defines=$(mktemp)
trap 'rm -f "$defines"' EXIT
cat >"$defines" <<'END'
#define PACKAGE_VERSION "0"
#define FRANK_CONF_DIR "/etc/frank"
#define FRANK_STATE_DIR "/var/lib/frank"
#define FRANK_RUN_DIR "/run/frank"
#define FRANK_QUEUE_DIR "/var/spool/postfix"
#define FRANK_DATA_DIR "/usr/share/frank"
END
flags="-std=gnu17 -D_GNU_SOURCE -I. -include $defines $libraries"

step() { # title, tool
	if ! command -v "$2" >/dev/null 2>&1; then
		printf '== %s: %s is not installed\n' "$1" "$2"
		return 1
	fi
	printf '== %s\n' "$1"
}

# shellcheck disable=SC2086 # lists of files and flags
run_all() {
	if step "layout" clang-format; then
		clang-format --dry-run -Werror $files || status=1
	fi
	if step "gcc -fanalyzer" gcc; then
		for source in $sources; do
			gcc $flags -O2 -fanalyzer -Werror -c -o /dev/null "$source" || status=1
		done
	fi
	if step "clang-tidy" clang-tidy; then
		clang-tidy --quiet $sources -- $flags 2>/dev/null || status=1
	fi
	if step "cppcheck" cppcheck; then
		cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
			--suppress=missingIncludeSystem --error-exitcode=1 -D_GNU_SOURCE -I. $sources || status=1
	fi
	if step "shell" shellcheck; then
		git ls-files bootstrap .ci/run '*.sh' | xargs shellcheck -x || status=1
	fi
	if step "manuals" mandoc; then
		git ls-files 'doc/*.[158]' | xargs -r mandoc -T lint -W warning || status=1
	fi
}

run_all
if [ "$status" = 0 ]; then
	echo "lint: nothing found"
fi
exit "$status"
