#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frank-holdd: members of its group change Postfix's queue, others and other things do not."""

import contextlib
import grp
import json
import os
import re
import socket
import subprocess
import time

import frankd
from lab import Lab, port_answers, queue_id, stop_child, wait_until, free_ports
from tap import BUILD, SOURCE, Tap, need_root, scratch

POLICY = """\
table <ours>    {{ a.test, b.test }}
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"
set group       users

keys "keys"

match path submission  owns author    sign

accept path inbound
hold   rcpts > 3      label "many recipients"
accept
"""

GROUP = grp.getgrnam("users").gr_gid
MANY = [f"r{number}@far.test" for number in range(4)]
MESSAGE = ("From: alice@a.test\r\nTo: undisclosed-recipients:;\r\nSubject: x\r\nX-Seq: {}\r\n"
           "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{}@a.test>\r\n\r\nHello\r\n")


def as_unit():
    """With no more rights than contrib's unit gives; to make its socket it needs one more."""
    text = (SOURCE / "contrib" / "frank-holdd.service.in").read_text()
    caps = re.search(r"^CapabilityBoundingSet=(.*)$", text, re.M).group(1).split()
    names = [cap.removeprefix("CAP_").lower() for cap in (*caps, "CAP_CHOWN")]
    return ["setpriv", "--no-new-privs",
            "--bounding-set", ",".join(["-all", *(f"+{name}" for name in names)])]


class Site:
    """A lab, a frankd, and a frank-holdd beside it."""

    def __init__(self, lab, daemon):
        self.lab, self.daemon, self.count = lab, daemon, 0
        self.socket = daemon.base / "holdd.sock"
        self.child = None

    def start(self):
        self.child = self.lab.spawn(
            [*as_unit(), BUILD / "holdd" / "frank-holdd", "-d", "-c", self.lab.etc,
             "-g", "users", "-p", self.daemon.base / "control.sock", "-s", self.socket,
             "-S", self.daemon.base / "state"], "holdd.log")
        wait_until(self.socket.exists, "frank-holdd")

    def log(self):
        return (self.lab.base / "log" / "holdd.log").read_text()

    def send(self, rcpts=()):
        self.count += 1
        code, reply = self.lab.send(MESSAGE.format(self.count, self.count).encode(),
                                    "alice@a.test", rcpts or MANY, user="alice@a.test")
        if code != 250:
            raise AssertionError(f"{code} {reply}")
        return queue_id(reply)

    def frank(self, *arguments, groups="users"):
        """frank(1) as a user who is not root.

        postqueue reads no configuration for him but the system's own, so that for him the
        lab's stands in its place.
        """
        as_user = "setpriv --reuid games --regid games " + (
            f"--groups {groups}" if groups else "--clear-groups")
        return subprocess.run(
            ["unshare", "-m", "--propagation", "private", "sh", "-c",
             f'mount --bind {self.lab.etc} /etc/postfix && exec {as_user} "$0" "$@"',
             BUILD / "ctl" / "frank", "-c", self.daemon.conf, *arguments],
            check=False, text=True, stdin=subprocess.DEVNULL, capture_output=True)

    def queues(self):
        return {entry["queue_id"]: (entry["queue_name"], entry["forced_expire"])
                for entry in self.lab.queued()}

    def ask(self, frame):
        """One request as it comes: (answer, errors, exit code); None: no answer."""
        with contextlib.closing(connect(self.socket)) as client:
            client.send(frame)
            return answer(client)


