# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""The mail server's side of the milter protocol (version 6), for one message at a time.

Macros are sent as Postfix does: those that the milter asked for, or where it asked for none
those that Postfix sends by default.
"""

import socket
import struct

VERSION, ACTIONS, STEPS = 6, 0x1ff, 0x1fffff
LEADING_SPACE = 0x100000
# Which step may be left out, and which is not answered, by the letter of its command.
SKIPPED = {"C": 0x1, "H": 0x2, "M": 0x4, "R": 0x8, "B": 0x10, "L": 0x20, "N": 0x40, "T": 0x200}
SILENT = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000,
          "N": 0x40000, "B": 0x80000}
MACROS = {
    "C": ("j", "{daemon_name}", "{daemon_addr}", "v", "{client_addr}"),
    "M": ("i", "{auth_type}", "{auth_authen}", "{auth_author}", "{mail_addr}", "{mail_host}",
          "{client_addr}"),
    "R": ("i", "{rcpt_addr}"),
    "E": ("i",),
}
STAGES = {0: "C", 1: "H", 2: "M", 3: "R", 4: "T", 5: "E", 6: "N"}
CHUNK = 65535


class MilterError(Exception):
    """The milter does not do its part of the protocol."""


class Milter:
    """A connection; use it for one message."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        self.socket.connect(str(path))
        self.macros = dict(MACROS)
        self.send("O", struct.pack("!III", VERSION, ACTIONS, STEPS))
        letter, data = self.receive()
        if letter != "O" or len(data) < 12:
            raise MilterError(f"a strange answer to the negotiation: {letter!r}")
        self.steps = struct.unpack("!III", data[:12])[2]
        self.take_macros(data[12:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.send("Q")
        self.socket.close()

    def take_macros(self, data):
        while len(data) > 4:
            stage = struct.unpack("!I", data[:4])[0]
            names, _, data = data[4:].partition(b"\0")
            names = names.decode().split()
            self.macros[STAGES[stage]] = names + [f"{{{n}}}" for n in names if len(n) > 1]

    def send(self, letter, data=b""):
        self.socket.sendall(struct.pack("!I", len(data) + 1) + letter.encode() + data)

    def receive(self):
        head = self.exactly(4)
        data = self.exactly(struct.unpack("!I", head)[0])
        return chr(data[0]), data[1:]

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise MilterError("the milter closed the connection")
            data += more
        return data

    def step(self, letter, data=b"", known=()):
        """False: the milter has decided already, and 'self.verdict' is what."""
        values = [name.encode() + b"\0" + known[name].encode() + b"\0"
                  for name in self.macros.get(letter, ()) if name in known]
        if values:
            self.send("D", letter.encode() + b"".join(values))
        if self.steps & SKIPPED[letter]:
            return True
        self.send(letter, data)
        if self.steps & SILENT[letter]:
            return True
        self.verdict = self.receive()[0]
        return self.verdict in ("c", "s")

    def end(self, known):
        """(verdict, [(name, value) of each header field inserted])"""
        inserted = []
        self.send("D", b"E" + b"i\0" + known["i"].encode() + b"\0")
        self.send("E")
        while True:
            letter, data = self.receive()
            if letter in "carty":
                return letter, inserted
            if letter == "i":
                data = data[4:]
            if letter in "ih":
                name, value = data.rstrip(b"\0").split(b"\0", 1)
                inserted.append((name.decode(), value.decode()))

    def message(self, mail):
        """MAIL: client (host, address, port), macros, sender, rcpts, fields and body."""
        host, address, port = mail["client"]
        known = mail["macros"]
        family = b"6" if ":" in address else b"4"
        where = ("IPv6:" if ":" in address else "") + address
        steps = [("C", text(host) + family + struct.pack("!H", port) + text(where)),
                 ("H", text(mail["helo"])), ("M", text(mail["sender"]))]
        steps += [("R", text(rcpt)) for rcpt in mail["rcpts"]]
        steps += [("T", b"")]
        blank = " " if self.steps & LEADING_SPACE else ""
        steps += [("L", text(name) + text(blank + value)) for name, value in mail["fields"]]
        steps += [("N", b"")]
        body = mail["body"]
        steps += [("B", body[at:at + CHUNK]) for at in range(0, len(body), CHUNK)]
        for letter, data in steps:
            if not self.step(letter, data, known):
                return self.verdict, []
        return self.end(known)


def text(value):
    return value.encode() + b"\0"
