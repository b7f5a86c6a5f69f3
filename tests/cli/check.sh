# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"
configure

run frank check
run frank check frank.conf
run frank check -v

sed 's/rcpts > 10/rcptz > 10/; s/<ours>   sign/<our>    sign/' frank.conf >broken.conf
run frank check broken.conf
run frank check -v broken.conf
run frank check --json broken.conf

# A table of Postfix that is not there is said; it may come.
cat >tables.conf <<'CONF'
map <owners> postmap "proxy:mysql:/no/such/sender_login.cf"
map <plan>   postmap "hash:/no/such/plan"
map <size>   postmap "texthash:sizes"
map <there>  postmap "texthash:/dev/null"
map <other>  postmap "proxy:socketmap:inet:127.0.0.1:1:x"
set owners <owners>
hold not owns author                         label "owns"
hold rcpts > <plan> rcpts > <there>          label "plan"
hold size > <size> size > <other>            label "size"
accept
CONF
run frank check tables.conf

chmod 644 keys/example.org/s2026.pem
# A key that others can read is an error, as it is for frankd.
frank check 2>&1 | sed 's#/[^ ]*/keys/#.../keys/#g'
echo
run frank check no-such.conf
run frank check one two
