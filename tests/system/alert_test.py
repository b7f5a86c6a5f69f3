#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Mail that waits on hold for too long, and a queue that is too long: told once, also when
frankd is started again meanwhile, and when it is over."""

import json
import re
import time

import frankd
from lab import Lab, queue_id, wait_until
from tap import BUILD, Tap, need_root, scratch

SETTINGS = """\
set notify-to   admin@a.test
set notify-smtp 127.0.0.1:{lab.smtp}
set notify-command "{base}/notified"
set hold-alert  10m
set queue-alert-count 3
"""
POLICY = SETTINGS + frankd.POLICY
COMMAND = """\
#!/bin/sh
cat >>"{base}/state/notified.json"
"""
MESSAGE = ("From: alice@a.test\r\nTo: undisclosed-recipients:;\r\nSubject: {mark}\r\n"
           "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{mark}@a.test>\r\n"
           "X-Seq: {mark}\r\n\r\nHello\r\n")
MANY = [f"r{number}@far.test" for number in range(4)]


def send(lab, mark, rcpts):
    _, reply = lab.send(MESSAGE.format(mark=mark).encode(), "alice@a.test", rcpts,
                        user="alice@a.test")
    return queue_id(reply)


def make_older(lab, message, seconds):
    """Postfix has the arrival time in the queue file, as text."""
    path = next(lab.queue.glob(f"hold/**/{message}"))
    content = path.read_bytes()
    now = int(time.time())
    for second in range(now, now - 60, -1):
        if str(second).encode() in content:
            with path.open("r+b") as file:
                file.write(content.replace(str(second).encode(),
                                           str(second - seconds).encode(), 1))
            return
    raise AssertionError("no arrival time in the queue file")


class Alerts:
    def __init__(self, lab, daemon):
        self.lab, self.daemon = lab, daemon

    def start(self):
        self.daemon.start(under=("env", f"MAIL_CONFIG={self.lab.etc}"))

    def look(self):
        """A new follower counts at once."""
        before = self.counted()
        self.daemon.kill("follow")
        wait_until(lambda: self.counted() != before, "another count")

    def counted(self):
        return re.findall(r"^queue .* at (.*)$", self.daemon.frank("status"), re.M)

    def actions(self):
        return [text for what, _, text in self.daemon.actions() if what == "alert"]

    def mails(self):
        return [mail for mail in self.lab.delivered()
                if mail.field("Auto-Submitted") == "auto-generated"]

    def commands(self):
        path = self.daemon.base / "state" / "notified.json"
        return [json.loads(line) for line in path.read_text().splitlines()] \
            if path.exists() else []


def hold_alert(tap, alerts):
    lab, daemon = alerts.lab, alerts.daemon
    held = send(lab, "held", MANY)
    alerts.look()
    tap.same(alerts.actions(), [], "mail that has just been held is no news")
    make_older(lab, held, 700)
    alerts.look()
    wait_until(lambda: alerts.mails() and alerts.commands(), "a notice")
    tap.ok(len(alerts.actions()) == 1 and
           re.fullmatch(r"hold-alert: 1 message waits on hold, the oldest for \d+\w",
                        alerts.actions()[0]),
           "mail that waits for longer than hold-alert is in the journal", alerts.actions())
    tap.ok("hold-alert: 1 message waits on hold" in daemon.log(), "and in the log")
    mail = alerts.mails()[0]
    tap.ok(mail.rcpts == ["admin@a.test"] and
           "frank: 1 message waits on hold" in mail.field("Subject") and
           "frank hold list" in mail.raw.decode(), "and in a mail that says what to do",
           mail.raw.decode())
    tap.same(daemon.verify(mail), [("a.test", "rsa26", "rsa-sha256", True)],
             "which is signed like any other")
    said = alerts.commands()[0]
    tap.same((said["event.action"], said["frank.alert"]), ("alert-began", "hold-alert"),
             "and told to notify-command")
    tap.ok(re.search(r"^ALERT +hold-alert since", daemon.frank("status"), re.M),
           "status says it", daemon.frank("status"))
    alerts.look()
    tap.same((len(alerts.actions()), len(alerts.mails())), (1, 1), "it is told once")

    wait_until(lambda: "alert-told" in [what for what, _, _ in daemon.actions()], "its record")
    since = re.search(r"^ALERT +hold-alert since (\S+ \S+):", daemon.frank("status"), re.M)
    for name, end in (("is started again", daemon.stop),
                      ("was killed", lambda: (daemon.kill("supervisor"), daemon.stop()))):
        end()
        alerts.start()
        wait_until(alerts.counted, f"a count after frankd {name}")
        alerts.look()
        tap.same((len(alerts.actions()), len(alerts.mails()), len(alerts.commands())), (1, 1, 1),
                 f"it is not told anew when frankd {name}")
        tap.same(re.search(r"^ALERT +hold-alert since (\S+ \S+):", daemon.frank("status"),
                           re.M).group(1), since.group(1), "and status says since when it is on")

    lab.command("postsuper", "-d", held, "hold")
    alerts.look()
    wait_until(lambda: len(alerts.mails()) == 2 and len(alerts.commands()) == 2, "a second")
    subjects = [mail.field("Subject") for mail in alerts.mails()]
    tap.ok(any("over: 0 messages wait on hold" in subject for subject in subjects),
           "and once more when it is over", subjects)
    tap.ok("ALERT" not in daemon.frank("status"), "then status is quiet")


def queue_alert(tap, alerts):
    alerts.lab.set(defer_transports="smtp")
    messages = [send(alerts.lab, f"waits{number}", ["x@far.test"]) for number in range(4)]
    wait_until(lambda: len(alerts.lab.queued()) == 4, "four messages that wait")
    alerts.look()
    wait_until(lambda: len(alerts.actions()) == 3, "an alert")
    tap.ok(alerts.actions()[2].startswith("queue-alert-count: 4 messages wait in the queue"),
           "a queue that is longer than queue-alert-count", alerts.actions())
    alerts.lab.set(defer_transports="")
    for message in messages:
        alerts.lab.command("postqueue", "-i", message)
    alerts.lab.wait_delivered()
    alerts.look()
    wait_until(lambda: len(alerts.actions()) == 4, "its end")
    tap.ok(alerts.actions()[3].startswith("over: queue-alert-count: "), "and when it is over",
           alerts.actions())


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        lab.set(mynetworks="127.0.0.0/8")
        daemon = frankd.Frankd(lab, BUILD, policy=POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        command = daemon.base / "notified"
        command.write_text(COMMAND.format(base=daemon.base))
        command.chmod(0o755)
        alerts = Alerts(lab, daemon)
        alerts.start()
        wait_until(alerts.counted, "the first count")
        hold_alert(tap, alerts)
        queue_alert(tap, alerts)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
