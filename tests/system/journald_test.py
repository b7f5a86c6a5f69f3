#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Postfix's log in journald: a journald of our own, in a mount namespace, that Postfix's lines
go to; each outcome once, what others log in Postfix's name never, and what is missing said."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys

import frankd
import follow_test
from lab import Lab, LabError, wait_until
from tap import BUILD, Tap, need_root, scratch

JOURNALD = pathlib.Path("/lib/systemd/systemd-journald")
DEV_LOG = "/run/systemd/journal/dev-log"
CONF = """\
[Journal]
Storage=volatile
RateLimitIntervalSec=0
ForwardToSyslog=no
ForwardToWall=no
"""
POLICY = "set maillog journald\n" + frankd.POLICY


def in_own_namespace():
    """/run and /var/log of this test are its own, so that no journald of the host is met."""
    if os.environ.get("FRANK_JOURNALD_TEST") == "inside":
        return
    os.environ["FRANK_JOURNALD_TEST"] = "inside"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, "-B",
                          *sys.argv])


class Journald:
    def __init__(self, lab):
        for path in ("/run", "/var/log"):
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", path], check=True)
        for path in ("/run/log/journal", "/run/systemd/journald.conf.d"):
            pathlib.Path(path).mkdir(parents=True)
        # As tmpfiles.d(5) of systemd's own has it.
        shutil.chown("/run/log/journal", "root", "systemd-journal")
        os.chmod("/run/log/journal", 0o2755)
        (pathlib.Path("/run/systemd/journald.conf.d") / "lab.conf").write_text(CONF)
        self.child = None
        self.lab = lab

    def start(self):
        self.child = self.lab.spawn([JOURNALD], "journald.out")
        wait_until(self._is_up, "journald")

    @staticmethod
    def _is_up():
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            return client.connect_ex(DEV_LOG) == 0

    @staticmethod
    def _log(lines, account):
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect(DEV_LOG)
            for program, message in lines:
                client.send(f"<22>Nov 30 14:00:00 {program}[4711]: {message}".encode())

    def log(self, lines, user="postfix"):
        """As syslog(3) of a process of USER does; LINES: (program, message)."""
        pid = os.fork()
        if pid == 0:
            try:
                self._log(lines, pwd.getpwnam(user))
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        if status != 0:
            raise LabError(f"cannot log as {user}")


def sent(number):
    return ("postfix/smtp", f"4jX3hQ6zJr{number:06d}: to=<bob@rcpt.test>, relay=none, delay=1, "
            "delays=0/0/0/1, dsn=2.0.0, status=sent (250 fine)")


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


def main():
    need_root()
    if not JOURNALD.exists():
        raise SystemExit(f"{JOURNALD} is missing: package systemd")
    in_own_namespace()
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
        journald.child.send_signal(signal.SIGTERM)
        journald.child.wait()
        for path in pathlib.Path("/run/log/journal").glob("*/*.journal"):
            path.unlink()
        journald.start()
        journald.log([sent(number) for number in range(600, 610)])
        kept.daemon.start()
        kept.expect(261, "what is left after journald has dropped old entries is read")
        tap.ok(re.search(r"1 gap.*journald has dropped the entry", kept.daemon.frank("status")),
               "and the gap is said", kept.daemon.frank("status"))
        if tap.failed:
            tap.note(kept.daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
