"""Works a draw out again: ``python3 verify_draw.py draw.json``, with the file from its page. Needs Python alone."""

import collections
import hashlib
import json
import pathlib
import sys


def sha(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def need(right: bool, why: str) -> None:
    """End with what is wrong."""
    if not right:
        sys.exit("WRONG: " + why)


told = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
lists, secret, value = told["lists"], told["secret"], told["value"]
need(sha(lists) == told["lists_hash"], "the lists are not those that were frozen")
if told["outcome"] is None:
    sys.exit("not drawn yet: the lists are those that were frozen; take the file again once it is drawn")
need(sha(secret) == told["secret_hash"], "the secret is not the one that was committed to")
rows = [line.split(" ") for line in lists.splitlines()[1:]]
seed = sha(sha(lists) + "\n" + secret + "\n" + value)
sites = [
    (min(sha(f"{seed}\nsite\n{row[1]}\n{n}") for n in range(int(row[2]))), row[1])
    for row in rows
    if row[0] == "site"
]
inspectors = [row[1] for row in rows if row[0] == "inspector"]
recused = {(row[1], row[2]) for row in rows if row[0] == "recused"}
count = next(int(row[1]) for row in rows if row[0] == "sites")
each = next(int(row[1]) for row in rows if row[0] == "inspectors")
busy: collections.Counter[str] = collections.Counter()
drawn: list[list[object]] = []
for _lot, site in sorted(sites)[:count]:
    free = [
        (busy[one], sha(f"{seed}\ninspector\n{site}\n{one}"), one)
        for one in inspectors
        if (site, one) not in recused
    ]
    chosen = [one for _busy, _lot, one in sorted(free)[:each]]
    busy.update(chosen)
    drawn.append([site, chosen])
need(drawn == told["outcome"], "the outcome is not what the lists, the secret and the value give")
sys.stdout.write(f"right: {len(drawn)} of {len(sites)} sites\n")
