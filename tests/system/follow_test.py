#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""What became of messages: from Postfix's log into the journal, each outcome once."""

import contextlib
import gzip
import re
import sqlite3
import subprocess

import frankd
from lab import Lab, LabError, free_ports, port_answers, queue_id, wait_until
from tap import BUILD, Tap, need_root, scratch

# Postfix writes its log in the zone of the system, whatever the rules are in.
POLICY = 'set maillog "{lab.log}"\nset timezone "Pacific/Kiritimati"\n' + frankd.POLICY
BOUNCES = POLICY.replace("hold   rcpts > 3", """\
meter back  count bounces  per user  within 1h
hold   back > 2                           label "old list"
hold   rcpts > 3""")
PILE = 300000   # lines
MESSAGE = """\
From: alice@a.test\r
To: undisclosed-recipients:;\r
Subject: one of many\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <{mark}@a.test>\r
X-Seq: {mark}\r
\r
Dear all,\r
"""


class Follow:
    """A lab, a frankd that follows its log, and what the journal has of it."""

    def __init__(self, tap, lab):
        self.tap, self.lab = tap, lab
        self.daemon = frankd.Frankd(lab, BUILD, policy=POLICY)
        self.daemon.key_new("a.test", "rsa26", "rsa2048")
        self.daemon.start()
        wait_until(lambda: "following" in self.daemon.log(), "the follower")

    def send(self, mark, rcpts=("x@far.test",)):
        _, reply = self.lab.send(MESSAGE.format(mark=mark).encode(), "alice@a.test", list(rcpts),
                                 user="alice@a.test")
        return queue_id(reply)

    def outcomes(self, queue_id_=None):
        """(what, recipient, dsn, text) in their order."""
        found = []
        for day in sorted((self.daemon.base / "state").glob("journal-*.db")):
            with contextlib.closing(sqlite3.connect(f"file:{day}?mode=ro", uri=True)) as db:
                found += db.execute(
                    "SELECT what, recipient, dsn, text FROM outcome"
                    " WHERE ?1 IS NULL OR queue_id = ?1 ORDER BY id", (queue_id_,)).fetchall()
        return found

    def column(self, name, condition):
        """NAME of the outcomes for which CONDITION holds."""
        found = []
        for day in sorted((self.daemon.base / "state").glob("journal-*.db")):
            with contextlib.closing(sqlite3.connect(f"file:{day}?mode=ro", uri=True)) as db:
                found += [row[0] for row in
                          db.execute(f"SELECT {name} FROM outcome WHERE {condition} ORDER BY id")]
        return found

    def words(self, message):
        return [row[0] for row in self.outcomes(message)]

    def wait(self, message, word):
        wait_until(lambda: word in self.words(message), f"'{word}' of {message}")

    def deliveries_in_log(self):
        """How many lines of this kind the log and what it was rotated to have."""
        files = self.lab.log.parent.glob("mail.log*")
        return sum((gzip.open(path, "rt") if path.suffix == ".gz" else path.open()).read()
                   .count("status=sent (250") for path in files)

    def pile(self):
        count = 0
        for day in (self.daemon.base / "state").glob("journal-*.db"):
            with contextlib.closing(sqlite3.connect(f"file:{day}?mode=ro", uri=True)) as db:
                count += db.execute("SELECT count(*) FROM outcome WHERE"
                                    " queue_id LIKE '4jXpile%'").fetchone()[0]
        return count

    def deliveries_kept(self):
        return sum(row[0] == "sent" for row in self.outcomes())


def one_message(follow, tap):
    sent = follow.send("sent")
    follow.wait(sent, "sent")
    tap.same(follow.words(sent), ["arrived", "sent"], "a message arrives and is sent")
    row = follow.outcomes(sent)[1]
    tap.ok(row[1] == "x@far.test" and row[2].startswith("2.") and "250" in row[3],
           "with its recipient, code and the server's words", row)

    refused = follow.send("refused", ["y@refuses.test"])
    follow.wait(refused, "notified")
    tap.same(follow.words(refused), ["arrived", "bounced", "notified"],
             "a message that is refused bounces, and its sender is notified")

    held = follow.send("held", [f"r{n}@far.test" for n in range(4)])
    follow.wait(held, "held")
    follow.daemon.frank("hold", "release", "--postfix-config", follow.lab.etc, held, "--yes",
                        "--reason", "asked her")
    follow.wait(held, "sent")
    wait_until(lambda: follow.words(held).count("sent") == 4, "all four recipients")
    tap.same(follow.words(held)[:3], ["arrived", "held", "released"],
             "a message that is held, and what comes after its release")


def not_led_astray(follow, tap):
    """What a client says, or what sendmail(1) is given, that looks like a line's other fields."""
    client = follow.lab.connect(user="alice@a.test")
    client.docmd('MAIL FROM:<alice@a.test> AUTH="x, sasl_username=bob@b.test, "')
    client.docmd("RCPT TO:<x@far.test>")
    message = queue_id(client.data(MESSAGE.format(mark="auth").encode())[1].decode())
    client.close()
    follow.wait(message, "sent")
    tap.same(follow.column("user", f"queue_id = '{message}' AND what = 'arrived'"),
             ["alice@a.test"], "AUTH= of MAIL FROM is no login")

    follow.lab.command("sendmail", "-f", "alice@a.test", "--",
                       'a@"x>, relay=none, delay=0, dsn=2.0.0, status=sent (ok"',
                       text=MESSAGE.format(mark="malformed").replace("\r", "").encode())
    wait_until(lambda: "bad address syntax" in follow.lab.log.read_text(), "its bounce")
    follow.wait(follow.send("after it"), "sent")
    tap.same(follow.column("what", "relay = 'none'"), ["bounced"],
             "an address cannot say that it was delivered to")


