"""Words of a text for search: Chinese without spaces, English, codes.

The index and the query are cut the same way: the words of a Chinese word list, and beside them every
pair of neighbouring characters, so that a word the list does not know, or a slip of the pen in the
middle of a phrase, still finds most of its pairs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 40
"""Characters of one word; longer ones are nothing people search for."""
MOST = 2_000
"""Words of one text."""

_RUNS = re.compile(r"[㐀-䶿一-鿿]+|[^\W_㐀-䶿一-鿿]+")
_HAN = re.compile(r"[㐀-䶿一-鿿]")

_STOP_ZH = """
什么 怎么 怎样 如何 哪里 哪些 需要 请问 可以 我们 我想 想要 应该 多少 办理 申请 怎么办
么办 要办 办什 么证 材料 手续
"""
_STOP_EN = """
a an and are can do does for get have how i in is it me my need
of on or our the to want what where which with you
"""
STOP = frozenset((_STOP_ZH + _STOP_EN).split())
"""What people say around the thing they are looking for."""


def words_of(text: str) -> list[str]:
    """The words of ``text`` in order, repeats included, lower case; single Han characters left out."""
    found: list[str] = []
    for run in _RUNS.findall(text.lower()):
        found += _han(run) if _HAN.match(run) else [run]
        if len(found) >= MOST:
            break
    return [word for word in found[:MOST] if len(word) <= LONGEST]


def _han(run: str) -> list[str]:
    import rjieba  # it brings its word list: not for every start of the program

    listed = [word for word in rjieba.cut_for_search(run[:MOST]) if len(word) > 1]
    pairs = [run[start : start + 2] for start in range(len(run) - 1)]
    return list(dict.fromkeys(listed + pairs))


def vector(parts: Iterable[tuple[str, str]]) -> str:
    """A ``tsvector`` literal of texts with their weights ``A`` to ``D``; words need no quoting."""
    position = 0
    places: dict[str, list[str]] = {}
    for text, weight in parts:
        for word in words_of(text):
            position = min(position + 1, 16_000)
            if len(spots := places.setdefault(word, [])) < 50:
                spots.append(f"{position}{weight}")
    return " ".join(f"'{word}':{','.join(spots)}" for word, spots in places.items())


def query(text: str) -> str:
    """A ``tsquery`` literal that asks for any word of ``text``; empty when there is nothing to ask for."""
    words = list(dict.fromkeys(words_of(text)))
    wanted = [word for word in words if word not in STOP] or words
    return " | ".join(_asked(word) for word in wanted)


def plain(text: str) -> str:
    """``text`` reduced to its letters, characters and digits, as trigrams compare it."""
    return " ".join(_RUNS.findall(text.lower()))


def _asked(word: str) -> str:
    if _HAN.match(word) or len(word) < 3:
        return f"'{word}'"
    return f"'{word.removesuffix('s')}':*"
