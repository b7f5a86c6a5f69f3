#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""DNS that dies, hangs, is silent or hostile costs an opinion, never a signature or a message."""

import contextlib
import os
import re
import signal
import time

import frankd
from lab import Lab, queue_id, wait_until
from load import Load, settle
from tap import BUILD, Tap, need_root, scratch
from world import TTL, SlowServer, World, txt

DEADLINE = 2.0      # set dns-deadline, as it is by default
QUERIES_MAX = 120   # of one evaluation

POLICY = frankd.DNS_SETTINGS + frankd.POLICY.replace("a.test, b.test", "a.test, .hostile.test")
BASE = f'@ TXT "v=spf1 ip4:{frankd.EGRESS} -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'

# What is known to blow up, or to take long. By the first label of the domain.
LITERALS = "v=spf1 " + " ".join(f"ip4:198.51.100.{n % 256}" for n in range(200)) + " -all"
HOSTILE = {
    "macros": ("v=spf1 exp=e.macros.hostile.test -all", {"e.macros": "%{d}" * 150}, "spf fail"),
    # libspf2 1.2.10 does not survive this one.
    "dies": ("v=spf1 exp=e.dies.hostile.test -all", {"e.dies": "x%{d}" * 42 + "%{d}x"},
             "spf fail"),
    "literals": (LITERALS, {}, "spf fail"),
    "mx": ("v=spf1 " + " ".join(f"mx:m{n}.hostile.test" for n in range(10)) + " -all", {},
           "spf fail"),
    "slow": ("v=spf1 " + " ".join(f"include:i{n}.slow.test" for n in range(10)) + " -all", {},
             "spf unknown"),
    "fan": ("v=spf1 " + " ".join(f"include:f0{n}.hostile.test" for n in range(10)) + " -all", {},
            "spf permerror"),
}


def txt_line(name, value):
    return f"{name} TXT {txt(value)}\n"


def hostile_zone(daemon):
    lines = ""
    for name, (record, more, _) in HOSTILE.items():
        lines += txt_line(name, record)
        lines += "".join(txt_line(*item) for item in more.items())
        lines += daemon.record(f"{name}.hostile.test", "s1").replace(
            "s1._domainkey", f"s1._domainkey.{name}") + "\n"
    for n in range(10):
        lines += "".join(f"m{n} MX {host} h{n}-{host}\n" for host in range(10))
        lines += "".join(f"h{n}-{host} A 198.51.100.{host}\n" for host in range(10))
        # Seven levels of ten.
        lines += "".join(txt_line(f"f{level}{n}", "v=spf1 " + " ".join(
            f"include:f{level + 1}{m}.hostile.test" for m in range(10)) + " ?all")
            for level in range(7))
    return lines


def flow(load, what, seconds=0.0):
    """Mail goes on: twenty messages, and for so long."""
    before, until = load.count(), time.monotonic() + seconds
    wait_until(lambda: load.count() >= before + 20 and time.monotonic() > until, what, 60)


def hit(daemon, load, number):
    """Strike the dns process while mail flows; mail goes on, and the process comes back."""
    flow(load, "mail to flow")
    victim = wait_until(lambda: daemon.processes().get("dns"), "the dns process")
    os.kill(victim, number)
    # A stopped one for longer than what is known can be kept.
    flow(load, "mail to flow without DNS", 2 * TTL if number == signal.SIGSTOP else 0)
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    wait_until(lambda: daemon.processes().get("dns", victim) != victim, "a new dns process")


