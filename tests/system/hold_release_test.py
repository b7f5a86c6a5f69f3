#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank hold release, bounce and delete with a real Postfix, and every trap it has for them."""

import json
import subprocess

import frankd
from lab import Lab, queue_id, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = """\
table <ours>    {{ a.test, b.test }}
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"

keys "keys"
meter sent  count messages  per origin  within 1h

match path submission  owns author    sign

accept path inbound
hold   rcpts > 3      label "many recipients"
accept
"""

MANY = [f"r{number}@far.test" for number in range(4)]
NO_IDS = ["-d", "ALL", "all", "All", "-H", "-", "-H -", "4cXyZ71kq\nALL", "4cXyZ71kq ALL", "a" * 30,
          "4cXy/71kq", "../hold/x", "12345", "", "hold", "4cXyZ71kq;", "$(reboot)"]


class Holder:
    """Sends what will be held, and runs frank hold."""

    def __init__(self, lab, daemon):
        self.lab, self.daemon, self.count = lab, daemon, 0

    def send(self, user="alice@a.test", rcpts=()):
        self.count += 1
        text = (f"From: {user}\r\nTo: undisclosed-recipients:;\r\nSubject: {self.count}\r\n"
                "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
                f"Message-ID: <{self.count}@a.test>\r\nX-Seq: {self.count}\r\n\r\nHello\r\n")
        code, reply = self.lab.send(text.encode(), user, rcpts or MANY, user=user)
        if code != 250:
            raise AssertionError(f"{code} {reply}")
        return queue_id(reply), str(self.count)

    def hold(self, *arguments, **how):
        return subprocess.run(
            [BUILD / "ctl" / "frank", "-c", self.daemon.conf, "hold", arguments[0],
             "--postfix-config", self.lab.etc, *arguments[1:]],
            check=False, text=True, stdin=subprocess.DEVNULL, capture_output=True, **how)

    def held(self):
        return {entry["queue_id"] for entry in self.lab.held()}


def action(daemon, what):
    """The last action of this kind."""
    found = wait_until(lambda: [row for row in daemon.actions() if row[0] == what],
                       "an action in the journal", 5)
    return found[-1]


def released(tap, lab, holder, daemon):
    one, mark = holder.send()
    two, second = holder.send()
    dry = holder.hold("release", one)
    tap.ok(dry.returncode == 1 and "1 message of alice@a.test to 4 recipients" in dry.stdout
           and "nothing was changed" in dry.stderr and one in holder.held(),
           "without a terminal and --yes it counts, and changes nothing", dry)
    dry = holder.hold("release", one, "--dry-run", "--yes")
    tap.ok(dry.returncode == 0 and one in holder.held(), "nor with --dry-run", dry)
    done = holder.hold("release", one, two, one, "--yes", "--reason", "she said so",
                       env={"SUDO_USER": "kim"})
    tap.ok(done.returncode == 0 and f"{one}: released from hold\n" in done.stdout
           and f"{two}: released from hold\n" in done.stdout
           and "2 released, 0 gone meanwhile\n" in done.stdout,
           "two at once: each in Postfix's own words, and counted", done)
    mails = [lab.wait_mail(mark, 5), lab.wait_mail(second, 5)]
    tap.ok(True, "they leave at once, and not with the next run of the queue")
    tap.same([daemon.verify(mail)[0][3] for mail in mails], [True, True],
             "their signatures verify")
    _, who, text = action(daemon, "release")
    tap.ok(who == "root (uid 0) for kim" and one in text and two in text
           and text.endswith("; she said so"), "the journal has who, what and why", (who, text))
    again = holder.hold("release", one, two, "--yes")
    tap.ok(again.returncode == 1 and "2 of those named are not on hold" in again.stdout,
           "a second time they are gone, which is a finding and no error", again)
    lab.wait_delivered()
    tap.same(len([mail for mail in lab.delivered() if mail.field("X-Seq") in (mark, second)]), 2,
             "and none leaves twice")


