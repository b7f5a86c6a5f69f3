#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank doctor --send: what becomes of a message, by sendmail(1) and by submission."""

import json
import os
import shlex
import shutil
import signal
import subprocess

import frankd
from hold_terminal_test import Terminal
from lab import PASSWORD, Lab, free_ports, port_answers, wait_until
from tap import BUILD, SOURCE, Tap, need_root, scratch
from world import World

POLICY = 'set maillog "{lab.log}"\n' + frankd.DNS_SETTINGS + frankd.POLICY.replace(
    "accept path inbound", """\
hold   author suspect@a.test              label "account takeover?"
reject author refused@a.test              reply "5.7.1 not this one"
accept path inbound""")
ZONE = f'@ TXT "v=spf1 ip4:{frankd.EGRESS} -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'
GREY = "450 4.2.0 Greylisted, please try again later"
CHECKS = {"send-path", "send-decision", "send-signature", "send-key", "send-spf", "send-dmarc",
          "send-answer", "send-verified"}


class Sender:
    """A lab with a frankd that follows its log, and what the doctor says of a test message."""

    def __init__(self, tap, lab):
        self.tap, self.lab = tap, lab
        self.boxes = lab.base / "boxes"
        self.boxes.mkdir(mode=0o755)
        subprocess.run(["chown", "nobody", self.boxes], check=True)
        world = World(lab, {"a.test": ZONE, "b.test": ZONE})
        world.start()
        self.daemon = frankd.Frankd(lab, BUILD, POLICY, world)
        self.daemon.key_new("a.test", "rsa26", "rsa2048")
        world.set("a.test", ZONE + self.daemon.record("a.test", "rsa26"))
        self.world = world
        self.password = lab.base / "password"
        self.password.write_text(PASSWORD + "\n")
        self._set_postfix()
        self.daemon.start()
        wait_until(lambda: "following" in self.daemon.log(), "the follower")

    def _set_postfix(self):
        """Mailboxes of our own, and a server that is busy."""
        (self.grey,) = free_ports(1)
        self.lab.spawn(["smtp-sink", "-u", "nobody", "-r", "RCPT", "-b", GREY,
                        f"127.0.0.1:{self.grey}", "100"], "grey.out")
        wait_until(lambda: port_answers(self.grey), "a server that is busy")
        uid = subprocess.run(["id", "-u", "nobody"], check=True, capture_output=True,
                             text=True).stdout.strip()
        self.lab.set(
            virtual_mailbox_limit="0", virtual_mailbox_domains="home.test",
            virtual_mailbox_base=str(self.boxes),
            virtual_mailbox_maps="inline:{ {me@home.test = dir/}, {file@home.test = file} }",
            virtual_uid_maps=f"static:{uid}", virtual_gid_maps=f"static:{uid}",
            transport_maps=f"inline:{{ {{ refuses.test = smtp:[127.0.0.1]:{self.lab.refuser} }},"
                           f" {{ grey.test = smtp:[127.0.0.1]:{self.grey} }} }}")

    def run(self, to, *arguments, wait="20s"):
        return self.daemon.frank("doctor", "--send", to, "--yes", "--wait", wait,
                                 "--postfix-config", self.lab.etc, *arguments, check=False)

    def ask(self, to, *arguments, **how):
        """{check: [(answer, evidence, remedy)]}, the whole, the exit status."""
        done = self.run(to, "--json", *arguments, **how)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        found = {}
        for line in lines[:-1]:
            found.setdefault(line["check"], []).append(
                (line["answer"], line["evidence"], line.get("remedy", "")))
        return found, lines[-1] if lines else {"stderr": done.stderr}, done.returncode

    def submission(self, sender="alice@a.test", password=None):
        return ("--submission", f"127.0.0.1:{self.lab.submission}", "--login", "alice@a.test",
                "--password-file", password or self.password, "--from", sender)

    def expect(self, what, got, want, result, status):
        """WANT: {check: (answer, part of its evidence)}; the other checks are ok."""
        found, whole, code = got
        for check, (answer, part) in want.items():
            self.tap.ok(any(one[0] == answer and part in one[1] for one in found.get(check, [])),
                        f"{what}: {check} is {answer}", found)
        others = {check: one for check, one in found.items() if check not in want}
        self.tap.ok(all(answer == "ok" for one in others.values() for answer, *_ in one),
                    f"{what}: all else is ok", others)
        self.tap.same((whole.get("frank.result"), code), (result, status),
                      f"{what}: result and exit status")


