#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""What receivers would reject is held before it leaves, and explained; what passes goes."""

import frankd
from lab import Lab, queue_id, wait_until
from tap import BUILD, Tap, need_root, scratch
from world import World

POLICY = frankd.DNS_SETTINGS + frankd.POLICY.replace(
    "hold   signed no", 'hold   author <ours>  dmarc fail  dmarc-policy reject  '
    'label "receivers would reject it"\nhold   signed no')

RECORDS = '@ TXT "{spf}"\n_dmarc TXT "v=DMARC1; p=reject"\n'
GOOD = RECORDS.format(spf=f"v=spf1 ip4:{frankd.EGRESS} -all")
BAD = RECORDS.format(spf="v=spf1 ip4:192.0.2.99 -all")

MESSAGE = """\
From: {author}\r
To: x@far.test\r
Subject: {mark}\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <{mark}@lab.test>\r
X-Seq: {mark}\r
\r
Text.\r
"""


def send(lab, author, mark, sender=None):
    text = MESSAGE.format(author=author, mark=mark).encode()
    return lab.send(text, author if sender is None else sender, ["x@far.test"], user=author)


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        world = World(lab, {"a.test": GOOD, "b.test": BAD})
        world.start()
        daemon = frankd.Frankd(lab, BUILD, POLICY, world)
        for domain in ("a.test", "b.test"):
            daemon.key_new(domain, "s2026", "rsa2048")
        world.set("a.test", GOOD + daemon.record("a.test", "s2026"))
        daemon.start()

        code, reply = send(lab, "alice@a.test", "passes")
        tap.same((code, lab.held()), (250, []), "a domain that is in order: nothing is held")
        lab.wait_mail("passes")
        said = daemon.explain(queue_id(reply))
        tap.note(said)

        code, reply = send(lab, "bob@b.test", "fails")
        tap.same(code, 250, "the client of a message that would be rejected is told 250")
        tap.same([entry["queue_id"] for entry in lab.held()], [queue_id(reply)], "it is held")
        said = " ".join(daemon.explain(queue_id(reply)).split())
        tap.note(daemon.explain(queue_id(reply)))
        for part in ("receivers would reject it", "DMARC would fail", "SPF",
                     "s2026", "b.test asks receivers to reject"):
            tap.ok(part in said, f"explain says: {part}", said)

        code, reply = send(lab, "alice@a.test", "null", sender="")
        tap.same((code, len(lab.held())), (250, 1),
                 "the null sender: the signature alone is enough")

        world.set("b.test", BAD + daemon.record("b.test", "s2026"))
        wait_until(lambda: passes_now(lab), "the published key to be noticed", 30)
        tap.ok(True, "once the key is published the same mail goes out")
        results = [daemon.verify(mail, lambda name: first(world, name))
                   for mail in lab.delivered()]
        tap.ok(all(result and result[0][3] is True for result in results),
               "what has left verifies against the zone", results)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


def passes_now(lab):
    before = len(lab.held())
    send(lab, "bob@b.test", f"again{before}")
    return len(lab.held()) == before


def first(world, name):
    records = world.ask("127.0.0.1", world.port, name, "TXT")
    return records[0].replace('" "', "").strip('"').encode() if records else None


if __name__ == "__main__":
    main()
