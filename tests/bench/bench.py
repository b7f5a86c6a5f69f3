#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""What a message costs, as multiples of one raw RSA-2048 signature taken between the runs.

    bench.py          everything: five interleaved rounds and the single measurements
    bench.py quick    one round of the main figure

Messages of 12 headers over a UNIX socket, the journal on. A ratio is the CPU time of all
processes of the server for one message divided by the CPU time of a raw signature, so that it
holds on a slow or a busy machine; medians of the rounds, lowest and highest in brackets. These
are figures, not verdicts: nothing here can fail but the set-up.
"""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading

SOURCE = pathlib.Path(os.environ.get("FRANK_SRC", ".")).resolve()
BUILD = pathlib.Path(os.environ.get("FRANK_BUILD", "build")).resolve()
sys.path.insert(0, str(SOURCE / "tests" / "system"))

import frankd                                               # noqa: E402
from lab import LabError, Workshop, wait_until              # noqa: E402
from world import Resolver, txt                             # noqa: E402

ROUNDS = 5
RSA, BOTH = "rsa.test", "both.test"
POLICY = """\
set listen   "unix:{base}/milter.sock"
set control  "{base}/control.sock"
set state    "{base}/state"
map <owners> file "owners"
set owners <owners>
keys "keys"
match path submission  owns author  sign
accept path inbound
reject path submission  not owns author  reply "5.7.1 {{user}} may not write as {{author}}"
hold   rcpts > 100                       label "many recipients"
accept
"""
# The same, with everything that DNS says taken into account.
ADVISED = f"""\
{frankd.DNS_SETTINGS}
{POLICY}""".replace("hold   rcpts", """\
hold   dmarc fail  dmarc-policy reject   label "receivers would reject it"
hold   spf fail                          label "not our address"
hold   key mismatched                    label "another key is published"
hold   receiver disagrees                label "receivers see it differently"
hold   rcpts""")
# The same, with four meters, each asked by a rule.
METERED = POLICY.replace("match path", """\
meter sent    count recipients      per origin   within 10m  floor 20
meter fresh   count new-recipients  per origin   within 1h   floor 15
meter spread  count rcpt-domains    per origin   within 1h
meter crowd   count users           per network  within 1h   floor 10
match path""", 1).replace("hold   rcpts", """\
hold   fresh > 40000  sent > 8x usual    label "account takeover?"
hold   crowd > 300000                    label "many logins, one network"
hold   spread > 60000                    label "wide"
hold   sent > 100000                     label "over the limit"
hold   rcpts""")
LOGINS = 10000
OPENDKIM = """\
Socket local:{socket}
KeyTable {base}/keytable
SigningTable refile:{base}/signingtable
Mode s
Canonicalization relaxed/relaxed
MacroList daemon_name|ORIGINATING
RequireSafeKeys no
Syslog no
"""


class OpenDkim:
    """OpenDKIM with the same key, for comparison."""

    def __init__(self, shop, key):
        self.socket = shop.base / "opendkim.sock"
        conf = shop.base / "opendkim.conf"
        conf.write_text(OPENDKIM.format(socket=self.socket, base=shop.base))
        (shop.base / "keytable").write_text(f"key {RSA}:rsa:{key}\n")
        (shop.base / "signingtable").write_text(f"*@{RSA} key\n")
        self.child = shop.spawn(["opendkim", "-f", "-x", conf], "opendkim.log")
        wait_until(self.socket.exists, "OpenDKIM")


class Bench:
    """One frankd, one OpenDKIM, and the load generator at either."""

    def __init__(self, shop):
        self.shop = shop
        self.daemon = frankd.Frankd(shop, BUILD, POLICY)
        self.equip(self.daemon)
        self.daemon.start()
        self.advised = self.start_advised()
        self.metered = frankd.Frankd(shop, BUILD, METERED, name="metered")
        self.equip(self.metered)
        self.metered.start()
        keys = self.daemon.conf.parent / "keys"
        self.pems = [keys / RSA / "rsa.pem", keys / BOTH / "ed.pem"]
        self.opendkim = OpenDkim(shop, self.pems[0])

    @staticmethod
    def equip(daemon):
        owners = [f"user{number}@{domain} user{number}\n" for domain in (RSA, BOTH)
                  for number in range(LOGINS)]
        (daemon.conf.parent / "owners").write_text("".join(owners))
        daemon.key_new(RSA, "rsa", "rsa2048")
        daemon.key_new(BOTH, "rsa", "rsa2048")
        daemon.key_new(BOTH, "ed", "ed25519")

    def start_advised(self):
        """A second frankd, whose resolver knows its domains."""
        daemon = frankd.Frankd(self.shop, BUILD, name="advised")
        self.equip(daemon)
        records = [f"{name} 3600 TXT {txt(value.decode())}" for name, value in daemon.dns.items()]
        for domain in (RSA, BOTH):
            records += [f'{domain} 3600 TXT "v=spf1 ip4:{frankd.EGRESS} -all"',
                        f'_dmarc.{domain} 3600 TXT "v=DMARC1; p=reject"']
        daemon.world = Resolver(self.shop, records)
        daemon.write_policy(ADVISED)
        daemon.start()
        return daemon

    def raw(self, copies=1):
        """Microseconds of one raw signature; of COPIES running at once, their mean."""
        command = [BUILD / "tests/bench/rawref", *self.pems]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(copies)]
        return statistics.mean(json.loads(one.communicate()[0])["rsa2048_us"] for one in running)

    def load(self, *options, domain=RSA, server=None):
        """One run of the load generator; its figures. Every message must come back signed."""
        server = server or self.daemon
        socket, pid = server.socket, server.child.pid
        done = subprocess.run(
            [BUILD / "tests/bench/miltload", "-S", f"unix:{socket}", "-p", str(pid), "--json",
             "--expect", "DKIM-Signature", "--domain", domain, *map(str, options)],
            check=False, capture_output=True, text=True)
        if not done.stdout:
            raise LabError(f"miltload: {done.stderr}")
        figures = json.loads(done.stdout)
        taken = figures["accept"] + figures["continue"]
        if figures["errors"] or figures["failed"] or taken != figures["messages"]:
            raise LabError(f"not every message was accepted: {done.stdout}")
        return figures

    def pss(self):
        """Proportional memory of all of frankd's processes, KB."""
        total = 0
        for pid in [self.daemon.child.pid, *self.daemon.children()]:
            rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(rollup.partition("\nPss:")[2].split()[0])
        return total


