#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""OpenDKIM by its configuration, and frankd by what 'frank import' made of it: the same 200
messages through both must come back with the same signatures. Prints TAP.

For each message the pairs d=, s= are the same, or the import said of this difference that it
will be there. Signatures with the same d= and s= have the same c= and bh=, and what OpenDKIM
signs of the header is signed by Frank too, but for the names that the import listed.
"""

import itertools
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

SOURCE = pathlib.Path(os.environ.get("FRANK_SRC", ".")).resolve()
BUILD = pathlib.Path(os.environ.get("FRANK_BUILD", "build")).resolve()
sys.path[:0] = [str(SOURCE / "tests" / "system"), str(SOURCE / "tests" / "differential")]

from lab import LabError, stop_child, wait_until                # noqa: E402
from milter import Milter                                       # noqa: E402
from tap import Tap, scratch                                    # noqa: E402

MESSAGES = 200
COMMON = "Socket local:{base}/opendkim.sock\nSyslog no\nMode s\nRequireSafeKeys no\n"
TABLES = """\
KeyTable           file:{base}/keytable
SigningTable       refile:{base}/signingtable
InternalHosts      {base}/hosts
ExternalIgnoreList {base}/hosts
Canonicalization   relaxed/simple
OversignHeaders    From
"""
MULTIPLE = """\
KeyTable           {base}/keytable
SigningTable       {base}/signingtable
MultipleSignatures yes
InternalHosts      192.0.2.0/24, 2001:db8::/32
Canonicalization   relaxed
SignHeaders        From,To,Cc,Subject,Date,X-Office
"""
DOMAINS = """\
Domain             a.example, b.example, m.b.example
Selector           all
KeyFile            {keys}/1.pem
SubDomains         yes
"""
# Name, opendkim.conf, and the files beside it.
CONFIGURATIONS = (
    ("tables", TABLES, {
        "keytable": "mail._domainkey.a.example  a.example:mail:{keys}/1.pem\n"
                    "news                       a.example:news:{keys}/2.pem   # newsletter\n"
                    "own                        %:own:{keys}/3.pem\n"
                    "b                          b.example:s2:{keys}/3.pem\n",
        "signingtable": "news@a.example     news\n"
                        "*@a.example        mail._domainkey.a.example\n"
                        "*@b.example        b\n"
                        "*@*.b.example      b:mailbox@b.example\n"
                        "*@c.example        own\n"
                        "frank@third.example b\n",
        "hosts": "127.0.0.1\nlocalhost\n192.0.2.0/24\n192.168.0.1/24\n2001:db8::/32\n"}),
    ("multiple", MULTIPLE, {
        "keytable": "one a.example:one:{keys}/1.pem\ntwo a.example:two:{keys}/2.pem\n"
                    "b.example b.example:b:{keys}/3.pem\n",
        "signingtable": "alice@a.example two\na.example one\n.a.example one\n"
                        "b.example %\n.b.example b.example\n"}),
    ("domains", DOMAINS, {}),
)
AUTHORS = ("alice@a.example", "news@a.example", "Alice@A.EXAMPLE", "bob@b.example",
           "carol@m.b.example", "carol@deep.m.b.example", "dave@x.a.example",
           "erin@c.example", "frank@third.example", "grace@other.example")
OUTSIDE = ("client.example.net", "198.51.100.7", 4000)
# Who sends: client, and the login with AUTHOR for the author's own.
ORIGINS = (
    (OUTSIDE, "AUTHOR"), (("relay.example", "192.0.2.9", 4000), None),
    (("localhost", "127.0.0.1", 0), None), (OUTSIDE, None),
    (("localhost", "127.0.0.1", 4000), None), (OUTSIDE, "mallory@b.example"),
    (("six.example", "2001:db8::9", 4000), None),
    (("relay.example", "192.0.2.9", 4000), "AUTHOR"),
)
FIELDS = (
    (("Subject", "Lunch"), ("Date", "Mon, 2 Mar 2026 09:00:00 +0000")),
    (("Cc", "carol@example.net,\n\tdan@example.net"), ("Subject", "a  b "), ("X-Office", "3"),
     ("Message-ID", "<1@a.example>"), ("MIME-Version", "1.0"), ("Content-Type", "text/plain")),
    (("Reply-To", "x@a.example"), ("In-Reply-To", "<0@a.example>"), ("References", "<0@a>"),
     ("List-Id", "<l.a.example>"), ("List-Unsubscribe", "<mailto:u@a.example>"),
     ("Resent-From", "y@a.example"), ("Received", "from x by y"), ("Subject", "one")),
)
BODIES = (b"At noon?\r\n", b"", b"white  space \t\r\n\r\nand lines at the end\r\n\r\n\r\n",
          b"a long one\r\n" * 9000)


def messages():
    """Every author from everywhere, with header and body in turn."""
    pairs = itertools.cycle(itertools.product(AUTHORS, ORIGINS))
    for number, (author, (client, login)) in zip(range(MESSAGES), pairs):
        macros = {"i": f"4cX{number:06}", "j": "mail.example.org", "{daemon_name}": "smtpd"}
        if login:
            login = author.lower() if login == "AUTHOR" else login
            macros |= {"{auth_type}": "PLAIN", "{auth_authen}": login}
        yield {"client": client, "helo": "client.example.net", "macros": macros,
               "sender": f"<{author}>", "rcpts": ["<rcpt@example.net>"], "author": author,
               "owned": login in (None, author.lower()),
               "fields": [("From", f"Somebody <{author}>"), ("To", "rcpt@example.net"),
                          *FIELDS[number % len(FIELDS)]],
               "body": BODIES[number % len(BODIES)]}


def signatures(path, mail):
    """{(d, s): tags} of one message."""
    with Milter(path) as milter:
        verdict, inserted = milter.message(mail)
    if verdict not in "ac":
        raise LabError(f"{path}: '{verdict}' for {mail['author']}")
    found = {}
    for name, value in inserted:
        if name.lower() == "dkim-signature":
            tags = re.sub(r"\s", "", value).rstrip(";").split(";")
            tags = dict(tag.split("=", 1) for tag in tags)
            found[tags["d"], tags["s"]] = tags
    return found


class EmptyWorld(threading.Thread):
    """A resolver that knows no name, so that no question leaves this machine."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        while True:
            question, client = self.socket.recvfrom(4096)
            end = question.index(b"\0", 12) + 5
            self.socket.sendto(question[:2] + b"\x81\x83\0\1\0\0\0\0\0\0" + question[12:end],
                               client)


