#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""An incident: a burst is held, one notice goes out, mail already on its way is swept."""

import contextlib
import json
import re
import sqlite3
import subprocess

import frankd
from lab import Lab, free_ports, port_answers, queue_id, transact, wait_until
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


def deferred(lab):
    return {entry["queue_id"] for entry in lab.queued()
            if entry["queue_name"] in ("deferred", "active", "incoming")
            and any(rcpt["address"] == "r@later.test" for rcpt in entry["recipients"])}


def on_its_way(lab, senders, user, count, mark):
    """Accepted mail that the next hop does not take yet: in the queue to stay."""
    return [senders.send(user, f"{mark}{number}", "r@later.test") for number in range(count)]


def burst(tap, lab, senders, before):
    """300 messages of one login, others between them."""
    others = [senders.send("bob@b.test", f"bob{number}") for number in range(10)]
    ids = [senders.send("alice@a.test", f"burst{number}") for number in range(BURST)]
    others += [senders.send("bob@b.test", f"bob{number}") for number in range(10, 15)]
    held = {entry["queue_id"] for entry in lab.held()}
    tap.same([number for number, one in enumerate(ids) if one in held],
             list(range(THRESHOLD - before, BURST)), "the burst is held from the threshold on")
    tap.ok(not held & set(others), "mail of others is not")
    wait_until(lambda: notices(lab), "a notice", 15)
    return [one for one in ids if one in held]


def one_notice(tap, lab, daemon, held):
    # It would have been sent by now, if there were another.
    status = json.loads(daemon.frank("status", "--json"))
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
    wanted = ["alice@a.test", "far.test", "too much", held[0], "sent was 31",
              "frank incident show 1", "frank incident sweep 1", "frank incident close 1",
              "frank hold release --incident 1", "frank hold delete --incident 1"]
    tap.ok(all(one in text for one in wanted), "and its text whom, where to, why and what to do",
           text)
    told = (daemon.base / "state" / "notified.json").read_text().splitlines()
    tap.same([(json.loads(line)["event.action"], json.loads(line)["frank.key"])
              for line in told], [("incident-opened", "alice@a.test")],
             "notify-command was run once, with JSON")
    tap.ok("incident 1 opened:" in daemon.log(), "the log says it", daemon.log()[-2000:])


def shown(tap, lab, daemon, held, before):
    listed = incidents(daemon)
    tap.same([(one["frank.incident"], one["frank.key"], one["event.reason"],
               one["frank.messages"]) for one in listed],
             [(1, "alice@a.test", "too much", len(held))], "frank incident list has it, and no other")
    text = daemon.frank("incident", "list")
    tap.ok(re.search(rf"^ +1  .{{16}} +{len(held)} +{len(held)}  alice@a.test +too much$", text,
                     re.M) and max(map(len, text.splitlines())) <= 80,
           "as a table of 80 columns", text)
    show = ("incident", "show", "1", "--postfix-config", lab.etc)
    one = json.loads(daemon.frank(*show, "--json"))
    tap.same((one["frank.before.messages"], one["frank.since.messages"],
              one["email.local_id"], sorted(one["frank.held"])),
             (THRESHOLD, 0, held[0], sorted(held)),
             "show: what was accepted before and since, and what is on hold")
    tap.same((one["frank.domains"], one["frank.domain_rcpts"]), (["far.test"], [len(held)]),
             "and to whom")
    # One is let go.
    lab.command("postsuper", "-d", held[5], "hold")
    text = daemon.frank(*show)
    wanted = [f"on hold now: {len(held) - 1}", f"  and {len(held) - 21} more",
              f"in the hour before  {THRESHOLD} messages", "sent was 31", "127.0.0.1", held[0]]
    tap.ok(all(one in text for one in wanted) and held[5] not in text, "the same in words", text)


def change_journal(daemon, queue_id, change):
    """As if this id had been somebody else's, or another message's."""
    for path in sorted((daemon.base / "state").glob("journal-*.db")):
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as base, base:
            base.execute(f"UPDATE decision SET {change} WHERE queue_id = ?", (queue_id,))


