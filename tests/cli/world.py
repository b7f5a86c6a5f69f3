# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors

"""What the private resolver of the command line's tests knows, as lines for unbound.conf."""

TXT = {
    "plain": "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
    "deep": "v=spf1 a mx include:inner.example.org -all",
    "inner": "v=spf1 include:innermost.example.org ~all",
    "innermost": "v=spf1 ip4:192.0.2.0/24 -all",
    "redirect": "v=spf1 ip4:198.51.100.1 redirect=plain.example.org",
    "explain": "v=spf1 ip4:192.0.2.0/24 -all exp=why.example.org",
    "why": "%{i} may not send for %{d}",
    "none": "hello",
    "syntax": "v=spf1 ip4:192.0.2.0/33 -all",
    "voids": "v=spf1 a:a.none.example.org a:b.none.example.org a:c.none.example.org -all",
    "many": "v=spf1 " + " ".join(f"a:h{i}.example.org" for i in range(11)) + " -all",
    "odd": "v=spf1 ptr +all ip4:192.0.2.1",
    "broken": "v=spf1 ip4:192.0.2.0/24 include:gone.example.org include:syntax.example.org"
    " include:two.example.org redirect=none.example.org",
    "behind": "v=spf1 ip4:192.0.2.0/24 a:a.none.example.org mx:b.none.example.org"
    " exists:c.none.example.org redirect=plain.example.org -all",
    "each": "v=spf1 exists:%{i}.a.example.org exists:%{i}.b.example.org"
    " exists:%{i}.c.example.org -all",
    "local": "v=spf1 exists:%{l}.example.org -all",
    "escape": "v=spf1 x=\x1b[31m -all",
    "zero": "v=spf1 ip4:0.0.0.0/0 -all",
    "long": "v=spf1 " + " ".join(f"ip4:198.51.100.{i}" for i in range(70)) + " -all",
}
LINES = [
    "deep.example.org. 300 IN MX 10 mx.example.org.",
    "mx.example.org. 300 IN A 198.51.100.7",
    'two.example.org. 300 IN TXT "v=spf1 -all"',
    'two.example.org. 300 IN TXT "v=spf1 ~all"',
] + [f"h{i}.example.org. 300 IN A 198.51.100.{i + 10}" for i in range(11)]


def strings(text):
    """In strings of at most 255 bytes."""
    return " ".join(f'"{text[i:i + 255]}"' for i in range(0, len(text), 255))


for name, text in TXT.items():
    LINES.append(f"{name}.example.org. 300 IN TXT {strings(text)}")
for line in LINES:
    print(f"\tlocal-data: '{line}'")
