# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

# One key for all of them, so that what is printed is always the same.
for name in good.example/s1 good.example/s2 lag.example/s1 wrong.example/s1 bare.example/s1 \
	elsewhere.net/s1; do
	mkdir -p "keys/$(dirname $name)"
	chmod 755 "keys/$(dirname $name)"
	cp keys/example.org/s2026.pem "keys/$name.pem"
done
rm -r keys/example.org
key='v=DKIM1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='

# serve NAME [SERIAL]: its servers; further records are read from standard input, names relative.
serve() {
	echo "local-data: '$1. 300 IN SOA ns1.example. admin.example. ${2:-7} 60 60 60 60'"
	echo "local-data: '$1. 300 IN NS ns1.example.'"
	echo "local-data: '$1. 300 IN NS ns2.example.'"
	sed -E -e "s/^@ /$1. 300 IN /" -e "t done" -e "s/^([^ ]+) /\\1.$1. 300 IN /" -e ': done' \
		-e "s/.*/local-data: '&'/"
}
{
	echo 'local-zone: "example." static'
	echo 'local-data: "example. 300 IN SOA ns1.example. admin.example. 1 60 60 60 60"'
	echo 'local-data: "example. 300 IN NS ns1.example."'
	echo 'local-data: "ns1.example. 300 IN A 127.0.0.1"'
	echo 'local-data: "ns2.example. 300 IN A 127.0.0.2"'
	for net in 100.51.198.in-addr.arpa 8.b.d.0.1.0.0.2.ip6.arpa; do
		echo "local-zone: \"$net.\" static"
		echo "local-data: \"$net. 300 IN SOA ns1.example. admin.example. 1 60 60 60 60\""
	done
	echo 'local-data: "good.example._report._dmarc.reports.example. 300 IN TXT v=DMARC1"'
	echo 'local-data-ptr: "198.51.100.25 mail.good.example"'
	echo 'local-data-ptr: "2001:db8::25 mail.good.example"'
	echo 'local-data-ptr: "198.51.100.27 mail.good.example"'
	echo 'local-data-ptr: "198.51.100.28 gone.good.example"'
	echo 'local-data-ptr: "198.51.100.29 mail.elsewhere.net"'
	serve good.example <<ZONE
@ MX 10 mail.good.example.
@ MX 20 alias.good.example.
@ TXT "v=spf1 ip4:198.51.100.25 ip6:2001:db8::25 -all"
mail A 198.51.100.25
mail AAAA 2001:db8::25
alias CNAME mail.good.example.
s1._domainkey TXT "$key"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@good.example,mailto:d@REPORTS.example!10m"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:t@good.example"
ZONE
	serve bare.example 0 </dev/null
	serve lag.example <<ZONE
@ A 198.51.100.25
@ TXT "v=spf1 ip4:198.51.100.25 ip6:2001:db8::25 -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com, mailto:d@stranger.example"
s1._domainkey TXT "$key"
ZONE
	serve wrong.example <<'ZONE'
@ MX 10 gone.wrong.example.
@ MX 20 198.51.100.25.
@ MX 30 none.wrong.example.
@ MX 40 mail.elsewhere.net.
@ MX 50 inside.wrong.example.
@ TXT "v=spf1 ip4:192.0.2.1 -all"
none TXT "no address"
inside A 10.1.2.3
_dmarc TXT "v=DMARC1; p=maybe"
s1._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_mta-sts TXT "v=STSv1; id=not good;"
_smtp._tls TXT "v=TLSRPTv1; rua=nobody"
ZONE
	serve long.example <<ZONE
@ TXT "v=spf1 $(seq -s ' ' -f 'ip4:192.0.2.%.0f' 101 112) " "$(seq -s ' ' -f 'ip4:192.0.2.%.0f' 113 124) x=\\"\\" -all"
ZONE
	serve twice.example <<'ZONE'
@ MX 0 .
@ MX 10 .
@ TXT "v=spf1 -all"
@ TXT "v=spf1 ~all"
_dmarc TXT "v=DMARC1; p=none"
_dmarc TXT "v=DMARC1; p=reject"
_mta-sts TXT "v=STSv1; id=1;"
_mta-sts TXT "v=STSv1; id=2;"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:a@twice.example"
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:b@twice.example"
ZONE
	serve soft.example <<'ZONE'
@ MX 10 mail.good.example.
@ TXT "v=spf1 include:nothing.example ~all"
_mta-sts TXT "v=STSv1; id=1;"
_dmarc TXT "v=DMARC1; rua=none"
ZONE
	serve neutral.example <<'ZONE'
@ TXT "v=spf1 ip6:2001:db8::25 a:mail.elsewhere.net"
_mta-sts TXT "v=STSv1; id=1;"
mta-sts CNAME web.elsewhere.net.
ZONE
	echo 'local-zone: "wild.example." redirect'
	serve wild.example <<'ZONE'
@ TXT "v=spf1 -all"
ZONE
	serve revoked.example </dev/null
	echo 'local-zone: "_domainkey.revoked.example." redirect'
	echo "local-data: '_domainkey.revoked.example. 300 IN TXT \"v=DKIM1; p=\"'"
	echo 'local-zone: "star.example." redirect'
	echo 'local-zone: "_domainkey.star.example." static'
	serve star.example <<'ZONE'
@ TXT "v=spf1 -all"
ZONE
} | sed 's/^/	/' >zone
world
# The second server is another machine's, and behind.
sed -e 's/interface: 127.0.0.1/interface: 127.0.0.2/' -e '/s1._domainkey.lag.example/d' \
	-e "/lag.example. 300 IN TXT .v=spf1/s/-all/~all/" \
	-e '/soft.example. 300 IN SOA/s/admin.example. 7/admin.example. 6/' \
	-e '/neutral.example. 300 IN SOA/d' world.conf >second.conf
