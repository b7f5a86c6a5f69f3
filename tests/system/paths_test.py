#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Every way a message can come to Postfix, and what leaves it."""

import frankd
from lab import Lab, queue_id
from tap import BUILD, Tap, need_root, scratch

BOTH = [("a.test", "ed26", "ed25519-sha256", True), ("a.test", "rsa26", "rsa-sha256", True)]

MESSAGE = """\
From: Alice <alice@a.test>\r
To: somebody@far.test\r
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= on two\r
 lines\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <{mark}@a.test>\r
X-Seq: {mark}\r
\r
First line.\r
.A dot, and  blanks \t \r
\r
\r
"""


def message(mark):
    return MESSAGE.format(mark=mark).encode()


def check_signed(tap, daemon, mail, what):
    tap.same(sorted(daemon.verify(mail)), BOTH, f"{what}: both signatures verify at the sink")


def submission(tap, lab, daemon):
    reply = lab.send(message("submission"), "alice@a.test", ["x@far.test"], user="alice@a.test")
    tap.same(reply[0], 250, "submission is accepted")
    mail = lab.wait_mail("submission")
    check_signed(tap, daemon, mail, "submission")
    explained = daemon.explain(queue_id(reply[1]))
    tap.ok("alice@a.test" in explained and "submission" in explained,
           "explain knows the login and the path", explained)
    by_message_id = daemon.explain("submission@a.test")
    tap.same(by_message_id, explained, "explain finds it by its message-id too")


def chrooted(tap, lab):
    services = (lab.etc / "master.cf").read_text()
    tap.ok("inet n - y - - smtpd" in services and "cleanup unix n - y" in services,
           "all this went through a chrooted smtpd and cleanup")


def relay(tap, lab, daemon):
    for mark, how in (("loopback", {"source": "127.0.0.2"}), ("network", {"address": "192.0.2.7"})):
        reply = lab.send(message(mark), "alice@a.test", ["x@far.test"], **how)
        tap.same(reply[0], 250, f"relay from {mark} is accepted")
        check_signed(tap, daemon, lab.wait_mail(mark), f"relay from {mark}")


def local(tap, lab, daemon):
    text = message("local").replace(b"\r\n", b"\n")
    lab.command("sendmail", "-i", "-f", "alice@a.test", "x@far.test", text=text)
    check_signed(tap, daemon, lab.wait_mail("local"), "sendmail(1)")
    lab.command("sendmail", "-i", "x@far.test", text=b"Subject: cron\nX-Seq: cron\n\nout\n")
    mail = lab.wait_mail("cron")
    check_signed(tap, daemon, mail, "sendmail(1) without From and Date, which Postfix adds")


def bounce(tap, lab, daemon):
    reply = lab.send(message("bounced"), "alice@a.test", ["x@refuses.test"], user="alice@a.test")
    tap.same(reply[0], 250, "mail that will bounce is accepted")
    lab.wait_delivered()
    bounces = [mail for mail in lab.delivered() if mail.sender == ""]
    tap.same(len(bounces), 1, "one bounce has left")
    for mail in bounces:
        check_signed(tap, daemon, mail, "a bounce")
        tap.same(mail.rcpts, ["alice@a.test"], "the bounce goes to the sender")


def inbound(tap, lab, daemon):
    for mark, author in (("inbound", b"stranger@far.test"), ("claims", b"alice@a.test")):
        sent = message(mark).replace(b"alice@a.test", author)
        reply = lab.send(sent, "stranger@far.test", ["alice@inbound.test"], address="203.0.113.9")
        tap.same(reply[0], 250, f"inbound mail is accepted ({author.decode()})")
        mail = lab.wait_mail(mark)
        # All but the Received that Postfix puts on top.
        received = mail.raw.index(b"From: ")
        tap.same(mail.raw[received:], sent, "inbound mail is untouched")
    recorded = daemon.explain("claims@a.test")
    tap.ok("inbound" in recorded, "inbound mail that claims a domain of ours is recorded", recorded)
    unknown = daemon.frank("explain", "inbound@a.test", check=False)
    tap.ok(unknown.returncode != 0, "other inbound mail is not recorded", unknown.stdout)


def several(tap, lab):
    """A refused message must leave nothing behind in the session."""
    client = lab.connect(user="alice@a.test")
    refused = message("refused").replace(b"<alice@a.test>", b"<bob@b.test>")
    from lab import transact
    codes = [transact(client, text, "alice@a.test", ["x@far.test"])[0]
             for text in (message("before"), refused, message("after"), refused)]
    client.close()
    tap.same(codes, [250, 550, 250, 550], "each message of a session is judged for itself")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        for domain in ("a.test", "b.test"):
            daemon.key_new(domain, "rsa26", "rsa2048")
            daemon.key_new(domain, "ed26", "ed25519")
        daemon.start()
        submission(tap, lab, daemon)
        relay(tap, lab, daemon)
        local(tap, lab, daemon)
        bounce(tap, lab, daemon)
        inbound(tap, lab, daemon)
        several(tap, lab)
        chrooted(tap, lab)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
            tap.note(lab.log.read_text()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
