# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

echo '== words alone'
run frank reply host 'gmail-smtp-in.l.google.com[192.0.2.27]' said: 421-4.7.28 Gmail has detected an \
	unusual rate of mail
run frank reply '(connect to mx.example.net[192.0.2.10]:25: Connection refused)'
run frank reply --json '550 5.1.1 <bob@example.net>: User unknown'
run frank reply 'I am a teapot'
run frank reply --json 'I am a teapot'

echo '== what was not pasted is said'
run frank reply 'permanent failure for one or more recipients'
run frank reply --from d1.ess.barracudanetworks.com 'permanent failure for one or more recipients'
run frank reply --dsn 4.7.25 'I am a teapot'

echo '== a line of the log'
run frank reply 'Nov 21 20:31:01 mx postfix/smtp[20520]: 4jX47j6fFDz1bYZP: to=<u@refused.test>, relay=none, delay=0, delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:20999: Connection refused)'
run frank reply '4jX47j1QLMz1bYPn: to=<u@rej5>, relay=mx[192.0.2.1]:25, delay=0.01, delays=0/0/0/0.01, dsn=5.7.25, status=bounced (host mx[192.0.2.1] said: 550 no (in reply to RCPT TO command))'
run frank reply 'Nov 21 20:31:01 mx postfix/smtp[1]: 4jX47j6fFDz1bYZP: to=<u@x.test>, relay=a[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)'

echo '== many of them'
cat >mail.log <<'LOG'
Nov 21 20:31:01 mx postfix/qmgr[1]: 4jX47j6fFDz1bYZP: from=<a@b.test>, size=455, nrcpt=2 (queue active)
Nov 21 20:31:02 mx postfix/smtp[1]: 4jX47j6fFDz1bYZP: to=<u@x.test>, relay=a[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Nov 21 20:31:02 mx postfix/smtp[1]: 4jX47j6fFDz1bYZP: to=<u@y.test>, relay=a[192.0.2.1]:25, delay=0, delays=0/0/0/0, dsn=4.7.1, status=deferred (host a[192.0.2.1] said: 451 4.7.1 Greylisted (in reply to RCPT TO command))
Nov 26 20:31:02 mx postfix/qmgr[1]: 4jX47j6fFDz1bYZP: from=<a@b.test>, status=expired, returned to sender
LOG
run frank reply <mail.log
run frank reply --json <mail.log
printf '550 \033[2Jclear\n' | run frank reply
printf '550 5.1.1 one\0\n552 5.2.2 mailbox\0full\n550 5.1.1 User unknown' | run frank reply
head -c 40000 /dev/zero | tr '\0' x | run frank reply | tail -n 4

echo '== entries of one'\''s own come first'
cat >replies.conf <<'OWN'
reply teapot
match "i am a teapot"
class local
means The kettle on the second floor answers.
do    Call the kitchen.
source /etc/frank/replies.conf
test  I am a teapot
OWN
run frank reply 'I am a teapot'
run frank reply --check replies.conf
sed -i 's/^test.*/test  I am a kettle/' replies.conf
run frank reply --check replies.conf
sed -i 's/^class.*/class kitchen/' replies.conf
run frank reply --check replies.conf
run frank reply 'I am a teapot'
rm replies.conf
FRANK_REPLIES=nowhere.conf run frank reply 'I am a teapot'
run frank reply --check nowhere.conf

echo '== the table that is shipped'
frank reply --check "$FRANK_REPLIES" >/dev/null && echo fine

echo '== the example of the manual'
awk '/^[.]Bd/ { here = 1; next } /^[.]Ed/ { here = 0 } here' \
	"$(dirname "$FRANK_REPLIES")/../doc/frank-replies.5" >example.conf
run frank reply --check example.conf

echo '== used wrongly'
run frank reply --frob
run frank reply --check a.conf b
