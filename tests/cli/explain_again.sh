# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

# What became of a message when Postfix has used its short queue id again, for others that
# frankd has not judged.

# Seconds, queue id, delay, recipient, and what came of it.
tried() {
	echo "$1 postfix/smtp $2: to=<$4>, relay=mx.far.test[198.51.100.7]:25," \
		"delay=$3, delays=0/$3/0/0, ${5:-dsn=2.0.0, status=sent (250 ok)}"
}
busy='dsn=4.7.1, status=deferred (host mx.far.test[198.51.100.7] said: 450 4.7.1 busy)'

{
	echo '0 postfix/submission/smtpd 80EF3A720C4: client=laptop[192.0.2.99], sasl_username=alice'
	echo '1 decision 80EF3A720C4 alice'
	tried 2 80EF3A720C4 2 bob@far.test "$busy"
	tried 2 80EF3A720C4 2 carol@far.test
	tried 7200 80EF3A720C4 7201 bob@far.test

	# One from outside.
	echo '90000 postfix/smtpd 80EF3A720C4: client=mx.else.test[203.0.113.9]'
	tried 90001 80EF3A720C4 1 eve@else.test
	echo '90001 action release 1 message: 80EF3A720C4; of the other one'

	# Before that it is requeued; its second id comes again for a bounce, of which no line
	# says that it came.
	echo '10 decision 91AA3A720C5 alice'
	echo '20 postfix/postsuper 91AA3A720C5: requeued'
	echo '21 postfix/pickup A2BB3A720C6: uid=0 from=<alice@example.org> orig_id=91AA3A720C5'
	tried 22 A2BB3A720C6 12 bob@far.test
	tried 95000 A2BB3A720C6 0.2 eve@else.test

	# On hold until somebody does something about it; and led elsewhere by an alias.
	echo '30 decision B3CC3A720C7 alice'
	echo '30 postfix/cleanup B3CC3A720C7: milter-hold: END-OF-MESSAGE from' \
		'laptop[192.0.2.99]: milter triggers HOLD action; from=<a@example.org> proto=ESMTP'
	echo '40 decision C4DD3A720C8 alice'
	echo '41 postfix/local C4DD3A720C8: to=<team@example.org>, relay=local, delay=1,' \
		'delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as D5EE3A720C9)'
} | sort -n -s | cli_lines state
run frank explain 80EF3A720C4
run frank explain 91AA3A720C5
run frank explain B3CC3A720C7
run frank explain C4DD3A720C8
