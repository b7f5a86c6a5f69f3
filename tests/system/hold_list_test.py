#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank hold list and show: what waits on hold, and nothing in a message speaks to the terminal."""

import contextlib
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import time

import frankd
from lab import Lab, free_ports, port_answers, queue_id, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = """\
table <ours>    {{ a.test, b.test }}
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"
set helo        mail.a.test
set trusted     {{ 192.0.2.0/24 }}

keys "keys"
meter sent  count messages  per origin  within 1h

match path submission  owns author    sign
match path relay       author <ours>  sign

accept path inbound
hold   sent > 2           label "account takeover?"
hold   rcpts > 3          label "many recipients"
hold   path relay         label "relayed"
accept
"""

BULK = 5000
MANY = [f"r{number}@far.test" for number in range(3)] + ["s@Other.test", "t@other.test"]


def message(seq, user="alice@a.test"):
    return (f"From: {user}\r\nTo: undisclosed-recipients:;\r\nSubject: {seq}\r\n"
            "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{seq}@a.test>\r\nX-Seq: {seq}\r\n\r\nHello\r\n").encode()


def sent(lab, seq, user, rcpts=("r@far.test",), **how):
    code, reply = lab.send(message(seq, user), user, list(rcpts), **(how or {"user": user}))
    if code != 250:
        raise AssertionError(f"{seq}: {code} {reply}")
    return queue_id(reply)


class Hold:
    """frank hold beside this Postfix."""

    def __init__(self, lab, daemon):
        self.lab, self.daemon = lab, daemon

    def run(self, *arguments):
        return self.daemon.frank("hold", *arguments, "--postfix-config", self.lab.etc, check=False)

    def list(self, *arguments):
        done = self.run("list", *arguments)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done}")
        return done.stdout

    def json(self, *arguments):
        return [json.loads(line) for line in self.list(*arguments, "--json").splitlines()]

    def ids(self, *arguments):
        return [one["email.local_id"] for one in self.json(*arguments)]