unbound -c second.conf >second.log 2>&1 &
second_pid=$!
trap 'kill $world_pid $second_pid; wait' EXIT
tries=0
until grep -qs 'start of service' second.log || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done

settings() { # egress, helo
	{
		echo "set egress { $1 }"
		echo "set helo $2"
		echo "set resolver \"127.0.0.1@$port\""
		echo 'set trust-anchor "/nowhere/anchor"'
		cat frank.conf
	} >doctor.conf
}

doctor() {
	run frank -c doctor.conf doctor --port "$port" --skip dns-dnssec "$@" |
		sed -E -e "s/port $port/port PORT/; s/another [0-9]+ s/another T s/"
}

settings '198.51.100.25, 2001:db8::25' mail.good.example
echo '== all is well'
doctor --only dns good.example
doctor --only dns good.example -v
doctor --only dns-mx,dns-ptr good.example --json

echo '== what is wrong'
doctor --only dns bare.example nowhere.example
doctor --only dns wrong.example
doctor --only dns twice.example
doctor --only dns soft.example neutral.example
doctor --only dns lag.example
doctor --only dns-spf long.example
doctor --only dns-mx,dns-dkim bare.example --json

doctor --only dns-wildcard wild.example revoked.example star.example
doctor --only dns-wildcard revoked.example star.example -v

echo '== our own names'
settings '198.51.100.26, 198.51.100.27, 198.51.100.28' mail.good.example
doctor --only dns-ptr,dns-helo good.example
settings '198.51.100.25' nowhere.example
doctor --only dns-helo good.example
settings '198.51.100.25' localhost
doctor --only dns-helo good.example

echo '== what cannot be known'
settings '198.51.100.29, 10.0.0.1, 192.0.2.99' mail.elsewhere.net
doctor --only dns elsewhere.net -v

echo '== a resolver that never answers: it is not asked by every check'
/usr/bin/python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)' >silent &
silent_pid=$!
trap 'kill $world_pid $second_pid $silent_pid; wait' EXIT
tries=0
until [ -s silent ] || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
run frank doctor --only dns good.example --resolver "127.0.0.1@$(cat silent)" |
	sed "s/@[0-9]*/@PORT/"

echo '== which domains'
doctor --only dns-mx
run frank doctor --only dns-mx --resolver "127.0.0.1@$port" good.example. GOOD.example |
	sed "s/127.0.0.1@$port/RESOLVER/"
# shellcheck disable=SC2046 # a word each
frank doctor --only machine-memory $(seq -f 'd%.0f.example' 10003) 2>&1 >/dev/null | grep 'left out'

echo '== many domains'
doctor --only dns-dkim,dns-spf good.example bare.example wrong.example d1.example d2.example \
	d3.example

echo '== used wrongly'
run frank doctor --only dns,nonsense
run frank doctor 'a b'
run frank doctor --port 0
run frank doctor --frob
run frank doctor --resolver localhost good.example
