#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A hundred reloads under load, half of them with a policy that cannot be used."""

import frankd
from lab import Lab, wait_until
from load import Load, settle
from tap import BUILD, Tap, need_root, scratch

RELOADS = 100
# What is put in front of a good policy, and what the answer must name.
BROKEN = (
    ("match path submission  owns auhtor  sign\n", "frank.conf:1:29: error:"),
    ("table <again> {{ a.test }}\ntable <again> {{ b.test }}\n", "frank.conf:2:"),
    ("key other  domain a.test  selector \"x\"  file \"keys/no-such.pem\"\n", "keys/no-such.pem"),
    ("include \"no-such.conf\"\n", "no-such.conf"),
    ("hold \"\n", "frank.conf:1:6: error:"),
)


def reload_often(daemon):
    """Good and broken by turns; [(which, exit status, answer)] of those that went wrong."""
    wrong = []
    for number in range(RELOADS):
        text, named = f"# reload {number}\n" + frankd.POLICY, ""
        if number % 2 == 1:
            broken, named = BROKEN[number // 2 % len(BROKEN)]
            text = broken + text
        daemon.write_policy(text)
        done = daemon.reload()
        said = done.stdout + done.stderr
        good = done.returncode == 0 if not named else (
            done.returncode != 0 and named in said and "stays in force" in said)
        if not good:
            wrong.append((number, done.returncode, said))
    return wrong


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        with Load(lab, workers=4) as load:
            wait_until(lambda: load.count() >= 20, "mail to flow")
            wrong = reload_often(daemon)
            before = load.count()
            wait_until(lambda: load.count() >= before + 20, "mail to flow")
        tap.same(wrong[:3], [], f"{RELOADS} reloads: the good ones succeed, the broken ones "
                 "fail and name what is wrong")
        tap.same(load.others(), {}, "not one message was turned away")
        settle(tap, daemon, lab, load.replies, f"after {RELOADS} reloads")

        daemon.write_policy(frankd.POLICY)
        tap.same(daemon.reload().returncode, 0, "a last good one is taken")
        wait_until(lambda: len(daemon.children()) == len(daemon.processes()) - 1,
                   "old key processes to end", 70)   # one of each name
        tap.ok(True, "the key processes of old generations have ended")
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