# What a terminal would act upon: clear the screen, set the title, one byte CSI, turn the text round.
ATTACK = "\x1b[2J\x1b]0;pwned\x07"
HOSTILE = (
    "From: bob@b.test\r\nTo: undisclosed-recipients:;\r\n"
    f"Subject: =?utf-8?Q?Rechnung_f=C3=BCr_=1B=5B2J?= {ATTACK}\r\n"
    "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <hostile@b.test>\r\n"
    f"X-Odd: a\u202eb{ATTACK}\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=XX\r\n\r\n"
    "--XX\r\nContent-Type: multipart/alternative; boundary=YY\r\n\r\n"
    "--YY\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    "Gr=FC=DFe=1B[2J=9B31m=07\r\n\r\n4cXyZ71kq  2026-03-02 09:03:00Z  accept\r\n"
    + "".join(f"line {number}\r\n" for number in range(60)) +
    "\r\n--YY\r\nContent-Type: text/html\r\n\r\n<p>the same</p>\r\n--YY--\r\n"
    "--XX\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename*=utf-8''%1b%5d0%3bpwned%07R%C3%BCck.pdf\r\n\r\n"
    "AAECAwQFBgc=\r\n--XX--\r\n").encode()
HTML = (
    "From: bob@b.test\r\nTo: undisclosed-recipients:;\r\nSubject: html\r\n"
    "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <html@b.test>\r\n"
    "Content-Type: text/html; charset=utf-8\r\n\r\n"
    "<style>p { color: red }</style><p>Your account&#233; &amp; more<br>"
    "<a href=\"http://evil.test/login\">your bank</a> &#27;[2J</p>\r\n").encode()


def submit(lab, data, rcpts=MANY):
    code, reply = lab.send(data, "bob@b.test", list(rcpts), user="bob@b.test")
    if code != 250:
        raise AssertionError(f"{code} {reply}")
    return queue_id(reply)


def change_journal(daemon, statement, *values):
    """As if it had been otherwise."""
    for path in sorted((daemon.base / "state").glob("journal-*.db")):
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as base, base:
            base.execute(statement, values)


class Mails:
    """One of each kind, by name."""

    def __init__(self, lab, daemon, hold):
        self.many = sent(lab, "many", "bob@b.test", MANY)
        self.taken = [sent(lab, f"take{number}", "alice@a.test") for number in range(5)][2:]
        self.relayed = sent(lab, "relay", "x@a.test", address="192.0.2.77")
        # Accepted, and put on hold by hand; of one the journal knows nothing.
        self.swept, self.unknown = (
            sent(lab, name, "x@b.test", ["r@later.test"], address="203.0.113.5")
            for name in ("swept", "unknown"))
        for one in (self.swept, self.unknown):
            lab.command("postsuper", "-h", one)
        # Held, and gone; and one whose id had been somebody else's two hours ago.
        self.gone, self.reused = (sent(lab, name, "bob@b.test", MANY) for name in ("gone", "reused"))
        lab.command("postsuper", "-d", self.gone)
        wait_until(lambda: {self.gone, self.reused, self.unknown} <= {
            row["email.local_id"] for row in daemon_log(daemon)}, "the journal to have them")
        change_journal(daemon, "DELETE FROM decision WHERE queue_id = ?", self.unknown)
        change_journal(daemon, "UPDATE decision SET time = time - 7200000000 WHERE queue_id = ?",
                       self.reused)
        self.waiting = [self.many, *self.taken, self.relayed, self.swept, self.unknown, self.reused]


def daemon_log(daemon):
    return [json.loads(line) for line in daemon.frank("log", "-n", "100", "--json").splitlines()]


def listed(tap, hold, mails):
    rows = {row["email.local_id"]: row for row in hold.json()}
    tap.same(sorted(rows), sorted(mails.waiting), "list has what waits, and nothing else")
    tap.same([rows[one]["frank.state"] for one in mails.waiting],
             ["held"] * 5 + ["others"] * 3, "what frankd did not hold is told apart")
    one = rows[mails.many]
    tap.same((one["event.reason"], one["user.name"], one["email.from.address"], one["frank.sender"],
              one["frank.rcpts"], one["email.to.address"], one["frank.incident"]),
             ("many recipients", "bob@b.test", "bob@b.test", "bob@b.test", 5, ["r0@far.test"], 1),
             "label, login, author, sender, recipients and incident")
    tap.same([rows[one].get("frank.incident") for one in mails.taken + [mails.relayed]],
             [2, 2, 2, 3], "each belongs to the incident of its label and key")
    tap.same((rows[mails.swept].get("source.ip"), rows[mails.swept].get("event.reason"),
              rows[mails.unknown].get("source.ip"), rows[mails.reused].get("user.name")),
             ("203.0.113.5", None, None, None),
             "of mail put there by others, what the journal knows; an id used again is no record of it")
    text = hold.list()
    lines = text.splitlines()
    tap.ok(re.match(r"ID +age +origin +rcpts first rcpt +size +inc +label$", lines[0])
           and len(lines) == 10, "as a table, where nothing is cut: this is no terminal",
           text)
    tap.ok(re.search(rf"^{mails.many} +\d+s  bob@b.test +5 r0@far.test +\d+  #1 +many recipients$",
                     text, re.M), "with a line for each", text)
    tap.ok(re.fullmatch(r'8 held: 3 "account takeover\?", 1 "many recipients", 1 "relayed", '
                        r"3 put there by somebody else; oldest \d+s", lines[-1]),
           "and what it comes to", lines[-1])
    detail = hold.list("-v", "--user", "bob@b.test")
    tap.ok("  sender bob@b.test  author bob@b.test  client 127.0.0.1  at frank.conf:" in detail,
           "-v has what the table has no room for", detail)


def gone(tap, hold, mails):
    rows = hold.json("--gone")
    state = {(row["email.local_id"], row["frank.state"]) for row in rows}
    tap.ok({(mails.gone, "gone"), (mails.reused, "gone"), (mails.reused, "others")} <= state
           and len(rows) == 10, "--gone adds what was held and is not there any more", rows)
    text = hold.list("--gone")
    tap.ok(f"{mails.gone}" in text and "(gone) many recipients" in text
           and text.splitlines()[-1].endswith("; 2 gone"), "and says so", text)


def grouped(tap, hold, mails):
    groups = {by: {row["frank.group"]: row for row in hold.json("--by", by)}
              for by in ("label", "user", "domain", "incident")}
    counts = {by: {name: row["frank.messages"] for name, row in found.items()}
              for by, found in groups.items()}
    tap.same(counts["label"], {"account takeover?": 3, "many recipients": 1, "relayed": 1,
                               "(by others)": 3}, "--by label")
    tap.same(counts["user"], {"alice@a.test": 3, "bob@b.test": 1, None: 4}, "--by user")
    tap.same(counts["domain"], {"far.test": 6, "other.test": 2, "later.test": 2}, "--by domain")
    tap.same({name: row["frank.rcpts"] for name, row in groups["domain"].items()},
             {"far.test": 10, "other.test": 4, "later.test": 2}, "with each domain's recipients")
    tap.same(counts["incident"], {"1": 1, "2": 3, "3": 1, None: 3}, "--by incident")
    tap.same({row["frank.group"]: row["frank.messages"] for row in hold.json("--by", "login")},
             counts["user"], "a user is a login, as other commands call it")
    text = hold.list("--by", "label")
    tap.ok(re.search(rf"^account takeover\? +3 +3 +\S+ +\d+s +\d+s  {mails.taken[0]}$", text, re.M),
           "a group has its size, ages and an example", text)
    wrong = hold.run("list", "--by", "colour")
    tap.ok(wrong.returncode == 64 and "label, user, domain, incident" in wrong.stderr,
           "what it cannot be grouped by is said", wrong)


def filtered(tap, hold, mails):
    cases = {
        ("--user", "ALICE@a.test"): mails.taken,
        ("--label", "Many recipients"): [mails.many],
        ("--to", "OTHER.test"): [mails.many, mails.reused],
        ("--to", "t@other.test"): [mails.many, mails.reused],
        ("--to", "ther.test"): [],
        ("--client", "192.0.2.0/24"): [mails.relayed],
        ("--client", "203.0.113.5"): [mails.swept],
        ("--incident", "2"): mails.taken,
        ("--incident", "2", "--user", "bob@b.test"): [],
        ("--older", "1h"): [],
        ("--older", "1s", "--user", "bob@b.test"): [mails.many],
    }
    time.sleep(1.1)
    wrong = {arguments: hold.ids(*arguments) for arguments, want in cases.items()
             if sorted(hold.ids(*arguments)) != sorted(want)}
    tap.same(wrong, {}, "filters choose")
    tap.same(hold.list("--older", "7d"), "nothing on hold is like that\n", "and say when nothing fits")
    bad = [hold.run("list", *arguments).returncode for arguments in (
        ("--older", "soon"), ("--client", "192.0.2.1/24"), ("--incident", "x"), ("extra",))]
    tap.same(bad, [64] * 4, "what is no filter is said")


def is_plain(text):
    """Nothing in it steers a terminal."""
    return not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def shown(tap, lab, hold):
    one, html = submit(lab, HOSTILE), submit(lab, HTML)
    wait_until(lambda: hold.json("--to", "far.test", "--older", "1s"), "a second")
    done = hold.run("show", one)
    text = done.stdout
    tap.same(done.returncode, 0, "show")
    wanted = [f"{one}  on hold since", "> 15  hold", "sent > 2", "signed with b.test/rsa26",
              "  from    bob@b.test", "  to      r0@far.test", "          t@other.test",
              "  login   bob@b.test", r" \x1b[2J\x1b]0;pwned\x07", r"X-Odd: a\xe2\x80\xaeb\x1b[2J"]
    tap.same([one for one in wanted if one not in text], [],
             "the decision, the envelope, the header")
    tap.ok(is_plain(text), "nothing of it can steer a terminal", repr(text))
    if "built without GMime" in text:
        tap.ok("  | --XX\n" in text, "the body as it stands", text)
        return one
    tap.ok(r"Subject: Rechnung für \x1b[2J \x1b[2J\x1b]0;" in text, "a field is decoded", text)
    tap.ok(r"  | Grüße\x1b[2J\xc2\x9b31m\x07" in text and "  | line 36\n" in text
           and "  | line 37\n" not in text and "  and 23 more lines" in text
           and "the same" not in text, "the text, in UTF-8, and some lines of it", text)
    tap.ok(not re.search(r"^4cXyZ71kq", text, re.M), "none of which looks like ours", text)
    tap.ok(re.search(r"^  2 +application/pdf +8  \\x1b\]0;pwned\\x07Rück.pdf$", text, re.M)
           and re.search(r"^  1\.1 +text/plain", text, re.M)
           and re.search(r"^  1\.2 +text/html", text, re.M), "parts by type, size and name", text)
    tap.ok("  | line 59\n" in hold.run("show", one, "--lines", "0").stdout, "--lines 0 has all")
    data = json.loads(hold.run("show", one, "--json").stdout)
    parts = [(part["type"], part.get("name"), part["size"]) for part in data["frank.parts"]]
    tap.ok(parts[2] == ("application/pdf", "\x1b]0;pwned\x07Rück.pdf", 8)
           and data["frank.parts"][0]["text"].startswith("Grüße")
           and is_plain(hold.run("show", one, "--json").stdout), "the same as JSON", parts)
    html = hold.run("show", html).stdout
    tap.ok("HTML without its tags" in html and "  | Your accounté & more\n" in html
           and "your bank <http://evil.test/login>" in html and "color" not in html
           and is_plain(html), "HTML without tags, and where its links lead", html)
    return one


def taken_out(tap, lab, hold, one):
    """The message itself."""
    whole = lab.command("postcat", "-qbh", one)
    raw = hold.run("show", one, "--raw")
    tap.ok(raw.returncode == 0 and raw.stdout == whole and "pwned" in whole, "--raw is the message", raw)
    path = lab.base / "saved.eml"
    done = hold.run("show", one, "--save", path)
    tap.ok(done.returncode == 0 and path.read_text() == whole and path.stat().st_mode & 0o777 == 0o600,
           "--save writes it into a file of its own", done)
    path.write_text("mine")
    again = hold.run("show", one, "--save", path)
    tap.ok(again.returncode == 74 and "not written over" in again.stderr and path.read_text() == "mine",
           "and writes over none", again)


def refused(tap, lab, hold, mails):
    missing = hold.run("show", "ABCDEF1234")
    tap.ok(missing.returncode == 66 and "not on hold" in missing.stderr, "show: what is not there", missing)
    left = hold.run("show", mails.gone)
    tap.ok(left.returncode == 66 and "is not on hold any more" in left.stdout
           and "many recipients" in left.stdout, "what is gone has its decision", left)
    wrong = [hold.run("show", one).returncode for one in ("ALL", "../x", "-")]
    tap.same(wrong, [64, 64, 64], "what is no queue id is not asked for")
    other = hold.run("show", mails.unknown)
    tap.ok(other.returncode == 0 and "put there by somebody else" in other.stdout
           and "no record of it" in other.stdout and "Subject: unknown" in other.stdout,
           "what the journal does not know can be looked at", other)
    denied = subprocess.run([BUILD / "ctl" / "frank", "hold", "show", mails.many], check=False,
                            text=True, user="nobody", capture_output=True)
    tap.ok(denied.returncode == 77 and "only root" in denied.stderr, "show needs root, and says so",
           denied)


def status(tap, lab, daemon, mails):
    said = daemon.frank("status", "--postfix-config", lab.etc).splitlines()[-1]
    tap.ok(re.fullmatch(r'hold      10 held: 5 "account takeover\?", 1 "many recipients", '
                        r'1 "relayed", 3 put there by somebody else; oldest \d+s', said),
           "status counts by label, and says how old the oldest is", said)
    data = json.loads(daemon.frank("status", "--postfix-config", lab.etc, "--json"))
    tap.ok(data["held"] == 10 and data["held.others"] == 3 and data["held.seconds"] >= 1
           and data["keys"] == 2, "in JSON too, beside what frankd says", data)
    said = daemon.frank("status", "--postfix-config", "/nowhere").splitlines()[-1]
    tap.ok(said.startswith("hold      what waits cannot be said: postqueue"),
           "and says when Postfix cannot be asked", said)


class Terminal:
    """A terminal of 80 columns."""

    def __init__(self, lab, daemon):
        self.lab, self.daemon, self.socket = lab, daemon, lab.base / "tmux"

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], check=True,
                              text=True, stdout=subprocess.PIPE).stdout

    def run(self, *arguments):
        """What stands on the screen when 'frank hold ...' has ended, and in its title."""
        words = [BUILD / "ctl" / "frank", "-c", self.daemon.conf, "hold", *arguments,
                 "--postfix-config", self.lab.etc]
        command = shlex.join(map(str, words)) + "; echo END; read _"
        self.tmux("new-session", "-d", "-x", "80", "-y", "60", "-s", "t", command)
        try:
            wait_until(lambda: re.search("^END$", self.screen(), re.M), "frank in a terminal", 30)
            return self.screen(), self.tmux("display-message", "-p", "-t", "t", "#{pane_title}")
        finally:
            self.tmux("kill-session", "-t", "t")

    def screen(self):
        return self.tmux("capture-pane", "-p", "-S", "-200", "-t", "t")