def faults(tap, lab, daemon, world):
    with Load(lab, workers=4, pause=0.05) as load:
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL):
            hit(daemon, load, number)
        world.stop_resolver()
        flow(load, "mail to flow without a resolver", 2 * TTL)
        world.start_resolver()
        flow(load, "mail to flow again")
    tap.same(load.others(), {}, "the dns process killed and stopped, no resolver: no client notices")
    # By frankd's own clock, from the end of the message to the answer: Postfix's share of a busy
    # machine is not what is asked here.
    waits = [int(ms) / 1000 for ms in re.findall(r" ms=(\d+)$", daemon.log(), re.M)]
    tap.ok(waits and max(waits) < DEADLINE + 1,
           "and none waits for more than the deadline and a second", max(waits, default=None))
    tap.note(f"the slowest of {len(waits)}: {max(waits, default=0):.2f} s; "
             f"with all that Postfix does {load.slowest:.2f} s")
    settle(tap, daemon, lab, load.replies, "after DNS trouble")


def hostile(tap, lab, daemon, world):
    slow = {f"i{n}.slow.test": "v=spf1 ?all" for n in range(10)}
    before = daemon.processes()
    with SlowServer(world, slow, 0.5):
        for name, (_, _, seen) in HOSTILE.items():
            domain = f"{name}.hostile.test"
            author = f"user@{domain}"
            text = (f"From: {author}\r\nTo: x@far.test\r\nSubject: s\r\nX-Seq: {name}\r\n"
                    f"Message-ID: <{name}@{domain}>\r\n\r\nText.\r\n").encode()
            asked, began = world.queries("test"), time.monotonic()
            code, reply = lab.send(text, author, ["x@far.test"], user=author)
            took = time.monotonic() - began
            wait_until(lambda: queries_rest(world), "the resolver to rest", 20)
            asked = world.queries("test") - asked
            tap.ok(code == 250 and took < 3.5, f"{name}: answered within 3.5 s",
                   f"{code} {reply} after {took:.2f} s")
            tap.ok(2 < asked <= QUERIES_MAX + 10, f"{name}: at most {QUERIES_MAX} queries", asked)
            results = daemon.verify(lab.wait_mail(name))
            tap.ok(results and results[0][3] is True, f"{name}: signed", results)
            said = daemon.explain(queue_id(reply))
            tap.ok(seen in said, f"{name}: {seen}", said)
            tap.note(f"{name}: {took:.2f} s, {asked} queries")
    after = daemon.processes()
    tap.same({n: after.get(n) for n in ("supervisor", "keys", "milter", "dns")},
             {n: before.get(n) for n in ("supervisor", "keys", "milter", "dns")},
             "no process of ours has died of it but the receiver, which may")
    # Whatever libspf2 made of these records: a receiver that dies of one is replaced.
    victim = wait_until(lambda: daemon.processes().get("receiver"), "a receiver")
    os.kill(victim, signal.SIGSEGV)
    wait_until(lambda: daemon.processes().get("receiver", victim) != victim, "a new receiver")
    tap.same({n: daemon.processes().get(n) for n in ("milter", "dns")},
             {n: after.get(n) for n in ("milter", "dns")}, "a crashed receiver is replaced alone")


def queries_rest(world):
    asked = world.queries("test")
    time.sleep(0.7)   # longer than a slow answer takes
    return world.queries("test") == asked


def main():
    need_root()
    tap = Tap()
    users = ["alice@a.test"] + [f"user@{name}.hostile.test" for name in HOSTILE]
    with scratch() as base, Lab(base, users) as lab:
        world = World(lab, {"a.test": BASE, "hostile.test": ""})
        world.start()
        daemon = frankd.Frankd(lab, BUILD, POLICY, world)
        daemon.key_new("a.test", "s1", "rsa2048")
        for name in HOSTILE:
            daemon.key_new(f"{name}.hostile.test", "s1", "rsa2048")
        world.set("a.test", BASE + daemon.record("a.test", "s1"))
        world.set("hostile.test", hostile_zone(daemon))
        daemon.start()
        faults(tap, lab, daemon, world)
        hostile(tap, lab, daemon, world)
        if tap.failed:
            tap.note(daemon.log()[-4000:])
    tap.done()


if __name__ == "__main__":
    main()
