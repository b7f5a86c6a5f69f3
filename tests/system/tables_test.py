#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Postfix's own tables say who owns an address; one that cannot be asked defers, and nothing else."""

import contextlib
import itertools
import os
import pathlib
import pwd
import re
import signal
import socketserver
import subprocess
import threading
import time

import frankd
from lab import Lab, queue_id, wait_until
from load import Load, message, settle
from tap import BUILD, Tap, need_root, scratch

DEADLINE = 2.0    # from the end of the header
FAILED = 5.0      # seconds that trouble is remembered
NONE = 30.0       # and that there is no entry
ALICE = "alice@a.test"
OWNERS = """\
alice@a.test    alice@a.test
shared@a.test   bob@b.test, alice@a.test
desk@a.test     bob@b.test
@b.test         bob@b.test
"""
PATTERNS = """\
/^alice@a\\.test$/            alice@a.test
/^shared@a\\.test$/           bob@b.test, alice@a.test
/^desk@a\\.test$/             bob@b.test
/@b\\.test$/                  bob@b.test
"""
MAPS = 'map <owners> postmap "{table}"\nset owners <owners>\n'
PLANS = ('map <plan> postmap "{plan}"\n', 'hold   rcpts > 3 ', 'hold   rcpts > <plan> ')


class Database:
    """A socketmap(5) server that answers from a dictionary, or misbehaves as it is told to."""

    def __init__(self):
        self.entries, self.mode, self.asked = {"@a.test": ALICE}, "good", 0
        self.server, self.port = None, 0
        self.start()

    def start(self):
        database = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError, ValueError):
                    while database.serve(self.rfile, self.wfile):
                        pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 100

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.server = None

    def serve(self, rfile, wfile):
        digits = b"".join(iter(lambda: rfile.read(1).replace(b":", b""), b""))
        key = rfile.read(int(digits) + 1)[:-1].partition(b" ")[2].decode()
        self.asked += 1
        mode = self.mode
        if self.server is None:
            return False
        if mode == "hangs":
            time.sleep(20)
            return False
        value = self.entries.get(key)
        said = f"OK {value}" if value else "NOTFOUND "
        said = {"temporary": "TEMP no", "permanent": "PERM no", "garbage": "\0\0WHAT",
                "empty": "OK ", "lines": f"OK {ALICE}\n{key}\t{ALICE}"}.get(mode, said)
        wfile.write(f"{len(said)}:{said},".encode())
        return True

    @property
    def table(self):
        return f"socketmap:inet:127.0.0.1:{self.port}:owners"


class Site:
    """What the parts of the test share."""

    def __init__(self, tap, lab, daemon, database):
        self.tap, self.lab, self.daemon, self.database = tap, lab, daemon, database
        self.numbers = itertools.count()
        self.replies = {}
        self.tables = lab.base / "tables"
        self.tables.mkdir(mode=0o755)

    def file(self, name, text, make=None):
        path = self.tables / name
        path.write_text(text)
        # Postfix reads a text file again and again until its last change is a second ago.
        os.utime(path, (time.time() - 10,) * 2)
        if make:
            self.lab.command("postmap", f"{make}:{path}")
        return path

    def use(self, table, plan=None):
        policy = MAPS.format(table=table) + frankd.POLICY
        if plan:
            policy = PLANS[0].format(plan=plan) + policy.replace(*PLANS[1:])
        self.daemon.write_policy(policy)
        done = self.daemon.reload()
        if done.returncode != 0:
            self.tap.ok(False, f"a policy with {table} is taken", done.stdout + done.stderr)

    def send(self, author, user=ALICE, rcpts=("x@far.test",)):
        """The reply to a message of AUTHOR by USER, and its seconds."""
        seq = f"t{next(self.numbers)}"
        began = time.monotonic()
        code, text = self.lab.send(message(seq, author), author, rcpts, user=user)
        self.replies[seq] = code
        return code, text, time.monotonic() - began

    def fresh(self):
        return f"new{next(self.numbers)}@a.test"


def owners(site, kind, table):
    """The same owners, whatever keeps them."""
    site.use(table)
    want = {("alice@a.test", ALICE): 250, ("shared@a.test", ALICE): 250,
            ("desk@a.test", ALICE): 550, ("desk@a.test", "bob@b.test"): 250,
            ("any@b.test", "bob@b.test"): 250, ("any@b.test", ALICE): 550,
            ("nobody@a.test", ALICE): 550}
    got = {}
    for (author, user) in want:
        code, text, _ = site.send(author, user)
        got[author, user] = code
    site.tap.same(got, want, f"{kind}: an owner may write, another may not")
    return text


