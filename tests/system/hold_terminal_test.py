#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank hold release on a terminal of 80 columns: what it asks, no, yes, and the bar."""

import pathlib
import re
import shlex
import subprocess

import frankd
from lab import Lab, transact, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = """\
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"

keys "keys"

match path submission  owns author    sign

accept path inbound
hold   user any       label "account takeover?"
accept
"""

USER = "a-rather-long-name-of-somebody@a.test"
COUNT = 24
MESSAGE = ("From: {}\r\nTo: undisclosed-recipients:;\r\nSubject: x\r\n"
           "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{}@a.test>\r\n\r\nHello\r\n")


class Terminal:
    """tmux with one window of 80 columns, and a server of its own."""

    def __init__(self, folder):
        self.tmux = ["tmux", "-f", "/dev/null", "-S", str(folder / "tmux")]
        self.run("new-session", "-d", "-x", "80", "-y", "30", "sh")
        self.type("PS1='> '")
        self.clear()

    def run(self, *arguments):
        return subprocess.run([*self.tmux, *arguments], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def clear(self):
        self.type("clear")
        wait_until(lambda: self.text() == ">", "an empty screen")
        self.run("clear-history")

    def type(self, line):
        self.run("send-keys", "-l", line)
        self.run("send-keys", "Enter")

    def text(self):
        """What is on the screen, and above it."""
        return self.run("capture-pane", "-p", "-S", "-").rstrip()

    def end(self):
        subprocess.run([*self.tmux, "kill-server"], check=False)


def asked(tap, terminal, command, lab):
    terminal.type(command)
    wait_until(lambda: terminal.text().endswith("release them? [y/N]"), "the question")
    lines = terminal.text().splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith(f"{COUNT} mess"))
    lines = lines[head:]
    tap.ok(lines[0] == f"{COUNT} messages of {USER}"
           and re.fullmatch(rf"  to {5 * COUNT} recipients, held since \d{{4}}-\d\d-\d\d \d\d:\d\dZ",
                            lines[1]), "how many, whose, to how many and since when", lines[:2])
    tap.ok(len(lines) == 14
           and all(re.fullmatch(r"  [0-9A-Za-z]{6,20} +\d+[sm]  r0@far\.test and 4 more", line)
                   for line in lines[2:12])
           and lines[12] == f"  and {COUNT - 10} more",
           "ten of them, one a line, none broken by the terminal", "\n".join(lines))
    tap.same(len(lab.held()), COUNT, "nothing happens before the answer")


def answered(tap, terminal, command, lab):
    terminal.type("n")
    wait_until(lambda: "nothing was changed" in terminal.text(), "the answer to no")
    tap.same(len(lab.held()), COUNT, "no is no")
    terminal.clear()
    terminal.type(command)
    wait_until(lambda: terminal.text().endswith("release them? [y/N]"), "the question")
    terminal.type("")
    wait_until(lambda: "nothing was changed" in terminal.text(), "the answer to nothing")
    tap.same(len(lab.held()), COUNT, "and so is nothing at all")
    terminal.clear()
    terminal.type(command + " --pace 5/s")
    wait_until(lambda: terminal.text().endswith("release them? [y/N]"), "the question")
    terminal.type("y")
    bar = wait_until(lambda: re.search(r"^\[#+ +\] \d+ of 24, \d s left$", terminal.text(), re.M),
                     "a bar", 10)
    tap.ok(len(bar.group(0)) <= 80, "a bar while it lasts", bar)
    wait_until(lambda: terminal.text().endswith(">"), "the end", 20)
    tap.same(terminal.text().splitlines()[-2:], [f"{COUNT} released, 0 gone meanwhile", ">"],
             "then the bar is gone, and the result stands there")
    tap.same(lab.held(), [], "yes is yes")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base, users=(USER, "bob@b.test")) as lab:
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        client = lab.connect(user=USER)
        for seq in range(COUNT):
            transact(client, MESSAGE.format(USER, seq).encode(), USER,
                     [f"r{number}@far.test" for number in range(5)])
        client.close()
        tap.same(len(lab.held()), COUNT, "all are held")
        command = shlex.join(str(word) for word in (
            BUILD / "ctl" / "frank", "-c", daemon.conf, "hold", "release", "--label",
            "account takeover?", "--postfix-config", lab.etc))
        terminal = Terminal(pathlib.Path(base))
        try:
            asked(tap, terminal, command, lab)
            answered(tap, terminal, command, lab)
        finally:
            terminal.end()
    tap.done()


if __name__ == "__main__":
    main()
