# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

"""A frankd that knows what it was given: control.py SOCKET FILE serves FILE's lines to "keys", in
pages of two lines, until it is ended. With further REQUEST=FILE, that file to this request."""

import socket
import sys



def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


path, answer, *others = sys.argv[1:]
lines = read(answer).splitlines()
answers = {name: read(file) for name, file in (other.split("=") for other in others)}
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.bind(path)
server.listen(8)
print("ready", flush=True)
while True:
    client, _ = server.accept()
    with client:
        words = client.recv(4096).decode().split("\0")
        request = " ".join(words).strip()
        if request in answers:
            client.send(b"d" + answers[request].encode())
            client.send(b"x\0")
            continue
        if words[0] != "keys":
            client.send(b"efrankd: not that\n")
            client.send(b"x\x40")
            continue
        first = int(words[2]) if len(words) > 2 and words[2] else 0
        text = "".join(line + "\n" for line in lines[first:first + 2])
        if first + 2 < len(lines):
            text += '{"next":%d}\n' % (first + 2)
        # In pieces, wherever they are cut.
        for i in range(0, len(text), 100):
            client.send(b"d" + text[i:i + 100].encode())
        client.send(b"x\0")
