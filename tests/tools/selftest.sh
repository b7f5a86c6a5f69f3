#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# A check that never fails proves nothing: plant each kind of violation in a tree of its own and
# see that it is found, and that what is allowed is not. Prints TAP.

set -eu
tools=$(cd "$(dirname "$0")" && pwd)
top=$(mktemp -d "${TMPDIR:-/tmp}/selftest.XXXXXX")
clean=$top.clean
trap 'rm -rf "$top" "$clean"' EXIT

number=0
result() { # whether ok, title, output
	number=$((number + 1))
	if [ "$1" = yes ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		echo "$3" | sed 's/^/# /'
	fi
}

# The tool $1 on the planted tree must fail its check $2 naming $3, or with $3 empty pass all.
expect() { # tool, number of its check, what it names, title
	said=$(FRANK_SRC=$top FRANK_BUILD=$top "$tools/$1" 2>&1) || true
	good=no
	if [ -z "$3" ]; then
		case $said in *"not ok"*) ;; *"ok 1 "*) good=yes ;; esac
	else
		case $said in *"not ok $2 "*"$3"*) good=yes ;; esac
	fi
	result "$good" "$1: $4" "$said"
}

plant() { # file; its content on standard input
	mkdir -p "$top/$(dirname "$1")"
	cat > "$top/$1"
}

