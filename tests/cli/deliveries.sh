# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
record

run frank deliveries --since 2026-03-01
run frank deliveries --since 2026-03-01 --by domain
run frank deliveries --since 2026-03-01 --by code
run frank deliveries --since 2026-03-01 --by login
run frank deliveries --since 2026-03-01 --by relay
run frank deliveries --since 2026-03-01 --json
run frank deliveries --since 2026-03-01 --by login -n 1 --json
run frank deliveries --since '2026-03-03 00:00' --by domain
run frank deliveries --since 2026-03-01 --list
run frank deliveries --since 2026-03-01 --list -n 1
run frank deliveries --since 2026-03-01 --list --user ALICE --to example.com --json
run frank deliveries --since 2026-03-01 --list --user mallory
run frank deliveries --since 2026-03-01 --list --to nobody@example.com
run frank deliveries --since 2026-03-01 --user alice
run frank deliveries --since 2026-03-01 --by code --to Carol@example.com
run frank deliveries --list --by login

echo '== what waits, what was given up, what servers call themselves'
# Seconds, queue id, recipient, relay, dsn, status, words.
delivery() {
	case $4 in
	mx.*) relay="$4[192.0.2.10]:25" ;;
	*) relay=$4 ;;
	esac
	echo "$1 postfix/smtp $2: to=<$3>, relay=$relay, delay=$1, delays=0/0/0/0, dsn=$5, status=$6 ($7)"
}
refused='connect to mx.dead.test[192.0.2.10]:25: Connection refused'
{
	echo '0 decision 4cXaaaaa01 alice'
	echo '1 decision 4cXaaaaa02'
	echo '2 postfix/smtpd 4cXaaaaa03: client=laptop[192.0.2.99], sasl_method=PLAIN, sasl_username=bob'
	# The same id, of an older message of somebody else, and of a later one.
	echo '-900 decision 4cXaaaaa04 eve'
	echo '3 decision 4cXaaaaa04 alice'
	echo '90000 decision 4cXaaaaa04 mallory'
	# What was decided counts more than what the log says.
	echo '4 decision 4cXaaaaa08 carol'
	echo '5 postfix/smtpd 4cXaaaaa08: client=laptop[192.0.2.99], sasl_method=PLAIN, sasl_username=Carol'
	delivery 9 4cXaaaaa08 bob@other.test mx.other.test 2.0.0 sent '250 ok'
	delivery 10 4cXaaaaa01 bob@dead.test none 4.4.1 deferred "$refused"
	delivery 20 4cXaaaaa01 bob@dead.test none 4.4.1 deferred "$refused"
	delivery 20 4cXaaaaa01 carol@Dead.test none 4.4.1 deferred "$refused"
	delivery 30 4cXaaaaa01 carol@dead.test mx.dead.test 2.0.0 sent '250 ok'
	delivery 30 4cXaaaaa01 carol@Dead.test mx.dead.test 2.0.0 sent '250 ok'
	# Given up, deleted, and requeued: none of them waits any more.
	for id in 2 3 4; do
		delivery 12 4cXaaaaa0$id a@dead.test none 4.4.1 deferred "$refused"
		delivery 12 4cXaaaaa0$id b@dead.test none 4.4.1 deferred "$refused"
	done
	echo '40 postfix/qmgr 4cXaaaaa02: from=<>, status=expired, returned to sender'
	echo '41 postfix/postsuper 4cXaaaaa03: removed'
	echo '42 postfix/postsuper 4cXaaaaa04: requeued'
	delivery 50 4cXaaaaa05 root local 2.0.0 sent 'delivered to mailbox'
	delivery 51 4cXaaaaa05 "$(printf 'x@\033[31meve\342\200\256.test')" \
		'a-name-that-is-much-longer-than-any-line-has-room-for.test[192.0.2.1]:25' 5.7.1 bounced 'no'
	delivery 52 4cXaaaaa06 x@slow.test mx.slow.test 2.0.0 sent '250 ok'
	delivery 100000 4cXaaaaa07 x@slow.test mx.slow.test 2.0.0 sent '250 ok'
} >lines
for kept in full domain hash; do
	cli_lines state-$kept $kept <lines
	run command frank -c frank.conf --state state-$kept deliveries --since 2026-03-01 --by domain
	run command frank -c frank.conf --state state-$kept log --to bob@slow.test
done
state() {
	command frank -c frank.conf --state state-full "$@"
}
run state deliveries --since 2026-03-01 --by login
run state deliveries --since 2026-03-01 --by relay
run state deliveries --since 2026-03-01 --by code -n 2
run state deliveries --since 2026-03-01 --by domain --json