def explained(site):
    code, text, _ = site.send("shared@a.test")
    said = site.daemon.explain(queue_id(text)) if code == 250 else text
    site.tap.ok("<owners> gives shared@a.test to alice@a.test" in said,
                "frank explain has what the table said", said)


def numbers(site):
    plan = site.file("plan", "alice@a.test 1\n")
    site.use(f"texthash:{site.tables}/owners", f"texthash:{plan}")
    site.send(ALICE, rcpts=["x@far.test"])
    site.tap.same(len(site.lab.held()), 0, "within what the table of plans has for the login")
    site.send(ALICE, rcpts=["x@far.test", "y@far.test"])
    site.tap.same(len(site.lab.held()), 1, "over it: held")
    site.send("bob@b.test", "bob@b.test", rcpts=["x@far.test", "y@far.test"])
    site.tap.same(len(site.lab.held()), 1, "no entry: no")
    held = site.lab.held()[0]["queue_id"]
    site.lab.command("postsuper", "-H", held)


def changed(site):
    """A change is seen when what is remembered has run out, or at once after a reload."""
    path = site.file("changing", "desk@a.test bob@b.test\n")
    site.use(f"texthash:{path}")
    author = site.fresh()
    site.tap.same([site.send(author)[0], site.send("desk@a.test")[0]], [550, 550],
                  "not an owner yet")
    began = time.monotonic()
    site.file("changing", f"desk@a.test {ALICE}\n{author} {ALICE}\n")
    site.tap.same([site.send(author)[0], site.send("desk@a.test")[0]], [550, 550],
                  "what was asked a moment ago is remembered")
    wait_until(lambda: site.send(author)[0] == 250, "a new entry to be seen", NONE + 10)
    took = time.monotonic() - began
    site.tap.ok(NONE / 2 < took, "a new entry counts when that there was none has run out", took)
    site.tap.same(site.send("desk@a.test")[0], 550, "one that was found counts for longer")
    site.daemon.reload()
    site.tap.same(site.send("desk@a.test")[0], 250, "after a reload a change counts at once")


def broken(site):
    """Whatever goes wrong with the database: deferred, in time, never rejected or unsigned."""
    site.use(site.database.table)
    site.tap.same(site.send(site.fresh())[0], 250, "a database that answers")
    for mode in ("temporary", "permanent", "garbage", "empty", "lines", "hangs", "gone"):
        if mode == "gone":
            site.database.stop()
        else:
            site.database.mode = mode
        results = [site.send(site.fresh()) for _ in range(3)]
        site.tap.same([code for code, _, _ in results], [451] * 3, f"database {mode}: deferred")
        slowest = max(took for _, _, took in results)
        site.tap.ok(slowest < DEADLINE + 1, f"database {mode}: within the deadline and a second",
                    slowest)
        if mode == "gone":
            site.database.start()
        site.database.mode = "good"
        wait_until(lambda: site.send(site.fresh())[0] == 250, f"mail to flow after {mode}",
                   4 * FAILED)
    said = site.daemon.frank("status")
    site.tap.ok(re.search(r"^tables +ready; .*\n +last trouble, \S+ ago: socketmap:inet:.*refused",
                          said, re.M), "frank status has the last trouble in Postfix's words", said)
    site.tap.ok("cannot be asked: " in site.daemon.log() and "answers again" in site.daemon.log(),
                "and so has the log, and that it is over", site.daemon.log()[-2000:])
    site.use("texthash:/no/such/table")
    site.tap.same([site.send(ALICE)[0] for _ in range(2)], [451] * 2, "a table that is not there")
    site.use(f"texthash:{site.file('broken', OWNERS)}")
    site.tap.same(site.send(ALICE)[0], 250, "and one that is again")
    path = site.file("bad", PATTERNS + "/(/ nobody\n")
    site.use(f"regexp:{path}")
    site.tap.same([site.send(ALICE)[0], site.send(site.fresh())[0]], [250, 451],
                  "a table that Postfix cannot read whole: what it finds counts, nothing else")


