#!/usr/bin/python3 -B
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""Our SPF evaluator against the official test suites of RFC 7208 and RFC 4408.

The suites (rfc7208-tests.yml, rfc4408-tests.yml, as kept with pyspf) are not part of Frank; the
folder that has them is in FRANK_SPF_SUITES. A case is right when the result is the one that the
suite names, or one of those where it allows several, and with "fail" the explanation as well.
"""

import os
import pathlib
import sys

import yaml

from spf_zone import Evaluator

SUITES = {"rfc7208": 203, "rfc4408": 191}


def texts(data):
    """The strings of a TXT record. The files are Latin-1 in all but name."""
    return [text.encode("latin-1") for text in ([data] if isinstance(data, str) else data)]


def load_zone(data):
    """What a suite calls SPF stands for a TXT record where there is none of that type."""
    zone = {}
    for name, records in (data or {}).items():
        here = zone.setdefault(str(name).lower().rstrip("."), [])
        kinds = [kind for one in records if isinstance(one, dict) for kind in one]
        for one in records:
            if one == "TIMEOUT":
                here.append(("TIMEOUT", None))
                continue
            (kind, value), = one.items()
            if kind == "SPF" and "TXT" not in kinds:
                here.append(("TXT", texts(value)))
            elif kind == "TXT" and value != "NONE":
                here.append(("TXT", texts(value)))
            elif kind == "MX":
                here.append(("MX", (int(value[0]), value[1])))
            elif kind not in ("SPF", "TXT"):
                here.append((kind, value))
    return zone


def wrong(case, result):
    """What is wrong with RESULT, or nothing."""
    allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
    if result["outcome"] not in allowed:
        return f"got {result['outcome']} ({result['problem']}), want {' or '.join(allowed)}"
    if result["outcome"] == "fail" and "explanation" in case:
        want = "" if case["explanation"] == "DEFAULT" else case["explanation"]
        if result["explanation"] != want:
            return f"got explanation {result['explanation']!r}, want {want!r}"
    return None


def run(path, evaluator):
    """How many cases of the suite at PATH are right, of how many."""
    right = total = 0
    for part in yaml.safe_load_all(path.read_text("utf-8")):
        evaluator.zone(load_zone(part.get("zonedata")))
        for name, case in part["tests"].items():
            result = evaluator.ask(case["host"], case.get("mailfrom"), case["helo"])
            problem = wrong(case, result)
            total += 1
            right += not problem
            if problem:
                print(f"{path.name}: {name}: {problem}", file=sys.stderr)
    return right, total


def main():
    folder = os.environ.get("FRANK_SPF_SUITES")
    if not folder:
        print("FRANK_SPF_SUITES names no folder with rfc7208-tests.yml and rfc4408-tests.yml",
              file=sys.stderr)
        return 77
    evaluator = Evaluator()
    found = {suite: run(pathlib.Path(folder) / f"{suite}-tests.yml", evaluator)
             for suite in SUITES}
    print(" ".join(f"{suite} {right}/{total}" for suite, (right, total) in found.items()))
    is_clean = evaluator.close() == 0
    return 0 if is_clean and all(found[suite] == (count, count)
                                 for suite, count in SUITES.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
