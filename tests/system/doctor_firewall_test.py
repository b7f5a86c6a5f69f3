#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""What frank doctor says of real rules, against what a connection of Postfix's comes to."""

import json
import pathlib
import re
import shutil
import subprocess

from firewalls import PORTS, THEIRS, Wire, need_namespaces
from tap import BUILD, SOURCE, Tap, need_root, scratch

POLICY = "set egress {egress}\nset helo mail.a.test\naccept\n"
EVERY = [(family, port) for family in THEIRS for port in PORTS]
FINDING = re.compile(r"(IPv[46] )?connections to port (\d+) of others (are|may be) (kept|led)")

# A base chain at the hook output; others may stand behind it.
CHAIN = "table {family} f {{ {first}\nchain o {{\ntype filter hook output priority 0; policy " \
        "{policy};\n{rules}\n}}\n{last}\n}}\n"


def nft(rules, *, policy="accept", family="inet", first="", last=""):
    """What makes these rules: a program and its input."""
    return [(["nft", "-f", "-"], CHAIN.format(family=family, first=first, policy=policy,
                                               rules=rules, last=last))]


def commands(*lines):
    return [(line.split(), "") for line in lines]


def sample(name, *command):
    return [(list(command), (SOURCE / "tests" / "firewall" / name).read_text())]


def v(text):
    """'4:25 6:25' as a set of (family, port); '25' is both families, '*' all."""
    found = set()
    for word in text.split():
        family, _, port = word.rpartition(":")
        found |= {one for one in EVERY if family in ("", str(one[0])) and port in ("*", str(one[1]))}
    return found


