#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A hundred thousand keys: loaded unparsed, signed with, and reloaded while mail goes on."""

import os
import pathlib
import re
import time

import frankd
from lab import Lab, wait_until
from load import Load
from tap import BUILD, Tap, need_root, scratch

KEYS = 100000
LINKS = 50000         # a file system may allow no more of one file
FIRST, LAST, BROKEN, ADDED = "k000000.test", f"k{KEYS - 1:06}.test", "k050000.test", "k.test"
PATIENCE = 15         # seconds that a message may wait meanwhile; smtpd gives a milter 30 and more

POLICY = """\
set listen   "unix:{lab.milter_socket}"
set control  "{base}/control.sock"
set state    "{base}/state"
keys "keys"
match path relay,submission  sign
accept
"""

MESSAGE = """\
From: {author}\r
To: x@far.test\r
Subject: one of many\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <{mark}@a.test>\r
X-Seq: {mark}\r
\r
Text.\r
"""


def add_key(daemon, source, domain):
    folder = daemon.base / "etc" / "keys" / domain
    folder.mkdir(mode=0o700)
    os.link(source, folder / "s1.pem")


def make_keys(daemon):
    """Each domain has the key of a.test, under its own name."""
    daemon.key_new("a.test", "s1", "rsa2048")
    first = daemon.base / "etc" / "keys" / "a.test" / "s1.pem"
    record = daemon.dns["s1._domainkey.a.test."]
    source = first
    for number in range(KEYS):
        if number % LINKS == 0:
            source = daemon.base / f"{number}.pem"
            source.write_bytes(first.read_bytes())
            source.chmod(0o600)
        domain = f"k{number:06}.test"
        if domain != BROKEN:
            add_key(daemon, source, domain)
    folder = daemon.base / "etc" / "keys" / BROKEN
    folder.mkdir(mode=0o700)
    (folder / "s1.pem").write_text("-----BEGIN RSA PRIVATE KEY-----\n")
    (folder / "s1.pem").chmod(0o600)
    for domain in (FIRST, LAST, ADDED):
        daemon.dns[f"s1._domainkey.{domain}."] = record
    return source


def memory(daemon):
    """Megabytes of each process: now, and at most."""
    found = {}
    for name, pid in daemon.processes().items():
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        now, peak = (int(re.search(rf"{word}:\s+(\d+)", status)[1]) // 1024
                     for word in ("VmRSS", "VmHWM"))
        found[name] = f"{now} ({peak})"
    return found


def send(lab, domain, mark):
    author = f"x@{domain}"
    return lab.send(MESSAGE.format(author=author, mark=mark).encode(), author, ["y@far.test"],
                    source="127.0.0.2")[0]


def is_signed(tap, lab, daemon, domain, mark, what):
    tap.same(send(lab, domain, mark), 250, f"{what} is accepted")
    tap.same(daemon.verify(lab.wait_mail(mark)), [(domain, "s1", "rsa-sha256", True)],
             f"{what} is signed")


def start(tap, daemon):
    began = time.monotonic()
    daemon.child = daemon.lab.spawn(
        [daemon.build / "milter" / "frankd", "-d", "-c", daemon.conf], daemon.log_name)
    wait_until(daemon.is_up, "frankd", 60)
    tap.ok(True, f"{KEYS} keys are loaded, one of them no key at all")
    tap.note(f"{time.monotonic() - began:.1f} s from start to the first answer")
    tap.note(f"MB now (and at most): {memory(daemon)}")


def reload_under_load(tap, lab, daemon, source):
    add_key(daemon, source, ADDED)
    with Load(lab, workers=2) as load:
        wait_until(lambda: load.count() >= 20, "mail to flow")
        usual, load.slowest = load.slowest, 0.0
        before, began = load.count(), time.monotonic()
        done = daemon.reload()
        took, meanwhile = time.monotonic() - began, load.count() - before
        wait_until(lambda: load.count() >= before + meanwhile + 20, "mail to flow")
        slowest = load.slowest
    tap.ok(done.returncode == 0 and f"{KEYS + 2} keys" in done.stdout + done.stderr,
           "a reload takes one key more", done.stdout + done.stderr)
    tap.ok(meanwhile > 0, "mail goes on meanwhile")
    tap.ok(slowest < PATIENCE, "and no message waits for it", f"{slowest:.1f} s")
    tap.same(load.others(), {}, "not one is turned away")
    tap.note(f"the reload took {took:.1f} s; {meanwhile} messages meanwhile, the slowest "
             f"{slowest * 1000:.0f} ms, {usual * 1000:.0f} ms before")
    tap.note(f"MB now (and at most): {memory(daemon)}")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        began = time.monotonic()
        source = make_keys(daemon)
        tap.note(f"{time.monotonic() - began:.1f} s to make {KEYS} key files")
        start(tap, daemon)
        is_signed(tap, lab, daemon, FIRST, "first", "mail of the first domain")
        is_signed(tap, lab, daemon, LAST, "last", "mail of the last domain")
        tap.same(send(lab, BROKEN, "broken"), 451, "its first use finds what is no key")
        reload_under_load(tap, lab, daemon, source)
        is_signed(tap, lab, daemon, ADDED, "added", "mail of the added domain")
        is_signed(tap, lab, daemon, FIRST, "again", "mail of the first domain")
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