fresh() {
	rm -rf "${top:?}"/*
	echo '#include <string.h>' | plant lib/view.c
	echo '#include "lib/view.h"' | plant policy/lex.c
	echo '#include "policy/policy.h"' | plant engine/engine.c
	echo 'int main(void);' | plant milter/main.c
}

layer() { # file, a line in it, number of the check, what is named ('' allowed), title
	fresh
	echo "$2" | plant "$1"
	expect layers.sh "$3" "$4" "$5"
}

layers() {
	layer lib/view.h '#include "lib/bug.h"' 1 '' 'lib may include lib'
	layer lib/view.h '#include "policy/policy.h"' 1 'lib/view.h:1' 'lib knows no policy'
	layer policy/a.c ' # include "auth/keys.h"' 1 'policy/a.c:1' 'policy knows no auth'
	layer auth/a.c '#include "policy/facts.h"' 1 'auth/a.c:1' 'auth knows no policy'
	layer journal/a.c '#include "engine/engine.h"' 1 'journal/a.c:1' 'journal knows no engine'
	layer journal/a.c '#include "policy/facts.h"' 1 '' 'journal may include policy'
	layer engine/a.c '#include "auth/align.h"' 1 '' 'engine may include alignment'
	layer engine/a.c '#include "auth/keys.h"' 1 'engine/a.c:1' 'engine may include no more of auth'
	layer metering/a.c '#include "burst/burst.h"' 1 '' 'metering may include burst'
	layer burst/a.c '#include "policy/facts.h"' 1 'burst/a.c:1' 'burst knows no policy'
	layer replies/a.c '#include "maillog/maillog.h"' 1 'replies/a.c:1' 'replies knows no log'
	layer ctl/a.c '#include "milter/session.h"' 1 'ctl/a.c:1' 'ctl knows no milter'
	layer milter/a.c '#include "ctl/ctl.h"' 1 'milter/a.c:1' 'milter knows no ctl'
	layer policy/a.c '#include <milter/session.h>' 1 'policy/a.c:1' 'angle brackets hide nothing'
	layer policy/a.c '#include "../milter/session.h"' 1 'policy/a.c:1' 'nor do dots'
	layer policy/a.c '#include "lex.h"' 1 'policy/a.c:1' 'includes are from the root'

	layer milter/adapter.c '#include <libmilter/mfapi.h>' 1 '' 'libmilter is the adapter'\''s'
	layer milter/session.c '#include <libmilter/mfapi.h>' 1 'milter/session.c' 'and of no other'
	layer ctl/a.c '#include <sqlite3.h>' 1 'ctl/a.c:1' 'SQLite is the journal'\''s'
	layer journal/a.c '#include <openssl/evp.h>' 1 'journal/a.c:1' 'OpenSSL is not the journal'\''s'
	layer policy/a.c '#include <idn2.h>' 1 'policy/a.c:1' 'idn2 is auth'\''s'
	layer engine/a.c '#include <libpsl.h>' 1 'engine/a.c:1' 'libpsl is auth'\''s'
	layer milter/a.c '#include <syslog.h>' 1 'milter/a.c:1' 'syslog is lib/log.c'\''s'
	layer lib/log.c '#include <syslog.h>' 1 '' 'which may have it'

	layer milter/a.c '	now = time(NULL);' 2 'milter/a.c:1' 'nobody asks for the time'
	layer lib/clock.c '	clock_gettime(id, &ts);' 2 '' 'but lib/clock.c'
	layer policy/a.c '	x = run_time(3); mtime (4);' 2 '' 'a name that ends so is another'
	layer lib/a.h ' * like gettimeofday(2) or time(2)' 2 '' 'nor is a comment a call'
	layer ctl/a.c '	pid = fork();' 3 'ctl/a.c:1' 'nobody starts a process'
	layer ctl/a.c '	system("true");' 3 'ctl/a.c:1' 'nor a shell'
	layer auth/a.c '	(void)execve(path, argv, NULL);' 3 'auth/a.c:1' 'nor executes'
	layer milter/spawn.c '	pid = fork();' 3 '' 'but milter/'
}

# One object of C on standard input into the archive $1.
archive() { # archive, object
	mkdir -p "$top/$(dirname "$1")"
	${CC:-cc} -O0 -fno-builtin -c -o "$top/$2.o" -x c -
	(cd "$top" && ar rc "$1" "$2.o" && rm "$2.o")
}

build_clean() {
	rm -rf "${top:?}"/*
	echo 'int view_is(void); int view_is(void) { return 1; }' | archive lib/libfrank.a view
	echo 'int bug_found(void); int bug_found(void) { return 1; }' | archive lib/libfrank.a bug
	echo 'int file_read(void); int file_read(void) { return 1; }' | archive lib/libfrank.a file
	echo 'int align_is(void); int align_is(void) { return 1; }' | archive auth/libauth.a align
	echo 'int keys_sign(void); int keys_sign(void) { return 1; }' | archive auth/libauth.a keys
	echo 'int policy_x(void); int view_is(void); int policy_x(void) { return view_is(); }' |
		archive policy/libpolicy.a match
	echo 'int engine_x(void); int policy_x(void); int engine_x(void) { return policy_x(); }' |
		archive engine/libengine.a engine
	echo 'int burst_x(void); int burst_x(void) { return 1; }' | archive burst/libburst.a burst
	echo 'int metering_x(void); int burst_x(void); int metering_x(void) { return burst_x(); }' |
		archive metering/libmetering.a metering
	echo 'int maillog_x(void); int maillog_x(void) { return 1; }' | archive maillog/libmaillog.a maillog
	echo 'int replies_x(void); int replies_x(void) { return 1; }' | archive replies/libreplies.a replies
	cp -R "$top" "$clean"
}

clean_build() {
	rm -rf "${top:?}"/*
	cp -R "$clean"/. "$top"
}

import() { # archive, object, function that it calls, number of the check, named or '', title
	clean_build
	echo "int $3(); int planted(void) { return $3(); }" | archive "$1" "$2"
	expect pure.sh "$4" "$5" "$6"
}

purity() {
	build_clean
	expect pure.sh 1 '' 'a clean build passes'
	import policy/libpolicy.a a memcpy 3 '' 'memory may be copied'
	import policy/libpolicy.a a bug_found 3 '' 'a bug may be found'
	import policy/libpolicy.a a bundle_read 3 '' 'a bundle may be read'
	for name in open read write fopen printf getenv time clock_gettime localtime_r getrandom \
		rand socket setlocale pthread_create strerror isalpha; do
		import policy/libpolicy.a a "$name" 3 "$name is imported by a.o" "$name is found"
	done
	import policy/libpolicy.a a file_read 3 'file_read is imported' 'impure lib is found'
	import engine/libengine.a a align_is 4 '' 'engine may use alignment'
	import engine/libengine.a a keys_sign 4 'keys_sign is imported' 'but no keys'
	import engine/libengine.a a open 4 'open is imported by a.o' 'engine is looked at'
	import burst/libburst.a a open 5 'open is imported by a.o' 'burst is looked at'
	import burst/libburst.a keep open 5 '' 'but what it keeps is in a file'
	import metering/libmetering.a a policy_x 6 '' 'metering may use policy'
	import metering/libmetering.a a open 6 'open is imported by a.o' 'metering is looked at'
	import replies/libreplies.a a open 8 'open is imported by a.o' 'replies is looked at'
	import lib/libfrank.a map getrandom 1 'getrandom is imported by map.o' 'so is pure lib'
	import lib/libfrank.a map file_read 1 'file_read is imported by map.o' 'through other objects'
	import lib/libfrank.a ipc socket 1 '' 'other lib may do what it likes'
	clean_build
	rm "$top/engine/libengine.a"
	expect pure.sh 4 'has not been built' 'what is missing has failed'
}

long_function() { # lines of its body
	echo 'int'
	echo 'long_one(void)'
	echo '{'
	yes '	x();' | head -n "$1"
	echo '}'
}

sizes() {
	fresh
	long_function 60 | plant lib/a.c
	expect sizes.sh 1 '' '60 lines are no more than 60'
	long_function 61 | plant lib/a.c
	expect sizes.sh 1 '61 lines: lib/a.c:3 long_one' 'a function of 61 lines is'
	fresh
	yes '/* */' | head -n 400 | plant ctl/a.h
	expect sizes.sh 2 '' '400 lines are no more than 400'
	yes '/* */' | head -n 401 | plant ctl/a.h
	expect sizes.sh 2 '401 lines: ctl/a.h' 'a file of 401 lines is'
	fresh
	long_function 500 | plant tests/unit/a_test.c
	expect sizes.sh 1 '' 'tests may be longer'
}

layers
purity
sizes
echo "1..$number"
