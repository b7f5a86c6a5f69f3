# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""SMTP servers that behave badly, each on a port of its own, as a table of replies says."""

import contextlib
import socket
import threading

HANG = "hang"     # no answer until the other side gives up
DROP = "drop"     # the connection is closed without a word
GARBAGE = "220 2.0.0 Ready to start TLS"   # and what follows is no TLS

PLAIN = {"GREETING": "220 mx.far.test ESMTP", "EHLO": "250 mx.far.test", "DATA": "354 Go ahead",
         "END": "250 2.0.0 Ok: queued as 8A1", "QUIT": "221 2.0.0 Bye"}


class Receiver:
    """One server. REPLIES: what it says instead of PLAIN, by command; GREETING and END of a
    message are commands, too. A reply may be a function of the line that came.
    """

    def __init__(self, replies):
        self.replies = {**PLAIN, **replies}
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.open = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        # A thread that waits in accept() or read() wakes up of this, not of close().
        for sock in (self.socket, *self.open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        with self.socket:
            while True:
                try:
                    client, _ = self.socket.accept()
                except OSError:
                    return
                self.open.add(client)
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        # The other side may hang up at any time: that is its right.
        with client, client.makefile("rb") as lines, contextlib.suppress(OSError):
            if self._say(client, lines, "GREETING", b""):
                self._converse(client, lines)
        self.open.discard(client)

    def _converse(self, client, lines):
        for line in lines:
            verb = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
            if not self._say(client, lines, verb, line):
                return
            if verb == "DATA":
                while lines.readline() not in (b".\r\n", b""):
                    pass
                if not self._say(client, lines, "END", b""):
                    return
            elif verb == "QUIT":
                return

    def _say(self, client, lines, verb, line):
        """Answer; whether the conversation goes on."""
        reply = self.replies.get(verb, "250 2.0.0 Ok")
        if callable(reply):
            reply = reply(line)
        if reply == HANG:
            while lines.readline():
                pass
        if reply in (HANG, DROP):
            return False
        client.sendall(reply.encode() + b"\r\n")
        if reply == GARBAGE:
            client.recv(1)   # its hello has begun
            client.sendall(b"this is no TLS\r\n")
        # RFC 5321 3.8: after 421 the server hangs up.
        return reply != GARBAGE and not reply.startswith("421")


class Greylist:
    """The reply to RCPT: each recipient is put off once."""

    def __init__(self):
        self.seen = set()

    def __call__(self, line):
        if line in self.seen:
            return "250 2.1.5 Ok"
        self.seen.add(line)
        return ("450 4.2.0 <" + line.decode().strip()[9:-1] + ">: Recipient address rejected: "
                "Greylisted, see http://postgrey.schweikert.ch/help/grey.test.html")
