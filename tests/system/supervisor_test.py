#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""What the supervisor does when its children stand still, or cannot start."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

import frankd
from lab import Lab, LabError, wait_until
from tap import BUILD, SOURCE, Tap, need_root, scratch

MESSAGE = """\
From: alice@a.test\r
To: {to}\r
Subject: {mark}\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <{mark}@a.test>\r
X-Seq: {mark}\r
\r
Hello.\r
"""


def send(lab, mark, to="x@far.test"):
    text = MESSAGE.format(mark=mark, to=to).encode()
    return lab.send(text, "alice@a.test", ["x@far.test"], user="alice@a.test")[0]


def deaf_milter(tap, lab, daemon):
    """A milter process that stands still is replaced once; its successor is left alone."""
    victim = daemon.processes()["milter"]
    os.kill(victim, signal.SIGSTOP)
    wait_until(lambda: daemon.processes().get("milter", victim) != victim,
               "the stopped milter process to be replaced", 30)
    successor = daemon.processes()["milter"]
    pings = daemon.log().count("does not answer")
    wait_until(lambda: send(lab, f"after{os.urandom(3).hex()}") == 250, "mail to flow again", 20)
    # Several pings later.
    for number in range(3):
        before = daemon.frank("status")
        tap.ok("running since" in before, f"status answers, {number + 1} of 3")
        wait_until(lambda: send(lab, f"more{os.urandom(3).hex()}") == 250, "a message", 5)
    tap.same(daemon.processes().get("milter"), successor, "its successor is not killed")
    tap.same(daemon.log().count("does not answer"), pings, "and nothing says that it should be")


def stopped_key_process(tap, lab, daemon):
    """Nothing leaves unsigned while it stands still, and it is replaced without being asked."""
    victim = daemon.processes()["keys"]
    wait_until(lambda: send(lab, f"warm{os.urandom(3).hex()}") == 250, "mail to flow", 10)
    os.kill(victim, signal.SIGSTOP)
    codes = [send(lab, f"stopped{number}") for number in range(4)]
    tap.ok(set(codes) <= {250, 451}, "answers while it stands still: 250 or 451", codes)
    wait_until(lambda: daemon.processes().get("keys", victim) != victim,
               "the stopped key process to be replaced", 30)
    wait_until(lambda: send(lab, f"back{os.urandom(3).hex()}") == 250, "mail to flow again", 10)


def stopped_key_process_is_listed(tap, daemon):
    """Without mail it is 'frank key list' that finds out."""
    tap.same(daemon.reload().returncode, 0, "keys that nobody has looked at yet")
    victim = daemon.processes()["keys"]
    os.kill(victim, signal.SIGSTOP)
    tap.ok("rsa26" in daemon.frank("key", "list"), "keys are listed beside a stopped key process")
    wait_until(lambda: daemon.processes().get("keys", victim) != victim,
               "the stopped key process to be replaced", 30)
    tap.ok(True, "and it is replaced")


def journal_required(tap, lab, daemon):
    """A state directory that cannot be written: no readiness, and SIGHUP after mending it is enough."""
    policy = "set journal required\n" + frankd.POLICY
    daemon.stop()
    state = daemon.base / "state"
    state.rename(daemon.base / "state.kept")
    state.write_text("in the way")
    daemon.write_policy(policy)
    done = subprocess.run([daemon.build / "milter" / "frankd", "-d", "-c", daemon.conf],
                          check=False, text=True, capture_output=True, timeout=30)
    tap.ok(done.returncode == 78, "frankd does not start where it may not write records",
           (done.returncode, done.stderr[-500:]))
    state.unlink()
    (daemon.base / "state.kept").rename(state)
    daemon.write_policy()
    daemon.start()
    os.kill(daemon.processes()["milter"], signal.SIGKILL)
    os.kill(daemon.child.pid, signal.SIGHUP)
    wait_until(lambda: send(lab, f"hup{os.urandom(3).hex()}") == 250,
               "mail to flow after SIGHUP beside a dead milter process", 20)
    tap.ok(daemon.child.poll() is None, "the supervisor outlives SIGHUP beside a dead milter process")