def say(name, value):
    print(f"{name:36} {value}", flush=True)


def spread(values):
    return f"{statistics.median(values):.2f}  ({min(values):.2f} - {max(values):.2f})"


RUNS = (
    ("4k64", ("-b", "4k", "-n", 4000), {}),
    ("50k64", ("-b", "50k", "-n", 2500), {}),
    ("4k64 rsa+ed25519", ("-b", "4k", "-n", 4000), {"domain": BOTH}),
)


def ratios(bench, rounds):
    """The runs one after the other, again and again, each between two raw measurements."""
    many = ("-b", "4k", "-n", 4000, "-u", LOGINS)
    beside = (("4k64 with dns", ("-b", "4k", "-n", 4000), {"server": bench.advised}),
              ("4k64 of 10,000 logins", many, {}),
              ("4k64 with four meters", many, {"server": bench.metered}),
              ("opendkim 4k64", ("-b", "4k", "-n", 500), {"server": bench.opendkim}))
    runs = [*RUNS, *beside]
    found = {name: [] for name, _, _ in runs}
    added, advice, metering, raws = [], [], [], []
    for number in range(rounds):
        before = bench.raw()
        figures = {}
        # Forwards and backwards in turn: who comes first in a round is not favoured.
        for name, options, how in runs if number % 2 == 0 else reversed(runs):
            cpu = bench.load("-c", 64, "-w", 200, *options, **how)["cpu_us"]
            after = bench.raw()
            figures[name] = cpu / ((before + after) / 2)
            raws.append(after)
            before = after
        for name, ratio in figures.items():
            found[name].append(ratio)
        added.append(figures["4k64 rsa+ed25519"] - figures["4k64"])
        advice.append(figures["4k64 with dns"] - figures["4k64"])
        metering.append(figures["4k64 with four meters"] - figures["4k64 of 10,000 logins"])
        print(f"# round {number + 1}: " + "  ".join(f"{n} {r:.2f}" for n, r in figures.items()),
              flush=True)
    for name, values in found.items():
        say(f"ratio {name}", spread(values))
    say("ratio added by ed25519", spread(added))
    say("ratio added by spf, dmarc, key states", spread(advice))
    say("ratio added by four meters", spread(metering))
    say("raw rsa2048, us", f"{statistics.median(raws):.0f}  ({min(raws):.0f} - {max(raws):.0f})")


