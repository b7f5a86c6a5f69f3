# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""The rest of the world, as far as DNS is concerned: name servers and a resolver on loopback.

Two nsd on addresses of their own, port 53, so that they may differ as primary and secondary do;
an unbound that asks them as resolvers do; and where a scene wants it, a server that is slow.
"""

import socket
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset

from lab import LabError, free_ports, stop_child, wait_until

TTL = 5
NETWORKS = 200     # worlds beside one another: 127.53.0.0/24, 127.53.1.0/24 ...

NSD = """\
server:
    ip-address: {address}
    port: 53
    username: ""
    chroot: ""
    zonesdir: "{zones}"
    database: ""
    zonelistfile: "{base}/zone.list"
    xfrdfile: ""
    xfrdir: "{base}"
    pidfile: "{base}/nsd.pid"
    logfile: "{base}/nsd.log"
    server-count: 1
    round-robin: no
remote-control:
    control-enable: no
"""
NSD_ZONE = """\
zone:
    name: "{name}"
    zonefile: "{file}"
"""

UNBOUND = """\
server:
    interface: 127.0.0.1@{port}
    username: ""
    chroot: ""
    directory: "{base}"
    pidfile: "{base}/unbound.pid"
    use-syslog: no
    logfile: "{base}/unbound.log"
    log-queries: yes
    verbosity: 0
    num-threads: 1
    do-ip6: no
    do-not-query-localhost: no
    module-config: "iterator"
    qname-minimisation: no
    cache-max-negative-ttl: 5
    local-zone: "test." nodefault
    local-zone: "100.51.198.in-addr.arpa." nodefault
{locals}
remote-control:
    control-enable: no
stub-zone:
    name: "."
{asked}    stub-prime: no
"""

ROOT = """\
$ORIGIN .
$TTL {ttl}
@ SOA ns1.root.test. admin.root.test. 1 60 60 60 {ttl}
@ NS ns1.root.test.
@ NS ns2.root.test.
ns1.root.test. A {servers[0]}
ns2.root.test. A {servers[1]}
slow.test. NS ns.slow.test.
ns.slow.test. A {slow}
"""
ZONE = """\
$ORIGIN {name}.
$TTL {ttl}
@ SOA ns1 admin 1 60 60 60 {ttl}
@ NS ns1
@ NS ns2
ns1 A {servers[0]}
ns2 A {servers[1]}
{text}
"""


def free_network():
    """A network that no other world uses, and the socket that says so for as long as it lives."""
    for number in range(NETWORKS):
        guard = socket.socket()
        try:
            guard.bind((f"127.53.{number}.254", 53))
            with socket.socket(type=socket.SOCK_DGRAM) as probe:
                probe.bind((f"127.53.{number}.1", 53))
            return f"127.53.{number}", guard
        except OSError:
            guard.close()
    raise LabError("no free network for name servers")


def txt(value):
    """VALUE as the strings of one TXT record."""
    pieces = [value[at:at + 255] for at in range(0, len(value), 255)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"'
                    for piece in pieces)


class World:
    """Zones are text: {"a.test": "@ TXT ...\\n..."}; names in them are relative."""

    def __init__(self, lab, zones, silent=()):
        self.lab = lab
        self.base = lab.base / "dns"
        network, self.guard = free_network()
        self.addresses = (f"{network}.1", f"{network}.2")
        self.slow = f"{network}.9"
        self.zones = {address: dict(zones) for address in self.addresses}
        self.silent = silent
        self.port = free_ports(1)[0]
        self.resolver = f"127.0.0.1@{self.port}"
        self.servers = {}
        self.unbound = None

    def start(self):
        for address in self.addresses:
            self._start_server(address)
        self.start_resolver()

    def _folder(self, address):
        return self.base / address

    def _write(self, address):
        zones = self._folder(address) / "zones"
        zones.mkdir(parents=True, exist_ok=True)
        names = {"servers": self.addresses, "slow": self.slow, "ttl": TTL}
        (zones / "root").write_text(ROOT.format(**names))
        config = NSD.format(address=address, zones=zones, base=self._folder(address))
        config += NSD_ZONE.format(name=".", file="root")
        for name, text in self.zones[address].items():
            (zones / name).write_text(ZONE.format(name=name, text=text, **names))
            config += NSD_ZONE.format(name=name, file=name)
        (self._folder(address) / "nsd.conf").write_text(config)

    def _start_server(self, address):
        self._write(address)
        self.servers[address] = self.lab.spawn(
            ["nsd", "-d", "-c", self._folder(address) / "nsd.conf"], f"nsd-{address}.out")
        wait_until(lambda: self.ask(address, 53, "ns1.root.test", "A"), f"nsd on {address}")

    def start_resolver(self, asked=None):
        """ASKED: the servers that it asks; all of them, unless one says what is not so."""
        here = self.base / "unbound"
        here.mkdir(exist_ok=True)
        silent = "".join(f'    local-zone: "{name}." deny\n' for name in self.silent)
        (here / "unbound.conf").write_text(UNBOUND.format(
            base=here, port=self.port, locals=silent,
            asked="".join(f"    stub-addr: {address}\n" for address in asked or self.addresses)))
        self.unbound = self.lab.spawn(["unbound", "-d", "-c", here / "unbound.conf"],
                                      "unbound.out")
        wait_until(lambda: self.ask("127.0.0.1", self.port, "ns1.root.test", "A"), "unbound")

    def stop_resolver(self):
        stop_child(self.unbound)

    @staticmethod
    def ask(address, port, name, kind):
        """The records of one answer, without recursion's help; None: no answer."""
        try:
            reply = dns.query.udp(dns.message.make_query(name, kind), address, timeout=1, port=port)
        except (OSError, dns.exception.DNSException):
            return None
        return [record.to_text() for rrset in reply.answer for record in rrset]

    def set(self, name, text, addresses=None):
        """Change a zone, on all servers or on some; returns when they answer with it."""
        mark = f"mark-{time.monotonic_ns()}"
        for address in addresses or self.addresses:
            self.zones[address][name] = f'{text}\n{mark} TXT "{mark}"'
            self._write(address)
            # A server that is started anew has read its zones; one that reloads is a race.
            stop_child(self.servers[address])
            self.servers[address] = self.lab.spawn(
                ["nsd", "-d", "-c", self._folder(address) / "nsd.conf"], f"nsd-{address}.out")
            wait_until(lambda a=address: self.ask(a, 53, f"{mark}.{name}", "TXT"),
                       f"the new {name} on {address}")

    def published(self, name):
        """The TXT records at NAME, for each server: what a receiver may find now."""
        return [self.ask(address, 53, name, "TXT") for address in self.addresses]

    def queries(self, below):
        """How many questions the resolver got for names at or below BELOW."""
        log = (self.base / "unbound" / "unbound.log").read_text(errors="replace")
        return sum(1 for line in log.splitlines()
                   if " info: 127.0.0.1 " in line and f"{below}. " in line)