STATEFUL = "ct state established,related accept\noif lo accept\n"
# name, how it is made, closed, maybe; all else is open
NFT = [
    ("no rule but a chain", nft(""), "", ""),
    ("a drop", nft("tcp dport 25 drop"), "25", ""),
    ("a reset", nft("tcp dport { 25, 465 } counter reject with tcp reset"), "25 465", ""),
    ("behind the usual first lines", nft(STATEFUL + "tcp dport 25 drop"), "25", ""),
    ("and with a policy", nft(STATEFUL + "tcp dport { 53, 80, 443 } accept", policy="drop"),
     "*", ""),
    ("a policy with what mail needs", nft(STATEFUL + "tcp dport { 25, 465, 587 } accept",
                                          policy="drop"), "", ""),
    ("for Postfix alone", nft("meta skuid postfix accept\ntcp dport 25 drop"), "", ""),
    ("for users alone", nft("meta skuid != { root, postfix } tcp dport 25 drop"), "", ""),
    ("for Postfix not", nft("meta skuid postfix tcp dport 25-500 reject"), "25 465", ""),
    ("a group", nft("meta skgid postfix drop"), "*", ""),
    ("a jump", nft("ip protocol tcp jump x", first="chain x { tcp dport 25 drop; }"), "4:25", ""),
    ("a goto", nft("goto x\ndrop", first="chain x { tcp dport 25 drop; }"), "25", ""),
    ("a jump that returns", nft("jump x\ntcp dport 465 drop",
                                first="chain x { tcp dport 465 return; drop; }"), "*", ""),
    ("a chain within a rule", nft("tcp dport 25 jump {\nmeta skuid postfix drop\n}"), "25", ""),
    ("a set", nft("tcp dport @s drop",
                  first="set s { type inet_service; elements = { 25, 587 }; }"), "25 587", ""),
    ("a set of ranges, not", nft("tcp dport != @s drop", first="set s { type inet_service; "
                                 "flags interval; elements = { 20-30, 500-600 }; }"), "465", ""),
    ("a map", nft("tcp dport vmap { 25 : drop, 465 : jump x }", first="chain x { reject; }"),
     "25 465", ""),
    ("a map with a name", nft("tcp dport vmap @m", first="map m { type inet_service : verdict; "
                              "elements = { 25 : drop, 587 : accept }; }"), "25", ""),
    ("states in a map", nft("ct state vmap { established : accept, new : jump x }",
                            first="chain x { tcp dport 25 drop; }"), "25", ""),
    ("IPv6 alone", nft("tcp dport 25 drop", family="ip6"), "6:25", ""),
    ("one of two families", nft("meta nfproto ipv4 tcp dport 587 drop\n"
                                "ip6 daddr ::/0 tcp dport 25 drop"), "4:587 6:25", ""),
    ("not to ourselves", nft("ip daddr 127.0.0.0/8 accept\nfib daddr type local accept\n"
                             "oifname != lo tcp dport 25 drop"), "25", ""),
    ("asleep", nft("tcp dport 25 drop", first="flags dormant;", policy="drop"), "", ""),
    ("at the way out", [(["nft", "-f", "-"], "table ip f {\nchain p {\ntype filter hook "
                         "postrouting priority 0;\ntcp dport 25 drop\n}\n}\n")], "4:25", ""),
    ("in a chain of nat", [(["nft", "-f", "-"], "table ip n {\nchain o {\ntype nat hook output "
                            "priority -100;\ntcp dport 25 drop\n}\n}\n")], "", "4:25"),
    ("in a chain of route", [(["nft", "-f", "-"], "table inet m {\nchain o {\ntype route hook "
                              "output priority -150;\ntcp dport 25 drop\n}\n}\n")], "25", ""),
    ("input and forward alone", [(["nft", "-f", "-"], "table inet f {\nchain i {\ntype filter "
                                  "hook input priority 0; policy drop;\nct state established "
                                  "accept\nicmpv6 type nd-neighbor-advert accept\n"
                                  "icmpv6 type nd-neighbor-solicit accept\n}\n}\n")], "", ""),
    ("by the first packet", nft("tcp flags & (fin | syn | rst | ack) != syn ct state new drop\n"
                                "tcp flags syn / fin,syn,rst,ack tcp dport 25 drop"), "25", ""),
    ("to some hosts", nft("ip daddr 192.0.2.0/24 tcp dport 25 drop"), "", "4:25"),
    ("a mark", nft("meta mark 1 accept\ntcp dport 25 drop"), "", "25"),
    ("a rate", nft("tcp dport 25 limit rate over 5/second drop"), "", "25"),
    ("an interface", nft("oifname w0 tcp dport 25 drop"), "", "25"),
    ("led elsewhere", [(["nft", "-f", "-"], "table ip n {\nchain o {\ntype nat hook output "
                        "priority -100;\ntcp dport 25 redirect to :2525\n}\n}\n")], "", "4:25"),
]
TABLES = [
    ("a drop", commands("iptables-nft -A OUTPUT -p tcp --dport 25 -j DROP"), "4:25", ""),
    ("for both families", commands(
        "iptables-nft -A OUTPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
        "iptables-nft -A OUTPUT -o lo -j ACCEPT",
        "iptables-nft -A OUTPUT -p tcp -m multiport --dports 25,465 -j REJECT",
        "ip6tables-nft -A OUTPUT -p tcp --syn --dport 25 -j REJECT"), "25 4:465", ""),
    ("a policy with what mail needs", commands(
        "iptables-nft -A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT",
        "iptables-nft -A OUTPUT -p tcp --dport 25 -m owner --uid-owner postfix -j ACCEPT",
        "iptables-nft -P OUTPUT DROP"), "4:465 4:587", ""),
    ("not Postfix", commands("iptables-nft -A OUTPUT -p tcp --dport 25 -m owner ! --uid-owner "
                             "postfix -j DROP"), "", ""),
    ("a chain", commands("iptables-nft -N x", "iptables-nft -A x -p tcp --dport 25 -j DROP",
                         "iptables-nft -A OUTPUT -p tcp -g x"), "4:25", ""),
    ("in mangle", commands("iptables-nft -t mangle -A OUTPUT -p tcp --dport 25 -j DROP"),
     "4:25", ""),
    ("ufw deny out 25", sample("ufw.save", "iptables-nft-restore"), "4:25", ""),
    ("what nft cannot show", commands("iptables-nft -A OUTPUT -p tcp --dport 25 -m owner "
                                      "--socket-exists -j DROP"), "", "4:25"),
]
LEGACY = [
    ("a drop", commands("iptables-legacy -A OUTPUT -p tcp --dport 25 -j DROP"), "4:25", ""),
    ("for both families", commands(
        "iptables-legacy -A OUTPUT -m state --state RELATED,ESTABLISHED -j ACCEPT",
        "iptables-legacy -A OUTPUT -o lo -j ACCEPT",
        "iptables-legacy -A OUTPUT -p tcp -m multiport --dports 25,465 -j REJECT",
        "ip6tables-legacy -A OUTPUT -p tcp --dport 25 -j REJECT --reject-with tcp-reset"),
     "25 4:465", ""),
    ("for users alone", commands("iptables-legacy -A OUTPUT -p tcp --dport 25 -m owner ! "
                                 "--uid-owner 0-199 -j REJECT"), "", ""),
    ("a policy", commands("iptables-legacy -P OUTPUT DROP",
                          "iptables-legacy -A OUTPUT -p tcp --dport 465 -j ACCEPT"),
     "4:25 4:587", ""),
    ("in another table", commands("iptables-legacy -t raw -A OUTPUT -p tcp --dport 25 -j DROP"),
     "4:25", ""),
    ("beside rules of nft", commands("iptables-legacy -A OUTPUT -p tcp --dport 25 -j DROP")
     + nft("tcp dport 587 drop"), "4:25 587", ""),
]


