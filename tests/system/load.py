# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Mail by many sessions at once, each message stamped, each reply written down."""

import contextlib
import itertools
import smtplib
import threading
import time

from lab import transact

MESSAGE = """\
From: {author}\r
To: x@far.test\r
Subject: load {seq}\r
X-Seq: {seq}\r
Message-ID: <{seq}@a.test>\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
\r
{body}"""
BODY = "A line of text that is neither short nor very long, like most lines.\r\n" * 20
SESSION = 10   # messages before a session is ended and a new one begun


def message(seq, author="alice@a.test"):
    return MESSAGE.format(seq=seq, author=author, body=BODY).encode()


class Load:
    """Workers that send until they are told to stop. REPLIES has the code for each stamp.

    A session that breaks off without a reply gives the code None: such a message may have
    been taken or not. Postfix itself is never killed here, so there should be none.

    AUTHOR, with {seq} in it, writes each message and sends it.
    """

    def __init__(self, lab, workers=8, pause=0.0, author="alice@a.test"):
        self.lab, self.pause, self.author = lab, pause, author
        self.replies = {}
        self.slowest = 0.0     # seconds from MAIL FROM to the last reply
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(number,), daemon=True)
                        for number in range(workers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def count(self, code=250):
        return list(self.replies.values()).count(code)

    def others(self):
        """Replies other than 250, counted."""
        counts = {}
        for code in list(self.replies.values()):
            if code != 250:
                counts[code] = counts.get(code, 0) + 1
        return counts

    def _work(self, number):
        numbers = itertools.count()
        while not self.stopping.is_set():
            try:
                with contextlib.closing(self.lab.connect(user="alice@a.test")) as client:
                    self._session(client, number, numbers)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.05)

    def _session(self, client, number, numbers):
        for _ in range(SESSION):
            if self.stopping.is_set():
                return
            seq = f"{number}-{next(numbers)}"
            self.replies[seq] = None
            began = time.monotonic()
            author = self.author.format(seq=seq)
            self.replies[seq] = transact(client, message(seq, author), author,
                                         ["x@far.test"])[0]
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.stopping.wait(self.pause)
            if self.replies[seq] != 250:
                return   # Postfix stays with a milter's error until the session ends


class Standing:
    """One message that stops at STAGE (mail, data, body or end) until it is told to go on."""

    def __init__(self, lab, stage, seq):
        self.seq, self.stage = seq, stage
        self.client = lab.connect(user="alice@a.test")
        self.text = message(seq)
        self.code = self.client.docmd("MAIL FROM:<alice@a.test>")[0]
        if stage != "mail":
            self._open()
        self.rest = self.text + b".\r\n"
        if self.code == 354 and stage in ("body", "end"):
            self._send(len(self.text) // 2)

    def _send(self, count):
        self.client.send(self.rest[:count])
        self.rest = self.rest[count:]

    def end(self):
        """Send the final dot but do not wait for its reply."""
        if self.code == 354:
            self._send(len(self.rest))

    def _open(self):
        if self.code == 250:
            self.code = self.client.docmd("RCPT TO:<x@far.test>")[0]
        if self.code == 250:
            self.code = self.client.docmd("DATA")[0]

    def finish(self):
        """Go on to the end; the last reply's code."""
        with contextlib.closing(self.client):
            if self.stage == "mail":
                self._open()
            if self.code == 354:
                self._send(len(self.rest))
                self.code = self.client.getreply()[0]
        return self.code


def settle(tap, daemon, lab, replies, what):
    """Hold what arrived against the replies: nothing unsigned, lost or doubled."""
    lab.wait_delivered(60)
    arrived, unsigned = {}, []
    for mail in lab.delivered():
        seq = mail.field("X-Seq")
        arrived[seq] = arrived.get(seq, 0) + 1
        results = daemon.verify(mail)
        if not results or not all(result[3] is True for result in results):
            unsigned.append((seq, results))
    accepted = {seq for seq, code in replies.items() if code == 250}
    tap.same(unsigned[:5], [], f"{what}: nothing left unsigned or wrongly signed")
    tap.same(sorted(accepted - arrived.keys())[:5], [], f"{what}: nothing accepted was lost")
    tap.same([seq for seq, times in arrived.items() if times > 1][:5], [],
             f"{what}: nothing was doubled")
    tap.same(sorted(arrived.keys() - accepted)[:5], [],
             f"{what}: nothing left that the client was not told 250 for")
    tap.note(f"{len(accepted)} accepted, {len(arrived)} arrived")
