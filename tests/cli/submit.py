# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Submission servers that behave in one way each, for 'frank doctor --send'. Writes "NAME=PORT"
lines to the file "ports" when all of them listen, and serves until it is ended.

What a server heard stands in the file "heard" when its connection ends. The certificate is
submit.pem, with key, in the working directory.
"""

import base64
import os
import socket
import ssl
import threading

EHLO = "250-mail.example.org\n250-PIPELINING{tls}{auth}\n250 HELP"
PLAIN = "\n250-AUTH LOGIN PLAIN"


class Session:
    """One connection: NAME, what it offers, and what it answers to some commands."""

    def __init__(self, sock, tls=True, auth=PLAIN, **answers):
        self.sock, self.tls, self.auth, self.answers = sock, tls, auth, answers
        self.heard = []

    def secure(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("submit.pem")
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.heard.append("(TLS)")
        self.tls = False

    def line(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.sock.recv(1)
            if not byte:
                raise ConnectionError
            line += byte
        self.heard.append(line.decode().rstrip("\r\n"))
        return self.heard[-1]

    def say(self, text):
        self.sock.sendall(text.encode().replace(b"\n", b"\r\n") + b"\r\n")

    def serve(self):
        self.say("220 mail.example.org ESMTP")
        while self.answer(self.line()):
            pass

    def answer(self, line):
        verb = line.split(" ")[0].upper()
        if verb == "AUTH":
            self.heard[-1] = f"AUTH PLAIN {base64.b64decode(line.split(' ')[2])}"
        if verb == "EHLO":
            tls = "\n250-STARTTLS" if self.tls else ""
            self.say(EHLO.format(tls=tls, auth=self.auth))
        elif verb in self.answers:
            self.say(self.answers[verb])
        elif verb == "STARTTLS":
            self.say("220 go ahead")
            self.secure()
        elif verb == "AUTH":
            self.say("235 2.7.0 in")
        elif verb == "DATA":
            self.say("354 go on")
            while self.line() != ".":
                pass
            self.say(self.answers.get("TEXT", "250 2.0.0 Ok: queued as 4cSubmit1xyz"))
        else:
            self.say("250 2.1.0 Ok")
        return verb != "QUIT"


def implicit(sock):
    session = Session(sock)
    session.secure()
    return session


SERVERS = {
    "TAKES": Session,
    "TAKESTLS": implicit,
    "CLEAR": lambda sock: Session(sock, tls=False),
    "NOAUTH": lambda sock: Session(sock, auth=""),
    "LOGIN": lambda sock: Session(sock, auth="\n250-AUTH LOGIN"),
    "WRONG": lambda sock: Session(sock, AUTH="535 5.7.8 Error: authentication failed"),
    "RCPT": lambda sock: Session(sock, RCPT="550-5.7.1 Not\n550 5.7.1 here \x1b[31m"),
    "TEXT": lambda sock: Session(sock, TEXT="550 5.7.26 Unauthenticated email"),
    "LATER": lambda sock: Session(sock, MAIL="451 4.7.1 Service unavailable"),
    "INJECTED": lambda sock: Session(sock, STARTTLS="220 go ahead\n250 2.0.0 said too early"),
    "NOTLS": lambda sock: Session(sock, STARTTLS="454 4.7.0 TLS not available"),
}


def serve(listener, make):
    while True:
        sock, _ = listener.accept()
        session = None
        try:
            session = make(sock)
            session.serve()
        except OSError:
            pass   # the other side has seen enough
        if session is not None:
            with open("heard.new", "w", encoding="ascii") as out:
                out.write("".join(f"{line}\n" for line in session.heard))
            os.rename("heard.new", "heard")
        session.sock.close()


def main():
    lines = []
    for name, make in SERVERS.items():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        lines.append(f"{name}={listener.getsockname()[1]}\n")
        threading.Thread(target=serve, args=(listener, make), daemon=True).start()
    with open("ports.new", "w", encoding="ascii") as out:
        out.writelines(lines)
    os.rename("ports.new", "ports")
    threading.Event().wait()


if __name__ == "__main__":
    main()