class Patient:
    """A machine with a firewall, and what the doctor says of it."""

    def __init__(self, base, tap):
        self.tap, self.wire = tap, None
        self.conf, self.etc = base / "frank.conf", base / "postfix"
        self.etc.mkdir(mode=0o755)
        self.base = base
        self.use("192.0.2.1 2001:db8::1", "all")

    def use(self, egress, protocols, relay=""):
        self.conf.write_text(POLICY.format(egress=egress))
        (self.etc / "main.cf").write_text(f"inet_protocols = {protocols}\nmail_owner = postfix\n"
                                         f"relayhost = {relay}\n")
        (self.etc / "master.cf").write_text("")

    def begin(self, made):
        """A wire of its own for the rules of MADE: programs and their input."""
        self.end()
        self.wire = Wire()
        for command, given in made:
            self.wire.ours.run(*command, given=given)

    def end(self):
        if self.wire is not None:
            self.wire.end()
            self.wire = None

    def ask(self, *before):
        """What is said: lines of JSON. BEFORE: words before the command."""
        done = self.wire.ours.run(*before, BUILD / "ctl" / "frank", "-c", self.conf, "doctor",
                                  "--only", "connect-firewall", "--postfix-config", self.etc,
                                  "--json", check=False)
        return [one for one in map(json.loads, done.stdout.splitlines()) if "check" in one]

    def verdicts(self, said):
        """{(family, port): "open", "closed" or "maybe"}"""
        found = dict.fromkeys(EVERY, "open")
        for one in said:
            match = FINDING.match(one["evidence"])
            if match is None:
                continue
            verdict = "closed" if match[3] == "are" else "maybe"
            for place in v(f"{(match[1] or '')[3:4]}:{match[2]}"):
                found[place] = verdict
        return found

    def hold_against(self, name, said, closed, maybe):
        """What is said is what was to be said, and what is so."""
        verdicts = self.verdicts(said)
        want = {place: "closed" if place in v(closed) else "maybe" if place in v(maybe) else "open"
                for place in EVERY}
        self.tap.ok(said and verdicts == want, f"{name}: the verdict", said)
        reached = self.wire.reached(verdicts)
        wrong = [(place, verdict, place in reached) for place, verdict in verdicts.items()
                 if verdict != "maybe" and (verdict == "open") != (place in reached)]
        self.tap.same(wrong, [], f"{name}: and so it is")

    def mend(self, name, said):
        """Remedies, word for word, until there are none; then Postfix gets out, and nobody who
        did not before."""
        places = dict.fromkeys(v("25"), "closed")
        others = self.wire.reached(places, "nobody")
        free = {place: "open" if place in others else "closed" for place in places}
        for _ in range(4):
            lines = [line for one in said if one["answer"] == "bad"
                     for line in one["remedy"].splitlines() if not line[:1].isupper()]
            if not lines:
                break
            for line in lines:
                self.wire.ours.run("sh", "-c", line)
            said = self.ask()
        found = {place: verdict for place, verdict in self.verdicts(said).items()
                 if place in places}
        self.tap.same(set(found.values()), {"open"}, f"{name}: mended by what was said")
        self.tap.same((self.wire.reached(found), self.wire.reached(free, "nobody")),
                      (set(places), others), f"{name}: and mail can leave, and no more than that")

    def try_one(self, name, made, closed, maybe):
        self.begin(made)
        before = self.wire.state()
        said = self.ask()
        self.tap.same(self.wire.state(), before, f"{name}: nothing was changed")
        self.hold_against(name, said, closed, maybe)
        is_bad = bool(v(closed) & v("25"))
        self.tap.same(any(one["answer"] == "bad" for one in said), is_bad, f"{name}: is it bad?")
        if is_bad:
            self.mend(name, said)


def of_nft(patient, tap):
    for name, made, closed, maybe in NFT:
        patient.try_one(f"nft, {name}", made, closed, maybe)
    patient.try_one("firewalld", sample("firewalld.nft", "nft", "-f", "-"), "25", "")


def of_iptables(patient, tap):
    for name, made, closed, maybe in TABLES:
        patient.try_one(f"iptables-nft, {name}", made, closed, maybe)
        done = patient.wire.ours.run("iptables-nft", "-S", check=False)
        tap.ok(done.returncode == 0, f"iptables-nft, {name}: it can still read its rules",
               done.stderr)


