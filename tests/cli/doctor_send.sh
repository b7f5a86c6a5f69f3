# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
record

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout submit.key -out submit.crt \
	-days 3650 -subj '/CN=mail.example.org' >openssl.log 2>&1
cat submit.key submit.crt >submit.pem
/usr/bin/python3 "$(dirname "$FRANK_TEST_LIB")/submit.py" >submit.log 2>&1 &
submit_pid=$!
trap 'kill $submit_pid; wait' EXIT
tries=0
until [ -f ports ] || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
# shellcheck source=/dev/null # made by submit.py
. ./ports
printf 'pass word\nsecond line\n' >password
: >empty

# What differs from run to run.
same() {
	sed -e "s|$PWD/||g" -e 's/frank-doctor\.[0-9a-f]\{32\}@/frank-doctor.RANDOM@/' \
		-e 's/^\( *Date:\) .*/\1 .../' -e "$(sed -E 's/^(.*)=(.*)$/s,\\b\2\\b,\1,g/' ports)"
}
send() {
	rm -f heard
	run frank doctor --send rcpt@far.example --yes --wait 1s "$@" | same
}
# As far as the server is told, which may be a moment later.
heard() {
	tries=0
	until [ -f heard ] || [ $tries -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	echo '== heard'
	same <heard
}

echo '== taken, and no frankd there'
send --submission "127.0.0.1:$TAKES" --login 'al ice' --password-file password
heard
send --submissions "127.0.0.1:$TAKESTLS" --from bob@EXAMPLE.net --json
send --submission "localhost:$CLEAR" --login alice --password-file password
heard | sed -n 1,4p

echo '== not taken'
send --submission "127.0.0.1:$RCPT"
send --submission "127.0.0.1:$TEXT"
send --submission "127.0.0.1:$LATER" --json
send --submission "127.0.0.1:$WRONG" --login alice --password-file password
send --submission "127.0.0.1:$NOAUTH" --login alice --password-file password
send --submission "127.0.0.1:$LOGIN" --login alice --password-file password
echo '== TLS that does not come about'
send --submission "127.0.0.1:$NOTLS" --login alice --password-file password
send --submission "127.0.0.1:$INJECTED" --login alice --password-file password
heard
send --submissions "127.0.0.1:$CLEAR"

echo '== used wrongly, and nothing is sent'
run frank doctor --send rcpt@far.example
run frank doctor --send rcpt --yes
run frank doctor --send '"a b"@far.example' --yes
run frank doctor --send 'a@b c' --yes
run frank doctor --send 'a@far.example
b' --yes
run frank doctor --send rcpt@far.example --from '<>' --yes
run frank doctor --send rcpt@far.example --wait 2h
run frank doctor --send rcpt@far.example --login alice
run frank doctor --send rcpt@far.example --submission localhost --password-file password
run frank doctor --send rcpt@far.example --submission localhost --submissions localhost
run frank doctor --send rcpt@far.example example.org
run frank doctor --from a@example.org
run frank doctor --submission localhost
run frank doctor --send rcpt@far.example --yes --submission 127.0.0.1 --login alice --password-file empty
run frank doctor --send rcpt@far.example --yes --submission 127.0.0.1 --login alice --password-file nowhere
rm -r state
run frank doctor --send rcpt@far.example --yes --submission 127.0.0.1
