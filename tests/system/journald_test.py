#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Postfix's log in journald: a journald of our own, in a mount namespace, that Postfix's lines
go to; each outcome once, what others log in Postfix's name never, and what is missing said."""

import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time

import frankd
import follow_test
from lab import Lab, LabError, wait_until
from tap import BUILD, Tap, in_own_mounts, need_root, scratch

JOURNALD = pathlib.Path("/lib/systemd/systemd-journald")
DEV_LOG = "/run/systemd/journal/dev-log"
DROPPED = "a596d6fe7bfa4994828e72309e95d61e"
CGROUPS = pathlib.Path("/sys/fs/cgroup")
CONF = """\
[Journal]
Storage=volatile
RateLimitIntervalSec={interval}
RateLimitBurst=10
ForwardToSyslog=no
ForwardToWall=no
"""
POLICY = "set maillog journald\n" + frankd.POLICY


class Journald:
    def __init__(self, lab):
        for path in ("/run", "/var/log"):
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", path], check=True)
        for path in ("/run/log/journal", "/run/systemd/journald.conf.d"):
            pathlib.Path(path).mkdir(parents=True)
        # As tmpfiles.d(5) of systemd's own has it.
        shutil.chown("/run/log/journal", "root", "systemd-journal")
        os.chmod("/run/log/journal", 0o2755)
        self.child = None
        self.lab = lab

    def start(self, interval="0"):
        """INTERVAL: that of the rate limit; 0: there is none."""
        conf = pathlib.Path("/run/systemd/journald.conf.d/lab.conf")
        conf.write_text(CONF.format(interval=interval))
        self.child = self.lab.spawn([JOURNALD], "journald.out")
        wait_until(self._is_up, "journald")

    @staticmethod
    def _is_up():
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            return client.connect_ex(DEV_LOG) == 0

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait()

    @staticmethod
    def _log(lines, account, unit):
        if unit is not None:
            (unit / "cgroup.procs").write_text("0")
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect(DEV_LOG)
            for program, message in lines:
                client.send(f"<22>Nov 30 14:00:00 {program}[4711]: {message}".encode())

    def log(self, lines, user="postfix", unit=None):
        """As syslog(3) of a process of USER does; LINES: (program, message). UNIT: the control
        group of the process."""
        pid = os.fork()
        if pid == 0:
            try:
                self._log(lines, pwd.getpwnam(user), unit)
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        if status != 0:
            raise LabError(f"cannot log as {user}")


def sent(number):
    return ("postfix/smtp", f"4jX3hQ6zJr{number:06d}: to=<bob@rcpt.test>, relay=none, delay=1, "
            "delays=0/0/0/1, dsn=2.0.0, status=sent (250 fine)")


@contextlib.contextmanager
def service(name):
    """A control group as systemd makes one for a service: journald limits by that."""
    if not (CGROUPS / "cgroup.procs").exists():
        subprocess.run(["mount", "-t", "cgroup2", "cgroup2", CGROUPS], check=True)
    unit = CGROUPS / "system.slice" / name
    made = [path for path in (unit, unit.parent) if not path.exists()]
    unit.mkdir(parents=True)
    try:
        yield unit
    finally:
        for path in made:
            path.rmdir()


class Kept(follow_test.Follow):
    def __init__(self, tap, lab):   # pylint: disable=super-init-not-called
        self.tap, self.lab = tap, lab
        self.daemon = frankd.Frankd(lab, BUILD, policy=POLICY)
        self.daemon.key_new("a.test", "rsa26", "rsa2048")
        self.daemon.start()
        wait_until(lambda: "following journald" in self.daemon.log(), "the follower")

    def count(self):
        return len(self.outcomes())


    def expect(self, number, what):
        try:
            wait_until(lambda: self.count() >= number, what)
        except LabError:
            pass
        self.tap.same(self.count(), number, what)


