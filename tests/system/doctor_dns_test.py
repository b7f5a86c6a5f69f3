#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank doctor against real name servers that differ, stop and lie, and on a network of its own."""

import contextlib
import json
import os
import re
import subprocess

from lab import LabError, Workshop, stop_child, wait_until
from tap import BUILD, Tap, need_root, scratch
from world import World

EGRESS = "198.51.100.25"
POLICY = """\
set egress {egress}
set helo mail.good.test
set resolver "{resolver}"
keys "keys"
match path submission sign
accept
"""
GOOD = f"""\
@ MX 10 mail
@ TXT "v=spf1 ip4:{EGRESS} -all"
mail A {EGRESS}
_dmarc TXT "v=DMARC1; p=reject"
"""
REVERSE = "25 PTR mail.good.test."
FRANK = BUILD / "ctl" / "frank"


class Patient:
    """A configuration with a key for good.test, and what the doctor says of it."""

    def __init__(self, shop, world):
        self.etc = shop.base / "etc"
        self.etc.mkdir(mode=0o755)
        self.conf = self.etc / "frank.conf"
        self.write(world, EGRESS)
        self.key("s1")

    def write(self, world, egress):
        self.conf.write_text(POLICY.format(resolver=world.resolver, egress=egress))

    def key(self, selector):
        """Make one; its record as a line of good.test."""
        text = subprocess.run(
            [FRANK, "-c", self.conf, "key", "new", "good.test", "--selector", selector,
             "--type", "ed25519"], check=True, capture_output=True, text=True).stdout
        public = re.search(r"p=([A-Za-z0-9+/=]+)", text).group(1)
        return f'{selector}._domainkey TXT "v=DKIM1; k=ed25519; p={public}"\n'

    def record(self, selector):
        found = json.loads(subprocess.run(
            [FRANK, "-c", self.conf, "key", "check", "good.test", selector, "--json"],
            check=False, capture_output=True, text=True).stdout)
        return f'{selector}._domainkey TXT "{found["record"]}"\n'

    def run(self, *arguments, command=(), **how):
        return subprocess.run([*command, FRANK, "-c", self.conf, "doctor", *arguments],
                              check=False, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, **how)

    def ask(self, *arguments):
        """{check: {answers}}, the texts of what is not ok, and the exit status."""
        done = self.run("--json", *arguments)
        answers, texts = {}, []
        for line in done.stdout.splitlines():
            finding = json.loads(line)
            answers.setdefault(finding["check"], set()).add(finding["answer"])
            if finding["answer"] != "ok":
                texts.append(f'{finding["check"]}: {finding["evidence"]}')
        return answers, "\n".join(texts), done.returncode


def worst_of(answers, check):
    order = ("bad", "could not tell", "ok")
    return next((one for one in order if one in answers.get(check, set())), None)


def is_wanted(result, want):
    answers, texts, _ = result
    return all(worst_of(answers, check) == answer and words in texts
               for check, (answer, words) in want.items())


def judge(tap, what, want, result, status):
    answers, texts, code = result
    for check, (answer, words) in want.items():
        worst = worst_of(answers, check)
        tap.ok(worst == answer and words in texts, f"{what}: {check} is {answer}",
               f"{worst}\n{texts}")
    tap.same(code, status, f"{what}: exit status")


def expect(tap, patient, what, want, *arguments, status=1):
    """The answers of some checks of good.test: {check: (worst, part of its words)}."""
    result = patient.ask("--only", ",".join(want), *(arguments or ("good.test",)))
    judge(tap, what, want, result, status)


def expect_in_time(tap, patient, what, want, status=1):
    """For when one of two servers is broken: the resolver may have asked that one, believes it
    for the seconds of a TTL, and asks the other another time."""
    results = []

    def is_so():
        results.append(patient.ask("--only", ",".join(want), "good.test"))
        return is_wanted(results[-1], want)
    with contextlib.suppress(LabError):
        wait_until(is_so, what, 60)
    judge(tap, what, want, results[-1], status)


def servers(tap, patient, world, good):
    """One server is behind, does not have the zone, or is down."""
    first, second = world.addresses
    world.set("good.test", good.replace("-all", "~all").replace("s1._domainkey", "s0._domainkey"),
              [second])
    expect_in_time(tap, patient, "one server is behind", {
        "dns-servers": ("bad", "TXT of good.test: ns1.good.test says"),
        "dns-dkim": ("bad", f"missing at ns2.good.test ({second})")})
    world.set("good.test", good, [second])
    # It has the root, and says for it that there is no such domain: a resolver believes that.
    world.stop_resolver()
    world.start_resolver([first])
    zones = dict(world.zones[second])
    del world.zones[second]["good.test"]
    world.set("other.test", "", [second])
    expect_in_time(tap, patient, "one server does not have the zone", {
        "dns-servers": ("bad", f"ns2.good.test ({second}) does not serve good.test")})
    world.zones[second].update(zones)
    world.set("good.test", good, [second])
    stop_child(world.servers[second])
    expect_in_time(tap, patient, "one server is down", {
        "dns-servers": ("could not tell", f"ns2.good.test ({second}) does not answer"),
        "dns-dkim": ("could not tell", "whether 1 of 2 servers have good.test/s1")}, status=0)
    world.set("good.test", good, [second])
    world.stop_resolver()
    world.start_resolver()
    expect_in_time(tap, patient, "all is well again",
           {"dns-servers": ("ok", ""), "dns-dkim": ("ok", "")}, status=0)
    tap.ok(first in world.servers, "the first was never touched")


