# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
world

spf() {
	frank spf "$@" --helo mail.example.org --resolver "127.0.0.1@$port"
}

# How long an answer took is another thing each time; its TTL may have run by a second or two.
steady() {
	run "$@" | sed -E -e 's/^ +[0-9]+\.[0-9]( +[0-9]+  [ *])/        T\1/' \
		-e 's/"microseconds":[0-9]+/"microseconds":T/g'
}

echo '== pass'
steady spf plain.example.org --ip 192.0.2.25
steady spf plain.example.org --ip 192.0.2.25 --json
steady spf Plain.Example.ORG. --ip 2001:db8::25

echo '== include, redirect, and each address by itself'
steady spf deep.example.org --ip 192.0.2.25 --ip 203.0.113.9
steady spf redirect.example.org --ip 192.0.2.25

echo '== fail, with what is said to the sender'
steady spf explain.example.org --ip 203.0.113.9 --sender kim@explain.example.org
steady spf explain.example.org --ip 203.0.113.9 --sender kim@explain.example.org --json

echo '== what is wrong with records'
steady spf none.example.org --ip 192.0.2.25
steady spf nowhere.example.org --ip 192.0.2.25
# Which of them comes first is another one each time.
steady spf two.example.org --ip 192.0.2.25 | grep -v '"v=spf1'
steady spf syntax.example.org --ip 192.0.2.25
steady spf voids.example.org --ip 192.0.2.25
steady spf many.example.org --ip 192.0.2.25
steady spf odd.example.org --ip 192.0.2.25
steady spf escape.example.org --ip 192.0.2.25

echo '== what others will meet'
steady spf broken.example.org --ip 192.0.2.25
steady spf behind.example.org --ip 192.0.2.25
steady spf local.example.org --ip 192.0.2.25 --sender h1@local.example.org
steady spf local.example.org --ip 192.0.2.25 --sender h1@local.example.org --json

echo '== many addresses, each with look-ups of its own'
set --
for i in $(seq 60); do
	set -- "$@" --ip "192.0.2.$i"
done
run spf each.example.org "$@" --json | grep -o -e '"queries":4' -e '^.exit.*' | uniq -c

echo '== where libspf2 goes its own way'
steady spf zero.example.org --ip 192.0.2.25
steady spf long.example.org --ip 203.0.113.9

echo '== what the configuration says'
{
	echo 'set egress 192.0.2.25'
	echo 'set helo mail.example.org'
	echo "set resolver \"127.0.0.1@$port\""
	cat frank.conf
} >egress.conf
steady frank -c egress.conf spf plain.example.org
run frank spf plain.example.org
run frank -c nowhere.conf spf plain.example.org

echo '== used wrongly'
run frank spf
run frank spf a.example.org b.example.org
run frank spf 'a b'
run frank spf plain.example.org --ip mail.example.org
run frank spf plain.example.org --frob
run frank spf plain.example.org --ip 192.0.2.25 --resolver localhost

echo '== an error is an answer: the resolver refuses'
steady spf elsewhere.example.net --ip 192.0.2.25 | grep -v 'warning: asking took'