def in_a_terminal(tap, lab, daemon, one):
    if shutil.which("tmux") is None:
        tap.ok(True, "list and show in a terminal # SKIP no tmux")
        return
    terminal = Terminal(lab, daemon)
    listed = terminal.run("list")[0].partition("END")[0].rstrip().splitlines()
    # The summary may be longer than a line; the table is not.
    tap.ok(listed[0].startswith("ID ") and all(
        re.match(r"\w+ +\d+[smh] ", line) for line in listed[1:11]), "list has a line for each, in 80 columns",
        "\n".join(listed))
    shown, title = terminal.run("show", one, "--lines", "5")
    tap.ok(r" \x1b[2J\x1b]0;pwned\x07" in shown and "on hold since" in shown
           and "pwned" not in title and " more lines\n" in shown, "show leaves the screen and its title alone", shown)
    raw, _ = terminal.run("show", one, "--raw")
    tap.ok("does not write to a terminal" in raw and "pwned" not in raw,
           "--raw does not write to a terminal", raw)


def many(tap, lab, daemon, hold):
    before = len(hold.ids())
    subprocess.run(["smtp-source", "-s", "20", "-m", str(BULK), "-f", "x@a.test", "-t", "r@far.test",
                    "-l", "600", f"127.0.0.1:{lab.smtp}"], check=True)
    wait_until(lambda: len(hold.ids()) == before + BULK, "all of them in the journal", 30)
    began = time.monotonic()
    text = hold.list()
    seconds = time.monotonic() - began
    tap.ok(len(text.splitlines()) == before + BULK + 2 and seconds < 10,
           f"{before + BULK} are listed in seconds", seconds)
    tap.note(f"list of {before + BULK}: {seconds:.2f} s")
    tap.same(len(re.findall(r"  127\.0\.0\.1  ", text)), BULK, "each with its origin")


