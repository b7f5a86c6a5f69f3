# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Two network namespaces with a wire between: Postfix's machine with its firewall, and the world."""

import grp
import os
import pwd
import re
import subprocess
import sys

from lab import LabError, stop_child, wait_until

OURS, THEIRS = {4: "192.0.2.1", 6: "2001:db8::1"}, {4: "192.0.2.2", 6: "2001:db8::2"}
PYTHON = "/usr/bin/python3"   # anybody may run it
PORTS = (25, 465, 587)
PATIENCE = 15.0   # seconds for what has to come
GIVE_UP = 0.7     # seconds for what must not: the first packet is lost, or none is

# The world listens, and says when.
LISTEN = f"""
import selectors, socket
ready = selectors.DefaultSelector()
for family, host in ((socket.AF_INET, {THEIRS[4]!r}), (socket.AF_INET6, {THEIRS[6]!r})):
    for port in {PORTS!r}:
        server = socket.create_server((host, port), family=family, backlog=64)
        ready.register(server, selectors.EVENT_READ)
print("listening", flush=True)
while True:
    for key, _ in ready.select():
        key.fileobj.accept()[0].close()
"""
# Arguments: host, port, seconds, three a connection; a line for each that came about.
CONNECT = """
import socket, sys, threading
def connect(host, port, seconds):
    try:
        with socket.create_connection((host, int(port)), timeout=float(seconds)):
            found.append((host, port))
    except OSError:
        pass
rest = sys.argv[1:]
found, threads = [], []
while rest:
    threads.append(threading.Thread(target=connect, args=rest[:3]))
    rest = rest[3:]
for one in threads:
    one.start()
for one in threads:
    one.join()
for one in found:
    print(*one)
"""


def need_namespaces():
    """Without them, or the programs, the whole suite is skipped, and says so."""
    for command in (["unshare", "-n", "nft", "list", "ruleset"],
                    ["unshare", "-n", "iptables-nft", "-S"], ["ip", "-V"]):
        try:
            works = subprocess.run(command, check=False, capture_output=True).returncode == 0
        except FileNotFoundError:
            works = False
        if not works:
            print(f"1..0 # SKIP '{' '.join(command)}' does not work here")
            sys.exit(0)


class Namespace:
    """A network namespace, there as long as a process of ours in it."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "-n", "sleep", "infinity"],
                                        stdin=subprocess.DEVNULL)
        self.path = f"/proc/{self.process.pid}/ns/net"
        here = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(self.path) != here, "a network namespace")

    def inside(self, *command):
        return ["nsenter", f"--net={self.path}", "--", *map(str, command)]

    def run(self, *command, check=True, given=""):
        done = subprocess.run(self.inside(*command), check=False, capture_output=True, text=True,
                              input=given, timeout=60)
        if check and done.returncode != 0:
            raise LabError(f"{' '.join(map(str, command))}: {done.stderr}")
        return done

    def end(self):
        stop_child(self.process)


class Wire:
    """OURS and THEIRS, a server at each of the world's ports, and no rule yet."""

    def __init__(self):
        self.ours, self.theirs, self.server = Namespace(), Namespace(), None
        try:
            self._connect()
        except BaseException:
            self.end()
            raise

    def _connect(self):
        self.ours.run("ip", "link", "add", "w0", "type", "veth", "peer", "name", "w1", "netns",
                      self.theirs.process.pid)
        for side, link, addresses in ((self.ours, "w0", OURS), (self.theirs, "w1", THEIRS)):
            side.run("ip", "link", "set", "lo", "up")
            side.run("ip", "link", "set", link, "up")
            side.run("ip", "addr", "add", f"{addresses[4]}/24", "dev", link)
            side.run("ip", "addr", "add", f"{addresses[6]}/64", "dev", link, "nodad")
        self.server = subprocess.Popen(self.theirs.inside(PYTHON, "-c", LISTEN),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self.server.stdout.readline() != "listening\n":
            raise LabError("the world does not listen")
        every = {(family, port): "open" for family in THEIRS for port in PORTS}
        if self.reached(every) != set(every):
            raise LabError("the world is not there, without any rule")

    def reached(self, verdicts, user="postfix"):
        """Of the {(family, port): verdict}, those that USER gets a connection to. Where that is
        not to be expected it is not waited for."""
        arguments = []
        for (family, port), verdict in verdicts.items():
            seconds = PATIENCE if verdict == "open" else GIVE_UP
            arguments += [THEIRS[family], port, seconds]
        group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
        done = self.ours.run("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups",
                             PYTHON, "-c", CONNECT, *arguments)
        found = set()
        for line in done.stdout.splitlines():
            host, port = line.split()
            found.add((6 if ":" in host else 4, int(port)))
        return found

    def state(self):
        """All that reading must leave as it is; what is counted meanwhile left out."""
        texts = [self.ours.run("nft", "list", "ruleset").stdout]
        for name in ("ip_tables_names", "ip6_tables_names"):
            texts.append(self.ours.run("cat", f"/proc/net/{name}", check=False).stdout)
        for name in ("iptables-legacy-save", "ip6tables-legacy-save"):
            texts.append(self.ours.run(name, check=False).stdout)
        return [re.sub(r"packets \d+ bytes \d+|\[\d+:\d+\]|#.*", "", text) for text in texts]

    def end(self):
        if self.server is not None:
            stop_child(self.server)
            self.server.stdout.close()
        self.ours.end()
        self.theirs.end()
