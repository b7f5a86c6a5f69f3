#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Tricks with From between two tenants: alice@a.test is logged in and wants b.test's signature.

Each trick is sent as it stands, once with Postfix completing headers and once without. What
must never happen is a signature of b.test. Beyond that REFUSED says that the message must be
turned away, OWN that it is plainly alice's and leaves with a.test's signature alone, and EITHER
that this depends on what Postfix makes of it before a milter sees it.
"""

import frankd
from lab import Lab, transact
from tap import BUILD, Tap, need_root, scratch

REFUSED, OWN, EITHER = "refused", "own", "either"

TRICKS = (
    # The plain ones
    ("victim", REFUSED, b"From: bob@b.test"),
    ("victim in angle brackets", REFUSED, b"From: Bob <bob@b.test>"),
    ("upper case", REFUSED, b"From: BOB@B.TEST"),
    ("field name in lower case", REFUSED, b"from: bob@b.test"),
    ("field name in upper case", REFUSED, b"FROM: bob@b.test"),
    ("no blank after the colon", REFUSED, b"From:bob@b.test"),
    ("tab after the colon", REFUSED, b"From:\tbob@b.test"),
    ("blank before the colon", EITHER, b"From : bob@b.test"),
    ("subdomain of the victim", REFUSED, b"From: bob@mail.b.test"),
    ("trailing dot", REFUSED, b"From: bob@b.test."),
    ("two trailing dots", REFUSED, b"From: bob@b.test.."),
    ("address literal", REFUSED, b"From: bob@[192.0.2.1]"),
    # More than one field or mailbox
    ("two fields, victim first", REFUSED, b"From: bob@b.test\r\nFrom: alice@a.test"),
    ("two fields, victim last", REFUSED, b"From: alice@a.test\r\nFrom: bob@b.test"),
    ("two fields, other case", REFUSED, b"From: alice@a.test\r\nFROM: bob@b.test"),
    ("two fields, blank before the second colon", EITHER,
     b"From: alice@a.test\r\nFrom : bob@b.test"),
    ("the same field twice", REFUSED, b"From: alice@a.test\r\nFrom: alice@a.test"),
    ("two mailboxes, victim first", REFUSED, b"From: bob@b.test, alice@a.test"),
    ("two mailboxes, victim last", REFUSED, b"From: alice@a.test, bob@b.test"),
    ("two mailboxes with names", REFUSED, b"From: A <alice@a.test>, B <bob@b.test>"),
    ("semicolon between them", REFUSED, b"From: alice@a.test; bob@b.test"),
    ("empty list elements", REFUSED, b"From: ,, bob@b.test ,,"),
    ("group", REFUSED, b"From: all: alice@a.test, bob@b.test;"),
    ("group of the victim alone", REFUSED, b"From: all: bob@b.test;"),
    ("empty group", REFUSED, b"From: bob@b.test:;"),
    ("nothing", REFUSED, b"From:"),
    ("empty angle brackets", REFUSED, b"From: <>"),
    # Routes, brackets, at signs
    ("source route through own domain", REFUSED, b"From: <@a.test:bob@b.test>"),
    ("source route through the victim", EITHER, b"From: <@b.test:alice@a.test>"),
    ("two angle addresses, victim first", REFUSED, b"From: <bob@b.test> <alice@a.test>"),
    ("two angle addresses, victim last", REFUSED, b"From: <alice@a.test> <bob@b.test>"),
    ("nested angle brackets", REFUSED, b"From: <<bob@b.test>>"),
    ("unclosed angle bracket", REFUSED, b"From: <bob@b.test"),
    ("text after the angle bracket", REFUSED, b"From: <alice@a.test> bob@b.test"),
    ("address before the angle bracket", EITHER, b"From: bob@b.test <alice@a.test>"),
    ("two at signs, victim last", REFUSED, b"From: alice@a.test@b.test"),
    ("two at signs, victim first", REFUSED, b"From: bob@b.test@a.test"),
    ("percent hack", EITHER, b"From: bob%b.test@a.test"),
    ("bang path", EITHER, b"From: b.test!bob@a.test"),
    # Quotes, comments, encoded words
    ("victim as a quoted name", OWN, b'From: "bob@b.test" <alice@a.test>'),
    ("own address as a quoted name", REFUSED, b'From: "alice@a.test" <bob@b.test>'),
    ("victim in a quoted local part", EITHER, b'From: "bob@b.test"@a.test'),
    ("own address in a quoted local part", REFUSED, b'From: "alice@a.test"@b.test'),
    ("unclosed quote", REFUSED, b'From: "alice@a.test <bob@b.test>'),
    ("escaped quote", REFUSED, b'From: "\\" <alice@a.test>" <bob@b.test>'),
    ("quoted angle address", OWN, b'From: "<bob@b.test>" <alice@a.test>'),
    ("victim in a comment", OWN, b"From: alice@a.test (bob@b.test)"),
    ("own address in a comment", REFUSED, b"From: bob@b.test (alice@a.test)"),
    ("comment within the address", REFUSED, b"From: bob@(a.test)b.test"),
    ("comment in front", REFUSED, b"From: (<alice@a.test>) bob@b.test"),
    ("nested comment", REFUSED, b"From: (a (alice@a.test) ) <bob@b.test>"),
    ("unclosed comment", REFUSED, b"From: bob@b.test (alice@a.test"),
    ("encoded word with the victim", OWN, b"From: =?utf-8?q?bob=40b=2Etest?= <alice@a.test>"),
    ("encoded word as the address", REFUSED, b"From: =?utf-8?q?bob=40b=2Etest?="),
    ("encoded word with angle brackets", REFUSED,
     b"From: =?utf-8?b?PGFsaWNlQGEudGVzdD4=?= <bob@b.test>"),
    # Folds and odd octets
    ("folded after the colon", REFUSED, b"From:\r\n bob@b.test"),
    ("folded within the address", REFUSED, b"From: bob\r\n @b.test"),
    ("a fold of blanks alone", REFUSED, b"From: alice@a.test\r\n \r\n ,bob@b.test"),
    ("victim on the second line", REFUSED, b"From: Alice\r\n <bob@b.test>"),
    ("a second From as a fold", REFUSED, b"From: bob@b.test\r\n From: alice@a.test"),
    ("NUL after the victim", EITHER, b"From: bob@b.test\0@a.test"),
    ("NUL before the victim", EITHER, b"From: alice@a.test\0 <bob@b.test>"),
    ("bare CR", EITHER, b"From: alice@a.test\rFrom: bob@b.test"),
    ("vertical tab", REFUSED, b"From: bob@b.test\x0b"),
    ("delete", REFUSED, b"From: bob@b.test\x7f"),
    ("8-bit dot in the domain", REFUSED, "From: bob@b\u3002test".encode()),
    ("full-width domain", REFUSED, "From: bob@\uff42.test".encode()),
    ("zero-width joiner", REFUSED, "From: bob@b\u200d.test".encode()),
    ("soft hyphen", REFUSED, "From: bob@b\u00ad.test".encode()),
    ("right-to-left override", REFUSED, "From: bob@b.test\u202e".encode()),
    ("Latin-1 octet", REFUSED, b"From: b\xf6b@b.test"),
    ("900 blanks", REFUSED, b"From: alice@a.test" + b" " * 900 + b"\r\n ," * 3 + b" bob@b.test"),
    # Other fields that speak for an author
    ("Sender is the victim", OWN, b"From: alice@a.test\r\nSender: bob@b.test"),
    ("Resent-From is the victim", EITHER, b"From: alice@a.test\r\nResent-From: bob@b.test"),
    ("Resent-From is our own", REFUSED, b"Resent-From: alice@a.test\r\nFrom: bob@b.test"),
    ("Reply-To is the victim", OWN, b"From: alice@a.test\r\nReply-To: bob@b.test"),
    ("no From, Sender is the victim", EITHER, b"Sender: bob@b.test"),
    ("a signature already there", OWN,
     b"DKIM-Signature: v=1; a=rsa-sha256; d=c.test; s=x; h=from; bh=; b=\r\nFrom: alice@a.test"),
)

REST = b"\r\nTo: x@far.test\r\nSubject: s\r\nMessage-ID: <%s@a.test>\r\nX-Seq: %s\r\n\r\nbody\r\n"


def judge(want, code, mails):
    """What is wrong with the outcome, or nothing."""
    signers = sorted({domain for mail in mails for domain, _, _ in mail.signed_by()})
    if "b.test" in signers:
        return "SIGNED AS THE VICTIM"
    if want == REFUSED and (code < 500 or mails):
        return f"not refused: {code}, {len(mails)} delivered, signed by {signers}"
    if want == OWN and (code != 250 or "a.test" not in signers):
        return f"alice's own message: {code}, signed by {signers}"
    return None


def try_all(tap, lab, mode):
    codes = {}
    for number, (_, _, header) in enumerate(TRICKS):
        mark = b"%s-%d" % (mode.encode(), number)
        client = lab.connect(user="alice@a.test")
        codes[number] = transact(client, header + REST % (mark, mark), "alice@a.test",
                                 ["x@far.test"])[0]
        client.close()
    lab.wait_delivered()
    arrived = {}
    for mail in lab.delivered():
        # The stamp is looked for anywhere: a trick may have ended the header before it.
        arrived.setdefault(mail.raw.partition(b"X-Seq: ")[2].partition(b"\r\n")[0], []).append(mail)
    for number, (name, want, _) in enumerate(TRICKS):
        wrong = judge(want, codes[number], arrived.get(b"%s-%d" % (mode.encode(), number), []))
        tap.ok(not wrong, f"{mode}: {name}: {want}", wrong)


def envelope(tap, lab):
    """alice may not use bob's envelope either, whatever stands in From."""
    for sender in ("bob@b.test", "BOB@B.TEST"):
        text = b"From: alice@a.test" + REST % (b"envelope", b"envelope")
        code, _ = lab.send(text, sender, ["x@far.test"], user="alice@a.test")
        tap.ok(code >= 500, f"sender {sender} is refused", code)


def control(tap, lab, daemon):
    """bob himself does get his domain's signature: the trap is armed."""
    text = b"From: bob@b.test" + REST % (b"control", b"control")
    code, _ = lab.send(text, "bob@b.test", ["x@far.test"], user="bob@b.test")
    tap.same(code, 250, "bob may write as himself")
    tap.same(daemon.verify(lab.wait_mail("control")), [("b.test", "rsa26", "rsa-sha256", True)],
             "and b.test signs for him")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        for domain in ("a.test", "b.test"):
            daemon.key_new(domain, "rsa26", "rsa2048")
        daemon.start()
        try_all(tap, lab, "plain")
        lab.set(local_header_rewrite_clients="permit_sasl_authenticated")
        try_all(tap, lab, "rewritten")
        envelope(tap, lab)
        control(tap, lab, daemon)
        lab.wait_delivered()
        victims = [mail for mail in lab.delivered() if mail.field("X-Seq") != "control"
                   and "b.test" in [domain for domain, _, _ in mail.signed_by()]]
        tap.same(len(victims), 0, f"{2 * len(TRICKS)} tricks, no signature of the victim")
        if tap.failed:
            tap.note(daemon.log()[-2000:])
    tap.done()


if __name__ == "__main__":
    main()
