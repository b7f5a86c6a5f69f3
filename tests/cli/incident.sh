# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
record
LC_ALL=C.UTF-8
export LC_ALL

: >none
one='{"frank.incident":3,"event.reason":"account takeover?","rule.id":"frank.conf:16","frank.key":"alice","frank.meter":"sent","frank.reading":64,"frank.usual":5,"email.local_id":"4cXyZ82lr","source.ip":"192.0.2.99","frank.client_new":true,"event.start":"2026-03-02T09:03:30.000Z","frank.last":"2026-03-02T09:04:01.000Z","frank.messages":1,"frank.rcpts":12,"frank.notify":true,"frank.notified":"2026-03-02T09:04:03.000Z"'
printf '%s}\n' "$one" >list
cat >>list <<'LIST'
{"frank.incident":12,"event.reason":"\u001b[2Jwide \"and\" too long to be shown","rule.id":"frank.conf:17","frank.key":"büro mit einem langen Namen@example.org","event.start":"2026-03-02T10:00:00.000Z","frank.last":"2026-03-02T10:00:00.000Z","frank.messages":123456,"frank.rcpts":1234567,"frank.notify":false}
{"next":12}
LIST
cat >page2 <<'LIST'
{"frank.incident":1234,"event.reason":"local","rule.id":"frank.conf:17","frank.key":"local","event.start":"2026-03-02T10:00:00.000Z","frank.last":"2026-03-02T10:00:00.000Z","frank.messages":1,"frank.rcpts":1,"frank.notify":false,"event.end":"2026-03-03T10:00:00.000Z","frank.closed_by":"root (uid 0) for kim","frank.close_reason":"a newsletter"}
LIST
printf '%s,"frank.origins":["alice"],"frank.origin_messages":[1],"frank.domains":["example.com","example.net"],"frank.domain_rcpts":[2,10]}\n' "$one" >show
printf '%s,"event.end":"2026-03-02T10:00:00.000Z","frank.closed_by":"root (uid 0) for kim","frank.close_reason":"a newsletter","frank.origins":["bob","al\\"ice","alice"],"frank.origin_messages":[1,2,4],"frank.domains":[],"frank.domain_rcpts":[]}\n' "$one" >closed

/usr/bin/python3 "$(dirname "$FRANK_TEST_LIB")/control.py" control.sock none incidents=list \
	"incidents 12=page2" "incidents --all=page2" "incidents 77=none" "incident 3=show" \
	"incident 4=closed" >control.log 2>&1 &
control_pid=$!
trap 'kill $control_pid; wait' EXIT
tries=0
until grep -qs ready control.log || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done

# Postfix may be here or not: one without a configuration says nothing of its queue.
show() {
	frank incident show "$@" --postfix-config "$PWD/nothing" 2>&1 |
		grep -v -e '^frank: postqueue' -e '^frank: there is no postqueue'
}
run frank incident list
run frank incident list --all
run frank incident list --json
run show 3
run show 3 --json
run show 4
run frank incident show
run frank incident show 3 4
run frank incident close
run frank incident close 9
run frank incident sweep
run frank incident undo
run frank incident list 3
trap - EXIT
kill $control_pid
wait
run frank incident list
