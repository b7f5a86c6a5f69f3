# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

# What the language has, and this frankd supplies: anything else would be refused with its line.
cat >want.conf <<'CONF'
set learn 21d
set hold-alert 5m
map <plan> postmap "tcp:127.0.0.1:3306"
meter sent count recipients per origin within 10m
meter back count bounces per sender within 1h
hold sent > <plan>       label "over plan"
hold back > 5            label "bounces"
hold spf fail            label "spf"
hold receiver disagrees  label "eye"
accept
CONF
run frank check want.conf
run frank check --json want.conf

# A rule alone is enough, and what there is may be wanted.
printf 'hold age < 14d label "new"\naccept\n' >age.conf
run frank check age.conf
printf 'hold spf fail label "spf"\naccept\n' >dns.conf
run frank check dns.conf

# Cases of it can be tried all the same.
cat >want.cases <<'CASES'
user=alice sent=64 plan=50        -> hold "over plan"
user=alice sent=64 plan=none      -> accept
user=alice sent=64 plan=unknown   -> accept
user=alice back=6                 -> hold "bounces"
user=alice spf=fail               -> hold "spf"
user=alice receiver=disagrees     -> hold "eye"
user=alice                        -> accept
CASES
run command frank -c want.conf test want.cases
