#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Receivers that are broken in many ways: what a real Postfix logs of them is explained."""

import collections
import contextlib
import dataclasses
import json
import os
import re
import socket
import sqlite3

import frankd
from lab import Lab, LabError, queue_id, wait_until
from receivers import DROP, GARBAGE, HANG, Greylist, Receiver
from tap import BUILD, SOURCE, Tap, need_root, scratch

POLICY = 'set maillog "{lab.log}"\n' + frankd.POLICY
MESSAGES = 2   # to each receiver
LOGGED = re.compile(r": (\w+): to=<(.*?)>, .*dsn=([\d.]+), status=(sent|deferred|bounced) ")
ENCRYPTED = "250-mx.far.test\r\n250 STARTTLS"
DMARC = """\
550-5.7.26 Unauthenticated email from a.test is not accepted due to domain's\r
550-5.7.26 DMARC policy. Please contact the administrator of a.test domain if\r
550 5.7.26 this was a legitimate mail."""


@dataclasses.dataclass
class Kind:
    """What a receiver does, and what has to come of it; REPLIES None: nobody listens."""

    replies: dict
    words: list    # what becomes of a message
    code: str      # of its last attempt
    cause: str     # the entry of replies.conf of the attempt that failed
    encrypt: bool = False


PUT_OFF, REFUSED = ["arrived", "deferred"], ["arrived", "bounced", "notified"]
KINDS = {
    "plain": Kind({}, ["arrived", "sent"], "2.0.0", ""),
    "banner": Kind({"GREETING": "421 4.3.2 mx.far.test System not accepting network messages"},
                   PUT_OFF, "4.3.2", "not-accepting"),
    "grey": Kind({"RCPT": Greylist()}, ["arrived", "deferred", "sent"], "2.0.0", "greylisted"),
    "dmarc": Kind({"END": DMARC}, REFUSED, "5.7.26", "dmarc-policy"),
    "hang": Kind({"EHLO": HANG}, PUT_OFF, "4.4.2", "conversation-timed-out"),
    "silent": Kind({"GREETING": HANG}, PUT_OFF, "4.4.2", "no-greeting"),
    "away": Kind({"GREETING": DROP}, PUT_OFF, "4.4.2", "hung-up-at-once"),
    "cut": Kind({"END": DROP}, PUT_OFF, "4.4.2", "lost-connection"),
    "badtls": Kind({"EHLO": ENCRYPTED, "STARTTLS": GARBAGE}, PUT_OFF, "4.7.5", "tls-handshake",
                   encrypt=True),
    "notls": Kind({}, PUT_OFF, "4.7.4", "tls-not-offered", encrypt=True),
    "nocert": Kind({"EHLO": ENCRYPTED, "STARTTLS": "454 4.7.0 TLS not available due to local problem"},
                   PUT_OFF, "4.7.0", "tls-refused-to-start", encrypt=True),
    "closed": Kind(None, PUT_OFF, "4.4.1", "connection-refused"),
    "full": Kind({"RCPT": "452 4.2.2 The recipient's inbox is out of storage space"},
                 PUT_OFF, "4.2.2", "mailbox-full"),
    "unknown": Kind({"RCPT": "550 5.1.1 No such user here"}, REFUSED, "5.1.1", "no-such-user"),
    "small": Kind({"EHLO": "250-mx.far.test\r\n250 SIZE 100"}, REFUSED, "5.3.4", "over-their-size"),
}
WAITING = {kind.cause: MESSAGES for kind in KINDS.values() if kind.words == PUT_OFF}


def message(mark):
    return (f"From: alice@a.test\r\nTo: undisclosed-recipients:;\r\nSubject: {mark}\r\n"
            "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{mark}@a.test>\r\n\r\nHello\r\n").encode()


