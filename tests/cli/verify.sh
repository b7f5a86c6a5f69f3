# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
# shellcheck shell=sh source=tests/cli/lib
. "$FRANK_TEST_LIB"

# No look-up may leave this machine: a resolver that nobody is, at a port where nobody listens.
verify() {
	frank verify --resolver 127.0.0.1@1 "$@"
}

# Line ends as in mail.
crlf() {
	sed 's/$/\r/'
}

ed='v=DKIM1; k=ed25519; p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='
key=example.org/s2026

# Signed by sign.c with the key of this directory's other tests.
cat >signature <<'MAIL'
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s2026;
	t=1772442180;
	h=From:From:To:To:Cc:Subject:Subject:Date:Reply-To:Message-ID:MIME-Version:
	Content-Type:Content-Transfer-Encoding;
	bh=4daN71HNdn/d5SSJNrmA4GnDoSU3uSw9/N1YsKJOhFc=;
	b=iybPbgFaXvNv5ESkRN9gnuEdAX5hpp27apJiYO1Q5eLhE0HQ+3lcQ2eXp+c824xt31hlEl92k
	OtTiewGoVexCw==
MAIL
cat >message <<'MAIL'
From: alice@example.org
To: bob@example.net,
	carol@example.net
Subject: Lunch

At noon?
MAIL
cat signature message | crlf >good.eml

echo '== valid'
run verify good.eml --key "$key=$ed"
run verify good.eml --key "$key=$ed" --json
echo "$ed" >record
run verify good.eml --key "$key=record"
cat >zone <<ZONE
s2026._domainkey.example.org. IN TXT ( "v=DKIM1; k=ed25519; "
	"p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=" )
ZONE
run verify good.eml --key "$key=zone"
run verify - --key "EXAMPLE.org/s2026=$ed" <good.eml
cat signature message >lf.eml
run verify lf.eml --key "$key=$ed"

echo '== changed on the way'
sed 's/noon/one/' good.eml >body.eml
run verify body.eml --key "$key=$ed"
sed 's/Lunch/Dinner/' good.eml >subject.eml
run verify subject.eml --key "$key=$ed"
run verify subject.eml --key "$key=$ed" --json
{
	cat good.eml
	printf 'a\rb\r\n'
} >bare-cr.eml
run verify bare-cr.eml --key "$key=$ed"

echo '== the first is whole, the second not, the third has a name that no key has'
{
	cat signature
	sed 's/bh=4daN/bh=AAAA/' signature
	printf 'DKIM-Signature: v=1; a=rsa-sha256; d=evil\033[31m.example; s=x; h=From; bh=AAAA; b=AAAA\n'
	cat message
} | crlf >three.eml
run verify three.eml --key "$key=$ed"
run verify three.eml --key "$key=$ed" --json

echo '== keys'
run verify good.eml --key "$key=v=DKIM1; p="
run verify good.eml --key "$key=v=DKIM1; k=rsa; p=AAAA"
run verify good.eml --key "$key=v=DKIM1; k=odd; p=AAAA"
run verify good.eml --key "$key=/nowhere"
run verify good.eml --key "$key="
run verify good.eml --key "example.org=$ed"
run verify good.eml --key "/s2026=$ed"
run frank verify good.eml --resolver localhost

echo '== what is no message, or has no signature'
crlf <message >unsigned.eml
run verify unsigned.eml
run verify unsigned.eml --json
: >empty
run verify empty
printf '\000\001\377\n' >binary
run verify binary
printf 'From x@example.org Mon Mar  2 09:03:00 2026\nFrom: x@example.org\n\n' >mailbox
run verify mailbox
printf 'From: x@example.org\nno field\n\nbody\n' >garbage
run verify garbage
printf ' folded: from the start\n\n' >folded
run verify folded
printf '\nbody only\n' >no-header
run verify no-header
run verify nowhere.eml
run verify .
run frank verify
run frank verify good.eml other.eml
run frank verify --frob

echo '== hostile'
{
	cat signature
	printf 'X-Nul: a\000b\n'
	cat message
} | crlf >nul.eml
run verify nul.eml --key "$key=$ed"
long() {
	head -c "$1" /dev/zero | tr '\000' x
}
{
	cat signature
	long 5000
	echo ': long name'
	cat message
} | crlf >name.eml
run verify name.eml --key "$key=$ed"
{
	cat signature
	printf 'X: '
	long 10000000
	echo
	cat message
} | crlf >header.eml
run verify header.eml --key "$key=$ed"
{
	cat signature
	yes 'X: y' | head -n 5000
	cat message
} | crlf >lines.eml
run verify lines.eml --key "$key=$ed"
truncate -s 65M large.eml
run verify large.eml
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33; do
	echo "DKIM-Signature: v=$n; a=rsa-sha256"
done >many
cat many message | crlf >many.eml
run verify many.eml --json | grep -e frank: -e '"signature":3[0-9]' -e exit
sed 's/h=From/h=DKIM-Signature:From/' good.eml >covers.eml
run verify covers.eml --key "$key=$ed"

echo '== the resolver of the configuration'
mv zone zone-line
echo "	local-data: 's2026._domainkey.example.org. 300 IN TXT \"$ed\"'" >zone
world
printf 'set resolver "127.0.0.1@%s"\naccept\n' "$port" >frank.conf
run frank verify good.eml
