#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank queue, and frankd's own count, where 100,000 messages wait in a real Postfix's queue:
each is a file there as Postfix wrote it, with another name and for another recipient."""

import contextlib
import os
import pwd
import re
import sqlite3
import subprocess
import time

import frankd
import queue_test
from lab import Lab, wait_until
from tap import BUILD, SOURCE, Tap, in_own_mounts, need_root, scratch

MESSAGES, DESTINATIONS = 100000, 5000
POLICY = """\
set maillog             "{lab.log}"
set queue-alert-count   50000
""" + queue_test.POLICY
# What is copied, and what stands in it where each copy has a number of its own.
DOMAINS = ("grey.test", "rate.test", "full.test", "closed.test")
LOGINS = ("alice@a.test", "bob@b.test")
RCPT, BELOW = "r000000", "d000000"
MEGABYTES = 256     # several times what it is seen to take


def originals(lab):
    """A message below each domain, tried once: their queue ids."""
    ids = [queue_test.sent(lab, domain, LOGINS[number % len(LOGINS)],
                           [f"{RCPT}@{BELOW}.{domain}"])
           for number, domain in enumerate(DOMAINS)]
    wait_until(lambda: sum("delay_reason" in entry["recipients"][0] for entry in lab.queued())
               == len(ids), "each to be tried", 30)
    return ids


class Copier:
    """Fills the queue of a Postfix that does not look into it meanwhile."""

    def __init__(self, lab):
        self.queue = lab.queue
        account = pwd.getpwnam("postfix")
        self.owner = account.pw_uid, account.pw_gid
        self.next_attempt = int(time.time()) + 86400
        for kind in ("deferred", "defer"):
            for digit in "0123456789ABCDEF":
                folder = self.queue / kind / digit
                folder.mkdir(mode=0o700, exist_ok=True)
                os.chown(folder, *self.owner)

    def read(self, kind, name):
        return next((self.queue / kind).rglob(name)).read_bytes()

    def write(self, kind, name, text, mode):
        path = self.queue / kind / name[0] / name
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        os.write(handle, text)
        os.fchown(handle, *self.owner)
        os.utime(handle, (self.next_attempt, self.next_attempt))
        os.close(handle)

    def fill(self, ids):
        """Until there are MESSAGES. Returns (queue id, that of what it was copied from)."""
        made = []
        texts = [(name, self.read("deferred", name), self.read("defer", name)) for name in ids]
        for number in range(len(ids), MESSAGES):
            original, mail, reason = texts[number % len(texts)]
            name = f"{number * 16 % 0xFFFFF:05X}{number:07X}"   # over all the directories
            for kind, text, mode in (("deferred", mail, 0o700), ("defer", reason, 0o600)):
                text = text.replace(RCPT.encode(), b"r%06d" % number)
                text = text.replace(BELOW.encode(), b"d%06d" % (number % DESTINATIONS))
                self.write(kind, name, text, mode)
            made.append((name, original))
        return made


def journal(daemon, made):
    """The same copies in the journal of a frankd that is down."""
    day = next((daemon.base / "state").glob("journal-*.db"))
    with contextlib.closing(sqlite3.connect(day)) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(decision)") if row[1] != "id"]
        values = ["?1" if name == "queue_id" else name for name in columns]
        db.executemany(f"INSERT INTO decision({', '.join(columns)}) SELECT {', '.join(values)}"
                       " FROM decision WHERE queue_id = ?2 LIMIT 1", made)


def shares(rows):
    """How many groups, and how many messages each of the largest and the smallest has."""
    numbers = sorted(rows.values())
    return len(numbers), numbers[0], numbers[-1], sum(numbers)


def asked(tap, queue):
    tap.same(queue.messages("queue"), {"deferred": MESSAGES}, "each is counted")
    tap.same(shares(queue.messages("destination")), (DESTINATIONS + 3, 1, 20, MESSAGES),
             "by destination")
    quarter, half = MESSAGES // len(DOMAINS), MESSAGES // len(LOGINS)
    tap.same(queue.messages("cause"), dict.fromkeys(queue_test.CAUSES, quarter), "by cause")
    tap.same(queue.messages("login"), dict.fromkeys(LOGINS, half), "by login")
    text = queue.text()
    tap.ok(len(re.findall(rf"^ +{quarter} [a-z-]+ \([a-z-]+\), oldest", text, re.M)) == 4
           and f"and {DESTINATIONS // 4 - 3} more" in text and len(text.splitlines()) < 60,
           "the page is no longer for it", text)


def cost(tap, queue):
    """What one look takes; Postfix itself takes nearly all of the time."""
    began = time.monotonic()
    child = subprocess.Popen([BUILD / "ctl" / "frank", "-c", queue.daemon.conf, "queue",
                              "--postfix-config", queue.lab.etc], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    tap.note(f"frank queue: {time.monotonic() - began:.1f} s,"
             f" {used.ru_utime + used.ru_stime:.1f} s of CPU with postqueue,"
             f" {used.ru_maxrss // 1024} MB")
    tap.ok(child.returncode == 0 and used.ru_maxrss < MEGABYTES * 1024, "memory is bounded",
           used.ru_maxrss)


def counted(tap, lab, daemon):
    """frankd's own look, and mail that goes its way beside it."""
    status = wait_until(lambda: "ALERT" in daemon.frank("status") and daemon.frank("status"),
                        "an alert", 60)
    tap.ok(re.search(rf"^queue .* {MESSAGES} deferred,", status, re.M)
           and "queue-alert-count" in status, "frankd counts them, and says that it is many",
           status)
    peak = re.search(r"VmHWM:\s+(\d+) kB",
                     open(f"/proc/{daemon.processes()['follow']}/status", encoding="ascii").read())
    tap.note(f"frankd: follow: {int(peak[1]) // 1024} MB at most")
    tap.ok(int(peak[1]) < MEGABYTES * 1024, "in memory that is bounded", peak[1])
    mail = queue_test.message("beside", "alice@a.test").replace(b"Subject", b"X-Seq: beside\r\nSubject")
    lab.send(mail, "alice@a.test", ["x@far.test"], user="alice@a.test")
    tap.same(len(lab.wait_mail("beside").signed_by()), 1, "mail goes out beside it, signed")


@contextlib.contextmanager
def in_memory(base):
    """Twice as many files as messages are made, and taken away."""
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", base], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", base], check=True)


def run(tap, lab):
    queue_test.refusers(lab, ".")
    lab.set(queue_run_delay="1h", minimal_backoff_time="1h", maximal_backoff_time="2h")
    daemon = frankd.Frankd(lab, BUILD, POLICY)
    daemon.key_new("a.test", "rsa26", "rsa2048")
    daemon.key_new("b.test", "rsa26", "rsa2048")
    daemon.start()
    ids = originals(lab)
    wait_until(lambda: all(daemon.explain(name) for name in ids), "the journal")
    daemon.stop()
    journal(daemon, Copier(lab).fill(ids))
    daemon.start(under=("env", f"MAIL_CONFIG={lab.etc}"))
    queue = queue_test.Queue(lab, daemon)
    asked(tap, queue)
    cost(tap, queue)
    counted(tap, lab, daemon)


def main():
    need_root()
    os.environ.setdefault("FRANK_REPLIES", str(SOURCE / "contrib" / "replies.conf"))
    in_own_mounts()
    tap = Tap()
    with scratch() as base, in_memory(base), Lab(base) as lab:
        run(tap, lab)
    tap.done()


if __name__ == "__main__":
    main()