class Both:
    """OpenDKIM and frankd, each with its own form of one configuration, below BASE."""

    def __init__(self, base, conf, files, port):
        self.base, self.running, self.sockets = base, [], []
        for name, text in {**files, "opendkim.conf": COMMON + conf}.items():
            (base / name).write_text(text.format(base=base, keys=base.parent))
        done = subprocess.run(
            [BUILD / "ctl/frank", "import", "opendkim", base / "opendkim.conf", "--to",
             base / "frank", "--json"], check=False, capture_output=True, text=True)
        self.findings = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode not in (0, 1) or self.findings[-1]["errors"]:
            raise LabError(f"frank import: {done.returncode}: {done.stdout}{done.stderr}")
        with open(base / "frank" / "frank.conf", "a") as policy:
            policy.write(f'set listen "unix:{base}/frank.sock"\n'
                         f'set control "{base}/control.sock"\nset state "{base}/state"\n'
                         f'set resolver "127.0.0.1@{port}"\nset dns-deadline 1s\n')

    def start(self):
        for name, *command in (
                ("opendkim", "opendkim", "-f", "-x", self.base / "opendkim.conf"),
                ("frank", BUILD / "milter/frankd", "-d", "-c", self.base / "frank/frank.conf")):
            log = open(self.base / f"{name}.log", "w")
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.running.append(child)
            path = self.base / f"{name}.sock"
            self.sockets.append(path)
            wait_until(lambda: child.poll() is not None or answers(path), name, 20)
            if child.poll() is not None:
                raise LabError(f"{name}: " + (self.base / f"{name}.log").read_text())

    def stop(self):
        if self.running:
            self.running[0].kill()  # asked to stop, libmilter thinks about it for 5 seconds
        for child in self.running:
            stop_child(child, 20)

    def said(self, result, begin):
        """What the import said of this, or ""."""
        return "".join(one["message"] for one in self.findings if one["result"] == result
                       and one.get("what", "").startswith(begin))


def answers(path):
    try:
        with Milter(path):
            return True
    except OSError:
        return False


def header_excuse(both):
    """The names of header fields that the import said Frank does not sign."""
    said = both.said("differs", "signed header") + both.said("left", "SignHeaders")
    return {name.lower() for name in re.findall(r"[A-Za-z][A-Za-z-]+", said)}


def compare(both, mail, counts):
    """None, or what is wrong with this message."""
    theirs, ours = [signatures(path, mail) for path in both.sockets]
    for pair in set(theirs) & set(ours):
        a, b = theirs[pair], ours[pair]
        lost = set(a["h"].lower().split(":")) - set(b["h"].lower().split(":"))
        if lost - header_excuse(both):
            return f"not signed any more, and not said: {lost - header_excuse(both)}"
        if (a["c"], a["bh"]) != (b["c"], b["bh"]):
            return f"c={a['c']} bh={a['bh']}, Frank c={b['c']} bh={b['bh']}"
    if set(theirs) == set(ours):
        counts["alike, signed" if ours else "alike, unsigned"] += 1
    elif not ours and not mail["owned"] and "owns author" in both.said("differs", "who may"):
        counts["login does not own the author"] += 1
    elif not ours and "another domain" in both.said("look", mail["author"] + " "):
        counts["d= of another domain"] += 1
    else:
        return f"OpenDKIM {sorted(theirs)}, Frank {sorted(ours)}"
    return None


def run(tap, base, configuration, port):
    name, conf, files = configuration
    base.mkdir()
    both = Both(base, conf, files, port)
    counts = {"alike, signed": 0, "alike, unsigned": 0, "login does not own the author": 0,
              "d= of another domain": 0}
    wrong = []
    try:
        both.start()
        for mail in messages():
            fault = compare(both, mail, counts)
            if fault:
                wrong.append(f"{mail['author']} from {mail['client'][1]}:{mail['client'][2]} "
                             f"login {mail['macros'].get('{auth_authen}')}: {fault}")
    finally:
        both.stop()
    tap.ok(not wrong, f"{name}: {MESSAGES} messages", "\n".join(wrong[:20]))
    tap.ok(counts["alike, signed"] >= MESSAGES // 4, f"{name}: enough of them are signed")
    tap.note(", ".join(f"{what}: {n}" for what, n in counts.items()))


def main():
    tap, world = Tap(), EmptyWorld()
    with scratch() as scratched:
        base = pathlib.Path(scratched)
        base.chmod(0o755)
        for number in (1, 2, 3):
            subprocess.run(["openssl", "genrsa", "-out", base / f"{number}.pem", "2048"],
                           check=True, capture_output=True)
        for configuration in CONFIGURATIONS:
            run(tap, base / configuration[0], configuration, world.port)
    tap.done()


if __name__ == "__main__":
    main()
