# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"

# In these files paths stand in full, as OpenDKIM wants them.
for file in "$(dirname "$FRANK_TEST_LIB")"/import/*; do
	sed "s#@DIR@#$PWD#g" "$file" >"$(basename "$file")"
done
configure
for name in mail news xn--bcher-kva.example; do
	cp keys/example.org/s2026.pem "$name.pem"
done
rm -rf keys tables frank.conf

# "$ frank import opendkim ...", with our directory as DIR, and its exit code.
import() {
	echo "\$ frank import opendkim $*" | sed "s#$PWD#DIR#g"
	code=0
	command frank import opendkim "$@" >out 2>err || code=$?
	sed "s#$PWD#DIR#g" out err
	[ $code -eq 0 ] || echo "[exit $code]"
	echo
}

echo '== tables'
import "$PWD/tables.conf" --to tables
sed "s#$PWD#DIR#g" tables/frank.conf
find tables -printf '%M %p\n' | LC_ALL=C sort -k 2
cmp mail.pem tables/named/example.org/mail.pem
echo
run command frank check tables/frank.conf

echo '== never over anything'
import "$PWD/tables.conf" --to tables
mkdir empty
import plain.conf --to empty
cat empty/frank.conf
find empty -printf '%M %p\n' | LC_ALL=C sort -k 2
echo

echo '== a file, several signatures'
import file.conf --dry-run
import file.conf --dry-run --json
[ -e frank ] || echo "there is no frank"
echo

echo '== many domains'
{
	echo "KeyTable $PWD/many.keys"
	echo "SigningTable refile:$PWD/many.table"
} >many.conf
for number in $(seq 30); do
	echo "k$number d$number.example:s:$PWD/mail.pem" >>many.keys
	echo "*@d$number.example k$number" >>many.table
done
import many.conf --to many
sed -n '/^table/,$p' many/frank.conf
wc -l <many/tables/ours
echo

echo '== errors, all with their places'
import "$PWD/errors.conf"
import ambiguous.conf
import ambiguous.conf --json
import sql.conf
import "$PWD/loop.conf"
import nothing.conf
import no-such.conf
[ -e frank ] || echo "there is no frank"
{
	echo 'Domain example.org'
	printf 'Selector a\0b\n'
} >nul.conf
import nul.conf
{
	cat ambiguous.keys
	printf 'long example.org:s:/%01100d\n' 0
} >long.keys
sed 's/ambiguous/long/; s/long.table/many.table/' ambiguous.conf >long.conf
import long.conf
sed 's#^Domain.*#Domain refile:hosts#' plain.conf >refile.conf
import refile.conf
sed '/^BaseDirectory/d' plain.conf >relative.conf
import relative.conf

echo '== used wrongly'
import
import plain.conf --over
run command frank import exim plain.conf
