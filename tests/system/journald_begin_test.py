#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""The first start with journald: what is logged from then on is kept, also when the follower
dies before it has seen any of it."""

import os
import pathlib
import signal

from journald_test import JOURNALD, Journald, Kept, sent
from lab import Lab, wait_until
from tap import Tap, in_own_mounts, need_root, scratch


def is_dead(process):
    """Its parent does not run, so it is still there, as a zombie."""
    return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def main():
    need_root()
    if not JOURNALD.exists():
        raise SystemExit(f"{JOURNALD} is missing: package systemd")
    in_own_mounts()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        journald = Journald(lab)
        journald.start()
        journald.log([sent(0)])
        kept = Kept(tap, lab)
        supervisor = kept.daemon.child
        follower = kept.daemon.processes()["follow"]
        supervisor.send_signal(signal.SIGSTOP)
        os.kill(follower, signal.SIGKILL)
        wait_until(lambda: is_dead(follower), "the end of the follower")
        journald.log([sent(number) for number in range(1, 21)])
        supervisor.send_signal(signal.SIGCONT)
        kept.expect(20, "what was logged while it was dead is read by its successor")
        tap.ok("gap" not in kept.daemon.frank("status"), "nothing is missing",
               kept.daemon.frank("status"))
        if tap.failed:
            tap.note(kept.daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
