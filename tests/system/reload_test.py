#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A hundred reloads under load, half of them with a policy that cannot be used."""

import re

import frankd
from lab import Lab, wait_until
from load import Load, settle
from tap import BUILD, SOURCE, Tap, need_root, scratch

RELOADS = 100
# What is put in front of a good policy, and what the answer must name.
BROKEN = (
    ("match path submission  owns auhtor  sign\n", "frank.conf:1:29: error:"),
    ("table <again> {{ a.test }}\ntable <again> {{ b.test }}\n", "frank.conf:2:"),
    ("key other  domain a.test  selector \"x\"  file \"keys/no-such.pem\"\n", "keys/no-such.pem"),
    ("include \"no-such.conf\"\n", "no-such.conf"),
    ("hold \"\n", "frank.conf:1:6: error:"),
)
# Each setting that takes effect at start only, with a value that the lab's policy has not.
OTHER = {
    "listen": '"unix:/nowhere/milter.sock"', "control": '"/nowhere/control.sock"',
    "state": '"/nowhere/state"', "user": '"daemon"', "keys-user": '"games"',
    "receiver-user": '"news"', "dns-user": '"uucp"', "group": '"daemon"',
    "socket-group": '"daemon"', "timezone": '"Europe/Berlin"', "resolver": '"192.0.2.53"',
    "trust-anchor": '"/nowhere/root.key"', "meter-keys": "4711",
    "learn": "15d", "remember": "91d", "tables-user": '"irc"',
    "maillog": "none", "follow-user": '"lp"',
}


def reload_often(daemon):
    """Good and broken by turns; [(which, exit status, answer)] of those that went wrong."""
    wrong = []
    for number in range(RELOADS):
        text, named = f"# reload {number}\n" + frankd.POLICY, ""
        if number % 2 == 1:
            broken, named = BROKEN[number // 2 % len(BROKEN)]
            text = broken + text
        daemon.write_policy(text)
        done = daemon.reload()
        said = done.stdout + done.stderr
        good = done.returncode == 0 if not named else (
            done.returncode != 0 and named in said and "stays in force" in said)
        if not good:
            wrong.append((number, done.returncode, said))
    return wrong


def warnings(tap, daemon):
    """What a reload cannot change is named, and only that."""
    words = (SOURCE / "policy" / "words.def").read_text()
    fixed = re.findall(r'^SETTING\(\w+, "([^"]+)", \w+, START,', words, re.M)
    tap.same(sorted(OTHER), sorted(fixed), "every setting that takes effect at start only")
    others = "".join(f"set {name} {value}\n" for name, value in OTHER.items())
    kept = re.sub(r"(?m)^set (listen|control|state) .*\n", "", frankd.POLICY)
    for policy, names, what in (
            (others + kept, sorted(OTHER), "a reload warns of each that has changed"),
            (others + kept, [], "and not of what was so before"),
            ("set keep 3d\n" + others + kept, [], "nor of what it has changed itself"),
            (frankd.POLICY, sorted(OTHER), "back again it warns, too")):
        daemon.write_policy(policy)
        done = daemon.reload()
        said = re.findall(r"warning: 'set ([a-z-]+)' takes effect when frankd is started again",
                          done.stdout + done.stderr)
        tap.same((done.returncode, sorted(said)), (0, names), what)


def other_key(tap, daemon, load):
    """A reload after which another key signs says so."""
    daemon.write_policy()
    tap.same(daemon.reload().returncode, 0, "a last good one is taken")
    before = load.count()
    wait_until(lambda: load.count() >= before + 20, "mail to be signed")
    daemon.key_new("a.test", "rsa27", "rsa2048")
    tap.same(daemon.reload().returncode, 0, "a newer key is taken")
    said = "key a.test/rsa27: loaded, signs from now on instead of rsa26"
    wait_until(lambda: said in daemon.log(), "the log to say who signs", 10)
    tap.ok(True, "the log says who signs now")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        daemon = frankd.Frankd(lab, BUILD)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.start()
        with Load(lab, workers=4) as load:
            wait_until(lambda: load.count() >= 20, "mail to flow")
            wrong = reload_often(daemon)
            other_key(tap, daemon, load)
            before = load.count()
            wait_until(lambda: load.count() >= before + 20, "mail to flow")
        tap.same(wrong[:3], [], f"{RELOADS} reloads: the good ones succeed, the broken ones "
                 "fail and name what is wrong")
        tap.same(load.others(), {}, "not one message was turned away")
        settle(tap, daemon, lab, load.replies, f"after {RELOADS} reloads")

        wait_until(lambda: len(daemon.children()) == len(daemon.processes()) - 1,
                   "old key processes to end", 70)   # one of each name
        tap.ok(True, "the key processes of old generations have ended")
        warnings(tap, daemon)
        if tap.failed:
            tap.note(daemon.log()[-3000:])
    tap.done()


if __name__ == "__main__":
    main()