def memory(bench):
    bench.daemon.stop()
    bench.daemon.start()
    figures = bench.load("-c", 64, "-n", 2000, "-b", "4k")
    say("PSS at 64 connections, MB", f"{figures['pss_after_kb'] / 1024:.1f}")
    bench.load("-c", 64, "-n", 18000, "-b", "4k")
    early = bench.pss()
    bench.load("-c", 64, "-n", 80000, "-b", "4k")
    late = bench.pss()
    say("PSS after 20,000 messages, MB", f"{early / 1024:.1f}")
    say("PSS after 100,000 messages, MB", f"{late / 1024:.1f}  (grown by {(late - early) / 1024:+.1f})")
    bench.load("-c", 1, "-n", 5, "-b", "4k")
    figures = bench.load("-c", 1, "-n", 1, "-b", "40m", "--timeout", 120)
    say("growth for a 40 MB message, MB",
        f"{(figures['rss_peak_kb'] - figures['rss_conns_kb']) / 1024:+.1f}")


def pin(bench, cpus):
    for pid in [bench.daemon.child.pid, *bench.daemon.children()]:
        subprocess.run(["taskset", "-a", "-c", "-p", cpus, str(pid)], check=True,
                       stdout=subprocess.DEVNULL)


def cores(bench):
    """CPU a message with frankd on one core, the load on the other; then both on both."""
    if (os.cpu_count() or 1) < 2:
        say("one core against two", "this machine has one")
        return
    plain, relative = [], []
    for _ in range(3):
        pin(bench, "0")
        raw_one, one = bench.raw(), bench.load("-c", 64, "-n", 3000, "-w", 200, "-b", "4k")
        pin(bench, "0-1")
        raw_two, two = bench.raw(2), bench.load("-c", 64, "-n", 3000, "-w", 200, "-b", "4k")
        plain.append(two["cpu_us"] / one["cpu_us"])
        relative.append(plain[-1] / (raw_two / raw_one))
    say("CPU two cores / one core", spread(plain))
    say("  against raw on two and one", spread(relative))


def open_loop(bench):
    figures = bench.load("-c", 16, "--rate", 500, "--poisson", "-n", 10000, "-w", 500, "-b", "4k")
    say("open loop 500/s, p50 / p99, ms", f"{figures['p50_us'] / 1e3:.2f} / "
        f"{figures['p99_us'] / 1e3:.2f}")


def crash(bench):
    """The longest that a message has to wait when the key process is killed under way."""
    times = []
    for _ in range(5):
        victim = bench.daemon.processes()["keys"]
        timer = threading.Timer(1.0, os.kill, (victim, signal.SIGKILL))
        timer.start()
        # Long enough that the next one is no crash loop, which the supervisor slows down.
        figures = bench.load("-c", 8, "--rate", 200, "-n", 800, "-b", "4k")
        timer.join()
        times.append(figures["max_us"] / 1e3)
    say("wait when the key process dies, ms", spread(times))


def spf():
    """Our SPF evaluation beside libspf2's, over the same answers in memory."""
    subprocess.run([BUILD / "tests/bench/spf_bench"], check=True)


def meters(bench):
    """Bytes of a key, time of an update, what two threads gain."""
    subprocess.run([BUILD / "tests/bench/burst_bench"], check=True)
    # The daemon's ratios above are not steady enough for so little.
    ratios_alone = []
    for _ in range(ROUNDS):
        added = float(subprocess.run([BUILD / "tests/bench/metering_bench"], check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)
        ratios_alone.append(added / bench.raw())
    print(f"four meters alone, 10,000 logins      {statistics.median(ratios_alone):.4f}  "
          f"({min(ratios_alone):.4f} - {max(ratios_alone):.4f})", flush=True)


def main():
    quick = sys.argv[1:] == ["quick"]
    if sys.argv[1:] and not quick:
        print("usage: bench.py [quick]", file=sys.stderr)
        return 64
    with tempfile.TemporaryDirectory(prefix="frank-bench-") as base, Workshop(base) as shop:
        bench = Bench(shop)
        ratios(bench, 1 if quick else ROUNDS)
        spf()
        meters(bench)
        if not quick:
            for part in (memory, cores, open_loop, crash):
                part(bench)
    return 0


if __name__ == "__main__":
    sys.exit(main())
