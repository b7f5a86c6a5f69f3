# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""frankd beside a lab's Postfix: configuration, keys, processes; and an independent verifier."""

import contextlib
import os
import pathlib
import re
import signal
import sqlite3
import subprocess

import dkim

from lab import LabError, stop_child, wait_until
from world import txt

POLICY = """\
table <ours>    {{ a.test, b.test }}
table <relays>  {{ 192.0.2.0/24 }}
set listen      "unix:{lab.milter_socket}"
set control     "{base}/control.sock"
set state       "{base}/state"
set trusted     <relays>

keys "keys"

match path submission  owns author    sign
match path relay       author <ours>  sign
match path local       author <ours>  sign

accept path inbound
reject path submission  author unclear    reply "5.7.1 The From header must hold exactly one address"
reject path submission  not owns author   reply "5.7.1 {{user}} may not write as {{author}}"
reject path submission  not owns sender  not sender null
                                          reply "5.7.1 {{user}} may not send as {{sender}}"
hold   rcpts > 3                          label "many recipients"
hold   signed no  author <ours>           label "would leave unsigned"
accept
"""


# What is asked of DNS, for a policy's first lines; EGRESS is where receivers see us come from.
EGRESS = "192.0.2.25"
DNS_SETTINGS = f"""\
set egress      {EGRESS}
set helo        mail.a.test
set resolver    "{{world.resolver}}"
"""


class Frankd:
    """One frankd with its configuration below the lab's directory."""

    def __init__(self, lab, build, policy=POLICY, world=None, name="frank"):
        self.lab, self.build, self.world = lab, pathlib.Path(build), world
        self.base = lab.base / name
        self.socket = self.base / "milter.sock"     # where a policy puts it there
        self.log_name = f"{name}d.log"
        self.conf = self.base / "etc" / "frank.conf"
        self.dns = {}
        self.child = None
        (self.base / "etc" / "keys").mkdir(parents=True, mode=0o755)
        self.write_policy(policy)

    def write_policy(self, policy=POLICY):
        new = self.conf.with_suffix(".new")
        new.write_text(policy.format(lab=self.lab, base=self.base, world=self.world))
        new.rename(self.conf)

    def frank(self, *arguments, check=True):
        """frank(1); its output, or the completed process when it may fail."""
        done = subprocess.run([self.build / "ctl" / "frank", "-c", self.conf, *arguments],
                              check=False, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, capture_output=True)
        if not check:
            return done
        if done.returncode != 0:
            raise LabError(f"frank {' '.join(arguments)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def reload(self):
        """The socket is named, since a broken policy cannot say where it is."""
        return self.frank("--control", self.base / "control.sock", "reload", check=False)

    def explain(self, message):
        """What frank explain says, once the journal has it: that takes some milliseconds."""
        return wait_until(lambda: self.frank("explain", message, check=False).stdout,
                          f"a record of {message}", 5)

    def key_new(self, domain, selector, kind):
        """A key, and its record in the zone that the verifier is shown."""
        path = self.base / "etc" / "keys" / domain
        said = self.frank("key", "new", domain, "--selector", selector, "--type", kind)
        if not (path / f"{selector}.pem").exists():
            raise LabError(f"frank key new wrote no {path}/{selector}.pem")
        # The record stands there twice: in pieces, as zone files want it, and whole.
        records = re.findall(r"v=DKIM1;[^\"\n]*p=[A-Za-z0-9+/=]+", said)
        if not records:
            raise LabError(f"frank key new printed no record: {said}")
        self.dns[f"{selector}._domainkey.{domain}."] = max(records, key=len).encode()

    # -- processes

    def start(self, under=()):
        """UNDER: the words of a command that runs frankd in its place."""
        self.child = self.lab.spawn(
            [*under, self.build / "milter" / "frankd", "-d", "-c", self.conf], self.log_name)
        wait_until(self.is_up, "frankd", 20)

    def _restart(self):
        try:
            self.start()
        except LabError as error:
            if "another frankd is running" not in str(error):
                raise
            return False   # what the dead supervisor has left behind is still finishing
        return True

    def is_up(self):
        if self.child.poll() is not None:
            raise LabError(f"frankd ended with {self.child.returncode}:\n{self.log()[-3000:]}")
        return self.frank("status", check=False).returncode == 0

    def stop(self):
        stop_child(self.child, 20)

    def log(self):
        return (self.lab.base / "log" / self.log_name).read_text(errors="replace")

    def children(self):
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.child.pid)], check=False,
                                text=True, stdout=subprocess.PIPE).stdout
        return [int(pid) for pid in listed.split()]

    def processes(self):
        """Process ids by name: supervisor, keys, milter, receiver, dns, tables, follow."""
        found = {"supervisor": self.child.pid}
        for pid in self.children():
            try:
                title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                title += pathlib.Path(f"/proc/{pid}/comm").read_bytes()
            except OSError:
                continue
            for name in ("keys", "milter", "receiver", "dns", "tables", "follow"):
                if re.search(rb"frankd: ?" + name.encode(), title):
                    found[name] = pid
        return found

    def kill(self, name):
        """SIGKILL one process. A dead supervisor is started again and again, as by systemd."""
        victim = wait_until(lambda: self.processes().get(name), f"the {name} process")
        os.kill(victim, signal.SIGKILL)
        if name == "supervisor":
            self.child.wait()
            wait_until(self._restart, "frankd to start again")
        else:
            wait_until(lambda: self.processes().get(name, victim) != victim, f"a new {name}")

    def actions(self):
        """(what, who, text) of what admins did, oldest first, as the journal has it."""
        found = []
        for day in sorted((self.base / "state").glob("journal-*.db")):
            with contextlib.closing(sqlite3.connect(f"file:{day}?mode=ro", uri=True)) as db:
                found += db.execute("SELECT what, who, text FROM action ORDER BY id").fetchall()
        return found

    # -- the receiver's side, which shares no code with us

    def record(self, domain, selector):
        """A line for the zone of DOMAIN: the record of this key."""
        value = self.dns[f"{selector}._domainkey.{domain}."].decode()
        return f"{selector}._domainkey TXT {txt(value)}"

    def verify(self, mail, known=None):
        """[(domain, selector, algorithm, valid)] of each signature, by python3-dkim.

        KNOWN gives the record at a name; without it the one that 'frank key new' printed counts.
        """
        def lookup(name, timeout=5):
            name = name if isinstance(name, str) else name.decode()
            return known(name) if known else self.dns.get(name)
        results = []
        for index, (domain, selector, algorithm) in enumerate(mail.signed_by()):
            try:
                valid = dkim.DKIM(mail.raw).verify(index, dnsfunc=lookup)
            except dkim.DKIMException as error:
                valid = str(error)
            results.append((domain, selector, algorithm, valid))
        return results
