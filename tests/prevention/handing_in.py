"""Roster files for the tests of prevention: handed in, looked through, taken over, as page and worker do it."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any

from tests import world
from zerotrip.ids import new_id
from zerotrip.prevention.models import RosterFile
from zerotrip.prevention.rosters import actions
from zerotrip.prevention.rosters.actions.files import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotrip.parties.access import Actor

TODAY = date(2026, 3, 3)
STREET = "/370100000000/370199000000/370199001000/"
GRID = STREET + "370199001001/370199001001001/"
HEADING = ("姓名", "身份证号", "证件类型", "其他证件号", "手机号", "出生年份", "网格", "住址")


def number(serial: int, born: str = "19800101") -> str:
    """A resident identity number of a district that does not exist, with its check digit."""
    from stdnum.cn import ric

    body = f"370199{born}{serial:03}"
    return body + ric.calc_check_digit(body + "0")


def as_csv(rows: Sequence[Sequence[Any]], heading: Sequence[str] = HEADING, encoding: str = "utf-8") -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows([heading, *rows])
    return io.BytesIO(text.getvalue().encode(encoding))


def handed_in(
    rows: Sequence[Sequence[Any]] | io.BytesIO, by: Actor, *, at=world.MORNING, **more: Any
) -> RosterFile:
    """A file that was looked through."""
    told = {"kind": "resident", "area_path": GRID, "first_day": TODAY} | more
    file = rows if isinstance(rows, io.BytesIO) else as_csv(rows)
    held = actions.hand_in(file, Asked(**told), name="名册.csv", language="zh-hans", by=by, at=at, file_id=new_id())
    actions.look_through(held.pk, at=at)
    held.refresh_from_db()
    return held


def taken(rows: Sequence[Sequence[Any]] | io.BytesIO, by: Actor, *, at=world.MORNING, **more: Any) -> RosterFile:
    """A file that was confirmed and taken over."""
    held = handed_in(rows, by, at=at, **more)
    assert held.status == "checked", held.because
    actions.confirm(held.pk, by=by, at=at)
    actions.take_over(held.pk, at=at)
    held.refresh_from_db()
    return held


def row(
    name: str, *, ric: str = "", kind: str = "", document: str = "", phone: str = "", **more: str
) -> tuple[str, ...]:
    return (name, ric, kind, document, phone, more.get("born", ""), more.get("area", ""), more.get("door", ""))
