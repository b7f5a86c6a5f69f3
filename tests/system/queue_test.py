#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank queue: what waits in a real Postfix's queue, for whom, whose it is and why."""

import json
import os
import pathlib
import re
import shlex
import subprocess

import frankd
from lab import Lab, free_ports, port_answers, queue_id, wait_until
from tap import BUILD, SOURCE, Tap, need_root, scratch

POLICY = """\
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"

keys "keys"

match path submission  owns author    sign

accept path inbound
hold   rcpts > 3                      label "many recipients"
accept
"""

# What each destination says. The numbers are how many messages go there.
GREY = "450 4.2.0 <r@grey.test>: Recipient address rejected: Greylisted"
RATE = "421 4.7.28 Gmail has detected an unusual rate of mail originating from your IP address"
FULL = "452 4.2.2 The recipient's inbox is out of storage space"
SENT = {"grey.test": 3, "rate.test": 4, "full.test": 1, "closed.test": 2}
CAUSES = {"greylisted": 3, "gmail-unusual-rate": 4, "mailbox-full": 1, "connection-refused": 2}
CLASSES = {"greylisted": "greylisting", "gmail-unusual-rate": "rate-limit",
           "mailbox-full": "mailbox-full", "connection-refused": "connection"}
FLOOD = 300


def message(seq, user):
    return (f"From: {user}\r\nTo: undisclosed-recipients:;\r\nSubject: {seq}\r\n"
            "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{seq}@a.test>\r\n\r\nHello\r\n").encode()


def sent(lab, seq, user, rcpts):
    code, reply = lab.send(message(seq, user), user, list(rcpts), user=user)
    if code != 250:
        raise AssertionError(f"{seq}: {code} {reply}")
    return queue_id(reply)


class Queue:
    """frank queue beside this Postfix."""

    def __init__(self, lab, daemon):
        self.lab, self.daemon = lab, daemon

    def run(self, *arguments):
        return self.daemon.frank("queue", *arguments, "--postfix-config", self.lab.etc, check=False)

    def text(self, *arguments):
        done = self.run(*arguments)
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f"{arguments}: {done}")
        return done.stdout

    def by(self, kind):
        rows = [json.loads(line) for line in self.text("--by", kind, "--json").splitlines()]
        return {row["frank.group"] or row["frank.state"]: row for row in rows}

    def messages(self, kind):
        return {name: row["frank.messages"] for name, row in self.by(kind).items()}


def refusers(lab, dot=""):
    """A next hop for each destination, and one port that nobody listens on. DOT ".": for what
    is below those domains."""
    grey, rate, full, closed = free_ports(4)
    for port, command, reply in ((grey, "RCPT", GREY), (rate, "MAIL", RATE), (full, "RCPT", FULL)):
        lab.spawn(["smtp-sink", "-u", "nobody", "-r", command, "-b", reply,
                   f"127.0.0.1:{port}", "100"], f"sink{port}.out")
    wait_until(lambda: all(port_answers(port) for port in (grey, rate, full)), "the next hops")
    table = " ".join(f"{{ {dot}{name}.test = smtp:[127.0.0.1]:{port} }}" for name, port in (
        ("grey", grey), ("rate", rate), ("full", full), ("closed", closed)))
    lab.set(transport_maps=f"inline:{{ {table} }}")


def has_reasons(lab):
    """Everything that is tried has been tried."""
    waiting = [entry for entry in lab.queued() if entry["queue_name"] != "hold"]
    return len(waiting) == sum(SENT.values()) and all(
        entry["queue_name"] == "deferred" and all("delay_reason" in rcpt for rcpt in entry["recipients"])
        for entry in waiting)


def fill(lab):
    for domain, number in SENT.items():
        for seq in range(number):
            user = "alice@a.test" if domain != "grey.test" else "bob@b.test"
            sent(lab, f"{domain}{seq}", user, [f"r{seq}@{domain}"])
    held = sent(lab, "held", "bob@b.test", [f"r{number}@far.test" for number in range(5)])
    wait_until(lambda: has_reasons(lab), "each to be tried", 30)
    return held


def counted(tap, queue, held):
    tap.same(queue.messages("queue"), {"deferred": sum(SENT.values()), "hold": 1}, "by queue")
    tap.same(queue.messages("destination"), {**SENT, "far.test": 1}, "by destination")
    rows = queue.by("cause")
    tap.same({name: row["frank.messages"] for name, row in rows.items()},
             {**CAUSES, "(on hold)": 1}, "by cause, as each server said it")
    tap.same({name: rows[name]["frank.class"] for name in CAUSES}, CLASSES, "of its kind")
    tap.ok("Greylisted" in rows["greylisted"]["message"], "with what was said", rows["greylisted"])
    tap.same(rows["(on hold)"]["email.local_id"], held, "and what is on hold waits for no server")


def logins(tap, queue):
    tap.same(wait_until(lambda: "(not in the journal)" not in queue.messages("login")
                        and queue.messages("login"), "the journal to have them"),
             {"alice@a.test": 7, "bob@b.test": 4}, "by login, as the journal has it")


