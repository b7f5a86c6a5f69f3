#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# policy/default.conf and policy/examples: each is one that `frank check` takes without a warning,
# or says in its first lines that frankd lacks something for it and is refused for that; and each
# gives what its cases expect. Further cases, for tests of the language, are beside this script.
# Prints TAP.

set -u
source=$(cd "${FRANK_SRC:-.}" && pwd)
frank=$(cd "${FRANK_BUILD:-.}" && pwd)/ctl/frank
scratch=${TMPDIR:-/tmp}/cases-$$

mkdir "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
cp -R "$source"/policy/examples/* "$source"/policy/default.* "$scratch"
for file in "$source"/tests/cases/*.conf "$source"/tests/cases/*.cases; do
	if [ -f "$file" ]; then cp "$file" "$scratch"; fi
done
cd "$scratch" || exit 1

# DMARC does not count Ed25519, so one of them is RSA.
while read -r domain selector type; do
	"$frank" key new "$domain" --selector "$selector" --type "$type" --dir keys >/dev/null 2>&1 ||
		echo "# no key for $domain"
done <<KEYS
example.org s2026 rsa2048
example.net n2026 ed25519
shop.example.com h2026 ed25519
blog.example.net b2026 ed25519
lists.example.org l2026 ed25519
KEYS

number=0
result() { # title, what is wrong
	number=$((number + 1))
	if [ -z "$2" ]; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

for conf in *.conf; do
	name=${conf%.conf}
	said=$("$frank" check "$conf" 2>&1)
	status=$?
	wrong=
	if grep -q 'Needs .*frankd does not have yet' "$conf"; then
		case $status$said in
		1*"not built into this frankd yet"*) ;;
		*) wrong="$said, exit $status" ;;
		esac
	elif [ "$status" -ne 0 ] || [ "$(printf '%s\n' "$said" | wc -l)" -ne 1 ]; then
		wrong="$said, exit $status"
	fi
	result "$name is checked" "$wrong"
	said=$("$frank" -c "$conf" test "$name.cases" 2>&1) && said=
	result "$name does what its cases say" "$said"
done
echo "1..$number"
