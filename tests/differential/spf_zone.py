# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Zones in Python, and our SPF evaluator (tests/differential/spf_eval) over them.

A zone maps lower-case names to lists of (type, data): ("A", "192.0.2.1"), ("MX", (10, "mx.")),
("TXT", [b"v=spf1 ", b"-all"]), ("CNAME", name), and ("TIMEOUT", None): no answer for every type that
has no record there.
"""

import functools
import ipaddress
import os
import pathlib
import subprocess

TYPES = ("A", "AAAA", "MX", "PTR", "TXT")
CNAMES_MAX = 10


class Failed(Exception):
    """Nobody answers, or the aliases go round in circles."""


def resolve(zone, name, rtype, hops=0):
    """The records of RTYPE at NAME, aliases followed; None: no such name."""
    name = name.lower().rstrip(".")
    if name not in zone:
        return None
    found = [data for kind, data in zone[name] if kind == rtype]
    if found:
        return found
    alias = [data for kind, data in zone[name] if kind == "CNAME"]
    if alias:
        if hops == CNAMES_MAX:
            raise Failed(name)
        return resolve(zone, alias[0], rtype, hops + 1)
    if any(kind == "TIMEOUT" for kind, _ in zone[name]):
        raise Failed(name)
    return []


@functools.lru_cache(maxsize=4096)
def escape(name):
    """As lib/lookup.h writes names."""
    raw = name.lower().rstrip(".").encode("latin-1")
    return "".join(chr(c) if 0x20 < c < 0x7f and c != 0x5c else f"\\{c:03d}" for c in raw)


def hexed(data):
    if isinstance(data, str):
        data = data.encode("utf-8")
    return data.hex() or "-"


@functools.lru_cache(maxsize=4096)
def address(text):
    return "0:" + ipaddress.ip_address(text).packed.hex()


def record(rtype, data):
    if rtype in ("A", "AAAA"):
        return address(data)
    if rtype == "MX":
        return f"{data[0]}:" + hexed(escape(data[1]))
    if rtype == "PTR":
        return "0:" + hexed(escape(data))
    return "0:" + hexed(b"".join(data))


def answers(zone):
    """The lines that make ZONE known to the evaluator."""
    yield "zone"
    for name in zone:
        for rtype in TYPES:
            try:
                found = resolve(zone, name, rtype)
                state = "nodata" if found == [] else "noname" if found is None else "found"
            except Failed:
                found, state = [], "failed"
            data = " ".join(record(rtype, one) for one in found or [])
            yield f"answer {rtype} {escape(name)} {state} 300 0 {data}"


class Evaluator:
    """The program, once for many zones and questions."""

    FIELDS = ("terms", "voids", "queries", "per_message", "unanswered")

    def __init__(self):
        build = pathlib.Path(os.environ.get("FRANK_BUILD", "."))
        self.child = subprocess.Popen([build / "tests/differential/spf_eval"], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def zone(self, zone):
        self.child.stdin.write("\n".join(answers(zone)) + "\n")

    def ask(self, client, sender, helo, receiver="receiver.example.org", now=1772442180):
        """The result as a dictionary: outcome, term, explanation, problem, and FIELDS."""
        if not sender:
            sender = f"postmaster@{helo}"
        domain = sender.rpartition("@")[2]
        words = [hexed(word) for word in (domain, sender, helo, receiver)]
        self.child.stdin.write(f"ask {client} {' '.join(words)} {now}\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline().split()
        if len(line) != 9:
            raise RuntimeError(f"the evaluator ended with {self.child.wait()}")
        result = dict(zip(self.FIELDS, map(int, line[1:6])), outcome=line[0])
        for name, text in zip(("term", "explanation", "problem"), line[6:]):
            result[name] = "" if text == "-" else bytes.fromhex(text).decode("latin-1")
        return result

    def close(self):
        self.child.stdin.close()
        return self.child.wait()
