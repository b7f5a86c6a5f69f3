#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Each process of frankd is killed under load while messages stand at every stage."""

import contextlib
import os
import signal

import frankd
from lab import Lab, wait_until
from load import Load, Standing, settle
from tap import BUILD, Tap, need_root, scratch

ROUNDS = 3
STAGES = ("mail", "data", "body", "end")
VICTIMS = ("keys", "milter", "supervisor")


def strike(lab, daemon, load, victim, mark):
    """Kill VICTIM while messages stand at each stage and others are at their end."""
    before = load.count()
    wait_until(lambda: load.count() >= before + 20, "mail to flow")
    standing = [Standing(lab, stage, f"{mark}-{stage}-{number}")
                for stage in STAGES for number in range(2)]
    # While a process is stopped, whatever is at its end of message stays there.
    stopped = daemon.processes()["milter" if victim == "milter" else "keys"]
    os.kill(stopped, signal.SIGSTOP)
    for one in standing:
        if one.stage == "end":
            one.end()
    daemon.kill(victim)
    with contextlib.suppress(ProcessLookupError):
        os.kill(stopped, signal.SIGCONT)
    for one in standing:
        load.replies[one.seq] = one.finish()
    after = load.count()
    wait_until(lambda: load.count() >= after + 20, f"mail to flow after {victim} was killed", 30)
    return [load.replies[one.seq] for one in standing]


def strike_receiver(daemon, load, number):
    """Killed or stopped, it costs an opinion: not one message may notice."""
    before = load.count()
    wait_until(lambda: load.count() >= before + 20, "mail to flow")
    receiver = daemon.processes()["receiver"]
    os.kill(receiver, number)
    after = load.count()
    wait_until(lambda: load.count() >= after + 60, "mail to flow without a receiver", 30)
    with contextlib.suppress(ProcessLookupError):
        os.kill(receiver, signal.SIGKILL)
    wait_until(lambda: daemon.processes().get("receiver", receiver) != receiver,
               "the receiver to be replaced")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        with Load(lab) as load:
            for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL):
                strike_receiver(daemon, load, number)
            refused = {code for code in load.others() if code}     # None: still under way
            tap.same(refused, set(), "the receiver killed and stopped: no message noticed")
            for victim in VICTIMS:
                codes = []
                for number in range(ROUNDS):
                    codes += strike(lab, daemon, load, victim, f"{victim}{number}")
                tap.ok(set(codes) <= {250, 451}, f"{victim} killed {ROUNDS} times: "
                       "standing messages are answered 250 or 451", codes)
                tap.note(f"standing messages: {codes.count(250)} accepted, "
                         f"{codes.count(451)} deferred")
        tap.ok(set(load.others()) <= {451}, "under load, too", load.others())
        tap.note(f"under load: {load.count()} accepted, others {load.others()}")
        settle(tap, daemon, lab, load.replies, "after nine kills")
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