def postmaps(table):
    """Process ids that ask TABLE; postmap takes its own argument to pieces."""
    found, name_of = [], table.partition(":")[2].encode()
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            words = pathlib.Path("/proc", name, "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"postmap") and any(word.endswith(name_of) for word in words):
                found.append(name)
    return found


def left_behind(site):
    """A postmap that waits for its database does not outlive the process that runs it."""
    site.use(site.database.table)
    site.database.mode = "hangs"
    sender = threading.Thread(target=site.send, args=(site.fresh(),))
    sender.start()
    wait_until(lambda: postmaps(site.database.table), "a postmap that waits")
    before = postmaps(site.database.table)
    site.daemon.kill("tables")
    wait_until(lambda: not set(before) & set(postmaps(site.database.table)),
               "it to go with its process", 1)
    site.tap.ok(True, "what the tables process runs goes with it")
    site.database.mode = "good"
    sender.join()
    wait_until(lambda: site.send(site.fresh())[0] == 250, "mail to flow", 4 * FAILED)


def flow(load, what, seconds=0.0):
    before, until = load.count(), time.monotonic() + seconds
    wait_until(lambda: load.count() >= before + 20 and time.monotonic() > until, what, 60)


def faults(site):
    """The tables process killed and stopped while every message asks something new."""
    mark = len(site.daemon.log())
    with Load(site.lab, workers=4, pause=0.02, author="u{seq}@a.test") as load:
        flow(load, "mail to flow")
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL):
            victim = wait_until(lambda: site.daemon.processes().get("tables"), "a tables process")
            os.kill(victim, number)
            wait_until(lambda: site.daemon.processes().get("tables", victim) != victim,
                       "a new tables process", 20)
            flow(load, "mail to flow again", 0.5)
    site.tap.ok(set(load.others()) <= {451}, "the tables process killed and stopped: at worst "
                "deferred", load.others())
    waits = [int(ms) / 1000 for ms in re.findall(r" ms=(\d+)$", site.daemon.log()[mark:], re.M)]
    site.tap.ok(waits and max(waits) < DEADLINE + 1,
                "and none waits for more than the deadline and a second", max(waits, default=None))
    site.tap.note(f"{load.count()} accepted, others {load.others()}; the slowest of {len(waits)}: "
                  f"{max(waits, default=0):.2f} s")
    site.replies.update(load.replies)


def as_postfix(site):
    pid = site.daemon.processes()["tables"]
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    uids = {int(uid) for uid in re.search(r"^Uid:\t(.*)$", status, re.M).group(1).split()}
    site.tap.same(uids, {pwd.getpwnam("postfix").pw_uid}, "the tables process runs as postfix")


def figures(site):
    site.use(f"hash:{site.tables}/owners")
    fresh = sorted(site.send(site.fresh())[2] for _ in range(20))
    known = sorted(site.send(ALICE)[2] for _ in range(20))
    site.tap.note(f"a whole transaction, median of 20: {fresh[10] * 1000:.0f} ms with what must "
                  f"be looked up, {known[10] * 1000:.0f} ms with what is remembered")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base, (ALICE, "bob@b.test")) as lab:
        database = Database()
        daemon = frankd.Frankd(lab, BUILD)
        for domain in ("a.test", "b.test"):
            daemon.key_new(domain, "s1", "rsa2048")
        site = Site(tap, lab, daemon, database)
        path = site.file("owners", OWNERS, make="hash")
        lab.set(smtpd_sender_login_maps=f"proxy:hash:{path}")
        # The lab's Postfix, not the host's.
        daemon.start(under=("env", f"MAIL_CONFIG={lab.etc}"))
        tap.ok("tables" not in daemon.processes(), "without such a map there is no tables process")
        for kind, table in (("hash", f"hash:{path}"), ("texthash", f"texthash:{path}"),
                            ("regexp", f"regexp:{site.file('patterns', PATTERNS)}"),
                            ("proxy", f"proxy:hash:{path}")):
            owners(site, kind, table)
        as_postfix(site)
        explained(site)
        numbers(site)
        changed(site)
        broken(site)
        left_behind(site)
        faults(site)
        settle(tap, daemon, lab, site.replies, "after all of it")
        figures(site)
        if tap.failed:
            tap.note(daemon.log()[-4000:])
    tap.done()


if __name__ == "__main__":
    main()