def rotate(lab):
    """As logrotate(8) does."""
    number = len(list(lab.log.parent.glob("mail.log.*"))) + 1
    lab.log.rename(lab.log.with_name(f"mail.log.{number}"))
    lab.postfix("reload")


def rotate_as_postfix_does(lab):
    """It packs what it has renamed at once."""
    lab.postfix("logrotate")
    wait_until(lambda: list(lab.log.parent.glob("mail.log.*.gz")), "a packed log")


def copy_and_cut(lab):
    number = len(list(lab.log.parent.glob("mail.log.*"))) + 1
    subprocess.run(["cp", lab.log, lab.log.with_name(f"mail.log.{number}")], check=True)
    with lab.log.open("r+") as file:
        file.truncate(0)


def through_everything(follow, tap):
    """Rotations, copies, deaths of the follower, of the writer and of all of frankd."""
    for step, (name, disturb) in enumerate((
            ("a log that is renamed", lambda: rotate(follow.lab)),
            ("Postfix's own rotation", lambda: rotate_as_postfix_does(follow.lab)),
            ("kill -9 of the follower", lambda: follow.daemon.kill("follow")),
            ("a log that is copied and cut", lambda: copy_and_cut(follow.lab)),
            ("kill -9 of the writer", lambda: follow.daemon.kill("milter")),
            ("a rotation while the follower is dead", lambda: (
                follow.daemon.kill("follow"), rotate(follow.lab))),
            ("kill -9 of the supervisor", lambda: follow.daemon.kill("supervisor")))):
        for number in range(20):
            follow.send(f"step{step}.{number}", [f"z{n}@far.test" for n in range(3)])
            if number == 10:
                disturb()
        follow.lab.wait_delivered()
        with contextlib.suppress(Exception):
            wait_until(lambda: follow.deliveries_kept() >= follow.deliveries_in_log(), "all", 20)
        tap.same(follow.deliveries_kept(), follow.deliveries_in_log(),
                 f"each delivery is there once after {name}")


def while_down(follow, tap):
    """What happens while frankd is down is read when it is back."""
    follow.lab.set(smtpd_milters="", non_smtpd_milters="")
    follow.daemon.stop()
    message = follow.send("while down")
    follow.lab.wait_delivered()
    rotate(follow.lab)
    follow.daemon.start()
    follow.wait(message, "sent")
    tap.same(follow.deliveries_kept(), follow.deliveries_in_log(),
             "what was logged while frankd was down is read afterwards")


def a_long_log(follow, tap):
    """What has piled up is read at full speed: then a death always hits a batch."""
    with follow.lab.log.open("a") as log:
        for number in range(PILE):
            log.write(f"Nov 30 10:00:00 mx postfix/smtp[1]: 4jXpile{number:08d}: "
                      "to=<bob@far.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, "
                      "status=deferred (connect to mx.far.test[192.0.2.1]:25: timed out)\n")
    for number in range(8):
        reached = follow.pile()
        follow.daemon.kill("milter" if number % 3 == 2 else "follow")
        wait_until(lambda at=reached: follow.pile() > at or at == PILE, "more of it")
    with contextlib.suppress(LabError):
        wait_until(lambda: follow.pile() >= PILE, "all of it", 30)
    tap.same(follow.pile(), PILE, "each line of a long log is there once after eight deaths")


def counts_bounces(follow, tap):
    """A login whose mail comes back."""
    (port,) = free_ports(1)
    follow.lab.spawn(["smtp-sink", "-u", "nobody", "-f", "RCPT", "-B", "550 5.1.1 No such user",
                      f"127.0.0.1:{port}", "100"], "unknown.out")
    wait_until(lambda: port_answers(port), "a server that knows nobody")
    follow.lab.set(smtpd_milters="unix:frank/milter.sock", non_smtpd_milters="$smtpd_milters",
                   transport_maps=f"inline:{{ {{ nobody.test = smtp:[127.0.0.1]:{port} }} }}")
    follow.daemon.write_policy(BOUNCES)
    follow.daemon.reload()
    readings = []
    for number in range(4):
        message = follow.send(f"back{number}", [f"u{number}@nobody.test"])
        if follow.daemon.explain(message).splitlines()[0].split()[3] == "hold":
            readings.append("held")
            break
        follow.wait(message, "bounced")
        wait_until(lambda n=number: re.search(rf"now +{n + 1} ", follow.daemon.frank(
            "meter", "alice@a.test", check=False).stdout), f"bounce {number + 1} to be counted")
        readings.append("accepted")
    tap.same(readings, ["accepted"] * 3 + ["held"], "three bounces are counted, the fourth message "
             "is held")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        follow = Follow(tap, lab)
        one_message(follow, tap)
        not_led_astray(follow, tap)
        through_everything(follow, tap)
        while_down(follow, tap)
        counts_bounces(follow, tap)
        a_long_log(follow, tap)
        tap.ok("gap" not in follow.daemon.frank("status"), "nothing was missed",
               follow.daemon.frank("status"))
        if tap.failed:
            tap.note(follow.daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
