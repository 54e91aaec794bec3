"""Files handed in beside what is said: judged and stored first, bound by the action that keeps the words.

A content that no action binds is swept away a day after it came (``files.actions.sweep``), so a form that
was refused can hold on to its files without a row of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import Invalid
from zerotrip.files.actions import store
from zerotrip.files.naming import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from zerotrip.files.models import Blob
    from zerotrip.files.store import Readable

MOST = 9
"""Files that go with one thing said."""
PLACE = "files"
"""The name of their control, and where what is wrong with them is said."""


@dataclass(frozen=True)
class Handed:
    """A file that was judged and stored, not bound to anything yet."""

    blob: Blob
    name: str


def receive(stream: Readable, *, name: str, at: datetime) -> Handed:
    """Judge and store a file that is handed in. Raises as ``files.actions.store``."""
    blob = store(stream, at=at)
    return Handed(blob, clean_name(name, blob.media_type))


def each_once(files: Iterable[Handed]) -> list[Handed]:
    """The files, the same content once. Raises Invalid at ``files`` where there are too many."""
    once = list({one.blob.pk: one for one in files}.values())
    if len(once) > MOST:
        text = too_many(len(once))
        raise Invalid(text, {PLACE: [text]})
    return once


def too_many(count: int, most: int = MOST) -> str:
    """That so many are more than go with one thing said."""
    return _("一次最多 %(most)d 个文件，现在有 %(count)d 个，请去掉几个。") % {"most": most, "count": count}
