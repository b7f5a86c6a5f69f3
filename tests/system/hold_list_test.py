#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank hold list and show: what waits on hold, and nothing in a message speaks to the terminal."""

import contextlib
import json
import os
import re
import subprocess
import time

import frankd
from lab import Lab, queue_id, transact, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = """\
table <ours>    {{ a.test, b.test }}
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"
set helo        mail.a.test
set trusted     {{ 192.0.2.0/24 }}

keys "keys"
meter sent  count messages  per origin  within 1h

match path submission  owns author    sign
match path relay       author <ours>  sign

accept path inbound
hold   sent > 2           label "account takeover?"
hold   rcpts > 3          label "many recipients"
hold   path relay         label "relayed"
accept
"""

MANY = [f"r{number}@far.test" for number in range(3)] + ["s@Other.test", "t@other.test"]


def message(seq, user="alice@a.test"):
    return (f"From: {user}\r\nTo: undisclosed-recipients:;\r\nSubject: {seq}\r\n"
            "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{seq}@a.test>\r\nX-Seq: {seq}\r\n\r\nHello\r\n").encode()


def sent(lab, seq, user, rcpts=("r@far.test",), **how):
    code, reply = lab.send(message(seq, user), user, list(rcpts), **(how or {"user": user}))
    if code != 250:
        raise AssertionError(f"{seq}: {code} {reply}")
    return queue_id(reply)


class Hold:
    """frank hold beside this Postfix."""

    def __init__(self, lab, daemon):
        self.lab, self.daemon = lab, daemon

    def run(self, *arguments):
        return self.daemon.frank("hold", *arguments, "--postfix-config", self.lab.etc, check=False)

    def list(self, *arguments):
        done = self.run("list", *arguments)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done}")
        return done.stdout

    def json(self, *arguments):
        return [json.loads(line) for line in self.list(*arguments, "--json").splitlines()]

    def ids(self, *arguments):
        return [one["email.local_id"] for one in self.json(*arguments)]


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        hold = Hold(lab, daemon)
        print(hold.list())
        many = sent(lab, "many", "bob@b.test", MANY)
        for n in range(5):
            sent(lab, f"take{n}", "alice@a.test")
        sent(lab, "relay", "x@a.test", address="192.0.2.77")
        time.sleep(2)
        print(hold.list())
        print(hold.list("-v"))
        for by in ("label", "user", "domain", "incident"):
            print(hold.list("--by", by))
        print(hold.list("--json"))
    tap.done()


if __name__ == "__main__":
    main()
