# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

cat >good.cases <<'CASES'
# What must stay as it is.
user=alice author=alice@example.org              -> accept, sign s2026
user=crm   author=news@example.org  rcpts=8      -> accept, watch wide   # recorded only
user=alice author=alice@example.org rcpts=12     -> hold "account takeover?"
user=bob   author=alice@example.org              -> reject, reply "5.7.1 bob may not write as alice@example.org"
user=bob   author=unclear                        -> reject, at 12
user=alice author=alice@example.org rcpts=12
           rcpt=carol@example.com                -> hold
user=alice author=alice@example.org size=3M      -> accept, sign example.org, tag X-Frank-Size, note big
path=local author=root@example.org               -> accept, sign s2026
path=inbound author=alice@example.org            -> accept, sign none
user=alice author=alice@example.org sender=null  -> accept
CASES
run frank test good.cases

cat >bad.cases <<'CASES'
user=alice author=alice@example.org              -> hold "account takeover?"
user=alice author=alice@example.org rcpts=12     -> hold "another label"
user=bob   author=bob@example.net                -> accept, sign s2026
user=alice author=alice@example.org size=3M      -> accept, tag X-Other
user=alice author=alice@example.org sent=3       -> accept
user=alice author=alice@example.org
user=alice author=alice@                         -> accept
user=alice client=192.0.2.300                    -> accept
user=alice rcpts=many                            -> accept
user=alice author=alice@example.org              -> perhaps
user=alice author=alice@example.org              -> accept, colour red
user=alice author=alice@example.org              -> accept "open
rcpts=1 rcpt=a@example.org,b@example.org         -> accept
CASES
run frank test bad.cases
run frank test --json good.cases
run frank test no-such.cases
run frank test

# A state that does not exist is an error; what is not said of the tree walk is as by the list.
{
	cat frank.conf | grep -v -e '^accept$' -e '^reject'
	echo 'reject dmarc fail'
	echo 'accept'
} >tree.conf
cat >tree.cases <<'CASES'
user=alice author=alice@example.org key=unpublised -> accept
user=alice author=alice@example.org key=ready,     -> accept
user=alice author=alice@example.org key.s2026=redy -> accept
path=local author=a@b.example.org sender=c@example.org spf=pass dmarc-policy=reject -> accept
path=local author=a@b.example.org sender=c@example.org spf=pass dmarc-policy=reject tree.author=b.example.org -> reject
path=local author=a@b.example.org sender=c@b.example.org spf=pass dmarc-policy=reject tree.aspf=s -> accept
path=local author=a@b.example.org sender=c@example.org spf=pass dmarc-policy=reject tree.aspf=s -> reject
path=local author=a@b.example.org sender=c@example.org spf=pass dmarc-policy=reject tree.adkim=s -> accept
path=local author=a@b.example.org sender=c@example.org spf=pass dmarc-policy=reject tree.dmarc-policy=unknown tree.aspf=s -> accept
CASES
run frank -c tree.conf test tree.cases
