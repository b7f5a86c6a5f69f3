#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A burst from one login is held from the threshold on while others flow; kill -9 forgets no more
than some seconds; who is exempt is not measured; frank top and frank meter show it all."""

import json
import re
import time

import frankd
from lab import Lab, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = frankd.POLICY.replace("hold   rcpts > 3                          label \"many recipients\"", """\
hold   sent > 30   label "too much"
hold   crowd > 5   label "crowd"
""").replace("keys \"keys\"", """\
keys "keys"
meter sent   count recipients  per origin   within 1h   floor 20
meter crowd  count users       per network  within 1h
""")
MESSAGE = b"""\
From: %s\r
To: undisclosed-recipients:;\r
Subject: hello\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <%d.%s>\r
\r
Dear you,\r
"""
SERIAL = [0]


def send(lab, user, rcpts=1):
    SERIAL[0] += 1
    code, reply = lab.send(MESSAGE % (user.encode(), SERIAL[0], user.encode()), user,
                           [f"r{number}@far.test" for number in range(rcpts)], user=user)
    if code != 250:
        raise AssertionError(f"{user}: {code} {reply}")


def verdicts(daemon, user):
    """How many of USER's messages were accepted and held, by the journal."""
    lines = daemon.frank("log", "--json", "--user", user).splitlines()
    got = [json.loads(line)["event.action"] for line in lines]
    return got.count("accept"), got.count("hold")


def seen(daemon, name):
    """Readings by meter, as frank meter has them."""
    lines = daemon.frank("meter", name, "--json").splitlines()
    return {line["meter"]: line["reading"] for line in map(json.loads, lines)
            if "meter" in line}


def test_burst(tap, lab, daemon):
    for number in range(60):
        send(lab, "alice@a.test")
        if number % 10 == 0:
            send(lab, "bob@b.test")
    wait_until(lambda: sum(verdicts(daemon, "alice@a.test")) == 60, "60 records", 10)
    tap.same(verdicts(daemon, "alice@a.test"), (30, 30),
             "a burst is held from the threshold on")
    tap.same(verdicts(daemon, "bob@b.test"), (6, 0), "and others flow")
    top = daemon.frank("top", "--once")
    tap.ok(re.search(r"sent: recipients per origin within 1h\n +60  usual not known .* alice@a.test\n"
                     r" +6 .* bob@b.test\n", top) is not None, "frank top shows both", top)
    tap.same(seen(daemon, "alice@a.test"), {"sent": 60}, "frank meter has the reading")
    shown = daemon.frank("meter", "alice@a.test")
    tap.ok("sent: recipients per origin within 1h" in shown and "not known" in shown
           and max(map(len, shown.splitlines())) <= 80, "for people, too", shown)
    none = daemon.frank("meter", "nobody@a.test", check=False)
    tap.ok(none.returncode == 1 and "no meter knows" in none.stderr, "of nobody it says so",
           none.stderr)


def test_kill(tap, lab, daemon):
    send(lab, "bob@b.test")
    charged = time.time()
    snapshot = daemon.base / "state" / "meters.snap"
    wait_until(lambda: snapshot.exists() and snapshot.stat().st_mtime > charged,
               "a snapshot with all of it", 10)
    daemon.kill("milter")
    wait_until(lambda: daemon.frank("status", check=False).returncode == 0, "frankd again", 10)
    tap.same((seen(daemon, "alice@a.test"), seen(daemon, "bob@b.test")),
             ({"sent": 60}, {"sent": 7}), "kill -9 forgets nothing that was written down")
    tap.ok("meters taken up as they stood" in daemon.log(), "and the log says so")
    send(lab, "alice@a.test")
    wait_until(lambda: sum(verdicts(daemon, "alice@a.test")) == 61, "a record", 10)
    tap.same(verdicts(daemon, "alice@a.test"), (30, 31), "so the burst is still held")


def test_exempt(tap, lab, daemon):
    said = daemon.frank("meter", "exempt", "alice@a.test", "--for", "1h")
    tap.ok(said.startswith("exempt: alice@a.test until 20"), "exempt, and until when", said)
    send(lab, "alice@a.test")
    wait_until(lambda: sum(verdicts(daemon, "alice@a.test")) == 62, "a record", 10)
    tap.same(verdicts(daemon, "alice@a.test"), (31, 31), "she is not measured now")
    tap.ok("alice@a.test is exempt until" in daemon.frank("meter"), "frank meter lists it")
    status = daemon.frank("status")
    tap.ok("1 exempt" in status, "and status", status)
    daemon.frank("meter", "exempt", "alice@a.test", "--end")
    daemon.frank("meter", "reset", "alice@a.test")
    tap.same(seen(daemon, "alice@a.test"), {"sent": 0}, "reset empties")
    def changes():
        return [(what, text.split(" until ")[0]) for what, who, text in daemon.actions()
                if what.startswith("meter")]
    wait_until(lambda: len(changes()) == 3, "the actions", 5)
    tap.same(changes(),
             [("meter exempt", "alice@a.test"), ("meter exempt", "alice@a.test no longer"),
              ("meter reset", "alice@a.test in 1 meter")], "the journal has who did what")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD, policy=POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        test_burst(tap, lab, daemon)
        test_kill(tap, lab, daemon)
        test_exempt(tap, lab, daemon)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
