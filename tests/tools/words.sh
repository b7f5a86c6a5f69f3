#!/bin/sh
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# frank.conf(5) against policy/words.def: each word stands, as .Ic or .Cm, in the section that its
# row names; the manual marks up no word that does not exist; frank(1) has every check of the doctor;
# and every policy under EXAMPLES, in README.md and in contrib/ is one that `frank check` takes.
# Prints TAP.

set -eu
source=$(cd "${FRANK_SRC:-.}" && pwd)
build=$(cd "${FRANK_BUILD:-.}" && pwd)
scratch=${TMPDIR:-/tmp}
manual=$source/doc/frank.conf.5
words=$source/policy/words.def

# "SECTION<TAB>WORD" for each .Ic and .Cm, with or without .It, .Op, .Oo or .Ar around it.
marked_up() {
	awk '
	/^\.Sh / { section = $0; sub(/^\.Sh /, "", section); next }
	/^\./ {
		mark = ""
		for (i = 1; i <= NF; i++) {
			word = $i
			sub(/^\./, "", word)
			if (word == "Ic" || word == "Cm") { mark = word; continue }
			if (word ~ /^[A-Z][a-z]$/ || word == "|" || word ~ /^[.,:;()]$/) { mark = ""; continue }
			gsub(/^"|"$/, "", word)
			if (mark != "" && word ~ /^[a-z]/)
				printf "%s\t%s\n", section, word
		}
	}' "$manual" | sort -u
}

# "SECTION<TAB>WORD" for each row that names a section, and bare words for the others.
rows() {
	sed -nE 's/^(WORD|FACT|SETTING)\([A-Z_0-9]+, "([^"]+)".*, "([A-Z ]+)"\)$/\3\t\2/p' "$words"
}

known() {
	sed -nE 's/^(WORD|FACT|SETTING|CHOICE)\([A-Z_0-9]+, "([^"]+)".*/\2/p' "$words"
}

result() { # number, title, what is wrong
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		printf '%s\n' "$3" | sed 's/^/# /'
	fi
}

examples() {
	awk -v prefix="$scratch/example" '
	/^\.Sh / { inside = /EXAMPLES/ }
	inside && /^\.Bd / { file = prefix (++n) ".conf"; next }
	/^\.Ed/ { if (file != "") close(file); file = "" }
	file != "" && !/^\./ { gsub(/\\e/, "\\"); gsub(/\\&/, ""); print > file }
	END { print n + 0 }' "$manual"
}

if [ ! -f "$manual" ]; then
	echo "1..1"
	echo "not ok 1 - doc/frank.conf.5 is there"
	exit 1
fi

count=$(examples)
cp "$source/policy/default.conf" "$scratch/example$((count + 1)).conf"
awk '/^In .*frank\.conf/ { here = 1 }
	here && /^```/ { if (inside) exit; inside = 1; next }
	inside' "$source/README.md" >"$scratch/example$((count + 2)).conf"
count=$((count + 2))
echo "1..$((count + 4))"
marked_up >"$scratch/marked"
rows | sort -u >"$scratch/rows"
known | sort -u >"$scratch/known"
result 1 "every word has its place in frank.conf(5)" \
	"$(comm -23 "$scratch/rows" "$scratch/marked" | awk -F '\t' '{ print $2 ": not in section " $1 }')"
result 2 "frank.conf(5) names no word that does not exist" \
	"$(cut -f 2 "$scratch/marked" | sort -u | comm -13 "$scratch/known" -)"
if [ "$count" -gt 2 ]; then echo "ok 3 - it has examples"; else echo "not ok 3 - it has examples"; fi
checks=$(sed -nE 's/^ *\{"([a-z]+-[a-z-]+)", DOCTOR_(ONCE|DOMAIN|EGRESS),.*/\1/p' "$source"/doctor/*.c | sort)
listed=$(sed -nE '/^\.Sh WHAT THE DOCTOR/,/^\.Sh COMING/s/^\.It Li ([a-z ,-]+)$/\1/p' \
	"$source/doc/frank.1" | tr -s ', ' '\n\n' | sort)
result 4 "frank(1) has every check of the doctor, and no other" \
	"$([ -n "$checks" ] && [ "$checks" = "$listed" ] || printf 'in doctor/:\n%s\nin the manual:\n%s\n' "$checks" "$listed")"
# The examples sign for example.org and example.net; nothing but the keys is made for them.
for domain in example.org example.net; do
	"$build/ctl/frank" key new "$domain" --selector s2026 --type ed25519 \
		--dir "$scratch/keys" >/dev/null
done
number=0
while [ "$number" -lt "$count" ]; do
	number=$((number + 1))
	said=$("$build/ctl/frank" check "$scratch/example$number.conf" 2>&1) || said="${said:-no word}
exit status $?"
	case $said in *": error: "* | *"exit status"*) ;; *) said= ;; esac
	result "$((number + 4))" "example $number is a policy" "$said"
done