def sent(sender, tap):
    got = sender.ask("me@home.test", "--mailbox", sender.boxes / "dir")
    sender.expect("sendmail(1) to a Maildir", got, {
        "send-signature": ("ok", "d=a.test s=rsa26 a=rsa-sha256"),
        "send-decision": ("ok", "path local"),
        "send-spf": ("ok", "pass"),
        "send-dmarc": ("ok", "would pass (asks for reject)"),
        "send-key": ("ok", "rsa26._domainkey.a.test is ready"),
        "send-answer": ("ok", "me@home.test: sent 2.0.0"),
        "send-verified": ("ok", "the signature is valid")}, "sent", 0)
    tap.same(set(got[0]), CHECKS, "every check had its say")
    got = sender.ask("file@home.test", "--mailbox", sender.boxes / "file", *sender.submission())
    sender.expect("submission with a login to an mbox", got, {
        "send-path": ("ok", "login alice@a.test): 250 2.0.0 Ok: queued as"),
        "send-decision": ("ok", "path submission"),
        "send-verified": ("ok", "the signature is valid")}, "sent", 0)
    got = sender.ask("file@home.test", "--mailbox", sender.boxes / "file")
    sender.expect("the next one in the same mbox", got, {
        "send-verified": ("ok", "the signature is valid")}, "sent", 0)
    got = sender.ask("x@far.test")
    sender.expect("to the world", got, {
        "send-answer": ("ok", "x@far.test: sent 2."),
        "send-verified": ("could not tell", "name that with --mailbox")}, "sent", 0)
    mail = wait_until(lambda: [one for one in sender.lab.delivered()
                               if got[1]["email.message_id"] in one.field("Message-ID")],
                      "the test message")[0]
    tap.same((mail.sender, mail.rcpts, mail.field("Subject"), mail.field("Auto-Submitted")),
             ("postmaster@a.test", ["x@far.test"], "frank doctor test", "auto-generated"),
             "it is what was said, from postmaster of the first domain")
    tap.ok(all(result[3] is True for result in sender.daemon.verify(mail)) and mail.signed_by(),
           "and signed", mail.signed_by())


def text(sender, tap):
    done = sender.run("me@home.test", "--mailbox", sender.boxes / "dir")
    tap.note(done.stdout)
    tap.ok(all(len(line) <= 80 for line in done.stdout.splitlines()),
           "no line is wider than 80 columns")
    for part in ("Test message from postmaster@a.test\n", "ok  send-answer: me@home.test: sent",
                 f"Header, as in {sender.boxes}/dir\n", "\n  DKIM-Signature: v=1;",
                 "\n  Subject: frank doctor test\n", "8 checks: 0 bad, 0 could not tell, 8 ok\n"):
        tap.ok(part in done.stdout, f"the text has: {part.strip()}")


def broken_on_the_way(sender, tap):
    """What a mailbox has need not be what left."""
    (sender.lab.etc / "checks").write_text("/^DKIM-Signature:/ IGNORE\n")
    sender.lab.set(milter_header_checks=f"regexp:{sender.lab.etc}/checks")
    got = sender.ask("me@home.test", "--mailbox", sender.boxes / "dir")
    sender.expect("a signature that Postfix takes out", got,
                  {"send-verified": ("bad", "the message has no DKIM-Signature")}, "sent", 1)
    sender.lab.set(milter_header_checks="")
    got = sender.ask("me@home.test", "--mailbox", sender.boxes / "elsewhere", wait="3s")
    sender.expect("a mailbox that does not get it", got,
                  {"send-verified": ("could not tell", "the message is not in")}, "sent", 0)


def not_taken(sender, tap):
    got = sender.ask("x@refuses.test")
    sender.expect("a receiver that refuses", got, {
        "send-answer": ("bad", "x@refuses.test: bounced 5."),
        }, "bounced", 1)
    got = sender.ask("x@grey.test", wait="4s")
    sender.expect("a receiver that is busy", got, {
        "send-answer": ("could not tell", "deferred 4.2.0"),
        "send-verified": ("ok", "Postfix's queue: d=a.test s=rsa26: the signature is valid"),
        }, "waiting", 75)
    tap.ok("That means: " in got[0]["send-answer"][0][1] and got[0]["send-answer"][0][2],
           "what the words mean, and what to do", got[0]["send-answer"])
    done = sender.run("x@grey.test", wait="2s")
    tap.ok("\nStill waiting: frank explain " in done.stdout and done.returncode == 75,
           "and it is said that nothing is over", done.stdout)


