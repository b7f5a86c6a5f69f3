# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
world
# A resolver that hands signatures on, and a server to ask for them directly.
free_port() {
	/usr/bin/python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
signed=$(free_port)
server=$(free_port)

# zone NAME [OPTION ...]: signed, with options of ldns-signzone(1).
zone() {
	name=$1
	shift
	{
		echo "\$ORIGIN $name."
		echo '@ 300 IN SOA ns1 admin 7 3600 600 86400 60'
		echo '@ 300 IN NS ns1'
		echo 'ns1 300 IN A 127.0.0.1'
	} >"$name.zone"
	key=$(ldns-keygen -a ECDSAP256SHA256 -k "$name")
	ldns-signzone -o "$name" "$@" "$name.zone" "$key"
	cat "$key.ds" >>ds
	echo "auth-zone:
	name: \"$name.\"
	zonefile: \"$name.zone.signed\"" >>auth
	echo "zone:
	name: \"$name\"
	zonefile: \"$name.zone.signed\"" >>nsd.conf
}

cat >nsd.conf <<CONF
server:
	ip-address: 127.0.0.1
	port: $server
	username: ""
	chroot: ""
	zonesdir: "$PWD"
	database: ""
	zonelistfile: "$PWD/zone.list"
	xfrdfile: ""
	xfrdir: "$PWD"
	pidfile: "$PWD/nsd.pid"
	server-count: 1
remote-control:
	control-enable: no
CONF
zone good.example
zone old.example -i 20200101 -e 20200201
zone bad.example
sed -i '/IN[[:space:]]*SOA/s/admin/changed/' bad.example.zone.signed
{
	echo "\$ORIGIN ."
	echo '@ 300 IN SOA ns1.good.example. admin.good.example. 1 3600 600 86400 60'
	echo '@ 300 IN NS ns1.good.example.'
	for name in good old bad plain; do
		echo "$name.example. 300 IN NS ns1.$name.example."
		echo "ns1.$name.example. 300 IN A 127.0.0.1"
	done
	cat ds
} >root.zone
key=$(ldns-keygen -a ECDSAP256SHA256 -k .)
ldns-signzone -o . root.zone "$key"
cp "$key.key" anchor
printf '@ 300 IN SOA ns1 admin 7 3600 600 86400 60\n@ 300 IN NS ns1\nns1 300 IN A 127.0.0.1\n' >plain.zone
{
	grep -v local- world.conf | sed "s/port: $port/port: $signed/"
	cat auth
	echo 'auth-zone:
	name: "plain.example."
	zonefile: "plain.zone"
auth-zone:
	name: "."
	zonefile: "root.zone.signed"'
} >signed.conf
unbound -c signed.conf >signed.log 2>&1 &
signed_pid=$!
nsd -d -c nsd.conf >nsd.log 2>&1 &
nsd_pid=$!
trap 'kill $world_pid $signed_pid $nsd_pid; wait' EXIT
tries=0
until { grep -qs 'start of service' signed.log && timeout 2 drill -p "$server" @127.0.0.1 good.example SOA |
	grep -q 'rcode: NOERROR'; } || [ $tries -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done

settings() { # the anchor
	{
		echo "set trust-anchor \"$1\""
		echo 'set egress 198.51.100.25'
		cat frank.conf
	} >doctor.conf
}

doctor() { # the resolver's port
	resolver=$1
	shift
	run frank -c doctor.conf doctor --only dns-dnssec --resolver "127.0.0.1@$resolver" \
		--port "$server" "$@" | sed -E -e "s/@$resolver/@PORT/; s/--port $server/--port PORT/" \
		-e "s|$PWD|DIR|g"
}

echo '== it holds, it is not signed'
settings "$PWD/anchor"
doctor "$signed" -v good.example plain.example

echo '== it has ended, it does not fit'
doctor "$signed" old.example bad.example

echo '== what cannot be known'
# Another anchor, a resolver that keeps signatures to itself, an anchor that is not there, and a
# domain that nobody knows.
grep -v '^;' "$(ls Kgood.example.*.key)" >other
settings "$PWD/other"
doctor "$signed" bad.example plain.example old.example
settings "$PWD/anchor"
doctor "$port" example.org
settings /nowhere/anchor
doctor "$signed" good.example