def shown(tap, queue):
    text = queue.text()
    tap.ok(re.search(r"^ +10 +10 .* deferred$", text, re.M)
           and re.search(r"^11 messages for 15 recipients in the queue", text, re.M), "totals", text)
    heads = re.findall(r"^ +(\d+) [a-z-]+ \(([a-z-]+)\), oldest", text, re.M)
    tap.same({name: int(number) for number, name in heads}, CAUSES, "causes in plain words")
    tap.same([int(number) for number, _ in heads], sorted(CAUSES.values(), reverse=True),
             "the largest first")
    tap.ok("to      rate.test 4" in text and "  do      " in text and "  means   " in text,
           "for whom, and what to do", text)
    tap.ok(max(len(line) for line in text.splitlines()) <= 80, "in 80 columns", text)
    listed = queue.lab.base / "list"
    listed.write_text(queue.lab.command("postqueue", "-j"))
    tap.same(queue.text("--list", listed, "--by", "cause"), queue.text("--by", "cause"),
             "a list from postqueue -j is the same")


def without(tap, queue, lab):
    done = queue.daemon.frank("queue", "--postfix-config", lab.base / "nowhere", check=False)
    tap.ok(done.returncode != 0 and done.stdout == "" and done.stderr.startswith("frank: "),
           "Postfix that cannot be asked is no empty queue", done)


class Terminal:
    """tmux with one window, and a server of its own."""

    def __init__(self, folder):
        self.tmux = ["tmux", "-f", "/dev/null", "-S", str(folder / "tmux")]
        self.run("new-session", "-d", "-x", "80", "-y", "12", "sh")
        self.type("PS1='> '")
        self.type("echo before")

    def run(self, *arguments):
        return subprocess.run([*self.tmux, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def type(self, line):
        self.run("send-keys", "-l", line)
        self.run("send-keys", "Enter")

    def text(self):
        return self.run("capture-pane", "-p").rstrip()

    def end(self):
        subprocess.run([*self.tmux, "kill-server"], check=False)


def watched(tap, lab, daemon):
    command = shlex.join(str(word) for word in (
        BUILD / "ctl" / "frank", "-c", daemon.conf, "queue", "--watch", "--every", "1s",
        "--postfix-config", lab.etc))
    terminal = Terminal(pathlib.Path(lab.base))
    try:
        for how, end in (("Ctrl-C", "C-c"), ("the return key", "Enter")):
            terminal.type(command)
            wait_until(lambda: "11 messages" in terminal.text(), "a picture")
            lines = terminal.text().splitlines()
            tap.ok(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$", lines[0]) and len(lines) <= 12
                   and "before" not in terminal.text(), "as much of it as the screen has room for", lines)
            wait_until(lambda first=lines[0]: terminal.text().splitlines()[0] != first, "another one")
            wait_until(lambda: "one every 1s" in terminal.text(), "how it grew meanwhile")
            terminal.run("send-keys", end)
            wait_until(lambda: "before" in terminal.text() and terminal.text().endswith(">"),
                       f"the screen as it was, after {how}")
            terminal.type("echo status $?")
            wait_until(lambda: "status 0" in terminal.text(), "the status")
            tap.ok("messages for" not in terminal.text(), f"{how} gives the screen back",
                   terminal.text())
            terminal.type("clear; echo before")
            wait_until(lambda: terminal.text().startswith("before"), "a clear screen")
        terminal.type(command + " --count 1")
        wait_until(lambda: terminal.text().endswith(">") and "before" in terminal.text(), "the end")
        tap.same(terminal.run("display-message", "-p", "#{cursor_flag}").strip(), "1",
                 "and the cursor is there again")
    finally:
        terminal.end()


def many(tap, lab, queue):
    """What one login sends into a closed door shows, while it is still being tried."""
    with lab.connect(user="alice@a.test") as client:
        for seq in range(FLOOD):
            client.sendmail("alice@a.test", [f"r{seq}@closed.test"], message(f"flood{seq}", "alice@a.test"))
    total = wait_until(lambda: sum(queue.messages("queue").values()) == FLOOD + 11
                       and queue.messages("destination"), "all of them")
    tap.same(total["closed.test"], FLOOD + 2, "none is counted twice, and none is missing")
    wait_until(lambda: queue.messages("cause").get("connection-refused") == FLOOD + 2,
               "each to be tried or put off", 60)
    tap.ok(True, "what Postfix suspends has the same cause as what it tried")


def main():
    need_root()
    os.environ.setdefault("FRANK_REPLIES", str(SOURCE / "contrib" / "replies.conf"))
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        refusers(lab)
        # What was tried once stays as it is: the test asks more than once.
        lab.set(queue_run_delay="1h", minimal_backoff_time="1h", maximal_backoff_time="2h")
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        queue = Queue(lab, daemon)
        tap.same(queue.text(), "the queue is empty\n", "the queue is empty")
        held = fill(lab)
        counted(tap, queue, held)
        logins(tap, queue)
        shown(tap, queue)
        without(tap, queue, lab)
        watched(tap, lab, daemon)
        many(tap, lab, queue)
    tap.done()


if __name__ == "__main__":
    main()
