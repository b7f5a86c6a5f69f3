#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# frank key new and list: what is written, with which permissions, what is printed, and that
# nothing is ever overwritten. openssl(1) has the last word on the keys. Prints TAP.

set -u

frank=${FRANK_BUILD:-.}/ctl/frank
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0

check() {
	"$frank" -c "$dir/frank.conf" key check "$@"
}

# ok NAME COMMAND...: the command succeeds.
ok() {
	name=$1
	shift
	number=$((number + 1))
	if "$@" >"$dir/log" 2>&1; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		sed 's/^/# /' "$dir/log"
	fi
}

# exits CODE COMMAND...
exits() {
	want=$1
	shift
	"$@" >"$dir/out" 2>"$dir/err"
	got=$?
	cat "$dir/out" "$dir/err"
	echo "exit $got, want $want"
	[ $got -eq "$want" ]
}

new() {
	"$frank" -c "$dir/frank.conf" key new "$@"
}

list() {
	"$frank" -c "$dir/frank.conf" key list "$@"
}

mode_is() {
	stat -c '%a' "$2"
	[ "$(stat -c '%a' "$2")" = "$1" ]
}

# The strings of the zone line together, the single string, and the key's own public half.
record_is_right() {
	sed -n 's/.* IN TXT ( "\(.*\)" )$/\1/p' "$1" | sed 's/" "//g' >"$dir/zone"
	grep '^v=DKIM1' "$1" >"$dir/panel"
	{
		printf 'v=DKIM1; k=rsa; p='
		openssl pkey -in "$2" -pubout -outform DER | openssl base64 -A
		echo
	} >"$dir/openssl"
	cat "$dir/zone" "$dir/panel" "$dir/openssl"
	cmp "$dir/zone" "$dir/openssl" && cmp "$dir/panel" "$dir/openssl"
}

strings_are_short() {
	! grep -E '"[^"]{256,}"' "$1"
}

umask 0
ok 'a first key beside no configuration' exits 0 new Example.ORG --selector s1
key=$dir/keys/example.org/s1.pem
cp "$dir/out" "$dir/first"
ok 'the file is for its owner only' mode_is 600 "$key"
ok 'its directory too' mode_is 700 "$dir/keys/example.org"
ok 'openssl reads it' openssl pkey -in "$key" -noout
ok 'the record is the public half' record_is_right "$dir/first" "$key"
cp "$key" "$dir/before"
ok 'a second one of that name is refused' exits 78 new example.org --selector s1
ok 'and has changed nothing' cmp "$key" "$dir/before"

ok 'rsa4096' exits 0 new example.org --selector s2 --type rsa4096 --dir "$dir/keys"
cp "$dir/out" "$dir/second"
ok 'the record is the public half' record_is_right "$dir/second" "$dir/keys/example.org/s2.pem"
ok 'no string is over 255 bytes' strings_are_short "$dir/second"

ok 'ed25519 by the day' exits 0 new example.org --type ed25519
ok 'rsa by the day beside it' exits 0 new example.org
ok 'both are there' ls "$dir"/keys/example.org/e20[0-9][0-9]*.pem "$dir"/keys/example.org/s20[0-9][0-9]*.pem
ok 'a domain in UTF-8' exits 0 new bücher.example --selector 2026
ok 'is an A-label on disk' ls "$dir/keys/xn--bcher-kva.example/2026.pem"

ok 'no domain' exits 64 new
ok 'two domains' exits 64 new a.example b.example
ok 'a path for a domain' exits 64 new ../x
ok 'a path for a selector' exits 64 new a.example --selector ../x
ok 'an unknown type' exits 64 new a.example --type rsa1024
ok 'an unknown option' exits 64 new a.example --bits 1024
ok 'an unknown verb' exits 64 "$frank" key old

ok 'all are listed' exits 0 list --dir "$dir/keys"
ok 'one line each, and a heading' [ "$(wc -l <"$dir/out")" -eq 6 ]
ok 'as JSON lines' exits 0 list --dir "$dir/keys" --json
ok 'which are JSON' /usr/bin/python3 -c '
import json, sys
keys = [json.loads(line) for line in open(sys.argv[1])]
found = [(key["domain"], key["selector"], key["algorithm"], key["bits"]) for key in keys]
print(found)
assert len(found) == 5
assert ("example.org", "s1", "rsa-sha256", 2048) in found
assert ("example.org", "s2", "rsa-sha256", 4096) in found
assert ("xn--bcher-kva.example", "2026", "rsa-sha256", 2048) in found' "$dir/out"

chmod 644 "$key"
ok 'a key that others can read is a finding' exits 1 list --dir "$dir/keys"
ok 'with its remedy' grep -F "chmod 0600 $key" "$dir/err"
ok 'the others are listed all the same' [ "$(wc -l <"$dir/out")" -eq 5 ]
ok 'the only key has a fault, and is there' exits 1 check --dir "$dir/keys" example.org s1
ok 'so nobody says that it is not' sh -c '! grep -q "no such key" "$0"' "$dir/err"
ok 'in JSON too' exits 1 list --dir "$dir/keys" --json
ok 'as a fault' grep -F '"fault":' "$dir/out"
chmod 600 "$key"
chmod 777 "$dir/keys"
ok 'no key is made where others can write' exits 77 new example.org --selector s9
ok 'nor listed' exits 77 list --dir "$dir/keys"
ok 'no such directory' exits 66 list --dir "$dir/nowhere"
chmod 755 "$dir/keys"
for command in 'key list' 'key check' 'spf example.org'; do
	# shellcheck disable=SC2086 # words
	ok "$command: no configuration" exits 66 "$frank" -c "$dir/nowhere.conf" $command
	echo frob >"$dir/bad.conf"
	# shellcheck disable=SC2086 # words
	ok "$command: a faulty one" exits 78 "$frank" -c "$dir/bad.conf" $command
done
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$dir/private"
	cp -R "$dir/keys" "$dir/private/keys"
	chmod -R go-rwx "$dir/private/keys"
	chmod 755 "$dir" "$dir/private"
	chmod 600 "$dir/bad.conf"
	cp "$frank" "$dir/frank"
	chmod 755 "$dir/frank"
	as_nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/frank" "$@"
	}
	ok 'keys that this user may not see' exits 77 as_nobody key check --dir "$dir/private/keys"
	chmod 755 "$dir/private/keys" "$dir/private/keys/example.org"
	ok 'keys that this user may not read' exits 77 as_nobody key check --dir "$dir/private/keys" example.org
	ok 'so nobody says that there are none' sh -c '! grep -q "no such key" "$0"' "$dir/err"
	for command in 'check' 'key list' 'key check' 'spf example.org'; do
		# shellcheck disable=SC2086 # words
		ok "$command: a configuration that this user may not read" exits 77 as_nobody -c "$dir/bad.conf" $command
	done
fi
echo "1..$number"
