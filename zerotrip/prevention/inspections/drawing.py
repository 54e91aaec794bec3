"""The draw itself: a pure function of the frozen lists, a secret and a public value. Anybody can work it out again.

* ``lists`` is the frozen text. Its first line is a heading, then a line each: ``site <id> <tickets> <name>``,
  ``inspector <id> <name>``, ``recused <site id> <inspector id> <reason>``, ``sites <count>``,
  ``inspectors <how many to a site>``, ``waits for <the public value, in words>``, ``known at <its moment>``.
  Inspectors stand there under masked names, so that the lists can be shown to anybody.
* ``seed`` is the SHA-256 of the SHA-256 of the lists, the secret and the value, a line each; all in lower-case
  hexadecimal and UTF-8.
* Each site draws, for each of its tickets n = 0, 1 …, the SHA-256 of the seed, "site", its id and n, a line each;
  its lot is the lowest. The sites with the lowest lots are drawn, the lowest first.
* For each site drawn, in that order, the inspectors who are not recused for it are put in order of how many sites
  they have already, then of the SHA-256 of the seed, "inspector", the id of the site and their own, a line each;
  the first are drawn.

A site of four tickets is four times as likely to be first as one of one ticket. The same is in
``docs/verify_draw.py``, in plain Python without anything of ours.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lists:
    """What is drawn from, before it is frozen."""

    sites: Sequence[tuple[str, int, str]]
    """Id, tickets, name."""
    inspectors: Sequence[tuple[str, str]]
    """Id, name."""
    recused: Sequence[tuple[str, str, str]]
    """Site, inspector, reason."""
    count: int
    """Sites to draw."""
    each: int
    """Inspectors to a site."""
    source: str
    """The public value that is waited for."""
    known: str = ""
    """When it becomes known."""


HEADING = "zerotrip draw 1"


def frozen(lists: Lists) -> str:
    """The lists in one form, whatever order they came in."""
    lines = [HEADING]
    lines += [f"site {key} {tickets} {_plain(name)}" for key, tickets, name in sorted(lists.sites)]
    lines += [f"inspector {key} {_plain(name)}" for key, name in sorted(lists.inspectors)]
    lines += [f"recused {site} {who} {_plain(why)}" for site, who, why in sorted(lists.recused)]
    lines += [f"sites {lists.count}", f"inspectors {lists.each}", f"waits for {_plain(lists.source)}"]
    lines += [f"known at {lists.known}"] if lists.known else []
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join(text.split())


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def seed_of(lists: str, secret: str, value: str) -> str:
    """What the outcome hangs on."""
    return seed(digest(lists), secret, value)


def seed(lists_hash: str, secret: str, value: str) -> str:
    """The same, by the digest of the lists."""
    return digest(f"{lists_hash}\n{secret}\n{value}")


@dataclass
class _Read:
    sites: list[tuple[str, int]] = field(default_factory=list)
    inspectors: list[str] = field(default_factory=list)
    recused: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0
    each: int = 0


def _read(lists: str) -> _Read:
    read = _Read()
    for line in lists.splitlines()[1:]:
        what, _space, rest = line.partition(" ")
        words = rest.split(" ")
        if what == "site":
            read.sites.append((words[0], int(words[1])))
        elif what == "inspector":
            read.inspectors.append(words[0])
        elif what == "recused":
            read.recused.add((words[0], words[1]))
        elif what == "sites":
            read.count = int(words[0])
        elif what == "inspectors":
            read.each = int(words[0])
    return read


def draw(lists: str, secret: str, value: str) -> list[tuple[str, list[str]]]:
    """The sites that are drawn, in order, each with its inspectors. Fewer where there are not as many."""
    read, lot = _read(lists), seed_of(lists, secret, value)
    lots = [(min(digest(f"{lot}\nsite\n{key}\n{n}") for n in range(tickets)), key) for key, tickets in read.sites]
    busy: Counter[str] = Counter()
    drawn = []
    for _lot, site in sorted(lots)[: read.count]:
        free = sorted(
            (busy[one], digest(f"{lot}\ninspector\n{site}\n{one}"), one)
            for one in read.inspectors
            if (site, one) not in read.recused
        )
        chosen = [one for _busy, _lot, one in free[: read.each]]
        busy.update(chosen)
        drawn.append((site, chosen))
    return drawn


def names(lists: str) -> Mapping[str, str]:
    """The names in a frozen text, by id."""
    found = {}
    for line in lists.splitlines()[1:]:
        what, _space, rest = line.partition(" ")
        if what == "site":
            key, _tickets, name = rest.split(" ", 2)
            found[key] = name
        elif what == "inspector":
            key, name = rest.split(" ", 1)
            found[key] = name
    return found
