#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A held message: in Postfix's hold queue, explained, released with its signature intact."""

import frankd
from lab import Lab, queue_id
from tap import BUILD, Tap, need_root, scratch

MESSAGE = b"""\
From: alice@a.test\r
To: undisclosed-recipients:;\r
Subject: to many\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <held@a.test>\r
X-Seq: held\r
\r
Dear all,\r
"""
MANY = [f"r{number}@far.test" for number in range(4)]


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()

        code, reply = lab.send(MESSAGE, "alice@a.test", MANY, user="alice@a.test")
        tap.same(code, 250, "the client of a held message is told 250")
        held = lab.held()
        tap.same([entry["queue_id"] for entry in held], [queue_id(reply)],
                 "it is in the hold queue, and nothing else is")
        tap.same(sorted(r["address"] for entry in held for r in entry["recipients"]), MANY,
                 "with all its recipients")

        explained = daemon.explain(queue_id(reply))
        tap.ok("many recipients" in explained and "hold" in explained.splitlines()[0],
               "explain knows it under this id and says why", explained)
        logged = daemon.frank("log", "--verdict", "hold")
        tap.ok(queue_id(reply) in logged, "log --verdict hold lists it", logged)

        lab.command("postqueue", "-f")
        lab.command("postqueue", "-i", queue_id(reply))
        tap.same([entry["queue_id"] for entry in lab.held()], [queue_id(reply)],
                 "flushing the queue does not release it")
        tap.same(lab.delivered_as("held"), [], "nothing of it has left")

        said = lab.command("postsuper", "-H", "-", text=queue_id(reply).encode() + b"\n")
        tap.ok("released from hold" in said or "Released from hold" in said,
               "postsuper -H releases it", said)
        lab.command("postqueue", "-i", queue_id(reply))
        mail = lab.wait_mail("held")
        lab.wait_delivered()
        rcpts = sorted(r for one in lab.delivered_as("held") for r in one.rcpts)
        tap.same(rcpts, MANY, "every recipient gets it once")
        tap.same(daemon.verify(mail), [("a.test", "rsa26", "rsa-sha256", True)],
                 "the signature made before the hold verifies after it")
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
