#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""An incident: a burst is held, one notice goes out, mail already on its way is swept."""

import contextlib
import json
import re

import frankd
from lab import Lab, queue_id, transact, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = """\
table <ours>    {{ a.test, b.test }}
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"
set helo        mail.a.test
set notify-to   admin@a.test
set notify-smtp 127.0.0.1:{lab.smtp}
set notify-command "{base}/notified"

keys "keys"
meter sent  count messages  per origin  within 1h

match path submission  owns author    sign
match path relay       author <ours>  sign

accept path inbound
hold   sent > 30       label "too much"  notify
accept
"""

COMMAND = """\
#!/bin/sh
cat >>"{base}/state/notified.json"
"""

BURST = 300
THRESHOLD = 30


def message(seq, user):
    return (f"From: {user}\r\nTo: undisclosed-recipients:;\r\nSubject: {seq}\r\n"
            "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{seq}@a.test>\r\nX-Seq: {seq}\r\n\r\nHello\r\n").encode()


class Senders:
    """Sessions that stay open, so that a burst is one."""

    def __init__(self, lab, stack):
        self.lab, self.stack, self.clients = lab, stack, {}

    def send(self, user, seq, rcpt="r@far.test"):
        if user not in self.clients:
            self.clients[user] = self.stack.enter_context(
                contextlib.closing(self.lab.connect(user=user)))
        code, reply = transact(self.clients[user], message(seq, user), user, [rcpt])
        if code != 250:
            raise AssertionError(f"{seq}: {code} {reply}")
        return queue_id(reply)


def notices(lab):
    return [mail for mail in lab.delivered() if "X-Seq" not in mail.raw.decode()
            and mail.field("Auto-Submitted") == "auto-generated"]


def incidents(daemon, *options):
    return [json.loads(line)
            for line in daemon.frank("incident", "list", *options, "--json").splitlines()]


def burst(tap, lab, daemon, senders):
    """300 messages of one login, others between them."""
    others = [senders.send("bob@b.test", f"bob{number}") for number in range(10)]
    ids = [senders.send("alice@a.test", f"burst{number}") for number in range(BURST)]
    others += [senders.send("bob@b.test", f"bob{number}") for number in range(10, 20)]
    held = {entry["queue_id"] for entry in lab.held()}
    tap.same([number for number, one in enumerate(ids) if one in held],
             list(range(THRESHOLD, BURST)), "the burst is held from the threshold on")
    tap.ok(not held & set(others), "mail of others is not")
    lab.wait_delivered()
    wait_until(lambda: notices(lab), "a notice", 15)
    return ids


def one_notice(tap, lab, daemon, ids):
    # It would have been sent by now, if there were another.
    status = wait_until(lambda: json.loads(daemon.frank("status", "--json")), "status")
    mails = notices(lab)
    tap.same((len(mails), status["notices.sent"], status["notices.waiting"]), (1, 1, 0),
             "exactly one notice is sent")
    mail = mails[0]
    tap.same(mail.rcpts, ["admin@a.test"], "to whom the policy says")
    tap.same(mail.sender, "postmaster@a.test", "from the postmaster of a domain with a key")
    tap.same(mail.fields("X-Frank-Notice"), [], "our own field is taken out")
    tap.same(daemon.verify(mail), [("a.test", "rsa26", "rsa-sha256", True)],
             "it is signed, and the signature verifies")
    tap.ok(re.fullmatch(r"frank: \d+ messages? of alice@a\.test held: too much",
                        mail.field("Subject")), "its subject says what", mail.field("Subject"))
    text = mail.raw.decode().partition("\r\n\r\n")[2]
    wanted = ["alice@a.test", "far.test", "too much", ids[THRESHOLD], "sent was 31",
              "frank incident show 1", "frank incident sweep 1", "frank incident close 1"]
    tap.ok(all(one in text for one in wanted), "and its text whom, where to, why and what to do",
           text)
    told = (daemon.base / "state" / "notified.json").read_text().splitlines()
    tap.same([json.loads(line)["event.action"] for line in told], ["incident-opened"],
             "notify-command was run once, with JSON")
    log = daemon.log()
    tap.ok("incident 1 opened:" in log, "the log says it", log[-2000:])


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab, contextlib.ExitStack() as stack:
        lab.set(mynetworks="127.0.0.0/8")
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        command = daemon.base / "notified"
        command.write_text(COMMAND.format(base=daemon.base))
        command.chmod(0o755)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        senders = Senders(lab, stack)
        ids = burst(tap, lab, daemon, senders)
        one_notice(tap, lab, daemon, ids)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
