#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""verify_dkimpy.py DIR: what python3-dkim says of DIR/NUMBER.eml, a line each."""

import sys

import dkim


def main(directory):
    records = {}
    with open(directory + "/records", "rb") as file:
        for line in file:
            name, record = line.rstrip(b"\n").split(b"\t")
            records[name] = record

    def look_up(name, timeout=5):
        return records.get(name.rstrip(b"."))

    with open(directory + "/index") as index:
        for line in index:
            number = line.split()[0]
            with open("%s/%s.eml" % (directory, number), "rb") as file:
                message = file.read()
            try:
                verifier = dkim.DKIM(message, minkey=1024)
                good, why = verifier.verify(dnsfunc=look_up), ""
            except Exception as error:
                good, why = False, "%s: %s" % (type(error).__name__, error)
            print(number, "pass" if good else "fail", why)


main(sys.argv[1])
