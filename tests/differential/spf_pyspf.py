#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Our SPF evaluator and pyspf over the same random zones, as TAP.

    spf_pyspf.py [ZONES [FIRST]]    or FRANK_SPF_ZONES; zone N is the same each time

Where the two differ, pyspf is asked again with a deviation from RFC 7208 taken out of it: each
class below Rules is one, says what it is, and does nothing else. A difference that one of them,
or two together, do not explain fails. What no change of pyspf can show is in LEFT.
"""

import collections
import itertools
import os
import random
import re
import sys

import spf

from spf_zone import Evaluator, Failed, resolve

ZONES = 5000
NOW = 1772442180
RECEIVER = "mx.example.com"


# Zones.

DOMAINS = ["example.org"] + [f"d{i}.example.org" for i in range(6)]
HOSTS = [f"h{i}.example.net" for i in range(9)] + ["mail.example.org", "gone.example.net",
                                                    "void.example.net"]
CLIENTS = ["192.0.2.1", "198.51.100.7", "2001:db8::7", "::ffff:192.0.2.1", "2001:db8:0:1::a"]
SENDERS = ["alice", "strong-bad", "a.b+c-d", "x=y/z_w,v", "", "UPPER.Case", "a--b-"]
HELOS = ["mail.example.org", "h1.example.net", "localhost", "[192.0.2.1]"]
LETTERS = "slodiphv"
DELIMITERS = ["", "", "", "-", ".", "+", "-.", "/", "=", "_,"]


def macro(rng, letters=LETTERS):
    if rng.random() < 0.1:
        return rng.choice(["%%", "%_", "%-"])
    letter = rng.choice(letters)
    if rng.random() < 0.1:
        letter = letter.upper()
    digits = odd(rng, rng.choice(["", "", "", "1", "2", "3", "12", "128"]), ["0", "00", "r1"])
    return ("%{" + letter + digits + odd(rng, rng.choice(["", "", "r"]), ["R", "x"])
            + odd(rng, rng.choice(DELIMITERS), [":", "%", " "]) + "}")


def domain_spec(rng, names):
    kind = rng.random()
    if kind < 0.7:
        return rng.choice(names)
    if kind < 0.8:
        return macro(rng) + "." + rng.choice(names)
    if kind < 0.9:
        return rng.choice(names).partition(".")[0] + ".%{d2}"
    if kind < 0.95:
        return ".".join(macro(rng) for _ in range(rng.randint(1, 6)))
    return ".".join(["%{o}"] * rng.randint(10, 30)) + "." + rng.choice(names)


def prefix(rng):
    four = rng.choice(["", "", "", "/24", "/32", "/0", "/8", "/25"])
    six = rng.choice(["", "", "", "", "//64", "//128", "//0", "//48"])
    return odd(rng, four + six, ["/33", "/024", "//129", "/24/64", "/"])


def odd(rng, usual, others):
    """Now and then what is wrong."""
    return rng.choice(others) if rng.random() < 0.03 else usual


def mechanism(rng):
    kind = rng.choice(["a", "a", "mx", "mx", "include", "include", "ip4", "ip4", "ip6", "exists",
                       "ptr"])
    if kind in ("a", "mx"):
        spec = ":" + domain_spec(rng, HOSTS + DOMAINS) if rng.random() < 0.7 else ""
        return kind + spec + (prefix(rng) if rng.random() < 0.3 else "")
    if kind == "include":
        return "include:" + domain_spec(rng, DOMAINS[1:])
    if kind == "exists":
        return "exists:" + domain_spec(rng, HOSTS)
    if kind == "ptr":
        return "ptr" + rng.choice(["", ":example.net", ":example.org", ":" + rng.choice(HOSTS)])
    if kind == "ip4":
        usual = rng.choice(["192.0.2.128/25", "192.0.2.1", "198.51.100.7/32", "10.0.0.0/8",
                            "198.51.100.8/28", "192.0.2.77"] * 3 + ["0.0.0.0/0"])
        return "ip4:" + odd(rng, usual, ["192.0.2.1/33", "192.0.2", "192.0.2.1/032", "::1"])
    usual = rng.choice(["2001:db8::8:0/112", "2001:db8::7", "2001:db8:0:1::/64",
                        "::ffff:192.0.2.1"] * 3 + ["::/0", "2001:db8::/32"])
    return "ip6:" + odd(rng, usual, ["2001:db8::7/129", "2001:db8:::1", "192.0.2.1", "::1//64"])


def modifier(rng):
    kind = rng.random()
    if kind < 0.4:
        return "exp=" + domain_spec(rng, ["why.example.org"])
    if kind < 0.8:
        return "redirect=" + domain_spec(rng, DOMAINS[1:])
    if kind < 0.85:
        return rng.choice(["Exp=why.example.org", "REDIRECT=d1.example.org"])
    return odd(rng, rng.choice(["x=y", "x=%{d}", "moo.cow="]), ["x=%{c}", "x=%", "1x=y"])


def record(rng):
    terms = [rng.choice(["", "", "", "+", "-", "~", "?"]) + mechanism(rng)
             for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4, 5, 12]))]
    if rng.random() < 0.75:
        terms.append(rng.choice(["-all", "~all", "?all", "all", "-ALL"]))
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        terms.insert(rng.randint(0, len(terms)), modifier(rng))
    text = rng.choice(["v=spf1 "] * 9 + ["V=SPF1  "]) + " ".join(terms)
    if rng.random() < 0.03:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice("%{}:/=.- ~\t\x7f0aZ") + text[at + 1:]
    return text.encode("latin-1")


def explanation(rng):
    words = ["no", "%{c}", "http://example.org/why?s=%{S}&t=%{t}", "of %{r}", "or %{p}", "(%{h})"]
    text = " ".join(rng.choice(words + [macro(rng, LETTERS + "crt")])
                    for _ in range(rng.choice([1, 2, 3, 60])))
    return text.encode("latin-1")


def addresses(rng, client):
    found = [("A", rng.choice(["192.0.2.77", "203.0.113.9", "198.51.100.8"])),
             ("AAAA", rng.choice(["2001:db8::8", "2001:db8:ffff::1"]))]
    plain = client.rpartition("ffff:")[2] if client.startswith("::ffff:") else client
    if rng.random() < 0.25:
        found.append(("AAAA" if ":" in plain else "A", plain))
    return [one for one in found if rng.random() < 0.9]


def make_zone(rng, client):
    zone = collections.defaultdict(list)
    for name in DOMAINS:
        if rng.random() < 0.93:
            zone[name].append(("TXT", [record(rng)]))
        if rng.random() < 0.05:
            zone[name].append(("TXT", [rng.choice([b"v=spf1 -all", b"other \xff", b""])]))
    zone["why.example.org"] += [("TXT", [explanation(rng)])] * rng.choice([0, 1, 1, 1, 1, 2])
    for name in DOMAINS + HOSTS[:-2]:
        zone[name] += addresses(rng, client)
        for i in range(rng.choice([0, 0, 1, 1, 2, 3, 11])):
            zone[name].append(("MX", (rng.choice([0, 10, 20]), rng.choice(HOSTS))))
        if rng.random() < 0.03:
            zone[name] = [one for one in zone[name] if rng.random() < 0.5] + [("TIMEOUT", None)]
    zone["void.example.net"] = [("TXT", [b"nothing to see"])]
    reverse = spf.query(client, "a@b.example.org", "b").i
    reverse = ".".join(reversed(reverse.lower().split("."))) + (
        ".ip6.arpa" if len(reverse) > 20 else ".in-addr.arpa")
    for _ in range(rng.choice([0, 1, 1, 2, 12])):
        zone[reverse].append(("PTR", rng.choice(HOSTS + DOMAINS)))
    if rng.random() < 0.02:
        zone[reverse] = [("TIMEOUT", None)]
    return {name: records for name, records in zone.items() if records}


# pyspf, and what it does otherwise than the RFC.

def world(zone):
    """What pyspf asks instead of DNS."""
    def look_up(name, rtype, *_):
        try:
            return [((name, rtype), data) for data in resolve(zone, name, rtype) or []]
        except Failed as failed:
            raise spf.TempError(f"DNS {failed}") from failed
    return look_up


class Query(spf.query):
    """pyspf as it is."""


class Rules:
    """Each class is one deviation, taken out."""

    class Delimiters:
        """7.3: the parts are joined with dots. pyspf does so for %{l} and %{s} only, and keeps the
        delimiters that it split at in all others."""

        def expand(self, text, stripdot=True):
            saved = spf.JOINERS
            spf.JOINERS = dict.fromkeys("slodiphvcrt", ".")
            try:
                return super().expand(text, stripdot)
            finally:
                spf.JOINERS = saved

    class Grammar:
        """7.1: macros and what is between them have a grammar. pyspf takes %{d0} and %%%x, refuses
        %% at the end, does not know %{dR}, and lets control characters stand."""

        MACRO = re.compile(r"%(?:[%_-]|\{[a-z][0-9]*r?[.+,/_=-]*\})", re.I)
        ZERO = re.compile(r"%\{[a-z]0+[^0-9]", re.I)

        def expand(self, text, stripdot=True):
            rest = self.MACRO.sub("", text)
            if "%" in rest or self.ZERO.search(text) or not all(
                    0x20 <= ord(c) < 0x7f for c in rest):
                raise spf.PermError("a macro-string that is none", text)
            saved, spf.RE_INVALID_MACRO = spf.RE_INVALID_MACRO, re.compile("(?!)")
            try:
                return super().expand(re.sub(r"(%\{[a-zA-Z][0-9]*)R", r"\1r", text), stripdot)
            finally:
                spf.RE_INVALID_MACRO = saved

    class LongNames:
        """7.3: labels are dropped from the left until 253 octets are left. pyspf drops one label,
        asks for names of more octets than there can be, and cuts explanations as well."""

        def expand(self, text, stripdot=True):
            if not stripdot:
                return "".join(super(Rules.LongNames, self).expand(part, False)
                               for part in re.split(r"(?<=[ ])", text))
            long = super().expand(text, stripdot)
            while len(long) > 253 and "." in long:
                long = long.partition(".")[2]
            return long

    class ModifierNames:
        """12: the names of modifiers are case-insensitive, and only exp and redirect may not stand
        twice (6). pyspf compares them as they are written and lets none stand twice."""

        def check0(self, record, recursion):
            terms = record.split(" ") if record else []
            for i, term in enumerate(terms):
                found = spf.RE_MODIFIER.match(term)
                if i and found:
                    name = found.group(1).lower()
                    terms[i] = (name if name in ("exp", "redirect") else f"x{i}") + \
                        "=" + term[found.end():]
            return super().check0(" ".join(terms), recursion)

    class ClientNames:
        """5.5, 7.3: when DNS fails for a name of the client, "ptr" does not match, and %{p} is
        "unknown". pyspf says temperror. And void look-ups are counted of terms (4.6.4), not of
        macros, nor of the client's names, which the record's owner cannot help."""

        is_macro = False

        def dns_ptr(self, i):
            try:
                return self.dns(f"{spf.reverse_dots(i)}.{self.v}.arpa", "PTR",
                                ignore_void=self.is_macro)
            except spf.TempError:
                return []

        def validated_ptrs(self):
            found = []
            for name in self.dns_ptr(self.i)[:spf.MAX_PTR]:
                try:
                    if self.cidrmatch(self.dns(name, self.A, ignore_void=True), self.cidrmax):
                        found.append(name)
                except spf.TempError:
                    pass
            return found

        def getp(self):
            self.is_macro = True
            try:
                # What stands in an included record hangs on that record's domain.
                self.p = None
                return super().getp()
            finally:
                self.is_macro = False

    class NoLocalPart:
        """4.3: a sender without a local part has "postmaster" for one, in %{s} as well."""

        def __init__(self, client, sender, helo, **options):
            super().__init__(client, re.sub("^@", "postmaster@", sender), helo, **options)

    class LazyMx:
        """5.4: the addresses of the exchanges are compared one exchange after the other. pyspf looks
        up all of them first, so that a later one's failure hides an earlier one's match."""

        def dns_mx(self, domainname):
            names = self.dns(domainname, "MX")
            if len(names) > spf.MAX_MX:
                raise spf.PermError(f"More than {spf.MAX_MX} MX records returned")
            return (address for _, name in sorted(names) for address in self.dns_a(name, self.A))

        def cidrmatch(self, ipaddrs, n):
            return any(super(Rules.LazyMx, self).cidrmatch([one], n) for one in ipaddrs)


RULES = [rule for name, rule in vars(Rules).items() if isinstance(rule, type)]

# Not to be taken out of pyspf, but told by its words.
LEFT = {
    "redirect counts where it stands":
        lambda ours, theirs, zone: theirs.problem.endswith("Too many DNS lookups") and
        ours["terms"] <= 10 and b"redirect=" in texts(zone),
    "an include of the record itself is an error before anything is looked at":
        lambda ours, theirs, zone: "include has trivial recursion" in theirs.problem,
}

Theirs = collections.namedtuple("Theirs", "outcome explanation problem")


def texts(zone):
    return b"\n".join(b"".join(data) for records in zone.values() for kind, data in records
                      if kind == "TXT").lower()


def ask_pyspf(question, rules=()):
    query = type("Patched", (*rules, Query), {})(*question, receiver=RECEIVER)
    query.t = str(NOW)
    outcome, _, text = query.check()
    explained = text if outcome == "fail" and text != spf.EXPLANATIONS["fail"] else ""
    return Theirs(outcome, explained, text)


def is_same(ours, theirs):
    if ours["outcome"] != theirs.outcome:
        return False
    # Ours ends after 512 bytes, and is left out when it is not printable.
    return theirs.outcome != "fail" or ours["explanation"] == theirs.explanation[:512]


def explain(question, ours, zone):
    """The rules that make pyspf agree; None: they do not."""
    theirs = ask_pyspf(question)
    if is_same(ours, theirs):
        return []
    for count in (1, 2, len(RULES)):
        for rules in itertools.combinations(RULES, count):
            theirs = ask_pyspf(question, rules)
            if is_same(ours, theirs):
                return [rule.__name__ for rule in rules] if count < 3 else ["several"]
    for name, is_it in LEFT.items():
        if is_it(ours, theirs, zone):
            return [name]
    return None


def compare(number, evaluator):
    """Our outcome in zone NUMBER, and the rules that it needs; a text when nothing explains the
    difference."""
    rng = random.Random(f"frank-{number}")
    client = rng.choice(CLIENTS)
    zone = make_zone(rng, client)
    sender = rng.choice(SENDERS) + "@example.org"
    question = client, sender, rng.choice(HELOS)
    spf.DNSLookup = world(zone)
    evaluator.zone(zone)
    ours = evaluator.ask(*question, receiver=RECEIVER, now=NOW)
    rules = explain(question, ours, zone)
    if rules is not None:
        return ours["outcome"], rules
    theirs, patched = ask_pyspf(question), ask_pyspf(question, RULES)
    lines = [f"zone {number}: {' '.join(question)}", f"ours    {ours}", f"theirs  {theirs}",
             f"patched {patched}"]
    return "\n".join(lines + [f"{name} {one}" for name in zone for one in zone[name]])


def main():
    zones = int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("FRANK_SPF_ZONES") or ZONES)
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    evaluator = Evaluator()
    needed, outcomes, unexplained = collections.Counter(), collections.Counter(), []
    for number in range(first, first + zones):
        found = compare(number, evaluator)
        if isinstance(found, str):
            unexplained.append(found)
        else:
            outcomes[found[0]] += 1
            needed.update(found[1])
    print("1..2")
    for text in unexplained[:5]:
        print("# " + text.replace("\n", "\n# "))
    print(f"{'not ok' if unexplained else 'ok'} 1 - {zones} random zones, "
          f"{len(unexplained)} differences from pyspf without an explanation")
    print("#", ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    for name, count in needed.most_common():
        print(f"# {count:5} {name}")
    print(f"{'ok' if evaluator.close() == 0 else 'not ok'} 2 - the evaluator ended well")


if __name__ == "__main__":
    main()