def hidden(*programs):
    """Words before a command for which PROGRAMS cannot be run."""
    binds = "".join(f"mount --bind /dev/null {program} && " for program in programs)
    return ["unshare", "-m", "sh", "-c", f'{binds}exec "$@"', "sh"]


def without_nft(patient, tap):
    """iptables-save reads the same then, and ip6tables-save."""
    no_nft = hidden("/usr/sbin/nft")
    patient.begin(commands("iptables-nft -A OUTPUT -p tcp --dport 25 -j DROP",
                           "ip6tables-nft -A OUTPUT -p tcp --dport 587 -j DROP"))
    before = patient.wire.state()
    said = patient.ask(*no_nft)
    tap.same(patient.wire.state(), before, "without nft: nothing was changed")
    patient.hold_against("without nft", said, "4:25 6:587", "")
    patient.begin([])
    said = patient.ask(*no_nft)
    tap.ok(said[0]["answer"] == "ok" and "iptables-nft-save, ip6tables-nft-save" in
           said[0]["evidence"], "what was read is said", said)
    said = patient.ask(*hidden("/usr/sbin/nft", "/usr/sbin/xtables-nft-multi"))
    tap.ok(len(said) == 1 and said[0]["answer"] == "could not tell" and
           said[0]["evidence"].startswith("neither nft nor iptables"),
           "without either it cannot be told", said)


def of_legacy(patient, tap):
    """What nft does not show, and what asking for it would make."""
    patient.begin([])
    if patient.wire.ours.run("iptables-legacy", "-S", check=False).returncode != 0:
        tap.ok(True, "iptables-legacy # SKIP this kernel has none")
        return
    for name, made, closed, maybe in LEGACY:
        patient.try_one(f"iptables-legacy, {name}", made, closed, maybe)
    patient.begin(LEGACY[0][1])
    said = patient.ask(*hidden("/usr/sbin/xtables-legacy-multi", "/usr/sbin/xtables-nft-multi"))
    tap.ok(said[0]["answer"] == "could not tell" and "/proc/net/ip_tables_names" in
           said[0]["evidence"], "and without its program it cannot be told", said)


def by_settings(patient, tap):
    """Which families Postfix uses, whether IPv6 matters, and to which port mail goes."""
    patient.begin(nft("tcp dport 25 drop", family="ip6"))
    patient.use("192.0.2.1", "all")
    said = patient.ask()
    tap.ok([one["answer"] for one in said] == ["could not tell"] and
           "'set egress' names no such address" in said[0]["evidence"],
           "IPv6 alone is not bad where no mail is known to leave over it", said)
    patient.use("192.0.2.1", "ipv4")
    tap.same([one["answer"] for one in patient.ask()], ["ok"],
             "and nothing where Postfix does not use it")
    patient.use("192.0.2.1", "ipv6")
    tap.same([one["answer"] for one in patient.ask()], ["bad"], "and bad where it uses no other")
    patient.begin(nft("tcp dport { 25, 587 } drop"))
    for relay, bad in (("", "25"), ("[relay.test]:587", "587"), ("relay.test:submission", "587"),
                       ("relay.test", "25"), ("[relay.test]", "25"), ("[a.test]:587, b.test", "")):
        patient.use("192.0.2.1", "all", relay)
        said = {one["evidence"].split()[3]: one["answer"] for one in patient.ask()}
        tap.same(said, {port: "bad" if port == bad else "could not tell" for port in ("25", "587")},
                 f"which port matters with relayhost '{relay}'")
    patient.use("192.0.2.1 2001:db8::1", "all")


def by_nobody(patient, tap):
    """The rules are for root to read."""
    patient.begin(nft("tcp dport 25 drop"))
    frank = shutil.copy(BUILD / "ctl" / "frank", patient.base / "frank-copy")
    subprocess.run(["chmod", "755", patient.base, frank], check=True)
    done = patient.wire.ours.run(
        "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", frank, "-c",
        patient.conf, "doctor", "--only", "connect-firewall", "--json", check=False)
    said = json.loads(done.stdout.splitlines()[0])
    tap.ok(said["answer"] == "could not tell" and "which is for root" in said["evidence"],
           "who may not read them is told so", done.stdout)


def main():
    need_root()
    need_namespaces()
    tap = Tap()
    with scratch() as base:
        patient = Patient(pathlib.Path(base), tap)
        try:
            for part in (of_nft, of_iptables, of_legacy, without_nft, by_settings, by_nobody):
                part(patient, tap)
        finally:
            patient.end()
    tap.done()


if __name__ == "__main__":
    main()