def stopped(sender, tap):
    got = sender.ask("x@far.test", "--from", "suspect@a.test")
    sender.expect("held by policy", got, {
        "send-decision": ("bad", "account takeover?"),
        "send-verified": ("ok", "Postfix's queue: d=a.test s=rsa26: the signature is valid"),
        }, "stopped", 1)
    tap.ok(f"frank hold release {got[1]['email.local_id']}" in got[0]["send-decision"][0][2]
           and got[1]["email.local_id"] in [one["queue_id"] for one in sender.lab.held()],
           "and how to let it go", got[0]["send-decision"])
    got = sender.ask("x@far.test", "--from", "refused@a.test")
    sender.expect("refused by policy, by sendmail(1)", got, {
        "send-decision": ("bad", "5.7.1 not this one")}, "stopped", 1)
    got = sender.ask("x@far.test", *sender.submission("bob@b.test"))
    sender.expect("refused by policy, by submission", got, {
        "send-path": ("bad", "it answers the message with: 550 5.7.1 alice@a.test may not write"),
        "send-decision": ("bad", "may not write as bob@b.test")}, "not-sent", 1)
    got = sender.ask("x@far.test", "--from", "somebody@c.test")
    sender.expect("not signed", got, {
        "send-signature": ("bad", "not signed"),
        "send-spf": ("bad", "none"),
        "send-verified": ("could not tell", ""),
        }, "sent", 1)


def logins(sender, tap):
    wrong = sender.lab.base / "wrong"
    wrong.write_text("not it\n")
    got = sender.ask("x@far.test", *sender.submission(password=wrong))
    sender.expect("a wrong password", got,
                  {"send-path": ("bad", "it answers the login with: 535 5.7.8")}, "not-sent", 1)
    (closed,) = free_ports(1)
    got = sender.ask("x@far.test", "--submission", f"127.0.0.1:{closed}")
    sender.expect("nobody there", got,
                  {"send-path": ("bad", "it cannot be connected to: Connection refused")},
                  "not-sent", 1)
    got = sender.ask("x@far.test", "--submission", f"127.0.0.1:{sender.lab.smtp}", "--login", "a",
                     "--password-file", wrong)
    sender.expect("no logins there", got, {"send-path": ("bad", "it takes no login here")},
                  "not-sent", 1)


def ended_at_the_prompt(tap, terminal, command):
    """Whoever ends it from outside finds a terminal that shows what is typed."""
    terminal.clear()
    terminal.type(command)
    wait_until(lambda: terminal.text().endswith("? [y/N]"), "the question")
    terminal.type("y")
    wait_until(lambda: terminal.text().endswith("password of alice@a.test:"), "the prompt")
    shell = terminal.run("display-message", "-p", "#{pane_pid}").strip()
    with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as children:
        os.kill(int(children.read()), signal.SIGTERM)
    wait_until(lambda: terminal.text().endswith(">"), "the shell")
    terminal.clear()
    terminal.type("echo visible")
    wait_until(lambda: "visible" in terminal.text().splitlines(), "what echo says")
    tap.ok("> echo visible" in terminal.text(), "a terminal that echoes after SIGTERM",
           terminal.text())