def connect(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(30)
    client.connect(str(path))
    return client


def answer(client):
    said = {b"d": b"", b"e": b""}
    while True:
        with contextlib.suppress(ConnectionError):
            frame = client.recv(70000)
            if frame[:1] == b"x":
                return said[b"d"].decode(), said[b"e"].decode(), frame[1]
            if frame:
                said[frame[:1]] += frame[1:]
                continue
        return None


def request(*words):
    return b"".join(word.encode() + b"\0" for word in words)


def open_state(daemon):
    """As it is where frankd's own group is the one in 'set group'."""
    state = daemon.base / "state"
    for path in (state, *state.iterdir()):
        os.chown(path, -1, GROUP)
    os.chmod(state, 0o2750)


def member(tap, lab, site):
    one, two = site.send(), site.send()
    done = site.frank("hold", "release", one, "--yes", "--reason", "she called")
    tap.ok(done.returncode == 0 and f"{one}: released from hold\n" in done.stdout,
           "a member of the group releases, in Postfix's words", done)
    wait_until(lambda: lab.delivered_as("1"), "it to arrive at once", 5)
    done = site.frank("hold", "delete", two, "--yes")
    tap.ok(done.returncode == 0 and two not in site.queues(), "and deletes", done)
    acts = wait_until(lambda: [row for row in site.daemon.actions()
                               if row[0] in ("release", "delete")][1:] and site.daemon.actions(),
                      "the actions", 5)
    tap.ok(("release", "root (uid 0) for games (uid 5)", f"1 message: {one}; she called")
           in acts, "the journal has who it really was, and why", acts)
    tap.ok("release: 1 of 1 messages user=games uid=5 reason=\"she called\"" in site.log(),
           "the log, too", site.log())
    trust = site.frank("hold", "release", site.send(), "--yes", "--trust", "2h")
    tap.ok(trust.returncode == 77 and "--trust" in trust.stderr,
           "what only root may do is refused before anything is done", trust)


def others(tap, lab, site):
    one = site.send()
    done = site.frank("hold", "release", one, "--yes", groups="")
    tap.ok(done.returncode in (69, 77) and site.queues()[one][0] == "hold",
           "others cannot", done)
    # Even where the file lets them.
    os.chmod(site.socket, 0o666)
    script = ("import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
              f"s.connect({str(site.socket)!r}); s.send(b'release\\0{one}\\0'); "
              "print(s.recv(9999), s.recv(9999))")
    done = subprocess.run(["/usr/bin/python3", "-c", script], check=False, text=True,
                          capture_output=True, user="games", group="games", extra_groups=[])
    tap.ok("for root and members of its group only" in done.stdout + done.stderr
           and site.queues()[one][0] == "hold",
           "frank-holdd itself looks who it is", done)
    os.chmod(site.socket, 0o660)
    plain = site.socket.stat()
    tap.same((plain.st_mode & 0o777, plain.st_gid), (0o660, GROUP), "the file is the group's")
    return one


def own_account(tap, lab, site):
    """The group is the account's own: so it is with frankd's, which parses mail."""
    path = site.socket.with_name("own.sock")
    child = lab.spawn([BUILD / "holdd" / "frank-holdd", "-d", "-c", lab.etc, "-g", "games",
                       "-s", path, "-S", site.daemon.base / "state"], "own.log")
    wait_until(path.exists, "a frank-holdd for group games")
    script = ("import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
              f"s.connect({str(path)!r}); s.send(b'release\\0AAAAAA\\0'); "
              "print(s.recv(9999), s.recv(9999))")
    done = subprocess.run(["/usr/bin/python3", "-c", script], check=False, text=True,
                          capture_output=True, user="games", group="games", extra_groups=[])
    tap.ok("for root and members of its group only" in done.stdout,
           "an account whose own group it is is refused", done)
    stop_child(child)


def hostile(tap, lab, site, one):
    before = site.queues()
    ids = " ".join([one] * 101)
    frames = {
        "ALL": request("release", "ALL"), "all": request("delete", "all"),
        "-d": request("release", "-d"), "-H -": request("release", "-H -"),
        "newline": request("release", f"{one}\nALL"), "two blanks": request("release", f"{one}  {one}"),
        "30": request("release", "a" * 30), "short": request("release", "abc"),
        "path": request("release", "../../x"), "empty": request("release", ""),
        "blank": request("release", one + " "), "none": request("release"),
        "verb": request("requeue", one), "option": request("-d", one),
        "upper": request("RELEASE", one), "four words": request("release", one, "", "x"),
        "101": request("release", ids), "reason": request("release", one, "x" * 513),
        "no end": b"release\0" + one.encode(), "nothing": b"\0", "garbage": bytes(range(256)),
        "words": b"x\0" * 16, "utf-8": request("release", "\u0661" * 4),
    }
    answers = {name: site.ask(frame) for name, frame in frames.items()}
    tap.same({name: said for name, said in answers.items()
              if said is None or said[2] != 64 or said[0]}, {}, "hostile requests get 64")
    tap.same(site.ask(b"r" * 5000), None, "one that is too long gets no answer at all")
    tap.same(site.queues(), before, "and the queue is as it was")
    said = site.ask(request("release", "NOTTHERE1 4cXyZ71kq", "why"))
    tap.same(said, ("", "", 0), "ids that are gone get no word")


def elsewhere(tap, lab, site):
    """Only what is on hold is let go, returned or deleted."""
    one = site.send(["r@later.test"])
    wait_until(lambda: site.queues().get(one, ("", ""))[0] == "deferred", "a deferred message")
    said = [site.ask(request(verb, one)) for verb in ("release", "bounce", "delete")]
    tap.same((said, site.queues().get(one)), ([("", "", 0)] * 3, ("deferred", False)),
             "mail that waits elsewhere is neither returned nor deleted")
    said = site.frank("incident", "sweep", "1", "--yes")
    tap.ok(said.returncode == 0 and "1 message put on hold" in said.stdout
           and site.queues()[one][0] == "hold", "a member sweeps an incident's mail", said)
    wait_until(lambda: ("sweep", "root (uid 0) for games (uid 5)", f"1 message: {one}; incident 1")
               in site.daemon.actions(), "its record in the journal", 5)
    said = site.ask(request("bounce", one))
    tap.same(said, (f"postsuper: {one}: released from hold\n", "", 0),
             "and then bounce is right")


def without_frankd(tap, site):
    one = site.send()
    site.daemon.stop()
    said = site.ask(request("release", one, "in the dark"))
    tap.same(said, (f"postsuper: {one}: released from hold\n", "", 0),
             "without frankd it does what is asked")
    site.daemon.start()
    wait_until(lambda: ("release", "root (uid 0) for root (uid 0)",
                        f"1 message: {one}; in the dark") in site.daemon.actions(),
               "its record in the journal", 10)


def crowded(tap, lab, site):
    """Who says nothing keeps nobody out."""
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(contextlib.closing(connect(site.socket)))
                  for _ in range(8)]
        began = time.monotonic()
        tap.same(site.ask(request("release", "NOTTHERE1")), ("", "", 0),
                 "who asks nothing keeps others waiting for two seconds at most")
        tap.ok(time.monotonic() - began < 5, "no longer", time.monotonic() - began)
        wait_until(lambda: all(answer(one) is None for one in silent), "them to be dropped")
    tap.ok(site.child.poll() is None, "it still runs")


