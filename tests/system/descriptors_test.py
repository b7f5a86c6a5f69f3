#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A milter process without a free descriptor goes on with what it has, and takes more later."""

import os
import pathlib
import signal
import subprocess
import time

import frankd
from lab import Lab, wait_until
from tap import BUILD, Tap, need_root, scratch

MESSAGE = """\
From: alice@a.test\r
To: x@far.test\r
Subject: {mark}\r
Message-ID: <{mark}@a.test>\r
X-Seq: {mark}\r
\r
Hello.\r
"""
WITHOUT = "cannot be taken: the milter process has no file descriptor free"


def send(lab, mark):
    return lab.send(MESSAGE.format(mark=mark).encode(), "alice@a.test", ["x@far.test"],
                    user="alice@a.test")[0]


def descriptors(pid):
    return {int(path.name) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()}


def allow(pid, limit=None):
    """Set the soft limit of descriptors, as its own account, which may. Answers it."""
    owner = os.stat(f"/proc/{pid}")
    what = "--nofile" if limit is None else f"--nofile={limit}:"
    done = subprocess.run(["prlimit", "--pid", str(pid), what, "--raw", "--noheadings", "--output=SOFT"],
                          check=True, text=True, stdout=subprocess.PIPE, user=owner.st_uid,
                          group=owner.st_gid, extra_groups=[])
    return done.stdout.strip()


def use_up(daemon, victims):
    """Kill VICTIMS, and let no descriptor be free when their successors come. The old limit."""
    processes = daemon.processes()
    milter = processes["milter"]
    before = len(descriptors(milter))
    os.kill(processes["supervisor"], signal.SIGSTOP)
    for name in victims:
        os.kill(processes[name], signal.SIGKILL)
    closed = sum(name != "keys" for name in victims)   # its sockets stay until there are others
    wait_until(lambda: len(descriptors(milter)) <= before - closed, "the dead to be noticed")
    # Its threads open a file now and then: only what stays open counts.
    used = descriptors(milter)
    for _ in range(20):
        used &= descriptors(milter)
        time.sleep(0.02)
    limit = allow(milter)
    free = min(set(range(len(used) + 1)) - used)
    allow(milter, free)
    os.kill(processes["supervisor"], signal.SIGCONT)
    return limit


def helpers(tap, lab, daemon):
    milter = daemon.processes()["milter"]
    limit = use_up(daemon, ["dns", "receiver"])
    for name in ("dns", "receiver"):
        wait_until(lambda n=name: f"the new {n} process {WITHOUT}" in daemon.log(), f"word of {name}")
        tap.ok(True, f"no room for the {name} process: that is said")
    said, began = daemon.log().count(WITHOUT), time.monotonic()
    wait_until(lambda: daemon.log().count(WITHOUT) > said + 2, "further tries", 20)
    tap.ok(True, "it is tried again")
    # Two helpers, four deaths each without a pause.
    tries, took = daemon.log().count(WITHOUT), time.monotonic() - began
    tap.ok(tries <= 10 + 4 * took, "and not all the time", f"{tries} times in {took:.1f} s")
    tap.same(daemon.processes().get("milter"), milter, "the milter process goes on")
    allow(milter, limit)
    wait_until(lambda: "not there" not in daemon.frank("status"), "the helpers to be there", 20)
    tap.same(send(lab, "helpers"), 250, "with room again: mail flows")


def keys_and_policy(tap, lab, daemon):
    milter = daemon.processes()["milter"]
    limit = use_up(daemon, ["keys"])
    wait_until(lambda: f"the new key process {WITHOUT}" in daemon.log(), "word of the key process")
    tap.same(daemon.processes().get("milter"), milter, "no room for a key process: the milter goes on")
    allow(milter, limit)
    wait_until(lambda: send(lab, f"keys{os.urandom(3).hex()}") == 250, "mail to flow", 20)
    tap.ok(True, "with room again: mail is signed")

    limit = use_up(daemon, [])
    os.kill(daemon.processes()["supervisor"], signal.SIGHUP)
    wait_until(lambda: f"the new policy {WITHOUT}" in daemon.log(), "word of the policy")
    wait_until(lambda: "nothing changed: policy" in daemon.log(), "the reload to be refused")
    tap.same(daemon.processes().get("milter"), milter, "no room for a policy: the reload is refused")
    allow(milter, limit)
    tap.same(send(lab, "policy"), 250, "and the old one stays in force")
    tap.same(daemon.reload().returncode, 0, "with room again: it is taken")
    results = daemon.verify(lab.wait_mail("policy"))
    tap.ok(results and results[0][3] is True, "signed all the time", results)


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        daemon.key_new("a.test", "s1", "rsa2048")
        daemon.start()
        wait_until(lambda: "not there" not in daemon.frank("status"), "the helpers", 20)
        helpers(tap, lab, daemon)
        keys_and_policy(tap, lab, daemon)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
