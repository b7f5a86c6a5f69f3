# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

authority
certificate good mta-sts.good.example,DNS:mta-sts.bare.example,DNS:mta-sts.null.example 20200101000000Z 20990101000000Z
certificate bare mta-sts.good.example 20200101000000Z 20990101000000Z keyUsage=digitalSignature
certificate middle 'A Middle' 20200101000000Z 20200201000000Z basicConstraints=critical,CA:TRUE
certificate below mta-sts.good.example 20200101000000Z 20990101000000Z '' middle
certificate other www.good.example 20200101000000Z 20990101000000Z
certificate expired mta-sts.good.example 20200101000000Z 20200201000000Z
certificate early mta-sts.good.example 20980101000000Z 20990101000000Z
certificate selfmade mta-sts.good.example 20200101000000Z 20990101000000Z
openssl ca -batch -config ca.conf -selfsign -keyfile selfmade.key -in selfmade.csr -out selfmade.crt \
	-startdate 20200101000000Z -enddate 20990101000000Z -notext >>openssl.log 2>&1
cat selfmade.key selfmade.crt >selfmade.pem

# 127.0.0.9 has no web server: nobody listens there.
cat >zone <<'ZONE'
	local-zone: "example." static
	local-data: "good.example. 300 IN MX 10 mail.good.example."
	local-data: "good.example. 300 IN MX 20 Mail2.good.example."
	local-data: "good.example. 300 IN MX 30 mail3.good.example."
	local-data: '_mta-sts.good.example. 300 IN TXT "v=STSv1; id=1;"'
	local-data: "mta-sts.good.example. 300 IN A 127.0.0.9"
	local-data: '_mta-sts.bare.example. 300 IN TXT "v=STSv1; id=1;"'
	local-data: "mta-sts.bare.example. 300 IN A 127.0.0.9"
	local-data: "null.example. 300 IN MX 0 ."
	local-data: '_mta-sts.null.example. 300 IN TXT "v=STSv1; id=1;"'
	local-data: "mta-sts.null.example. 300 IN A 127.0.0.9"
ZONE
world

/usr/bin/python3 "$(dirname "$FRANK_TEST_LIB")/https.py" >https.log 2>&1 &
https_pid=$!
trap 'kill $https_pid $world_pid; wait' EXIT
tries=0
until [ -f ports ] || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
# shellcheck source=/dev/null # made by https.py
. ./ports
{
	echo "set resolver \"127.0.0.1@$port\""
	cat frank.conf
} >doctor.conf

doctor() {
	SSL_CERT_FILE=$PWD/ca.pem run frank -c doctor.conf doctor --patience 1 --only dns-mta-sts "$@" -v |
		sed "$names"
}
# Ports by the names of those who are there.
names=$(sed -E 's/^(.*)=(.*)$/s,\\b\2\\b,\1,g/' ports)
at() {
	place=127.0.0.1:$1
	shift
	doctor --https "$place" "${@:-good.example}"
}

echo '== all is well'
at "$GOOD"
at "$CHUNKED"
at "$UNTOLD"
at "$TESTING"
at "$TRYING"
at "$NONE"
at "$OWN" bare.example
at "$ONE" null.example
echo '== MX that the policy does not have'
at "$ONE"
at "$GOOD" bare.example
echo '== a policy that is forgotten at once'
at "$BRIEF"
at "$DAY"
at "$GONE"
echo '== a server that cannot show who it is'
at "$EXPIRED"
at "$EARLY"
at "$OTHER"
at "$SELFMADE"
at "$BARE"
at "$BELOW"
at "$OLDTLS"
at "$FOREIGN"
echo '== no policy there'
at "$NOTFOUND"
at "$MOVED"
at "$HTML"
at "$LARGE"
at "$NOHTTP"
echo '== a policy that is none'
at "$GARBAGE"
at "$SECOND"
at "$NOMX"
echo '== what cannot be known'
at "$CLOSED"
at "$CLOSES"
at "$SILENT"
at "$LATE"
at "$BUSY"
at "$SHORT"
at "$MANY"
doctor good.example
SSL_CERT_FILE=/dev/null run frank -c doctor.conf doctor --only dns-mta-sts --https "127.0.0.1:$GOOD" good.example --json |
	sed "$names"

echo '== used wrongly'
run frank doctor --https www.example