def without_frankd(tap, hold, daemon, mails):
    daemon.stop()
    text = hold.list("--to", "other.test")
    tap.ok(mails.many in text and " inc " not in text, "without frankd it lists all the same", text)
    asked = hold.run("list", "--incident", "2")
    tap.ok(asked.returncode in (66, 69, 74, 75) and "incident 2 cannot be said" in asked.stderr,
           "but not by incident", asked)


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        (later,) = free_ports(1)
        lab.spawn(["smtp-sink", "-u", "nobody", "-r", "RCPT", f"127.0.0.1:{later}", "100"], "later.out")
        wait_until(lambda: port_answers(later), "a next hop that is not ready")
        lab.set(mynetworks="127.0.0.0/8, 192.0.2.0/24, 203.0.113.0/24",
                transport_maps=f"inline:{{ {{ later.test = smtp:[127.0.0.1]:{later} }} }}")
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        hold = Hold(lab, daemon)
        tap.same(hold.list(), "nothing is on hold\n", "nothing is on hold")
        mails = Mails(lab, daemon, hold)
        listed(tap, hold, mails)
        gone(tap, hold, mails)
        grouped(tap, hold, mails)
        filtered(tap, hold, mails)
        one = shown(tap, lab, hold)
        taken_out(tap, lab, hold, one)
        refused(tap, lab, hold, mails)
        status(tap, lab, daemon, mails)
        in_a_terminal(tap, lab, daemon, one)
        many(tap, lab, daemon, hold)
        without_frankd(tap, hold, daemon, mails)
    tap.done()


if __name__ == "__main__":
    main()
