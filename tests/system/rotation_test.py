#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A new selector while mail flows: the old key signs until the new one is published everywhere."""

import time

import frankd
from lab import Delivered, Lab, wait_until
from load import BODY, Load
from tap import BUILD, Tap, need_root, scratch
from world import TTL, World

POLICY = frankd.DNS_SETTINGS + frankd.POLICY
BASE = f'@ TXT "v=spf1 ip4:{frankd.EGRESS} -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'


class Receivers:
    """Verifies what has come, against each server as it answers now."""

    def __init__(self, lab, daemon, world):
        self.lab, self.daemon, self.world = lab, daemon, world
        self.seen, self.bad, self.selectors = set(), [], []

    def look(self):
        for path in sorted(self.lab.world.iterdir(), key=lambda path: path.stat().st_mtime):
            if path.name not in self.seen:
                self._look_at(path)

    def _look_at(self, path):
        mail = Delivered(path.read_bytes())
        if BODY.encode() not in mail.raw:
            return   # still being written
        self.seen.add(path.name)
        self.selectors.append([signature[1] for signature in mail.signed_by()])
        for address in self.world.addresses:
            results = self.daemon.verify(mail, lambda name, a=address: self.record(a, name))
            if not results or not all(result[3] is True for result in results):
                self.bad.append((mail.field("X-Seq"), address, results))

    def record(self, address, name):
        records = self.world.ask(address, 53, name, "TXT")
        return records[0].replace('" "', "").strip('"').encode() if records else None

    def since(self, count):
        return {selector for selectors in self.selectors[count:] for selector in selectors}


def flow(load, receivers, count):
    """COUNT more messages are accepted, come out and are looked at."""
    before = load.count()
    wait_until(lambda: load.count() >= before + count, "mail to flow", 60)
    seen = len(receivers.seen)
    receivers.look()
    return seen


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        world = World(lab, {"a.test": BASE})
        world.start()
        daemon = frankd.Frankd(lab, BUILD, POLICY, world)
        daemon.key_new("a.test", "s2025", "rsa2048")
        old = BASE + daemon.record("a.test", "s2025")
        world.set("a.test", old)
        daemon.start()
        receivers = Receivers(lab, daemon, world)
        with Load(lab, workers=2, pause=0.1) as load:
            flow(load, receivers, 20)
            tap.same(receivers.since(0), {"s2025"}, "the old selector signs")

            daemon.key_new("a.test", "s2026", "rsa2048")
            tap.same(daemon.reload().returncode, 0, "a new key is put into the directory")
            both = old + "\n" + daemon.record("a.test", "s2026")
            at = flow(load, receivers, 40)
            tap.same(receivers.since(at), {"s2025"}, "unpublished, it does not sign")
            listed = daemon.frank("key", "list")
            tap.note(listed)
            tap.ok("pending" in listed, "key list calls it pending", listed)

            world.set("a.test", both, world.addresses[:1])
            at = flow_for(load, receivers, 3 * TTL)
            tap.same(receivers.since(at), {"s2025"}, "published at one server of two: not yet")

            world.set("a.test", both)
            wait_until(lambda: switched(receivers), "the new selector to sign", 60)
            tap.ok(True, "published everywhere, it takes over by itself")
            at = flow(load, receivers, 20)
            listed = daemon.frank("key", "list")
            tap.note(listed)
            tap.ok("retiring" in listed, "key list calls the old one retiring", listed)
        lab.wait_delivered()
        receivers.look()
        tap.same(receivers.since(at), {"s2026"}, "and goes on")
        tap.same(receivers.bad, [], f"each of {len(receivers.seen)} messages verifies at each "
                 "server as it stood")
        tap.same(load.others(), {}, "no client noticed")
        said = [line for line in daemon.log().splitlines() if "s2026" in line and "s2025" in line]
        tap.ok(said, "the log says what happened", daemon.log()[-2000:])
        tap.note("\n".join(said))
    tap.done()


def flow_for(load, receivers, seconds):
    end = time.monotonic() + seconds
    at = len(receivers.seen)
    while time.monotonic() < end:
        flow(load, receivers, 5)
    return at


def switched(receivers):
    receivers.look()
    return receivers.selectors and receivers.selectors[-1] == ["s2026"]


if __name__ == "__main__":
    main()