def flood(kept, journald, name, number):
    """A service logs far more than it may, and then a line now and then until journald has said
    that it dropped some. Returns how many lines were logged."""
    def said():
        found = subprocess.run(
            ["journalctl", "-q", "-D", "/run/log/journal", f"MESSAGE_ID={DROPPED}",
             f"OBJECT_SYSTEMD_UNIT={name}"], stdout=subprocess.PIPE, check=True)
        return found.stdout != b""

    logged = 400
    with service(name) as unit:
        journald.log([sent(number + line) for line in range(logged)], unit=unit)
        while not said():
            if logged == 500:
                raise LabError("journald never says that it dropped lines")
            journald.log([sent(number + logged)], unit=unit)
            logged += 1
            time.sleep(0.1)
    journald.log([sent(number + logged)])
    kept.wait(sent(number + logged)[1].split(":", maxsplit=1)[0], "sent")
    return logged + 1


def rate_limit(kept, journald):
    """journald drops what a service logs beyond RateLimitBurst=, and says so with the first line
    after RateLimitIntervalSec=."""
    tap = kept.tap
    journald.stop()
    journald.start(interval="5s")
    kept.daemon.kill("follow")
    others = f"other{os.getpid()}.service"
    flood(kept, journald, others, 1000)
    status = kept.daemon.frank("status")
    tap.ok("1 gap," in status, "lines of another service that journald has dropped are no gap",
           status)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.connect("/run/systemd/journal/socket")
        client.send(f"MESSAGE_ID={DROPPED}\nMESSAGE=Suppressed\nN_DROPPED=7\n".encode())

    name = f"postfix@frank{os.getpid()}.service"
    before = kept.count()
    logged = flood(kept, journald, name, 2000)
    dropped = logged - (kept.count() - before)
    status = kept.daemon.frank("status")
    tap.ok(f"journald has dropped {dropped} messages of {name}" in status,
           "those of Postfix's are a gap, with their number", f"{dropped}: {status}")
    tap.ok("2 gaps," in status, "what others log in journald's name is none", status)


def main():
    need_root()
    if not JOURNALD.exists():
        raise SystemExit(f"{JOURNALD} is missing: package systemd")
    in_own_mounts()     # so that no journald of the host is met
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        journald = Journald(lab)
        journald.start()
        journald.log([sent(0)])
        kept = Kept(tap, lab)
        journald.log([sent(number) for number in range(1, 101)])
        kept.expect(100, "what is logged from now on is kept, each line once")

        journald.log([sent(200)], user="nobody")
        journald.log([("postfix/smtp", sent(201)[1])], user="daemon")
        journald.log([sent(202)], user="root")
        kept.expect(101, "what others log in Postfix's name is not believed")
        tap.ok(all(row[0] == "sent" for row in kept.outcomes()), "and all of it is what it says")

        kept.daemon.kill("follow")
        journald.log([sent(number) for number in range(300, 350)])
        kept.expect(151, "after kill -9 of the follower it goes on where it was")
        kept.daemon.kill("milter")
        journald.log([sent(number) for number in range(400, 450)])
        kept.expect(201, "and after kill -9 of the writer")
        kept.daemon.stop()
        journald.log([sent(number) for number in range(500, 550)])
        kept.daemon.start()
        kept.expect(251, "and what was logged while frankd was down is read")
        tap.ok("gap" not in kept.daemon.frank("status"), "nothing is missing",
               kept.daemon.frank("status"))

        # journald forgets its oldest files: here all of them.
        kept.daemon.stop()
        journald.stop()
        for path in pathlib.Path("/run/log/journal").glob("*/*.journal"):
            path.unlink()
        journald.start()
        journald.log([sent(number) for number in range(600, 610)])
        kept.daemon.start()
        kept.expect(261, "what is left after journald has dropped old entries is read")
        tap.ok(re.search(r"1 gap.*journald has dropped the entry", kept.daemon.frank("status")),
               "and the gap is said", kept.daemon.frank("status"))
        rate_limit(kept, journald)
        if tap.failed:
            tap.note(kept.daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
