# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

# More keys; all are one and the same, so that what is printed is.
for name in example.org/s2027 example.net/s1 example.net/s2 example.com/new; do
	mkdir -p "keys/$(dirname $name)"
	chmod 755 "keys/$(dirname $name)"
	cp keys/example.org/s2026.pem "keys/$name.pem"
	touch -d 2026-02-01T00:00:00Z "keys/$name.pem"
done

cat >answer <<'ANSWER'
{"domain":"example.com","selector":"new","name":"","algorithm":"ed25519-sha256","state":"unpublished","stage":"pending","signs":false,"lagging":"","fault":"there is no TXT record","since":"2026-03-01T09:00:00.000Z","replaced":"","ttl":300}
{"domain":"example.net","selector":"s1","name":"","algorithm":"ed25519-sha256","state":"mismatched","stage":"active","signs":true,"lagging":"","fault":"p= is \"another\" key","since":"2026-03-01T09:00:00.000Z","replaced":"","ttl":300}
{"domain":"example.org","selector":"s2026","name":"","algorithm":"ed25519-sha256","state":"ready","stage":"retiring","signs":false,"lagging":"","fault":"","since":"2026-02-01T09:00:00.000Z","replaced":"2099-03-02T09:00:00.000Z","ttl":300}
{"domain":"example.org","selector":"s2027","name":"","algorithm":"ed25519-sha256","state":"ready","stage":"active","signs":true,"lagging":"ns2.example.org","fault":"","since":"2026-03-02T09:00:00.000Z","replaced":"","ttl":300}
{"domain":"example.org","selector":"s2025","name":"","algorithm":"ed25519-sha256","state":"ready","stage":"retired","signs":false,"lagging":"","fault":"","since":"2025-02-01T09:00:00.000Z","replaced":"2025-03-02T09:00:00.000Z","ttl":300}
{"domain":"example.org","selector":"s2024","name":"","algorithm":"ed25519-sha256","state":"ready","stage":"retired","signs":false,"lagging":"","fault":"","since":"2024-02-01T09:00:00.000Z","replaced":"","ttl":300}
{"domain":"example.org","selector":"s2023","name":"","algorithm":"ed25519-sha256","state":"ready","stage":"retiring","signs":false,"lagging":"","fault":"","since":"2023-02-01T09:00:00.000Z","replaced":"2024-03-02T09:00:00.000Z","ttl":300}
ANSWER

record='v=DKIM1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='
other='v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='
cat >zone <<ZONE
	local-zone: "example.net." static
	local-data: "example.net. 300 IN SOA ns1.example.org. admin.example.org. 1 60 60 60 60"
	local-data: "example.org. 300 IN NS ns1.example.org."
	local-data: "example.org. 300 IN NS ns2.example.org."
	local-data: "example.net. 300 IN NS ns1.example.org."
	local-data: "ns1.example.org. 300 IN A 127.0.0.1"
	local-data: "ns2.example.org. 300 IN A 127.0.0.2"
	local-zone: "example.info." static
	local-data: "example.info. 300 IN SOA ns1.example.org. admin.example.org. 1 60 60 60 60"
	local-data: "example.info. 300 IN NS ns1.example.org."
	local-data: "example.info. 300 IN NS ns3.example.org."
	local-data: "ns3.example.org. 300 IN A 127.0.0.3"
	local-data: 's1._domainkey.example.info. 300 IN TXT "$record"'
	local-data: 's2026._domainkey.example.org. 300 IN TXT "$record"'
	local-data: 's2027._domainkey.example.org. 300 IN TXT "$record"'
	local-data: 't2026._domainkey.example.org. 300 IN TXT "$record; t=y:s"'
	local-data: 's1._domainkey.example.net. 300 IN TXT "$other"'
	local-data: 's2._domainkey.example.net. 300 IN TXT "v=DKIM1; k=ed25519; p="'
ZONE
world
# The second server does not have the new key yet.
grep -v s2027 world.conf | sed 's/interface: 127.0.0.1/interface: 127.0.0.2/' >second.conf
unbound -c second.conf >second.log 2>&1 &
second_pid=$!
/usr/bin/python3 "$(dirname "$FRANK_TEST_LIB")/control.py" control.sock answer >control.log 2>&1 &
control_pid=$!
trap 'kill $world_pid $second_pid $control_pid; wait' EXIT
for log in second.log:start control.log:ready; do
	tries=0
	until grep -qs "${log#*:}" "${log%:*}" || [ $tries -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
done

# What a resolver keeps gets older.
steady() {
	run "$@" | sed -E -e 's/for another [0-9]+ s/for another T s/' -e 's/"ttl":[0-9]+/"ttl":T/g' \
		-e "s|$PWD|DIR|g"
}

check() {
	frank key check "$@" --resolver "127.0.0.1@$port" --port "$port"
}

echo '== check'
steady check
steady check example.org s2026
steady check example.org s2027 --json
steady check nowhere.example
steady check a b c
# Nobody is at 127.0.0.3; what libunbound makes of that is "no answer" or SERVFAIL.
mkdir -p more/example.info
chmod 755 more more/example.info
cp keys/example.org/s2026.pem more/example.info/s1.pem
steady check --dir more | sed 's/^\(  ?  .*\): .*/\1: trouble/'
steady check --dir more --json | sed -e 's/"state":"[a-zA-Z ]*"\(,"failure":"[A-Z]*"\)*}/"state":"trouble"}/'
mkdir -p testing/example.org
chmod 755 testing testing/example.org
cp keys/example.org/s2026.pem testing/example.org/t2026.pem
steady check --dir testing
steady check --dir testing --json
steady frank key check --port 0
steady frank key check example.org s2026 --resolver nonsense

echo '== a resolver that never answers: it is not asked about each key'
/usr/bin/python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)' >silent &
silent_pid=$!
trap 'kill $world_pid $second_pid $control_pid $silent_pid; wait' EXIT
tries=0
until [ -s silent ] || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
run frank key check --resolver "127.0.0.1@$(cat silent)" | sed "s/@[0-9]*/@PORT/"

echo '== list, without and with a frankd'
run frank --control nowhere.sock key list | sed "s|$PWD|DIR|g"
list() {
	# Postfix may be here or not, and hold mail or not.
	frank key list "$@" 2>&1 | grep -v 'cannot be asked$' |
		sed -E -e "s|$PWD|DIR|g" -e 's/ \(assumed: postconf\(1\) cannot be asked\)//' \
			-e 's/"queue_lifetime_assumed":(true|false)/"queue_lifetime_assumed":B/'
}
run list
run list --json