def no_ids(tap, lab, holder):
    kept = [holder.send()[0] for _ in range(3)]
    before = lab.queued()
    for verb in ("release", "bounce", "delete"):
        wrong = {}
        for word in NO_IDS:
            done = holder.hold(verb, "--yes", "--", kept[0], word)
            if done.returncode != 64 or "is no queue id" not in done.stderr:
                wrong[word] = done
        for word in ("-d", "-H", "ALL"):
            done = holder.hold(verb, "--yes", kept[0], word)
            if done.returncode != 64:
                wrong[word] = done
        tap.same(wrong, {}, f"{verb}: what is no id, or would be an option, is refused")
    none = holder.hold("release", "--yes")
    tap.ok(none.returncode == 64 and "--all" in none.stderr, "so is nothing at all", none)
    tap.same(lab.queued(), before, "and nothing in the queue was touched")
    return kept


def bounced(tap, lab, holder, daemon):
    one, mark = holder.send()
    done = holder.hold("bounce", one, "--yes", "--reason", "not like this")
    tap.ok(done.returncode == 0 and f"{one}: expired, released from hold\n" in done.stdout
           and "1 returned to the sender, 0 gone meanwhile" in done.stdout,
           "bounce, in Postfix's words", done)
    bounce = wait_until(lambda: [mail for mail in lab.delivered() if mail.sender == ""
                                 and mail.rcpts == ["alice@a.test"]], "a bounce", 10)
    tap.ok(f"X-Seq: {mark}" in bounce[0].raw.decode() and lab.delivered_as(mark) == [],
           "the sender gets it back, and nobody else gets it")
    tap.same(action(daemon, "bounce")[2], f"1 message: {one}; not like this", "recorded")


def deleted(tap, lab, holder, daemon):
    one, mark = holder.send()
    before = len(lab.delivered())
    done = holder.hold("delete", one, "--yes", "--json")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    tap.ok(done.returncode == 0 and [(line["event.action"], line["event.outcome"],
                                      line["email.local_id"]) for line in said]
           == [("delete", "success", one)], "delete, as JSON", done)
    tap.ok(one not in {entry["queue_id"] for entry in lab.queued()}, "it is gone")
    lab.wait_delivered()
    tap.same((lab.delivered_as(mark), len(lab.delivered())), ([], before), "nobody is told")
    tap.same(action(daemon, "delete")[2], f"1 message: {one}", "recorded")


def old(tap, lab, holder):
    """What is older than mail may be in the queue gets one attempt."""
    one, _ = holder.send(rcpts=[f"r{number}@refuses.test" for number in range(4)])
    two, mark = holder.send()
    lab.set(maximal_queue_lifetime="1s")
    wait_until(lambda: "2 of them are older than 1s" in
               holder.hold("release", one, two, "--dry-run").stdout, "them to be old", 5)
    said = holder.hold("release", one, two, "--yes")
    tap.ok("2 of them are older than 1s and will bounce after one attempt" in said.stdout,
           "that old mail will bounce is said before", said)
    lab.wait_mail(mark, 5)
    tap.ok(True, "what is taken at the first attempt arrives")
    wait_until(lambda: [mail for mail in lab.delivered()
                        if mail.sender == "" and "r0@refuses.test" in mail.raw.decode()],
               "the other one to bounce", 10)
    lab.set(maximal_queue_lifetime="5d")


