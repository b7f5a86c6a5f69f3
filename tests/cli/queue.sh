# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

# As postqueue(1) prints it: queue, id, seconds ago, size, sender; then address and reason, in turn.
entry() {
	printf '{"queue_name": "%s", "queue_id": "%s", "arrival_time": %s, "message_size": %s, ' \
		"$1" "$2" "$(($(date +%s) - $3))" "$4"
	printf '"forced_expire": false, "sender": "%s", "recipients": [' "$5"
	shift 5
	between=
	while [ $# -gt 0 ]; do
		printf '%s{"address": "%s"' "$between" "$1"
		if [ -n "$2" ]; then printf ', "delay_reason": "%s"' "$2"; fi
		printf '}'
		between=', '
		shift 2
	done
	printf ']}\n'
}

# When it is now, is another time each time.
steady() {
	run "$@" | sed -E -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z/TIME/'
}

refused='connect to mx.dead.test[192.0.2.10]:25: Connection refused'
gmail='host mx.google.com[192.0.2.27] said: 421-4.7.28 Gmail has detected an unusual rate of mail'
{
	entry deferred 4cXaaaaaa01 7230 2048 alice@example.org bob@dead.test "$refused"
	entry deferred 4cXaaaaaa02 3670 4096 alice@example.org bob@dead.test "$refused" \
		carol@Dead.test "delivery temporarily suspended: $refused" dave@other.test "$refused"
	entry deferred 4cXaaaaaa03 370 1000000 news@example.org a@gmail.com "$gmail" b@gmail.com "$gmail"
	entry deferred 4cXaaaaaa04 490 900 news@example.org a@gmail.com "$gmail"
	entry deferred 4cXaaaaaa05 430 900 news@example.org a@gmail.com "$gmail"
	entry deferred 4cXaaaaaa06 300000 900 MAILER-DAEMON eve@odd.test \
		'host mx.odd.test[192.0.2.9] said: 450 \u001b[2J \"go\\\\away\" \u202ex'
	entry deferred 4cXaaaaaa07 310 900 MAILER-DAEMON eve@odd.test ''
	entry active 4cXaaaaaa08 190 900 alice@example.org new@new.test ''
	entry hold 4cXaaaaaa09 4990 900 alice@example.org held@new.test ''
	entry incoming 4cXaaaaaa10 130 900 alice@example.org root ''
} >list

run frank queue --list list
run frank queue --list list --by queue
run frank queue --list list --by destination
run frank queue --list list --by destination -n 2
run frank queue --list list --by cause
run frank queue --list - --by cause <list
steady frank queue --list list --json
steady frank queue --list list --by destination -n 2 --json

echo '== more causes than are shown'
for text in '450 4.2.0 Greylisted' '452 4.2.2 full' '450 4.1.8 no' '421 4.3.2 no' '451 4.7.25 no' \
	'454 4.7.0 no' '451 4.4.2 no'; do
	number=$((${number:-10} + 1))
	entry deferred "4cXbbbbbb$number" 130 100 a@b.test x@y.test "host y[192.0.2.1] said: $text"
done >many
run frank queue --list many | grep -v -e '^ .* \(to\|means\|do\|said\)  ' -e '^                  '

echo '== whose it is: the journal knows'
record
now=$(date +%s)
{
	entry deferred 4cXyZ71kq $((now - 1772442170)) 2048 alice@example.org carol@example.com "$refused"
	# The same id and another sender, and a time that does not fit: other messages.
	entry deferred 4cXyZ82lr $((now - 1772442240)) 2048 mallory@example.org x@example.com "$refused"
	entry deferred 4cXyZB5pv $((now - 1772400000)) 2048 bob@example.net x@example.com "$refused"
	entry deferred 4cXyZ93ms $((now - 1772442269)) 999 alice@example.org x@example.com "$refused"
	entry deferred 4cXyZC6qw $((now - 1772449379)) 512 root@example.org x@example.com "$refused"
} >journal
run frank queue --list journal --by login | sed -E 's/ [0-9]+d / DAYS /; s/oldest [0-9]+d/oldest DAYS/'
steady frank queue --list journal --by login --json

echo '== again and again'
steady frank queue --list list --by queue --watch --every 1s --count 2
steady frank queue --list list --by queue --watch --every 1s --count 2 --json

echo '== nothing waits'
: >empty
run frank queue --list empty
run frank queue --list empty --json

echo '== a list that is none, and one that is cut'
echo 'this is no list' >odd
run frank queue --list odd
head -c 1000 list >short
run frank queue --list short --by queue

echo '== used wrongly'
run frank queue --by color
# As other commands call it.
run frank queue --list list --by domain -n 1
run frank queue -n 0
run frank queue --every 1s
run frank queue --watch --every never
run frank queue --watch --list -
run frank queue --list nowhere
run frank queue something