def swept(tap, lab, daemon, alices, bobs):
    change_journal(daemon, alices[0], "sender = 'eve@a.test'")
    change_journal(daemon, alices[1], "time = time - 600000000")
    sweep = ("incident", "sweep", "1", "--postfix-config", lab.etc)
    denied = subprocess.run([BUILD / "ctl" / "frank", *sweep[:3]], check=False, text=True,
                            user="nobody", capture_output=True)
    tap.ok(denied.returncode == 77 and "only root" in denied.stderr, "sweep needs root, and says so",
           denied)
    held = lab.held()
    dry = daemon.frank(*sweep, check=False)
    tap.ok(dry.returncode == 0 and f"in the queue: {len(alices) - 2} (" in dry.stdout
           and "nothing was changed" in dry.stderr and "2 more with such an id" in dry.stdout,
           "without a terminal and --yes it only counts", dry)
    tap.same(len(lab.held()), len(held), "and changes nothing")
    done = daemon.frank(*sweep, "--yes", check=False)
    now = {entry["queue_id"] for entry in lab.held()} - {entry["queue_id"] for entry in held}
    tap.same(now, set(alices[2:]), "mail of the origin that was on its way is on hold")
    tap.ok(done.returncode == 0 and f"{len(alices) - 2} messages put on hold" in done.stdout,
           "and counted", done)
    tap.same(deferred(lab), set(alices[:2]) | set(bobs),
             "what was recorded otherwise, and mail of others, stays where it is")
    tap.ok("--others" in done.stdout, "and what takes them is said", done)
    dry = ("hold", "delete", "--user", "alice@a.test", "--dry-run", "--json", "--postfix-config",
           lab.etc)
    found = [{json.loads(line)["email.local_id"] for line in daemon.frank(*dry, *more).splitlines()}
             for more in ((), ("--others",))]
    tap.same((found[0] & set(alices[2:]), found[1] - found[0]), (set(), set(alices[2:])),
             "hold takes what was swept with --others, and not without")
    again = daemon.frank(*sweep, "--yes")
    tap.ok("in the queue: 0 (" in again, "a second time there is nothing to do", again)
    actions = wait_until(lambda: [row for row in journal_actions(daemon) if row[0] == "sweep"],
                         "the action in the journal", 5)
    tap.ok(len(actions) == 1 and "root (uid 0)" in actions[0][1]
           and all(one in actions[0][2] for one in alices[2:]),
           "the journal has who swept, and what", actions)


def journal_actions(daemon):
    rows = []
    for path in sorted((daemon.base / "state").glob("journal-*.db")):
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as base:
            rows += base.execute("SELECT what, who, text FROM action ORDER BY id").fetchall()
    return rows


def closed(tap, lab, daemon):
    daemon.frank("incident", "close", "1", "--reason", "password changed")
    wait_until(lambda: len(notices(lab)) == 2, "the notice of its end", 15)
    mail = [one for one in notices(lab) if one.field("Subject").startswith("frank: closed: ")]
    tap.ok(len(mail) == 1 and "password changed" in mail[0].raw.decode(),
           "closing it is told, with the reason", mail)
    tap.same(daemon.frank("incident", "list"), "no open incident\n", "nothing is open any more")
    again = daemon.frank("incident", "close", "1", check=False)
    tap.ok(again.returncode == 65 and "was closed" in again.stderr, "once is enough", again)
    missing = daemon.frank("incident", "show", "77", check=False)
    tap.ok(missing.returncode == 66 and "no incident 77" in missing.stderr,
           "one that is not there is said", missing)


def long_ids(tap, lab, daemon, senders, bobs):
    """The other kind of queue ids, a restart, and numbers that go on."""
    daemon.stop()
    daemon.start()
    tap.same([one["frank.incident"] for one in incidents(daemon, "--all")], [1],
             "a restart forgets no incident")
    lab.set(enable_long_queue_ids="yes")
    senders.clients.clear()
    more = on_its_way(lab, senders, "bob@b.test", 3, "long")
    tap.ok(all(len(one) > 13 for one in more), "long ids", more)
    for number in range(THRESHOLD):
        senders.send("bob@b.test", f"again{number}")
    wait_until(lambda: [one["frank.incident"] for one in incidents(daemon)] == [2],
               "incident 2", 10)
    said = daemon.frank("incident", "sweep", "2", "--yes", "--postfix-config", lab.etc)
    held = {entry["queue_id"] for entry in lab.held()}
    tap.ok(set(bobs + more) <= held, "sweep knows long and short ids alike", said)


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab, contextlib.ExitStack() as stack:
        (later,) = free_ports(1)
        lab.spawn(["smtp-sink", "-u", "nobody", "-r", "RCPT", f"127.0.0.1:{later}", "100"],
                  "later.out")
        wait_until(lambda: port_answers(later), "a next hop that is not ready")
        lab.set(mynetworks="127.0.0.0/8",
                transport_maps=f"inline:{{ {{ later.test = smtp:[127.0.0.1]:{later} }} }}")
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        command = daemon.base / "notified"
        command.write_text(COMMAND.format(base=daemon.base))
        command.chmod(0o755)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        senders = Senders(lab, stack)
        alices = on_its_way(lab, senders, "alice@a.test", 6, "alice")
        bobs = on_its_way(lab, senders, "bob@b.test", 3, "bobs")
        wait_until(lambda: len(deferred(lab)) == 9, "deferred mail")
        held = burst(tap, lab, senders, len(alices))
        one_notice(tap, lab, daemon, held)
        shown(tap, lab, daemon, held, len(alices))
        swept(tap, lab, daemon, alices, bobs)
        closed(tap, lab, daemon)
        long_ids(tap, lab, daemon, senders, bobs)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
