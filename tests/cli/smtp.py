# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Mail servers that behave in one way each, for 'frank doctor'. Writes "NAME=PORT" lines to the
file "ports" when all of them listen, and serves until it is ended.

Certificates are the files NAME.pem, with key, in the working directory.
"""

import os
import socket
import ssl
import threading


def read_line(sock):
    line = b""
    while not line.endswith(b"\n"):
        byte = sock.recv(1)
        if not byte:
            raise ConnectionError
        line += byte
    return line.strip()


def say(sock, text):
    sock.sendall(text.encode().replace(b"\n", b"\r\n") + b"\r\n")


def converse(sock, certificate=None, greeting="220 mail.good.example ESMTP", ehlo=None):
    """Greeting, EHLO, and what comes then; with CERTIFICATE, STARTTLS."""
    say(sock, greeting)
    read_line(sock)
    offer = "\n250-STARTTLS" if certificate else ""
    say(sock, ehlo or f"250-mail.good.example\n250-PIPELINING{offer}\n250 HELP")
    if read_line(sock) != b"STARTTLS":
        return
    say(sock, "220 go ahead")
    wait_for_end(secure(sock, certificate))


def wait_for_end(sock):
    while sock.recv(1024):
        pass


def secure(sock, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context.wrap_socket(sock, server_side=True)


def secure_old(sock, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(certificate)
    return context.wrap_socket(sock, server_side=True)


def no_tls_after_all(sock):
    say(sock, "220 mail.good.example ESMTP")
    read_line(sock)
    say(sock, "250-mail.good.example\n250 STARTTLS")
    read_line(sock)
    say(sock, "220 go ahead")
    say(sock, "this is no handshake")
    wait_for_end(sock)


def many_lines(sock):
    while True:
        say(sock, "220-and so on")


SERVERS = {
    "GOOD": lambda sock: converse(sock, "good.pem"),
    "GOODTLS": lambda sock: converse(secure(sock, "good.pem")),
    "PLAIN": converse,
    "BARE": lambda sock: converse(sock, "bare.pem"),
    "SELFMADE": lambda sock: converse(sock, "selfmade.pem"),
    "EXPIRED": lambda sock: converse(sock, "expired.pem"),
    "EARLY": lambda sock: converse(sock, "early.pem"),
    "OTHER": lambda sock: converse(sock, "other.pem"),
    "OLDTLS": lambda sock: converse(secure_old(sock, "good.pem")),
    "BADTLS": no_tls_after_all,
    "SILENT": wait_for_end,
    "REFUSES": lambda sock: say(sock, "554-mx.far.example\n554 5.7.1 Go away \x1b[31m"),
    "BUSY": lambda sock: say(sock, "421 4.3.2 Too many connections"),
    "CLOSES": lambda sock: None,
    "FOREIGN": lambda sock: say(sock, "SSH-2.0-OpenSSH_9.2"),
    "MANY": many_lines,
    "NOEHLO": lambda sock: converse(sock, ehlo="502 5.5.2 What is that"),
}


def serve(listener, behave):
    while True:
        sock, _ = listener.accept()
        try:
            behave(sock)
        except OSError:
            pass   # the other side has seen enough
        sock.close()


def main():
    lines, keep = [], []
    for name, behave in SERVERS.items():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        lines.append(f"{name}={listener.getsockname()[1]}\n")
        threading.Thread(target=serve, args=(listener, behave), daemon=True).start()
    # Bound, so that nobody else gets it, but nobody listens.
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    keep.append(closed)
    lines.append(f"CLOSED={closed.getsockname()[1]}\n")
    elsewhere = socket.socket()
    elsewhere.bind(("127.0.0.1", 0))
    keep.append(elsewhere)
    lines.append(f"ELSEWHERE={elsewhere.getsockname()[1]}\n")
    # Somebody listens, and does not take any more.
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    keep.append(full)
    for _ in range(4):
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(full.getsockname())
        keep.append(waiting)
    lines.append(f"FULL={full.getsockname()[1]}\n")
    with open("ports.new", "w", encoding="ascii") as out:
        out.writelines(lines)
    os.rename("ports.new", "ports")
    threading.Event().wait()


if __name__ == "__main__":
    main()
