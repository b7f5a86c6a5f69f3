#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# The objects of the pure folders may import no input, output, clock, randomness, environment
# or locale. What they may import from libc is listed; all else must be defined by a pure object
# of ours, or be one of the few named exceptions. Prints TAP.

set -eu
cd "${FRANK_BUILD:-.}"

# Memory, strings, numbers, locks, and what the compiler puts in by itself.
libc='malloc calloc realloc reallocarray free explicit_bzero abort
	memcpy memmove memset memcmp memchr memrchr memmem mempcpy
	strlen strnlen strcmp strncmp strchr strrchr strchrnul strspn strcspn strpbrk strstr
	strdup strndup strcasecmp strncasecmp qsort bsearch snprintf vsnprintf sqrt floor ceil
	pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock pthread_mutex_unlock
	aligned_alloc inet_pton inet_ntop __errno_location __stack_chk_fail _GLOBAL_OFFSET_TABLE_'
made_up='^__(mem|str|sn|vsn|explicit_bzero|longjmp|fdelt)[a-z]*_chk$|^__(asan|ubsan|tsan|gcov|sanitizer|sanitize|start|stop|llvm)_'
# Objects of lib/ and auth/ that only compute, and are checked to.
computing='arena buf err escape json lookup lookup_pack map net utf8 view align
	spf spf_ask spf_check spf_explain spf_macro spf_mech spf_term spf_value spf_warn
	dmarc dmarc_find dmarc_tree taglist'
# BUG() and the end of memory write a last line; a bundle reads a file that it does not have yet;
# an error may carry the system's reason; the list of public suffixes is compiled into libpsl.
exceptions='bug_found mem_zeroed mem_resize mem_text bundle_read bundle_at
	strerror_r __xpg_strerror_r psl_builtin psl_registrable_domain'

# Lines "OBJECT SYMBOL KIND" of the archives $@.
symbols() {
	nm -A -P "$@" 2>/dev/null | awk '{
		object = $1
		sub(/:$/, "", object)
		print object, $2, $3
	}'
}

# What the archive $1 imports that neither it, nor a pure library ($2), nor libc may give it. With $3
# only these objects of it count.
impure() {
	# shellcheck disable=SC2086 # a list of archives
	symbols "$1" $2 | awk -v libc="$libc $exceptions" -v made_up="$made_up" \
		-v computing="$computing" -v only="${3:-}" -v archive="$1" '
		function list(text, into,  word, n) {
			n = split(text, word, /[ \t\n]+/)
			for (; n > 0; n--)
				into[word[n]] = 1
		}
		BEGIN { list(libc, may); list(computing, computes); list(only, wanted_objects) }
		{
			own = index($1, archive "[") == 1
			name = $1
			sub(/.*\[/, "", name)
			sub(/\]$/, "", name)
			sub(/\.o$/, "", name)
			sub(/.*-/, "", name)	# automake: libfrank_a-view
			# burst/keep.c saves and restores: the one file there that may.
			if (name == "keep" && archive ~ /burst/)
				next
			if ($3 != "U" && $3 != "w") {
				if ((own && only == "") || name in computes || $1 !~ /(libfrank|libauth)\.a/)
					defined[$2] = 1
			} else if (own && (only == "" || name in wanted_objects))
				wanted[$2] = wanted[$2] " " name ".o"
		}
		END {
			for (s in wanted)
				if (!(s in defined) && !(s in may) && s !~ made_up)
					print "# " s " is imported by" wanted[s]
		}' | LC_ALL=C sort
}

number=0
check() { # title, archive, pure libraries, objects
	number=$((number + 1))
	if [ ! -f "$2" ]; then
		echo "not ok $number - $1"
		echo "# $2 has not been built"
		return
	fi
	found=$(impure "$2" "$3" "${4:-}")
	if [ -z "$found" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		echo "$found"
	fi
}

# Which pure libraries one may lean on, beside lib.
beneath() {
	case $1 in
	engine) echo 'policy/libpolicy.a auth/libauth.a' ;;
	metering) echo 'policy/libpolicy.a burst/libburst.a' ;;
	esac
}

libraries='policy engine burst metering maillog replies'
echo "1..$((2 + $(echo "$libraries" | wc -w)))"
check "what computes in lib is pure" lib/libfrank.a '' "$computing"
check "what computes in auth is pure" auth/libauth.a lib/libfrank.a "$computing"
for folder in $libraries; do
	check "$folder is pure" "$folder/lib$folder.a" "lib/libfrank.a $(beneath "$folder")"
done
