"""Letters of decisions in a pack's own words: whether their placeholders are known."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.catalogue.spec import LETTER_NAMES

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.documents import Place
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.spec import ServiceSpec


def letter_faults(judge: Judge, spec: ServiceSpec) -> None:
    """Each act once, each placeholder one that a letter can name; a refusal gives reasons and remedies."""
    judge.unique((letter.act for letter in spec.letters), ("letters",), "act")
    for index, letter in enumerate(spec.letters):
        for at, text in enumerate(letter.paragraphs):
            _text(judge, text, ("letters", index, "paragraphs", at))
        if letter.title is not None:
            _text(judge, letter.title, ("letters", index, "title"))
        whole = "".join(letter.paragraphs)
        needed = {"conditional": ("conditions",), "grant": ()}.get(letter.act, ("reasons", "remedies"))
        for name in needed:
            if f"{{{name}}}" not in whole:
                reason = _("这份文书要写明{%(name)s}。") % {"name": name}
                judge.fault(("letters", index, "paragraphs"), reason)


def _text(judge: Judge, text: str, place: Place) -> None:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        judge.fault(place, _("花括号不成对；要写花括号本身的，写两遍。"))
        return
    for _literal, name, form, conversion in parts:
        if name is not None and (name not in LETTER_NAMES or form or conversion):
            listed = "、".join(sorted(LETTER_NAMES))
            judge.fault(place, _("文书里没有“{%(name)s}”，可以写：%(listed)s。") % {"name": name, "listed": listed})
