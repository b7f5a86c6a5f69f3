# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

# A script of lines becomes the journal NAME, and that is asked.
coverage() {
	name=$1
	shift
	cat >lines
	{
		echo '-3600 decision 4cXfirst01 alice'
		echo '-3600 postfix/submission/smtpd 4cXfirst01: client=laptop[192.0.2.99], sasl_username=alice'
		cat lines
	} | cli_lines "$name"
	run command frank -c frank.conf --state "$name" coverage --since 2026-03-01 "$@"
}
# Seconds, queue id, what brought it.
arrived() {
	echo "$1 postfix/$3 $2: client=$4"
}
# Seconds, queue id, delay, and what delivered it to where.
sent() {
	echo "$1 postfix/${4:-smtp} $2: to=<bob@${6:-far.test}>, relay=${5:-mx.far.test[198.51.100.7]:25}," \
		"delay=$3, delays=0/0/0/$3, dsn=2.0.0, status=sent (250 ok)"
}
laptop='laptop[192.0.2.99], sasl_method=PLAIN, sasl_username=alice'

echo '== nothing was missed'
{
	arrived 0 4cXaaaaa01 submission/smtpd "$laptop"
	echo '1 decision 4cXaaaaa01 alice'
	sent 2 4cXaaaaa01 2
	sent 3 4cXaaaaa01 2.5
	sent 4000 4cXaaaaa01 4000
	# What does not leave: mailboxes.
	arrived 0 4cXaaaaa02 smtpd 'localhost[127.0.0.1]'
	sent 2 4cXaaaaa02 2 local local
	sent 2 4cXaaaaa02 2 virtual virtual
	sent 2 4cXaaaaa02 2 lmtp 'mail[private/dovecot-lmtp]'
	sent 2 4cXaaaaa02 2 lmtp 'localhost[127.0.0.1]:24'
	# From outside, and on to where we relay it.
	arrived 0 4cXaaaaa03 smtpd 'mx.else.test[203.0.113.9]'
	sent 2 4cXaaaaa03 2 relay/smtp
} | coverage well

missed() {
	arrived 0 4cXaaaaa01 submission/smtpd "$laptop"
	echo '1 decision 4cXaaaaa01 alice'
	sent 2 4cXaaaaa01 2
	echo '# bounces: one is logged before it leaves, one after; one was requeued' >&2
	echo '3 postfix/bounce 4cXaaaaa01: sender non-delivery notification: 4cXbounce1'
	sent 4 4cXbounce1 1
	sent 4 4cXbounce2 0.01
	echo '5 postfix/bounce 4cXaaaaa01: sender non-delivery notification: 4cXbounce2'
	echo '60 postfix/postsuper 4cXbounce2: requeued'
	echo '61 postfix/pickup 4cXbounce3: uid=109 from=<> orig_id=4cXbounce2'
	sent 62 4cXbounce3 60
	echo '# reentry' >&2
	for n in 1 2 3 4; do
		arrived "7$n" "4cXreentr$n" 10025/smtpd 'localhost[127.0.0.1]'
		sent "7$n" "4cXreentr$n" 0.5
	done
	echo '# local: sendmail(1)' >&2
	echo '80 postfix/pickup 4cXlocal01: uid=1000 from=<alice@example.org>'
	sent 81 4cXlocal01 1
	echo '# forwarded' >&2
	echo '90 postfix/local 4cXaaaaa09: to=<root@example.org>, relay=local, delay=1,' \
		'delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as 4cXforwar1)'
	sent 90 4cXforwar1 0.1
	echo '# down: smtpd of that service alone' >&2
	echo '100 postfix/submission/smtpd warning: connect to Milter service unix:frank/milter.sock:' \
		'Connection refused'
	arrived 101 4cXdown001 submission/smtpd "$laptop"
	sent 102 4cXdown001 1
	arrived 101 4cXreentr5 10025/smtpd 'localhost[127.0.0.1]'
	sent 102 4cXreentr5 1
	echo '110 postfix/cleanup warning: connect to Milter service unix:frank/milter.sock: No such file'
	echo '110 postfix/pickup 4cXdown002: uid=1000 from=<alice@example.org>'
	sent 112 4cXdown002 1
	echo '# service: long after that' >&2
	arrived 5000 4cXservic1 submission/smtpd "$laptop"
	sent 5001 4cXservic1 1
	arrived 5000 4cXservic4 submission/smtpd 'localhost[127.0.0.1], sasl_username=webmail'
	sent 5001 4cXservic4 1
	arrived 5000 4cXservic2 smtpd 'app.example.org[192.0.2.50]'
	sent 5001 4cXservic2 1
	echo '# the same id, of somebody else: once before, and once after' >&2
	echo '5500 decision 4cXservic3 alice'
	arrived 6000 4cXservic3 submission/smtpd "$laptop"
	sent 6002 4cXservic3 2
	echo '6500 decision 4cXservic3 alice'
	echo '# notices' >&2
	sent 7000 4cXnotice1 0.1
	echo '# what was held, released by requeuing, twice' >&2
	arrived 7100 4cXheld001 submission/smtpd "$laptop"
	echo '7101 decision 4cXheld001 alice'
	echo '7200 postfix/postsuper 4cXheld001: requeued'
	echo '7201 postfix/pickup 4cXheld002: uid=109 from=<alice@example.org> orig_id=4cXheld001'
	echo '7300 postfix/pickup 4cXheld003: uid=109 from=<alice@example.org> orig_id=4cXheld002'
	sent 7301 4cXheld003 200
}

echo
echo '== each for its reason'
missed 2>/dev/null | coverage missed
echo 'set trusted { 192.0.2.50 }' >>frank.conf
missed 2>/dev/null | coverage trusted --json

echo '== excused'
echo 'set coverage-ignore bounces, reentry, local, forwarded, notices' >>frank.conf
missed 2>/dev/null | coverage excused
sed -i 's/^set coverage-ignore.*/set coverage-ignore { bounces, reentry, local, forwarded, down, service, notices }/' \
	frank.conf
missed 2>/dev/null | coverage all-excused --json

echo '== nobody can tell'
{
	echo '# before the log begins'
	sent 1 4cXaaaaa01 5000
} | grep -v '^#' | coverage before
{
	echo '# a gap'
	sent 90 4cXaaaaa02 30
	echo '100 action log-gap mail.log was cut'
	echo '# and what is certain in spite of it'
	arrived 95 4cXaaaaa03 submission/smtpd "$laptop"
	sent 96 4cXaaaaa03 1
} | grep -v '^#' | coverage gap
{
	echo '# requeued, and nothing is known any more of what it was'
	arrived -800000 4cXfirst00 submission/smtpd "$laptop"
	echo '7201 postfix/pickup 4cXheld002: uid=109 from=<alice@example.org> orig_id=4cXheld001'
	sent 7301 4cXheld002 200
} | grep -v '^#' | coverage requeued

echo '== no log is followed'
echo '1 decision 4cXaaaaa01 alice' | cli_lines blind
run command frank -c frank.conf --state blind coverage --since 2026-03-01

echo '== by a configuration with an error'
echo 'set coverage-ignore nothing' >>broken.conf
run command frank -c broken.conf check broken.conf
run command frank -c broken.conf --state well coverage --since 2026-03-02

echo '== used wrongly'
run frank coverage --since never
run frank coverage 4cXaaaaa01
run command frank -c frank.conf --state nowhere coverage