class World:
    """The receivers, the frankd that follows the log, and the messages by their kind."""

    def __init__(self, lab, ports):
        self.lab = lab
        self.route(ports)
        self.daemon = frankd.Frankd(lab, BUILD, POLICY)
        self.daemon.key_new("a.test", "rsa26", "rsa2048")
        self.daemon.start()
        wait_until(lambda: "following" in self.daemon.log(), "the follower")
        self.ids = {name: [self.send(name, seq) for seq in range(MESSAGES)] for name in KINDS}

    def route(self, ports):
        table = " ".join(f"{{ {name}.test = smtp:[127.0.0.1]:{port} }}" for name, port in ports.items())
        tls = " ".join(f"{{ [127.0.0.1]:{port} = encrypt }}" for name, port in ports.items()
                       if KINDS[name].encrypt)
        # What was tried stays as it is until the test asks for another attempt.
        self.lab.set(transport_maps=f"inline:{{ {table} }}", smtp_tls_policy_maps=f"inline:{{ {tls} }}",
                     smtp_helo_timeout="1s", smtp_starttls_timeout="5s", queue_run_delay="1h",
                     minimal_backoff_time="1h", maximal_backoff_time="2h")

    def send(self, name, seq):
        code, reply = self.lab.send(message(f"{name}{seq}"), "alice@a.test", [f"r{seq}@{name}.test"],
                                    user="alice@a.test")
        if code != 250:
            raise AssertionError(f"{name}: {code} {reply}")
        return queue_id(reply)

    def journal(self):
        """(queue id, recipient, code, what) of each outcome, in their order."""
        found = []
        for day in sorted((self.daemon.base / "state").glob("journal-*.db")):
            with contextlib.closing(sqlite3.connect(f"file:{day}?mode=ro", uri=True)) as db:
                found += db.execute("SELECT queue_id, recipient, dsn, what FROM outcome"
                                    " ORDER BY id").fetchall()
        return found

    def words(self, id_):
        return [row[3] for row in self.journal() if row[0] == id_]

    def deliveries_logged(self):
        return collections.Counter(LOGGED.findall(self.lab.log.read_text()))

    def deliveries_kept(self):
        return collections.Counter(row for row in self.journal()
                                   if row[3] in ("sent", "deferred", "bounced"))

    def tried_again(self, id_):
        """What was logged may not be back in the deferred queue yet: then it is asked once more."""
        words = self.words(id_)
        if "deferred" in words and "sent" not in words:
            self.lab.command("postqueue", "-i", id_)
        return "sent" in words

    def wait(self):
        """Each is tried; what is on a greylist, twice."""
        for id_ in self.ids["grey"]:
            wait_until(lambda at=id_: self.tried_again(at), f"the second attempt at {id_}")
        for name, kind in KINDS.items():
            for id_ in self.ids[name]:
                wait_until(lambda at=id_, end=kind.words[-1]: end in self.words(at),
                           f"'{kind.words[-1]}' of {name}")
        with contextlib.suppress(LabError):
            wait_until(lambda: self.deliveries_kept() == self.deliveries_logged(), "the rest", 5)

    def json(self, *arguments):
        return [json.loads(line) for line in self.daemon.frank(*arguments, "--json").splitlines()]


def explained(tap, world, name, kind):
    """What frank explain says of a message, to programs and to people."""
    id_ = world.ids[name][0]
    after = [row for row in world.json("explain", id_)[0]["frank.after"]
             if row["event.action"] in ("sent", "deferred", "bounced")]
    last, failed = after[-1], [row for row in after if row["event.action"] != "sent"]
    text = world.daemon.frank("explain", id_)
    outcome = [word for word in kind.words if word != "notified"][-1]
    tap.same((last["event.action"], last["frank.dsn"]), (outcome, kind.code),
             f"{name}: the end of it")
    tap.same([row.get("frank.reply") for row in failed], [kind.cause] if kind.cause else [],
             f"{name}: why")
    lines = re.findall(r"^ +\S+ \S+Z  (sent|deferred|bounced) ([\d.]+)", text, re.M)
    tap.ok(lines[-1] == (outcome, kind.code), f"{name}: so it stands there for people", text)
    # Of what was delivered in the end, the words before it need no explanation.
    tap.same(re.findall(r"\(([a-z-]+)\)$", text, re.M), [] if outcome == "sent" else [kind.cause],
             f"{name}: with the entry of replies.conf")


def counted(tap, world):
    by_domain = {row["frank.group"]: (row["frank.sent"], row["frank.deferred"], row["frank.bounced"],
                                      row["frank.waiting"])
                 for row in world.json("deliveries", "--by", "domain")}
    by_domain.pop("a.test")   # the notices
    tap.same(by_domain, {f"{name}.test": tuple(
        MESSAGES * (word in kind.words) for word in ("sent", "deferred", "bounced"))
        + (MESSAGES * (kind.words == PUT_OFF),) for name, kind in KINDS.items()},
        "deliveries by domain")
    want = collections.Counter()
    for kind in KINDS.values():
        want[kind.cause] += MESSAGES * bool(kind.cause)
    rows = collections.Counter()
    for row in world.json("deliveries", "--by", "code"):
        rows[row.get("frank.reply", "")] += row["frank.deferred"] + row["frank.bounced"]
    tap.same(+rows, +want, "deliveries by code have them under their cause")
    queue = world.json("queue", "--by", "cause", "--postfix-config", str(world.lab.etc))
    tap.same({row["frank.reply"]: row["frank.messages"] for row in queue}, WAITING,
             "and the queue under the same one")


def main():
    need_root()
    os.environ.setdefault("FRANK_REPLIES", str(SOURCE / "contrib" / "replies.conf"))
    tap = Tap()
    with contextlib.ExitStack() as stack:
        ports = {}
        for name, kind in KINDS.items():
            if kind.replies is None:
                # Bound, so that nobody else gets it, and nobody listens.
                closed = stack.enter_context(socket.socket())
                closed.bind(("127.0.0.1", 0))
                ports[name] = closed.getsockname()[1]
            else:
                receiver = Receiver(kind.replies)
                stack.callback(receiver.stop)
                ports[name] = receiver.port
        lab = stack.enter_context(Lab(stack.enter_context(scratch())))
        world = World(lab, ports)
        world.wait()
        tap.same(world.deliveries_kept(), world.deliveries_logged(),
                 "each delivery of the log is in the journal, and once")
        for name, kind in KINDS.items():
            tap.same([world.words(id_) for id_ in world.ids[name]], [kind.words] * MESSAGES,
                     f"{name}: what became of its messages")
            explained(tap, world, name, kind)
        counted(tap, world)
        if tap.failed:
            tap.note(lab.log.read_text()[-6000:])
    tap.done()


if __name__ == "__main__":
    main()