class Resolver:
    """An unbound that knows RECORDS ("a.test TXT ...") by itself, for those who need no more."""

    def __init__(self, shop, records):
        self.base = shop.base / "resolver"
        self.base.mkdir()
        self.port = free_ports(1)[0]
        self.resolver = f"127.0.0.1@{self.port}"
        known = "".join(f"    local-data: '{record}'\n" for record in records)
        (self.base / "unbound.conf").write_text(UNBOUND.format(
            base=self.base, port=self.port, asked="    stub-addr: 127.0.0.1@1\n",
            locals='    local-zone: "." static\n' + known))
        shop.spawn(["unbound", "-d", "-c", self.base / "unbound.conf"], "resolver.out")
        wait_until(lambda: World.ask("127.0.0.1", self.port, ".", "NS") is not None, "unbound")


class SlowServer:
    """Answers TXT for slow.test from RECORDS, after DELAY seconds each; never at once."""

    def __init__(self, world, records, delay):
        self.records, self.delay = records, delay
        self.asked = 0
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((world.slow, 53))
        self.sock.settimeout(0.2)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self.sock.close()

    def _serve(self):
        while not self.stopping.is_set():
            try:
                packet, peer = self.sock.recvfrom(4096)
            except TimeoutError:
                continue
            self.asked += 1
            threading.Timer(self.delay, self._answer, (packet, peer)).start()

    def _answer(self, packet, peer):
        question = dns.message.from_wire(packet)
        reply = dns.message.make_response(question)
        reply.flags |= dns.flags.AA
        name = question.question[0].name
        value = self.records.get(name.to_text(omit_final_dot=True).lower())
        if value is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            reply.answer.append(dns.rrset.from_text(name, TTL, "IN", "TXT", txt(value)))
        try:
            self.sock.sendto(reply.to_wire(), peer)
        except OSError:
            pass   # the scene is over