def large_header(tap, lab, daemon):
    """Postfix lets a field have 102,400 bytes; libmilter by itself stops at 65,535."""
    to = ",\r\n\t".join(f"somebody.with.a.long.name{number}@far.test" for number in range(2000))
    tap.ok(80000 < len(to) < 102000, "a To field of more than 64 KB", len(to))
    tap.same(send(lab, "large", to), 250, "is accepted")
    results = daemon.verify(lab.wait_mail("large"))
    tap.same([valid for _, _, _, valid in results], [True], "and its signature verifies")


def ask_as(directory, uid, gid, request):
    """What the control socket answers to somebody else: (exit code, text), or the error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(directory)     # the way there is root's alone
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
                control.settimeout(20)
                control.connect("control.sock")
                control.send(request + b"\0")
                said = b""
                while (frame := control.recv(65536)) and frame[:1] != b"x":
                    said += frame[1:]
            answer = f"{frame[1] if frame else -1} {said.decode()}"
        except OSError as error:
            answer = type(error).__name__
        os.write(writing, answer.encode()[:4000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def roles(tap, daemon):
    """Root changes; the socket's group (root's here, without a group frank) may ask; others may not."""
    nobody = 65534
    tap.ok(ask_as(daemon.base, nobody, 0, b"status").startswith("0 frankd"), "the group may ask")
    refused = ask_as(daemon.base, nobody, 0, b"reload")
    tap.same(refused, "77 frankd: only root may reload\n", "the group may not change")
    tap.same(ask_as(daemon.base, nobody, nobody, b"status"), "PermissionError",
             "others do not get in")
    tap.ok(ask_as(daemon.base, 0, 0, b"reload").startswith("0 policy"), "root may")


def inherited_socket(tap, lab, daemon):
    """As systemd does it: the milter socket is there before frankd is, as descriptor 3."""
    daemon.stop()
    path = pathlib.Path(lab.milter_socket)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(64)
        program = daemon.build / "milter" / "frankd"
        starter = ("import os, sys; os.dup2(int(sys.argv[1]), 3); "
                   "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
                   "os.execv(sys.argv[2], sys.argv[2:])")
        child = subprocess.Popen([sys.executable, "-c", starter, str(listener.fileno()), program, "-d",
                                  "-c", daemon.conf], pass_fds=[listener.fileno()],
                                 stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: daemon.frank("status", check=False).returncode == 0, "frankd", 20)
        tap.same(send(lab, "inherited"), 250, "mail through a socket that systemd made")
        tap.same([valid for _, _, _, valid in daemon.verify(lab.wait_mail("inherited"))], [True],
                 "is signed")
    finally:
        child.terminate()
        tap.same(child.wait(20), 0, "frankd stops in order")
    tap.ok(path.exists(), "and leaves a socket alone that is not its own")
    path.unlink()


def appears(daemon, name):
    """Is there, and stays for long enough to have had its trouble at start."""
    try:
        pid = wait_until(lambda: daemon.processes().get(name), name)
        return wait_until(lambda: daemon.processes().get(name) == pid and
                          daemon.frank("status", check=False).returncode == 0, name)
    except LabError:
        return False


def unit_capabilities(tap, daemon):
    """What the systemd unit leaves frankd is enough for each of its processes."""
    unit = (SOURCE / "contrib" / "frankd.service.in").read_text()
    names = re.search(r"^CapabilityBoundingSet=(.*)$", unit, re.M).group(1).lower().split()
    allowed = ",".join("+" + name.removeprefix("cap_") for name in names)
    daemon.start(under=["setpriv", f"--bounding-set=-all,{allowed}"])
    for name in ("keys", "milter", "receiver", "dns"):
        tap.ok(appears(daemon, name), f"with the capabilities of the unit: the {name} process")
    daemon.stop()


def main():
    need_root()
    os.environ["WATCHDOG_USEC"] = "1000000"     # pings twice a second
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        roles(tap, daemon)
        large_header(tap, lab, daemon)
        deaf_milter(tap, lab, daemon)
        stopped_key_process(tap, lab, daemon)
        stopped_key_process_is_listed(tap, daemon)
        journal_required(tap, lab, daemon)
        inherited_socket(tap, lab, daemon)
        unit_capabilities(tap, daemon)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