echo '== what has changed'
changed() {
	command frank -c frank.conf --state state-changed deliveries --since '2026-03-02 00:00' "$@"
}
# Three messages to a domain, and the first of them twice.
three() {
	for n in 1 1 2 3; do
		delivery $(($1 + n)) "4cX$2$n" "user$n@$2.test" "mx.$2.test" "$3" deferred "$4"
	done
}
gmail='host mx.google.test[192.0.2.27] said: 421-4.7.28 Gmail has detected an unusual rate of mail'
{
	# The journal begins six days before.
	delivery -550000 4cXbefore0 a@else.test mx.else.test 2.0.0 sent '250 ok'
	for domain in began goeson before few users odd Upper; do
		delivery -200000 4cXbefore1 "a@$domain.test" "mx.$domain.test" 2.0.0 sent '250 ok'
	done
	three -250000 before 4.7.28 "$gmail"
	three 100 began 4.7.28 "$gmail"
	delivery 150 4cXbegan9 b@began.test mx.began.test 2.0.0 sent '250 ok'
	delivery 160 4cXbegan1 user1@began.test mx.began.test 4.7.28 deferred "$gmail"
	delivery 200 4cXbegan1 user1@began.test mx.began.test 2.0.0 sent '250 ok'
	delivery 300 4cXbegan2 user2@began.test mx.began.test 2.0.0 sent '250 ok'
	three 400 goeson 4.7.28 "$gmail"
	delivery 410 4cXgoeson4 user4@goeson.test mx.goeson.test 5.7.1 bounced \
		'host mx.goeson.test[192.0.2.2] said: 421-4.7.28 Gmail has detected an unusual rate of mail'
	# Not new; never sent to before; too few; about recipients.
	three 500 before 4.7.28 "$gmail"
	three 500 new 4.7.28 "$gmail"
	delivery 600 4cXfew1 a@few.test mx.few.test 4.7.28 deferred "$gmail"
	delivery 601 4cXfew2 a@few.test mx.few.test 4.7.28 deferred "$gmail"
	three 700 users 5.1.1 'host mx said: 550 5.1.1 No such user'
	three 800 odd 4.9.9 "$(printf 'host mx said: 450 4.9.9 \033[2J zzz \342\200\256')"
	three 900 UPPER 4.7.28 "$gmail"
} >lines
cli_lines state-changed <lines
run changed -n 3
run changed -n 1 | sed '/^$/q'
run changed --json | grep '"change"'
run changed --by domain -n 1
grep -v before0 lines | grep -v -e '^-2' | cli_lines state-today
run command frank -c frank.conf --state state-today deliveries --since '2026-03-02 00:00' -n 1

echo '== where mail is taken, but later'
# From second $1 on, $3 messages to $2, one in each second $4, each of which took $5 seconds.
took() {
	n=0
	while [ $n -lt "$3" ]; do
		echo "$(($1 + n * $4)) postfix/smtp 4cX$2$(($1 + 200000))n$n: to=<u$n@$2.test>, relay=mx.$2.test[192.0.2.9]:25," \
			"delay=$5, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)"
		n=$((n + 1))
	done
}
{
	for domain in slow over held requeued always few Wide single; do
		took -200000 $domain 30 60 3
	done
	took -190000 always 30 60 840
	took 0 slow 40 10 3
	took 720 slow 61 10 840
	took 0 over 25 10 300
	took 400 over 12 10 2.5
	took 100 few 19 10 840
	took 100 always 30 10 840
	took 100 Wide 20 10 200000
	took 100 new 30 10 840
	# A release of what was held looks the same, and so does what was put into the queue anew.
	n=0
	while [ $n -lt 30 ]; do
		echo "-90000 postfix/cleanup 4cXheld200100n$n: milter-hold: END-OF-MESSAGE from x[192.0.2.1]: milter triggers HOLD action; from=<a@example.org> to=<u$n@held.test>"
		echo "90 postfix/postsuper 4cXheld200100n$n: released from hold"
		echo "90 postfix/pickup 4cXrequeued200100n$n: uid=109 from=<a@example.org> orig_id=4cXolder$n"
		# All recipients of one message.
		echo "$((200 + n)) postfix/smtp 4cXsingle: to=<u$n@single.test>, relay=mx.single.test[192.0.2.9]:25," \
			"delay=840, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok)"
		n=$((n + 1))
	done
	took 100 held 30 10 90000
	took 100 requeued 30 10 90000
} | sort -s -n -k1,1 >lines
cli_lines state-slow <lines
slower() {
	command frank -c frank.conf --state state-slow deliveries --since '2026-03-02 00:00' "$@"
}
run slower
run slower -n 1 | sed -n '/^what/,/^$/p'
run slower --json | grep '"slow"'
run slower --by domain -n 1

echo '== nothing was tried'
run frank deliveries --since 2026-03-05
run frank deliveries --since 2026-03-05 --json

echo '== used wrongly'
run frank deliveries --by color
# As other commands call it.
run frank deliveries --since 2026-03-01 --by user -n 1
run frank deliveries --since 2026-03-01 --by destination -n 1
run frank deliveries -n 0
run frank deliveries --since never
run frank deliveries something
run command frank -c frank.conf --state nowhere deliveries
