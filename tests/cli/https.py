# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Web servers that have a policy of MTA-STS and behave in one way each, for 'frank doctor'. Writes
"NAME=PORT" lines to the file "ports" when all of them listen, and serves until it is ended.

Certificates are the files NAME.pem, with key, in the working directory.
"""

import os
import socket
import ssl
import threading

REQUEST = "GET /.well-known/mta-sts.txt HTTP/1.1"


def policy(mode, *mx, age=604800):
    lines = ["version: STSv1", f"mode: {mode}", f"max_age: {age}", *(f"mx: {name}" for name in mx)]
    return "\r\n".join(lines) + "\r\n"


def secure(sock, certificate, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if version:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
    context.load_cert_chain(certificate)
    return context.wrap_socket(sock, server_side=True)


def read_request(sock):
    """Its lines; an answer goes only to who asks as senders do."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = sock.recv(1024)
        if not piece:
            raise ConnectionError
        text += piece
    lines = text.decode().split("\r\n")
    hosts = [line[6:] for line in lines if line.startswith("Host: mta-sts.")]
    return lines[0] == REQUEST and len(hosts) == 1


def answers(text, status="200 OK", kind="text/plain", fields="", certificate="good.pem", end="\r\n"):
    """With TEXT, whose length is said unless FIELDS say otherwise."""
    def behave(sock):
        tls = secure(sock, certificate)
        if not read_request(tls):
            return
        length = fields or f"Content-Length: {len(text)}\r\n"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{length}"
        tls.sendall(f"{head}{end}{text}".encode())
        tls.close()
    return behave


def chunked(text):
    parts = "".join(f"{len(text[i:i + 9]):x}\r\n{text[i:i + 9]}\r\n" for i in range(0, len(text), 9))
    return answers(f"{parts}0\r\n\r\n", fields="Transfer-Encoding: chunked\r\n")


def wait_for_end(sock):
    while sock.recv(1024):
        pass


def foreign(sock):
    sock.recv(1024)
    sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    wait_for_end(sock)


def no_http(sock):
    tls = secure(sock, "good.pem")
    read_request(tls)
    tls.sendall(b"220 mail.good.example\r\n")
    tls.close()


def late(sock):
    """Takes the request, and says nothing."""
    wait_for_end(secure(sock, "good.pem"))


ALL = policy("enforce", "mail.good.example", "*.good.example")
ONE = policy("enforce", "mail.good.example")

SERVERS = {
    "GOOD": answers(ALL, kind="text/plain; charset=utf-8"),
    "CHUNKED": chunked(ALL),
    "UNTOLD": answers(ALL, fields="Connection: close\r\n"),
    "TESTING": answers(policy("testing", "mail.good.example", age=86400)),
    "TRYING": answers(policy("testing", "*.good.example", age=300)),
    "BRIEF": answers(policy("enforce", "*.good.example", age=300)),
    "DAY": answers(policy("enforce", "*.good.example", age=86400)),
    "GONE": answers(policy("enforce", "mail.good.example", age=0)),
    "NONE": answers(policy("none")),
    "ONE": answers(ONE),
    "OWN": answers(policy("enforce", "bare.example")),
    "EXPIRED": answers(ALL, certificate="expired.pem"),
    "EARLY": answers(ALL, certificate="early.pem"),
    "OTHER": answers(ALL, certificate="other.pem"),
    "BARE": answers(ALL, certificate="bare.pem"),
    "BELOW": answers(ALL, certificate="below.pem"),
    "SELFMADE": answers(ALL, certificate="selfmade.pem"),
    "OLDTLS": lambda sock: secure(sock, "good.pem", ssl.TLSVersion.TLSv1_1).recv(1),
    "NOTFOUND": answers("nothing here", status="404 Not Found"),
    "MOVED": answers("", status="301 Moved", fields="Location: https://good.example/\r\n"),
    "BUSY": answers("later", status="503 Unavailable"),
    "HTML": answers("<html>", kind="text/html"),
    "GARBAGE": answers("<html>\x1b[31m"),
    "SECOND": answers(ALL.replace("STSv1", "STSv2")),
    "NOMX": answers(policy("enforce")),
    "LARGE": answers("x" * 70000),
    "MANY": answers(policy("enforce", *["a.example"] * 101)),
    "SHORT": answers(ALL, fields="Content-Length: 5000\r\n"),
    "FOREIGN": foreign,
    "NOHTTP": no_http,
    "CLOSES": lambda sock: None,
    "SILENT": wait_for_end,
    "LATE": late,
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
    lines = []
    for name, behave in SERVERS.items():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        lines.append(f"{name}={listener.getsockname()[1]}\n")
        threading.Thread(target=serve, args=(listener, behave), daemon=True).start()
    # Bound, so that nobody else gets it, but nobody listens.
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    lines.append(f"CLOSED={closed.getsockname()[1]}\n")
    with open("ports.new", "w", encoding="ascii") as out:
        out.writelines(lines)
    os.rename("ports.new", "ports")
    threading.Event().wait()


if __name__ == "__main__":
    main()