def spreading(tap, patient, world, good):
    """A key that is new, and a resolver that still has what was there before."""
    line = patient.key("s2")
    expect(tap, patient, "a new key is not published, the old one signs",
           {"dns-dkim": ("ok", "")}, status=0)
    os.unlink(patient.etc / "keys" / "good.test" / "s1.pem")
    expect(tap, patient, "no key is published", {"dns-dkim": ("bad", "good.test/s2 is not")})
    world.set("good.test", good + line)
    said = patient.run("--only", "dns-dkim", "-v", "good.test").stdout
    tap.ok(re.search(r"s2 is published(; for another \d+ s|\n)", said),
           "published, and at most the resolver has what was there before", said)
    return good + line


def wildcards(tap, patient, world, good):
    world.set("good.test", good + '*._domainkey TXT "v=spf1 -all"\n')
    expect(tap, patient, "a wildcard where keys are", {
        "dns-wildcard": ("bad", 'every selector below _domainkey.good.test the text "v=spf1')})
    world.set("good.test", good + '* TXT "v=spf1 -all"\n')
    # The resolver has the other one for a few seconds more.
    wait_until(lambda: "bad" not in patient.ask("--only", "dns-wildcard", "good.test")[0]
               ["dns-wildcard"], "the wildcard to be forgotten", 30)
    expect(tap, patient, "a wildcard that does not reach the keys",
           {"dns-wildcard": ("ok", ""), "dns-dkim": ("ok", "")}, status=0)
    world.set("good.test", good)


def silence(tap, patient, world):
    expect(tap, patient, "a domain whose name servers are silent", {
        "dns-mx": ("could not tell", "MX of silent.test: no answer"),
        "dns-spf": ("could not tell", ""), "dns-dmarc": ("could not tell", "")},
        "silent.test", status=0)
    world.stop_resolver()
    answers, texts, code = patient.ask("--only", "dns", "good.test")
    tap.ok(answers and all("bad" not in got for got in answers.values()),
           "without a resolver nothing is bad", texts)
    tap.same(code, 0, "and the exit status is 0")
    tap.ok("dns-mx" in texts and "dns-servers" in texts, "but it is said", texts)
    world.start_resolver()


def others(tap, patient):
    """Who may not read the keys, and where there is no frankd to ask."""
    patient.etc.joinpath("keys").chmod(0o700)
    done = patient.run("--only", "dns-mx,dns-dkim", user="nobody", group="nogroup",
                       extra_groups=[])
    tap.ok(done.returncode == 66 and "name them, or run this as root" in done.stderr,
           "who may not read the keys is told so", (done.returncode, done.stdout, done.stderr))
    done = patient.run("--only", "dns-mx,dns-dkim", "good.test", user="nobody", group="nogroup",
                       extra_groups=[])
    said = " ".join(done.stdout.split())
    tap.ok(done.returncode == 0 and re.search(r"\? dns-dkim: could not tell: .*denied", said),
           "and can ask about a domain", (done.returncode, done.stdout, done.stderr))


def routes(tap, patient, world):
    """On a network of its own: the address that routes choose."""
    setup = ("ip link set lo up && ip addr add 198.51.100.7/24 dev lo && "
             "ip route add default dev lo src 198.51.100.7 && exec \"$@\"")
    alone = ("unshare", "-n", "sh", "-c", setup, "sh")
    arguments = ("--only", "connect-source", "-v", "good.test")
    config = patient.etc / "postfix"
    config.mkdir()
    (config / "main.cf").write_text("compatibility_level = 3.6\n")
    (config / "master.cf").write_text("")
    said = patient.run(*arguments, "--postfix-config", config, command=alone)
    tap.ok(said.returncode == 1 and "BAD connect-source: mail leaves from 198.51.100.7, by its "
           "routes, which" in said.stdout, "mail leaves from an address that is not in egress",
           said.stdout + said.stderr)
    said = patient.run(*arguments, "--postfix-config", "/nowhere", command=alone)
    tap.ok(said.returncode == 0 and "postconf cannot be asked" in " ".join(said.stdout.split()),
           "whether it is a relay host cannot be known", said.stdout + said.stderr)
    patient.write(world, "198.51.100.7")
    said = patient.run(*arguments, "--postfix-config", config, command=alone)
    tap.ok(said.returncode == 0 and "ok  connect-source: mail leaves from 198.51.100.7" in
           said.stdout and "no way out over IPv6" in said.stdout, "now it is, without IPv6",
           said.stdout + said.stderr)
    said = patient.run("--only", "connect-out", "--probe", "203.0.113.9", "good.test",
                       command=("unshare", "-n"))
    tap.ok(said.returncode == 0 and "Network is unreachable" in said.stdout,
           "without a network nothing is known of port 25", said.stdout + said.stderr)
    patient.write(world, EGRESS)


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Workshop(base) as shop:
        world = World(shop, {"good.test": GOOD, "100.51.198.in-addr.arpa": REVERSE},
                      silent=("silent.test",))
        world.start()
        patient = Patient(shop, world)
        good = GOOD + patient.record("s1")
        world.set("good.test", good)
        everything = {name: ("ok", "") for name in (
            "dns-helo", "dns-ptr", "dns-mx", "dns-address", "dns-spf", "dns-dkim", "dns-dmarc",
            "dns-mta-sts", "dns-tls-rpt", "dns-wildcard", "dns-servers")}
        expect(tap, patient, "a healthy domain", everything, status=0)
        servers(tap, patient, world, good)
        wildcards(tap, patient, world, good)
        good = spreading(tap, patient, world, good)
        silence(tap, patient, world)
        routes(tap, patient, world)
        others(tap, patient)
    tap.done()


if __name__ == "__main__":
    main()