def activated(tap, lab, site):
    """As systemd starts it: with a socket."""
    site.child.terminate()
    tap.same((site.child.wait(10), site.socket.exists()), (0, False),
             "it ends when it is told to, and takes its socket away")
    for kind, code in ((socket.SOCK_STREAM, 78), (socket.SOCK_SEQPACKET, None)):
        server = socket.socket(socket.AF_UNIX, kind)
        path = site.daemon.base / f"{kind}.sock"
        server.bind(str(path))
        server.listen(8)

        def handed_over(fd=server.fileno()):
            os.dup2(fd, 3)
            os.set_inheritable(3, True)     # where it is this one already
            os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), "1"
            os.execv(BUILD / "holdd" / "frank-holdd",
                     ["frank-holdd", "-d", "-c", str(lab.etc), "-g", "users"])
        pid = os.fork()
        if pid == 0:
            handed_over()
        if code is not None:
            tap.same(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), code,
                     "a socket of the wrong kind is refused")
            continue
        with contextlib.closing(connect(path)) as client:
            client.send(request("release", "NOTTHERE1"))
            tap.same(answer(client), ("", "", 0), "a socket that is handed over is used")
        os.kill(pid, 15)
        os.waitpid(pid, 0)


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        (later,) = free_ports(1)
        lab.spawn(["smtp-sink", "-u", "nobody", "-r", "RCPT", f"127.0.0.1:{later}", "100"],
                  "later.out")
        wait_until(lambda: port_answers(later), "a next hop that is not ready")
        lab.set(queue_run_delay="3600s", minimal_backoff_time="3600s",
                transport_maps=f"inline:{{ {{ later.test = smtp:[127.0.0.1]:{later} }} }}")
        daemon = frankd.Frankd(lab, BUILD, POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        site = Site(lab, daemon)
        denied = site.frank("hold", "release", site.send(), "--yes")
        tap.ok(denied.returncode == 77 and "frank-holdd(8)" in denied.stderr,
               "without it, only root may, and that is said", denied)
        site.lab.command("postsuper", "-d", "ALL", "hold")
        site.count = 0
        open_state(daemon)
        site.start()
        member(tap, lab, site)
        one = others(tap, lab, site)
        own_account(tap, lab, site)
        hostile(tap, lab, site, one)
        elsewhere(tap, lab, site)
        without_frankd(tap, site)
        crowded(tap, lab, site)
        activated(tap, lab, site)
        if tap.failed:
            tap.note(daemon.log()[-2000:] + site.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
