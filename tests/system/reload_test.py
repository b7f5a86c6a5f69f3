#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A hundred reloads under load, half of them with a policy that cannot be used."""

import frankd
from lab import Lab, wait_until
from load import Load, settle
from tap import BUILD, Tap, need_root, scratch

RELOADS = 100
BROKEN = (
    "match path submission  owns auhtor  sign\n",
    "table <again> {{ a.test }}\ntable <again> {{ b.test }}\n",
    "key other  domain a.test  selector \"x\"  file \"keys/no-such.pem\"\n",
    "include \"no-such.conf\"\n",
    "hold \"\n",
)


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        wrong = []
        with Load(lab, workers=4) as load:
            wait_until(lambda: load.count() >= 20, "mail to flow")
            for number in range(RELOADS):
                broken = number % 2 == 1
                text = f"# reload {number}\n" + frankd.POLICY
                if broken:
                    text = BROKEN[number // 2 % len(BROKEN)] + text
                daemon.write_policy(text)
                done = daemon.frank("reload", check=False)
                said = done.stdout + done.stderr
                if (done.returncode != 0) != broken or (broken and "frank.conf:" not in said):
                    wrong.append((number, done.returncode, said))
            before = load.count()
            wait_until(lambda: load.count() >= before + 20, "mail to flow")
        tap.same(wrong[:3], [], f"{RELOADS} reloads: the good ones succeed, the broken ones "
                 "fail and say where")
        tap.same(load.others(), {}, "not one message was turned away")
        settle(tap, daemon, lab, load.replies, f"after {RELOADS} reloads")

        daemon.write_policy(frankd.POLICY)
        tap.same(daemon.frank("reload", check=False).returncode, 0, "a last good one is taken")
        wait_until(lambda: len(daemon.children()) == 2, "old key processes to end", 70)
        tap.ok(True, "the key processes of old generations have ended")
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
