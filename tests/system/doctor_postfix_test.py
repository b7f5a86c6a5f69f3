#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""What doctor says of a real Postfix and frankd: on one where all is fine, on broken ones, and
on those again after its own remedies were typed in, word for word."""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import frankd
from lab import Lab, stop_child, wait_until
from tap import BUILD, Tap, need_root, scratch

POLICY = ('set helo mail.lab.test\nset egress 192.0.2.25\nset maillog "{lab.log}"\n'
          + frankd.POLICY)
FINE = {"smtpd_forbid_bare_newline": "normalize", "enable_long_queue_ids": "yes",
        "mailbox_size_limit": "0", "virtual_mailbox_limit": "0",
        "minimal_backoff_time": "300s", "smtp_destination_concurrency_limit": "20",
        "default_transport": "smtp", "myorigin": "mail.lab.test"}


class Doctor:
    def __init__(self, lab, daemon):
        self.lab, self.daemon = lab, daemon

    def findings(self, *names, program=BUILD / "tests/doctor/doctor_here", **who):
        """(check, answer, evidence, remedy) of these checks, or of all."""
        said = subprocess.run([program, self.daemon.conf, self.lab.etc, *names], check=False,
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              **who).stdout
        found = []
        for line in said.splitlines():
            if line.startswith("> "):
                found[-1][3].append(line[2:])
            else:
                found.append((*line.split(": ", 2), []))
        return found

    def answers(self, name):
        return {answer for _, answer, _, _ in self.findings(name)}


def fine(tap, doctor):
    """Nothing is bad where nothing is; and each check has something to say."""
    found = doctor.findings()
    for name in ("postfix-", "machine-", "ourselves-"):
        tap.ok(any(check.startswith(name) for check, *_ in found), f"{name} was looked at")
    for check, answer, evidence, _ in found:
        if check not in MACHINE:
            tap.ok(answer != "bad" and "nothing was said" not in evidence,
                   f"{check} cries no wolf", f"{answer}: {evidence}")
    certain = ("postfix-submission", "postfix-local", "postfix-socket", "postfix-action",
               "postfix-order", "postfix-timeouts", "postfix-protocol", "postfix-macros",
               "postfix-bounces", "postfix-reentry", "postfix-rewriting", "postfix-generic",
               "postfix-line-length", "postfix-eight-bit", "postfix-logins",
               "postfix-bare-newline", "postfix-queue-ids", "postfix-names", "postfix-helo",
               "postfix-relayhost", "postfix-compatibility", "postfix-unused",
               "machine-postfix", "machine-frankd", "machine-limits", "machine-logs",
               "ourselves-policy", "ourselves-keys")
    for check in certain:
        tap.same({answer for name, answer, *_ in found if name == check}, {"ok"},
                 f"{check} is sure")


# What this machine is like is not ours to judge here.
MACHINE = ("machine-disk", "machine-memory", "machine-load", "machine-clock",
           "ourselves-versions", "ourselves-suffixes")


def as_nobody(tap, lab, doctor):
    """Whoever may see little is told little, and nothing that is not so."""
    program = lab.base / "doctor_here"
    shutil.copy(BUILD / "tests/doctor/doctor_here", program)
    found = doctor.findings(program=program, user="nobody", group="nogroup", extra_groups=[])
    for check, answer, evidence, _ in found:
        if check not in MACHINE:
            tap.ok(answer != "bad", f"{check} cries no wolf to nobody", f"{answer}: {evidence}")
    for check in ("machine-frankd", "ourselves-keys", "ourselves-journal", "machine-postfix"):
        tap.same({answer for name, answer, *_ in found if name == check}, {"could not tell"},
                 f"{check} is not for nobody to see")


# What is broken: the check, how, and a part of what it says. $main.cf or $master.cf by postconf.
BROKEN = [
    ("postfix-submission", ["-e", "smtpd_milters="], "users log in there, and smtpd_milters is empty"),
    ("postfix-submission", ["-P", "{submission}/inet/smtpd_milters="], "smtpd_milters is empty"),
    ("postfix-submission", ["-P", "{submission}/inet/receive_override_options=no_milters"],
     "receive_override_options has no_milters"),
    ("postfix-local", ["-e", "non_smtpd_milters="], "non_smtpd_milters is empty"),
    ("postfix-order", ["-e", "smtpd_milters={ unix:frank/milter.sock, default_action=tempfail }, "
                       "inet:127.0.0.1:9"], "behind frankd"),
    ("postfix-action", ["-e", "smtpd_milters={ unix:frank/milter.sock, default_action=accept }"],
     "is accept"),
    ("postfix-action", ["-P", "{submission}/inet/smtpd_milters=inet:127.0.0.1:9,"
                        "{unix:frank/milter.sock,default_action=quarantine}"], "is quarantine"),
    ("postfix-order", ["-P", "{submission}/inet/smtpd_milters={unix:frank/milter.sock,"
                       "default_action=tempfail},inet:127.0.0.1:9"], "behind frankd"),
    ("postfix-timeouts", ["-e", "smtpd_milters={ unix:frank/milter.sock, content_timeout=1s }"],
     "content_timeout of unix:frank/milter.sock is 1s"),
    ("postfix-protocol", ["-e", "milter_protocol=2"], "milter_protocol is 2"),
    ("postfix-macros", ["-e", "milter_protocol=2", "milter_mail_macros=i"], "lacks {auth_authen}"),
    ("postfix-socket", ["-e", "smtpd_milters=unix:{queue}/frank/milter.sock"], "that are chrooted"),
    ("postfix-bounces", ["-e", "internal_mail_filter_classes="], "lacks bounce"),
    ("postfix-line-length", ["-e", "smtp_line_length_limit=900"], "is 900"),
    ("postfix-eight-bit", ["-e", "smtp_discard_ehlo_keywords=8bitmime"], "has 8bitmime"),
    ("postfix-logins", ["-e", "smtpd_sender_login_maps=static:root"], "nor the policy asks it"),
    ("postfix-bare-newline", ["-e", "smtpd_forbid_bare_newline=no"], "is no"),
    ("postfix-queue-ids", ["-e", "enable_long_queue_ids=no"], "is no"),
    ("postfix-names", ["-e", "myhostname=localhost.localdomain"], "nobody's name"),
    ("postfix-helo", ["-P", "smtp/unix/smtp_helo_name=other.lab.test"], "is other.lab.test"),
    ("postfix-compatibility", ["-e", "compatibility_level=0"], "is 0"),
    ("postfix-unused", ["-e", "smtpd_proxy_filte=127.0.0.1:9"], "smtpd_proxy_filter is meant"),
    ("machine-limits", ["-e", "mailbox_size_limit=1000"], "mailbox_size_limit (1000)"),
]
# Mended by something else than what is wrong: a leftover stays, or a frankd is to be restarted.
NOT_BY_POSTCONF = {"postfix-unused"}


RELOADED = set()


def type_in(lines):
    """Word for word; but that Postfix reads it again, which takes it a second, once is enough."""
    for line in lines:
        if line.endswith(" reload"):
            if line in RELOADED:
                continue
            RELOADED.add(line)
        subprocess.run(["sh", "-c", line], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)


def broken(tap, lab, doctor):
    before = {path.name: path.read_text() for path in lab.etc.iterdir() if path.is_file()}
    for check, change, part in BROKEN:
        values = {"submission": f"127.0.0.1:{lab.submission}", "queue": lab.queue}
        words = [re.sub(r"\{(\w+)\}", lambda m: str(values.get(m[1], m[0])), word)
                 for word in change]
        subprocess.run(["postconf", "-c", lab.etc, *words], check=True,
                       stderr=subprocess.DEVNULL)
        found = [one for one in doctor.findings(check) if one[1] == "bad"]
        what = f"{check}: {' '.join(change)}"
        tap.ok(any(part in one[2] for one in found), f"{what} is bad", found)
        if check not in NOT_BY_POSTCONF:
            type_in(line for *_, remedy in found for line in remedy)
            tap.ok("bad" not in doctor.answers(check), f"{what} is mended by its remedy",
                   doctor.findings(check))
        # And now as it was.
        for name, text in before.items():
            (lab.etc / name).write_text(text)
    lab.postfix("reload")


def unknown(tap, lab, doctor):
    """Without a Postfix to be seen nothing is bad."""
    hidden = lab.etc.with_name("hidden")
    lab.etc.rename(hidden)
    try:
        found = [one for one in doctor.findings() if one[0].startswith("postfix-")]
        tap.same({one[1] for one in found}, {"could not tell"},
                 "without main.cf all checks of Postfix cannot tell")
        tap.ok(all("main.cf" in one[2] for one in found), "and say why", found)
    finally:
        hidden.rename(lab.etc)


def stopped(tap, lab, daemon, doctor):
    pid = int((lab.queue / "pid" / "master.pid").read_text())
    evidence = doctor.findings("machine-postfix")[0][2]
    tap.ok(f"process {pid} since 20" in evidence, "master runs, and since when", evidence)
    lab.postfix("stop")
    lab.postfix_runs = False
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "Postfix's end")
    tap.same(doctor.answers("machine-postfix"), {"bad"}, "a Postfix that was stopped is bad")
    stop_child(daemon.child)
    tap.same(doctor.answers("machine-frankd"), {"bad"}, "a frankd that was stopped is bad")
    os.chmod(daemon.base / "etc" / "keys" / "a.test" / "rsa26.pem", 0o644)
    found = doctor.findings("ourselves-keys")
    tap.ok(any(one[1] == "bad" and "rsa26.pem" in one[2] for one in found),
           "a key that others can read is bad", found)
    daemon.write_policy("no such words\n")
    tap.same(doctor.answers("ourselves-policy"), {"bad"}, "a policy with errors is bad")
    tap.same(doctor.answers("postfix-submission"), {"could not tell"},
             "and which socket is frankd's cannot be told then")


def main():
    need_root()
    tap = Tap()
    with scratch() as base, Lab(base) as lab:
        lab.set(**FINE)
        daemon = frankd.Frankd(lab, BUILD, policy=POLICY)
        daemon.key_new("a.test", "rsa26", "rsa2048")
        daemon.key_new("b.test", "rsa26", "rsa2048")
        daemon.start()
        doctor = Doctor(lab, daemon)
        fine(tap, doctor)
        as_nobody(tap, lab, doctor)
        broken(tap, lab, doctor)
        unknown(tap, lab, doctor)
        stopped(tap, lab, daemon, doctor)
    tap.done()


if __name__ == "__main__":
    main()
