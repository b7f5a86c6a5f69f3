# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

authority
certificate good mail.good.example 20200101000000Z 20990101000000Z
certificate bare mail.good.example 20200101000000Z 20990101000000Z keyUsage=digitalSignature
certificate other other.example 20200101000000Z 20990101000000Z
certificate expired mail.good.example 20200101000000Z 20200201000000Z
certificate early mail.good.example 20980101000000Z 20990101000000Z
certificate selfmade mail.good.example 20200101000000Z 20990101000000Z
openssl ca -batch -config ca.conf -selfsign -keyfile selfmade.key -in selfmade.csr -out selfmade.crt \
	-startdate 20200101000000Z -enddate 20990101000000Z -notext >>openssl.log 2>&1
cat selfmade.key selfmade.crt >selfmade.pem

/usr/bin/python3 "$(dirname "$FRANK_TEST_LIB")/smtp.py" >smtp.log 2>&1 &
smtp_pid=$!
trap 'kill $smtp_pid $world_pid; wait' EXIT
tries=0
until [ -f ports ] || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
# shellcheck source=/dev/null # made by smtp.py
. ./ports
cat >zone <<ZONE
	local-zone: "example." static
	local-data: "far.example. 300 IN MX 10 mx.far.example."
	local-data: "mx.far.example. 300 IN A 127.0.0.1"
	local-data: "none.example. 300 IN TXT \"no MX\""
	local-data: "two.example. 300 IN MX 10 away.two.example."
	local-data: "two.example. 300 IN MX 20 mx.far.example."
	local-data: "away.two.example. 300 IN A 127.0.0.2"
	local-data: "ours.example. 300 IN MX 10 mail.good.example."
	local-data: "mail.good.example. 300 IN A 127.0.0.1"
ZONE
world
trap 'kill $smtp_pid $world_pid; wait' EXIT

# A Postfix that is never started: what it says of itself.
mkdir postfix
cat >postfix/main.cf <<'CF'
compatibility_level = 3.6
CF
cat >postfix/master.cf <<CF
127.0.0.1:$GOOD inet n - y - - smtpd
127.0.0.1:$CLOSED inet n - y - - smtpd
127.0.0.9:$ELSEWHERE inet n - y - - smtpd
pickup unix n - y 60 1 pickup
CF
touch -d 2026-01-01 postfix/main.cf postfix/master.cf
{
	echo "set egress { 198.51.100.25, 2001:db8::25 }"
	echo "set helo mail.good.example"
	echo "set resolver \"127.0.0.1@$port\""
	cat frank.conf
} >doctor.conf

doctor() {
	SSL_CERT_FILE=$PWD/ca.pem run frank -c doctor.conf doctor --patience 1 --postfix-config "$PWD/postfix" "$@" |
		sed -e "s|$PWD/||" -e "$names"
}
# Ports by the names of those who are there.
names=$(sed -E 's/^(.*)=(.*)$/s,\\b\2\\b,\1,g/' ports)
out() { doctor --only connect-out "$@"; }
own() { doctor --only connect-in --smtp "127.0.0.1:$1" --submissions "127.0.0.1:$2" --submission "127.0.0.1:$3" -v; }

echo '== outwards'
out --probe "127.0.0.1:$GOOD" -v
out --probe "mx.far.example:$GOOD" -v
out --probe "127.0.0.1:$CLOSED"
out --probe "mx.far.example:$FULL"
out --probe "127.0.0.1:$REFUSES"
out --probe "127.0.0.1:$CLOSES"
out --probe "127.0.0.1:$FOREIGN"
echo '== outwards: what cannot be known'
out --probe "127.0.0.1:$BUSY"
out --probe "127.0.0.1:$SILENT"
out --probe nowhere.example
out --probe mail.elsewhere.net
out
out none.example
out ours.example

echo '== outwards, through a relay host'
relay() {
	cp postfix/main.cf main.cf.before
	echo "relayhost = $1" >>postfix/main.cf
	touch -d 2026-01-01 postfix/main.cf
	shift
	out "$@"
	cp main.cf.before postfix/main.cf
	touch -d 2026-01-01 postfix/main.cf
}
relay "[127.0.0.1]:$GOOD" -v
relay "[127.0.0.1]:$CLOSED"
relay "[127.0.0.1]:$CLOSED" --probe "127.0.0.1:$GOOD" -v
relay "far.example:$GOOD" -v
relay "mx.far.example:$GOOD" -v
relay "[far.example]:$GOOD"
echo '== outwards, through one of several'
relay "two.example:$GOOD" -v
relay "[127.0.0.1]:$CLOSED, [127.0.0.1]:$GOOD" -v
relay "[127.0.0.1]:$CLOSED, [mx.far.example]:$CLOSED" -v
relay "[127.0.0.1]:$CLOSED, [nowhere.example]:$GOOD, nowhere.example:$GOOD"
relay "[127.0.0.1]:$CLOSED, [127.0.0.1]:msa"
echo '== outwards, by a way that is not understood'
relay '[127.0.0.1]:msa' far.example
relay '[unended' far.example

echo '== our own: all is well, and some are not offered'
own "$GOOD" "$GOODTLS" "$GOOD"
own "$PLAIN" "$GOODTLS" "$FULL"
echo '== our own: what is wrong'
own "$CLOSED" "$CLOSED" "$PLAIN"
own "$SELFMADE" "$SILENT" "$SELFMADE"
own "$EXPIRED" "$OLDTLS" "$EARLY"
own "$BARE" "$GOODTLS" "$BARE"
own "$REFUSES" "$GOOD" "$BADTLS"
own "$CLOSES" "$FOREIGN" "$NOEHLO"
own "$SILENT" "$GOODTLS" "$MANY"
echo '== our own: what cannot be known'
own "$BUSY" "$GOODTLS" "$OTHER"
SSL_CERT_FILE=$PWD/ca.pem run frank -c doctor.conf doctor --patience 1 --postfix-config /nowhere --only connect-in \
	--smtp "127.0.0.1:$CLOSED" --submissions "127.0.0.1:$GOODTLS" --submission "127.0.0.1:$CLOSED" |
	sed "$names"
own "$FULL" "$GOODTLS" "$ELSEWHERE"

echo '== where mail leaves from'
leaves() {
	printf '%s\n' 'compatibility_level = 3.6' "$@" >postfix/main.cf
	# Postfix waits until what was written just now has settled.
	touch -d 2026-01-01 postfix/main.cf
	doctor --only connect-source --probe 127.0.0.1 -v
}
leaves 'smtp_bind_address = 198.51.100.25' 'smtp_bind_address6 = 2001:db8::25'
leaves 'smtp_bind_address = 203.0.113.9' 'smtp_bind_address6 = 2001:db8::9'
leaves 'smtp_bind_address = 10.0.0.1' 'smtp_bind_address6 = nonsense'
leaves 'smtp_bind_address6 = 2001:db8::25'
leaves 'relayhost = [relay.example.net]:587'
run frank -c doctor.conf doctor --only connect-source --postfix-config /nowhere --probe 127.0.0.1 | sed -n 1,4p
run frank doctor --only connect-source

echo '== used wrongly'
run frank doctor --probe '[::1'
run frank doctor --smtp localhost
run frank doctor --patience 11
run frank doctor --postfix-config postfix
