#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""compare.py DIR: hold the verifiers' answers against what they should be, as TAP.

Every signature verifies with every verifier that knows its algorithm, and no message that was
tampered with does. Where a verifier is known to be wrong, KNOWN_WRONG names it, and it must be
wrong in exactly that way: should a new release be right, this test says so.
"""

import collections
import sys

# Verifier, body class, canonicalisation of the body: it does not verify, and why. The other
# verifiers agree with us on each of these, or the message is none by RFC 5322 (bare LF).
KNOWN_WRONG = {
    ("libopendkim", "bare-cr", "relaxed"): "it drops a CR without LF",
    ("libopendkim", "bare-lf", "simple"): "it does not count an LF without CR",
    ("libopendkim", "no-line-end", "relaxed"): "it wants a CRLF at the end",
    ("dkimpy", "bare-lf", "relaxed"): "it reads an LF without CR as a line end",
    ("dkimpy", "bare-lf", "simple"): "it reads an LF without CR as a line end",
    ("Mail::DKIM", "no-line-end", "simple"): "it does not add the CRLF of RFC 6376 3.4.3",
}

# File of answers, and the algorithms a verifier knows.
VERIFIERS = {
    "libopendkim": ("opendkim", ("rsa-sha256", "ed25519-sha256")),
    "dkimpy": ("dkimpy", ("rsa-sha256", "ed25519-sha256")),
    "Mail::DKIM": ("mail_dkim", ("rsa-sha256",)),
}

LEAST = 1000  # messages


def read_index(directory):
    with open(directory + "/index") as file:
        return [line.split() for line in file]


def read_answers(directory, name):
    answers = {}
    with open("%s/%s" % (directory, name), errors="replace") as file:
        for line in file:
            number, answer, why = (line.rstrip("\n") + "  ").split(" ", 2)
            answers[number] = (answer, why.strip())
    return answers


def wanted(verifier, header, body, canon):
    """What the verifier should say, and why it does not say "pass"."""
    if header == "tampered":
        return "fail", "tampered with"
    why = KNOWN_WRONG.get((verifier, body, canon.split("/")[1]))
    return ("fail", why) if why else ("pass", "")


def judge(verifier, index, answers, algorithms):
    """By class of body: what is not as it should be, and what was seen."""
    bad = collections.defaultdict(list)
    seen = collections.defaultdict(collections.Counter)
    for number, algorithm, canon, header, body in index:
        if algorithm not in algorithms:
            continue
        want, reason = wanted(verifier, header, body, canon)
        got, why = answers.get(number, ("no answer", ""))
        group = "tampered, %s" % body if header == "tampered" else "body %s" % body
        seen[group]["%s%s" % (got, ": " + reason if reason else "")] += 1
        if got != want:
            bad[group].append("message %s, %s %s, header %s, body %s: got %s (%s), want %s %s"
                              % (number, algorithm, canon, header, body, got, why, want, reason))
    return bad, seen


def main(directory):
    index = read_index(directory)
    number = 1
    print("%sok 1 - at least %d messages (%d)"
          % ("" if len(index) >= LEAST else "not ", LEAST, len(index)))
    for verifier, (name, algorithms) in VERIFIERS.items():
        bad, seen = judge(verifier, index, read_answers(directory, name), algorithms)
        for group, counts in seen.items():
            number += 1
            text = "; ".join("%d %s" % (n, what) for what, n in sorted(counts.items()))
            print("%sok %d - %s, %s (%s)"
                  % ("not " if bad[group] else "", number, verifier, group, text))
            for line in bad[group][:5]:
                print("# " + line)
    print("1..%d" % number)


main(sys.argv[1])