def key_gone(tap, lab, holder, daemon):
    one, _ = holder.send(user="bob@b.test")
    two, mark = holder.send()
    (daemon.base / "etc" / "keys" / "b.test" / "rsa26.pem").unlink()
    daemon.reload()
    said = holder.hold("release", one, two, "--yes")
    tap.ok(said.returncode == 1 and "1 refused: signed with a key that frankd does not have" in
           said.stdout and "--force" in said.stdout and one in holder.held()
           and "1 released" in said.stdout,
           "a message whose key is gone is refused, the other one is released", said)
    lab.wait_mail(mark, 5)
    listed = [json.loads(line) for line in
              holder.hold("release", one, "--dry-run", "--json").stdout.splitlines()]
    tap.same([(line["event.outcome"], line["frank.signature"]) for line in listed],
             [("failure", "key gone")], "the same as JSON")
    said = holder.hold("release", one, "--yes", "--force")
    tap.ok(said.returncode == 0 and "1 would fail DKIM" in said.stdout
           and one not in holder.held(), "--force releases it, and says what is wrong", said)


def trusted(tap, holder, daemon):
    one, _ = holder.send()
    said = holder.hold("release", one, "--yes", "--trust", "2h")
    undo = "frank meter exempt alice@a.test --end"
    tap.ok(said.returncode == 0 and undo in said.stdout
           and "meters will not count mail of alice@a.test for 2h" in said.stdout,
           "--trust says whom, how long, and how it is undone", said)
    tap.ok("alice@a.test" in daemon.frank("meter"), "frank meter shows it", daemon.frank("meter"))
    daemon.frank(*undo.split()[1:])
    tap.ok("alice@a.test" not in daemon.frank("meter"), "and it is undone")
    wrong = holder.hold("delete", one, "--trust", "2h")
    tap.same(wrong.returncode, 64, "--trust is for a release")


def filtered(tap, lab, holder, kept):
    """By label; what somebody else put there stays."""
    lab.set(smtpd_data_restrictions="check_client_access static:HOLD")
    theirs, _ = holder.send(rcpts=["x@far.test"])
    lab.set(smtpd_data_restrictions="")
    said = holder.hold("release", "--to", "far.test", "--dry-run")
    tap.ok("1 more was put on hold by somebody else" in said.stdout
           and "3 messages of alice@a.test to 12 recipients" in said.stdout,
           "what frankd did not hold is counted apart", said)
    said = holder.hold("release", "--label", "many recipients", "--yes", "--pace", "120/min")
    tap.ok(said.returncode == 0 and "3 released, 0 gone meanwhile" in said.stdout
           and holder.held() == {theirs}, "released by label, and slowly", said)
    said = holder.hold("release", "--label", "many recipients", "--yes")
    tap.ok(said.returncode == 0 and said.stdout == "nothing on hold fits that\n",
           "then there is nothing to do", said)
    said = holder.hold("release", theirs, "--yes")
    tap.ok(said.returncode == 0 and not holder.held(), "by its id it is released, too", said)
    tap.same(len(kept), 3, "all three that were kept")


def without_frankd(tap, holder, daemon):
    one, _ = holder.send()
    daemon.stop()
    said = holder.hold("release", one, "--yes", "--reason", "in the dark", env={"SUDO_USER": "kim"})
    tap.ok(said.returncode == 0 and "1 released" in said.stdout
           and "the journal gets what is done when it starts" in said.stderr
           and "whether their keys are still good is not known" in said.stderr,
           "without frankd it is released all the same, and what cannot be said is said", said)
    daemon.start()
    wait_until(lambda: action(daemon, "release")[1:]
               == ("root (uid 0) for kim", f"1 message: {one}; in the dark"),
               "what was done meanwhile in the journal", 10)
    tap.same(list((daemon.base / "state").glob("action-*")), [],
             "the journal has it as soon as frankd starts")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        lab.set(queue_run_delay="3600s", minimal_backoff_time="3600s")
        holder = Holder(lab, daemon)
        released(tap, lab, holder, daemon)
        kept = no_ids(tap, lab, holder)
        bounced(tap, lab, holder, daemon)
        deleted(tap, lab, holder, daemon)
        old(tap, lab, holder)
        key_gone(tap, lab, holder, daemon)
        trusted(tap, holder, daemon)
        filtered(tap, lab, holder, kept)
        without_frankd(tap, holder, daemon)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