def on_a_terminal(sender, tap):
    """The question, the password that nobody sees, the bar while it lasts."""
    command = shlex.join(str(word) for word in (
        BUILD / "ctl" / "frank", "-c", sender.daemon.conf, "doctor", "--send", "x@far.test",
        "--submission", f"127.0.0.1:{sender.lab.submission}", "--login", "alice@a.test",
        "--from", "alice@a.test", "--postfix-config", sender.lab.etc))
    terminal = Terminal(sender.lab.base)
    try:
        for ways in (("n",), ("y", None), ("y", PASSWORD[:-1] + "xx\x7f\x7f" + PASSWORD[-1])):
            terminal.clear()
            terminal.type(command)
            wait_until(lambda: terminal.text().endswith("? [y/N]"), "the question")
            terminal.type(ways[0])
            if len(ways) == 1:
                wait_until(lambda: "nothing was changed" in terminal.text(), "the answer to no")
                continue
            wait_until(lambda: terminal.text().endswith("password of alice@a.test:"), "the prompt")
            if ways[1] is None:
                terminal.run("send-keys", "C-c")
                wait_until(lambda: "no password was given" in terminal.text(), "the end")
                continue
            terminal.type(ways[1])
            wait_until(lambda: "8 checks: 0 bad, 1 could not tell, 7 ok" in terminal.text(), "the result", 30)
        shown = terminal.text()
        ended_at_the_prompt(tap, terminal, command)
        tap.ok(PASSWORD not in shown and "correct" not in shown, "the password is not shown", shown)
        tap.ok("ok  send-answer: x@far.test: sent" in shown, "and it was sent", shown)
        terminal.clear()
        terminal.type("echo visible")
        wait_until(lambda: "> echo visible\nvisible" in terminal.text(), "a terminal that echoes")
        tap.ok(True, "the terminal shows again what is typed")
        terminal.clear()
        terminal.type(command.replace("x@far.test", "x@grey.test") + " --wait 8s --password-file "
                      + str(sender.password))
        wait_until(lambda: terminal.text().endswith("? [y/N]"), "the question")
        terminal.type("y")
        wait_until(lambda: " of 8, " in terminal.text(), "a bar")
        wait_until(lambda: "Still waiting: frank explain" in terminal.text(), "the end", 30)
        tap.ok(" of 8, " not in terminal.text(), "a bar, and only while it lasts", terminal.text())
    finally:
        terminal.end()


def without_privileges(sender, tap):
    """Nobody may use sendmail(1) where set-group-id does nothing, and is told why."""
    owner = (sender.daemon.base / "state").stat().st_uid   # may read the journal
    frank = shutil.copy(BUILD / "ctl" / "frank", sender.lab.base / "frank-copy")
    done = subprocess.run(
        ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--clear-groups", "--no-new-privs",
         frank, "-c", sender.daemon.conf, "doctor", "--send", "x@far.test",
         "--yes", "--from", "postmaster@a.test", "--postfix-config", sender.lab.etc],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    tap.ok(done.returncode == 1 and "BAD send-path: sendmail(1) did not take it" in done.stdout
           and "NoNewPrivileges=" in done.stdout, "no new privileges", done.stdout + done.stderr)


def not_asked(sender, tap):
    """Postfix does not ask frankd, frankd is down, sendmail(1) fails."""
    sender.lab.set(smtpd_milters="", non_smtpd_milters="")
    for how, arguments in (("sendmail(1)", ()), ("submission", sender.submission())):
        got = sender.ask("x@far.test", *arguments)
        sender.expect(f"Postfix does not ask, {how}", got, {
            "send-decision": ("bad", "frankd never saw it"),
            "send-answer": ("ok", "sent 2."),
            "send-verified": ("could not tell", "")}, "unseen", 1)
        tap.ok("smtpd_milters" in got[0]["send-decision"][0][2], "what to look at is said",
               got[0]["send-decision"])
    sender.lab.set(smtpd_milters="unix:frank/milter.sock", non_smtpd_milters="$smtpd_milters")
    sender.daemon.stop()
    got = sender.ask("x@far.test", "--from", "postmaster@a.test", wait="2s")
    sender.expect("frankd is down", got, {
        "send-decision": ("could not tell", "neither frankd's journal nor")}, "waiting", 75)
    got = sender.ask("x@far.test", *sender.submission())
    sender.expect("frankd is down, submission", got, {
        "send-path": ("bad", "did not take it: it answers")}, "not-sent", 1)
    done = sender.daemon.frank("doctor", "--send", "x@far.test", "--yes", "--from", "a@a.test",
                               "--postfix-config", sender.lab.base / "nowhere", check=False)
    tap.ok(done.returncode == 1 and "BAD send-path: sendmail(1) did not take it" in done.stdout,
           "sendmail(1) that fails", done.stdout + done.stderr)


def main():
    need_root()
    os.environ["FRANK_REPLIES"] = str(SOURCE / "contrib" / "replies.conf")
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        sender = Sender(tap, lab)
        sent(sender, tap)
        text(sender, tap)
        broken_on_the_way(sender, tap)
        not_taken(sender, tap)
        stopped(sender, tap)
        logins(sender, tap)
        on_a_terminal(sender, tap)
        without_privileges(sender, tap)
        not_asked(sender, tap)
        if tap.failed:
            tap.note(sender.daemon.log()[-3000:])
            tap.note(lab.log.read_text()[-6000:])
    tap.done()


if __name__ == "__main__":
    main()
