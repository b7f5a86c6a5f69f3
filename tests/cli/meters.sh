# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure
LC_ALL=C.UTF-8
export LC_ALL

: >none
cat >top <<'TOP'
{"meter":"sent","count":"recipients","per":"origin","within":600,"floor":20,"key":"alice@example.org","reading":412,"usual":31,"usual.site":false,"slots":[0,0,0,1,5,20,50,90,130,116]}
{"meter":"sent","count":"recipients","per":"origin","within":600,"floor":20,"key":"bob@example.org","reading":12,"usual":40,"usual.site":true,"slots":[2,0,4,0,0,0,1,0,5,0]}
{"meter":"sent","count":"recipients","per":"origin","within":600,"floor":20,"key":"local","reading":3,"usual":0,"usual.site":false,"slots":[0,0,0,0,0,0,0,0,0,3]}
{"meter":"crowd","count":"users","per":"network","within":3600,"floor":0,"key":"192.0.2.0/24","reading":2,"usual":null,"slots":[0,0,0,0,0,0,0,0,0,0]}
{"meter":"crowd","count":"users","per":"network","within":3600,"floor":0,"key":"\u001b[2Jevil \"name\"","reading":1,"usual":null,"slots":[0,0,0,0,0,0,0,0,0,0]}
TOP
cat >meter <<'METER'
{"meter":"sent","count":"recipients","per":"origin","within":600,"floor":20,"key":"alice@example.org","reading":412,"usual":31,"usual.site":false,"slots":[0,0,0,1,5,20,50,90,130,116],"learn":0,"weekdays":[0,0,0,0,0,0,2,20,60,84,90,80,60,40,60,72,80,50,20,5,1,0,0,0],"weekends":[0,0,0,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,0,0,0,0]}
{"meter":"fresh","count":"new-recipients","per":"origin","within":86400,"floor":0,"key":"alice@example.org","reading":7,"usual":3,"usual.site":true,"slots":[0,0,0,0,0,0,0,0,0,7],"learn":0,"weekdays":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"weekends":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}
{"meter":"spread","count":"rcpt-domains","per":"origin","within":3600,"floor":0,"key":"alice@example.org","reading":9,"usual":null,"slots":[0,0,0,0,0,0,0,0,0,0],"learn":1036800,"weekdays":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"weekends":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}
{"exempt":"alice@example.org","until":"2026-03-02T11:03:00.000Z"}
METER
grep exempt meter >exempt

/usr/bin/python3 "$(dirname "$FRANK_TEST_LIB")/control.py" control.sock none "top 10=top" \
	"top 3=none" "meter alice=meter" "meter nobody=none" "meter=exempt" >control.log 2>&1 &
control_pid=$!
trap 'kill $control_pid; wait' EXIT
tries=0
until grep -qs ready control.log || [ $tries -gt 200 ]; do
	tries=$((tries + 1))
	sleep 0.05
done

# The first line is the time.
top() {
	frank top "$@" | sed '1s/^[0-9-]* [0-9:]*Z$/TIME/'
}
run top --once
run top -n 3
run frank top --json -n 10
run frank meter alice
run frank meter alice --json
run frank meter nobody
run frank meter
run frank meter exempt alice --for soon
run frank meter exempt alice
run frank meter exempt alice --for 2h
run frank meter reset
LC_ALL=C
run frank meter alice
trap - EXIT
kill $control_pid
wait
run frank top
