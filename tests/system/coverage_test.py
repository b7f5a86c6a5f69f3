#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""What leaves a real Postfix without frankd: each for its reason, and for no other."""

import contextlib
import json
import smtplib

import frankd
from lab import Lab, free_ports, port_answers, queue_id, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = 'set maillog "{lab.log}"\n' + frankd.POLICY
MESSAGE = """\
From: {sender}\r
To: undisclosed-recipients:;\r
Subject: one of many\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <{mark}@a.test>\r
X-Seq: {mark}\r
\r
Dear all,\r
"""
MILTER = "{{ unix:frank/milter.sock, default_action={}, connect_timeout=2s }}"


class Coverage:
    """A lab, a frankd that follows its log, and what has left so far, by reason."""

    def __init__(self, tap, lab):
        self.tap, self.lab = tap, lab
        self.reentry = free_ports(1)[0]
        self._add_services()
        self.daemon = frankd.Frankd(lab, BUILD, policy=POLICY)
        self.daemon.key_new("a.test", "rsa26", "rsa2048")
        self.daemon.start()
        wait_until(lambda: "following" in self.daemon.log(), "the follower")
        self.left, self.missed = 0, {}

    def _add_services(self):
        """A content filter's way back, without milters; and an address that local(8) has."""
        with (self.lab.etc / "master.cf").open("a") as file:
            file.write(f"127.0.0.1:{self.reentry} inet n - y - - smtpd\n"
                       "    -o syslog_name=postfix/10025 -o smtpd_milters=\n"
                       "    -o mynetworks=127.0.0.0/8\n")
        self.lab.set(mydestination="local.test", mailbox_size_limit="0",
                     alias_maps="inline:{ { team = z@far.test } }")
        wait_until(lambda: port_answers(self.reentry), "the way back")

    def send(self, mark, rcpts=("x@far.test",)):
        text = MESSAGE.format(mark=mark, sender="alice@a.test")
        _, reply = self.lab.send(text.encode(), "alice@a.test", list(rcpts), user="alice@a.test")
        return queue_id(reply)

    def ask(self, *options):
        """The last line, the others by their reason, and the exit code."""
        done = self.daemon.frank("coverage", "--json", "--since", "1h", *options, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return lines[-1] if lines else {}, {line["frank.reason"]: line for line in lines[:-1]}, \
            done.returncode

    def expect(self, title, left, **missed):
        """So many more left, and so many of them were missed for these reasons."""
        self.left += left
        for reason, count in missed.items():
            self.missed[reason] = self.missed.get(reason, 0) + count
        with contextlib.suppress(Exception):
            wait_until(lambda: self.ask()[0].get("frank.left") == self.left and
                       {name: line["frank.messages"] for name, line in self.ask()[1].items()}
                       == self.missed, title)
        total, reasons, code = self.ask()
        got = {name: line["frank.messages"] for name, line in reasons.items()}
        self.tap.same((total.get("frank.left"), got, code),
                      (self.left, self.missed, 1 if self.missed else 0), title)
        return reasons


def judged(coverage):
    coverage.send("judged", ["x@far.test", "y@far.test"])
    coverage.expect("what frankd judged is not missed", 1)


def requeued(coverage):
    """It does not pass a milter again, and was judged."""
    held = coverage.send("held", [f"r{n}@far.test" for n in range(4)])
    coverage.lab.command("postsuper", "-r", held)
    # pickup(8) looks when something new comes.
    coverage.lab.command("sendmail", "-f", "root@a.test", "x@far.test",
                         text=MESSAGE.format(mark="wakes", sender="root@a.test").encode())
    coverage.lab.wait_mail("held")
    coverage.expect("what was requeued is what it was before", 2)


def bounced(coverage):
    coverage.lab.set(internal_mail_filter_classes="")
    coverage.send("refused", ["y@refuses.test"])
    reasons = coverage.expect("a bounce", 1, bounces=1)
    text = coverage.daemon.frank("coverage", "--since", "1h", check=False).stdout
    coverage.tap.ok("bounces" in reasons and "internal_mail_filter_classes=bounce" in text,
                    "with the remedy", text)
    coverage.lab.set(internal_mail_filter_classes="bounce")


def reentered(coverage):
    text = MESSAGE.format(mark="reentry", sender="alice@a.test").encode()
    with contextlib.closing(smtplib.SMTP("127.0.0.1", coverage.reentry, timeout=60)) as client:
        client.sendmail("alice@a.test", ["x@far.test"], text)
    reasons = coverage.expect("what re-enters at a service without milters", 1, reentry=1)
    coverage.tap.same(reasons.get("reentry", {}).get("frank.services"), ["10025/smtpd"],
                      "with the service")


def from_sendmail(coverage):
    coverage.lab.set(non_smtpd_milters="")
    coverage.lab.command("sendmail", "-f", "root@a.test", "x@far.test",
                         text=MESSAGE.format(mark="local", sender="root@a.test").encode())
    coverage.expect("mail from sendmail(1) without non_smtpd_milters", 1, local=1)
    coverage.lab.set(non_smtpd_milters="$smtpd_milters")


def forwarded(coverage):
    message = coverage.send("forwarded", ["team@local.test"])
    reasons = coverage.expect("what local(8) forwards", 1, forwarded=1)
    (later,) = reasons.get("forwarded", {}).get("email.local_id", [""])
    text = coverage.daemon.frank("log", "--to", "Z@far.test")
    coverage.tap.ok(f"no decision about 1 message to Z@far.test: {later}\n" in text,
                    "is found by whom it was led to", text)
    text = coverage.daemon.frank("log", "--to", "team@local.test")
    coverage.tap.ok(message in text, "and, as it was sent, by whom it was sent to", text)
    text = coverage.daemon.explain(message)
    coverage.tap.ok(f"'frank explain {later}'" in text, "which says where it went on", text)


def noticed(coverage):
    """A client that speaks nonsense is told of to the postmaster."""
    coverage.lab.set(notify_classes="protocol", error_notice_recipient="postmaster@far.test")
    with contextlib.closing(smtplib.SMTP("127.0.0.1", coverage.lab.smtp, timeout=60)) as client:
        client.docmd("NONSENSE")
        client.quit()
    coverage.expect("a notice to the postmaster", 1, notices=1)
    coverage.lab.set(notify_classes="")


def without_milter(coverage):
    coverage.lab.set(smtpd_milters="")
    coverage.send("service")
    coverage.expect("a login at a service without milters", 1, service=1)


def while_down(coverage):
    coverage.lab.set(smtpd_milters=MILTER.format("accept"))
    coverage.daemon.stop()
    coverage.send("down")
    coverage.lab.wait_mail("down")
    coverage.daemon.start()
    coverage.expect("what Postfix let through while frankd was down", 1, down=1)
    coverage.send("up")
    coverage.expect("and nothing when it is back", 1)


def excused(coverage):
    words = ", ".join(coverage.missed)
    coverage.daemon.write_policy(f"set coverage-ignore {words}\n" + POLICY)
    coverage.tap.same(coverage.daemon.reload().returncode, 0, "the reasons can be excused")
    total, reasons, code = coverage.ask()
    coverage.tap.ok(code == 0 and total["frank.missed"] == 0 and
                    all(line["frank.excused"] for line in reasons.values()),
                    "and nothing is missed then", (code, total, reasons))


def deliveries(coverage):
    """The same log, counted; the login is that of the decision."""
    def groups(kind):
        lines = coverage.daemon.frank("deliveries", "--since", "1h", "--by", kind, "--json")
        return {line["frank.group"]: line for line in map(json.loads, lines.splitlines())}
    domains, logins = groups("domain"), groups("login")
    coverage.tap.same((domains["refuses.test"]["frank.bounced"],
                       domains["refuses.test"]["frank.sent"]), (1, 0),
                      "deliveries by domain: what was refused")
    # Two of one message, then four that were requeued, what nobody judged, and the last one.
    coverage.tap.same((logins["alice@a.test"]["frank.sent"],
                       logins["alice@a.test"]["frank.bounced"]), (10, 1),
                      "deliveries by login: also of what was requeued, or never judged")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        coverage = Coverage(tap, lab)
        for step in (judged, requeued, bounced, reentered, from_sendmail, forwarded, noticed,
                     without_milter, while_down, excused, deliveries):
            step(coverage)
        if tap.failed:
            tap.note(coverage.daemon.frank("coverage", "--since", "1h", check=False).stdout)
            tap.note(lab.log.read_text()[-6000:])
    tap.done()


if __name__ == "__main__":
    main()
