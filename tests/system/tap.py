# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Results as TAP, and what every system test begins with."""

import os
import pathlib
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("FRANK_BUILD", "build")).resolve()
SOURCE = pathlib.Path(os.environ.get("FRANK_SRC", ".")).resolve()


class Tap:
    """Prints results as they come and the plan last, so that a test that breaks off has none."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, truth, name, detail=""):
        self.count += 1
        if not truth:
            self.failed += 1
        print(f"{'ok' if truth else 'not ok'} {self.count} - {name}", flush=True)
        if not truth and detail != "":
            self.note(detail)

    def same(self, got, want, name):
        self.ok(got == want, name, f"got {got!r}, want {want!r}")

    def note(self, text):
        for line in str(text).splitlines():
            print(f"# {line}", flush=True)

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)


def need_root():
    """Postfix can only be started by root; without it the whole suite is skipped, and says so."""
    if os.geteuid() != 0:
        print("1..0 # SKIP a private Postfix needs root")
        sys.exit(0)


def in_own_mounts():
    """Begin again where what is mounted is seen by this test alone, and ends with it."""
    if os.environ.get("FRANK_OWN_MOUNTS") != str(os.getpid()):
        os.environ["FRANK_OWN_MOUNTS"] = str(os.getpid())
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable,
                              "-B", *sys.argv])


def scratch():
    """A directory that goes away with the test."""
    return tempfile.TemporaryDirectory(prefix="lab-")
