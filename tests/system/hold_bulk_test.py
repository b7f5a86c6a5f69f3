#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Thousands of held messages released by label, with frank killed in the middle: none is lost,
none leaves twice, and every signature verifies."""

import collections
import contextlib
import os
import random
import signal
import subprocess
import threading
import time

import frankd
from lab import Lab, transact, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = """\
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"

keys "keys"

match path submission  owns author    sign

accept path inbound
hold   user any       label "account takeover?"
accept
"""

COUNT = int(os.environ.get("FRANK_BULK", "5000"))
SESSIONS = 4
KILLS = 3
LABEL = "account takeover?"


def message(seq):
    return (f"From: alice@a.test\r\nTo: undisclosed-recipients:;\r\nSubject: {seq}\r\n"
            "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{seq}@a.test>\r\nX-Seq: {seq}\r\n\r\nHello {seq}\r\n").encode()


def send_all(lab):
    """COUNT messages, in SESSIONS sessions at a time."""
    wrong = []

    def session(first):
        with contextlib.closing(lab.connect(user="alice@a.test")) as client:
            for seq in range(first, COUNT, SESSIONS):
                code, reply = transact(client, message(seq), "alice@a.test", ["r@far.test"])
                if code != 250:
                    wrong.append((seq, code, reply))
    threads = [threading.Thread(target=session, args=(first,)) for first in range(SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise AssertionError(wrong[:5])


def release(lab, daemon):
    return [BUILD / "ctl" / "frank", "-c", daemon.conf, "hold", "release", "--label", LABEL,
            "--postfix-config", lab.etc, "--yes", "--reason", "alice it was"]


def kill_in_the_middle(tap, lab, daemon):
    """A release that is killed at a random moment, KILLS times."""
    for number in range(KILLS):
        before = len(lab.held())
        child = subprocess.Popen(release(lab, daemon), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = before - random.randrange(300)
        wait_until(lambda until=until: len(lab.held()) < until, "some to be released", 60)
        child.send_signal(signal.SIGKILL)
        left = len(lab.held())
        tap.ok(child.wait() == -signal.SIGKILL and 0 < left < before,
               f"killed in the middle, {number + 1}: some are released, some not",
               f"{before} {left} {child.returncode}")


def ordered(tap, lab, daemon):
    """All in one command, timed."""
    left = len(lab.held())
    began = time.monotonic()
    done = subprocess.run(release(lab, daemon), check=False, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    took = time.monotonic() - began
    tap.ok(done.returncode == 0 and f"{left} released, 0 gone meanwhile\n" in done.stdout,
           "run again it releases the others", done)
    tap.note(f"{left} released in {took:.1f} s: {left / took:.0f} a second")
    tap.same(len(lab.held()), 0, "nothing is left on hold")
    again = subprocess.run(release(lab, daemon), check=False, text=True,
                           stdin=subprocess.DEVNULL, capture_output=True)
    tap.same((again.returncode, again.stdout), (0, "nothing on hold fits that\n"),
             "and once more there is nothing to do")


def arrived(tap, lab, daemon):
    # What a kill left without a flush leaves with the next run of the queue: now.
    lab.command("postqueue", "-f")
    wait_until(lambda: not lab.queued(), "an empty queue", 120)
    mails = lab.delivered()
    seen = collections.Counter(mail.field("X-Seq") for mail in mails)
    tap.same([seq for seq in range(COUNT) if str(seq) not in seen], [], "none is lost")
    tap.same([seq for seq, times in seen.items() if times > 1], [], "none has left twice")
    bad = [mail.field("X-Seq") for mail in mails
           if daemon.verify(mail) != [("a.test", "rsa26", "rsa-sha256", True)]]
    tap.same(bad, [], f"all {len(mails)} signatures verify")


def recorded(tap, daemon):
    ids = collections.Counter(
        one for what, _, text in daemon.actions() if what == "release"
        for one in text.partition(": ")[2].partition(";")[0].split())
    # A kill may come between what was done and its record.
    tap.ok(COUNT - KILLS * 100 <= len(ids) <= COUNT and max(ids.values()) == 1,
           "the journal has them, but for a batch a kill", f"{len(ids)} of {COUNT}")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        lab.set(queue_run_delay="3600s", minimal_backoff_time="3600s")
        send_all(lab)
        tap.same(len(lab.held()), COUNT, "all are held")
        kill_in_the_middle(tap, lab, daemon)
        ordered(tap, lab, daemon)
        arrived(tap, lab, daemon)
        recorded(tap, daemon)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
