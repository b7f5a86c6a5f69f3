# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
{
	echo 'local-zone: "example." static'
	# Of addresses, of both kinds of them, and of domains.
	for list in v4 both; do
		echo "local-data: '2.0.0.127.$list.example. 300 IN A 127.0.0.2'"
		echo "local-data: '25.100.51.198.$list.example. 300 IN A 127.0.0.4'"
	done
	printf '%s\n' 'local-data: "25.100.51.198.v4.example. 300 IN TXT Listed:\027[31mour_site"'
	# ::FFFF:7F00:2 and 2001:db8::25.
	echo 'local-data: "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.both.example. 300 IN A 127.0.0.2"'
	echo 'local-data: "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.both.example. 300 IN A 127.0.0.3"'
	echo 'local-data: "test.names.example. 300 IN A 127.0.1.2"'
	echo 'local-data: "spam.example.names.example. 300 IN A 127.0.1.2"'
	echo 'local-data: "spam.example.names.example. 300 IN TXT spam"'
	# What is no list, or not for us: it refuses, is parked, lists all or nothing.
	for list in 'refuses 127.255.255.254' 'parked 192.0.2.80' 'all 127.0.0.2'; do
		echo "local-zone: \"${list% *}.example.\" redirect"
		echo "local-data: \"${list% *}.example. 300 IN A ${list#* }\""
	done
} | sed 's/^/	/' >zone
world

doctor() { # the lists, then arguments
	{
		echo 'set egress { 198.51.100.25, 198.51.100.26, 2001:db8::25 }'
		echo "set resolver \"127.0.0.1@$port\""
		[ -z "$1" ] || echo "set blocklists { $1 }"
		cat frank.conf
	} >doctor.conf
	shift
	run frank -c doctor.conf doctor --only blocklist "$@"
}

echo '== no list is asked'
doctor '' good.example -v
echo '== listed, and not'
doctor 'v4.example, both.example, names.example' good.example spam.example
doctor 'V4.example both.example names.example' good.example -v
echo '== what cannot be known'
doctor 'refuses.example, parked.example, all.example, nothing.example, gone.elsewhere.net' good.example
doctor 'refuses.example' good.example --json

echo '== without a policy nothing is known of our addresses, or of what is to be asked'
echo nonsense >broken.conf
run frank -c broken.conf doctor --only blocklist,dns-spf,dns-helo,connect-source \
	--resolver "127.0.0.1@$port" good.example | sed "s/@$port/@PORT/"

echo '== used wrongly'
doctor 'zen.example, a..b'
{
	echo 'set blocklists zen.example'
	cat frank.conf
} >doctor.conf
run frank check -v doctor.conf | sed -n 1,3p
