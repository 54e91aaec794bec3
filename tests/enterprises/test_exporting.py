"""Found enterprises as a workbook: what its owner may see, in words and units, defused, and only for them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook

from tests import world
from tests.facts.words import SPEC
from zerotrip.enterprises import actions
from zerotrip.enterprises.actions import exporting
from zerotrip.enterprises.actions.under_way import KEPT, place_of
from zerotrip.enterprises.models import Sheet, SheetStatus
from zerotrip.enterprises.queries import Search
from zerotrip.errors import NotAllowed, NotFound, Refused
from zerotrip.facts.actions import Statement, declare, record
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Membership, Party

AT = world.MORNING
DAY = date(2026, 3, 1)


@pytest.fixture
def office(district):
    """The district, whose firm is known to be a small maker of telephones."""
    declare("tests", SPEC, at=AT)
    said = [
        Statement("industry", "C3921", DAY, "tax"),
        Statement("staff", 320, DAY, "tax"),
        Statement("revenue", 1800, date(2025, 12, 31), "tax", unit="万元"),
        Statement("exporter", True, DAY, "tax"),
        Statement("markets", ["home", "abroad"], DAY, "tax"),
        Statement("opened", "2020-05-01", DAY, "tax"),
    ]
    record(district.firm.pk, said, by=SYSTEM, at=AT, key=uuid4())
    return district


def taken_out(office, search: Search | None = None, *, by=None, key: UUID | None = None) -> Sheet:
    sheet = actions.ask(
        search or Search(), language="zh-hans", by=by or office.clerk, at=AT, sheet_id=key or uuid4()
    )
    return actions.write_out(sheet.pk, at=AT) or sheet


def table(office, sheet: Sheet, *, by=None) -> list[dict[str, object]]:
    _sheet, file = actions.fetch(sheet.pk, by=by or office.clerk, at=AT)
    with file:
        head, *rows = load_workbook(file).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_a_workbook_says_what_counts_in_words_and_units(office):
    (row,) = table(office, taken_out(office))
    assert row["统一社会信用代码"] == office.firm.uscc
    assert row["企业名称"] == "济南虚构材料有限公司"
    assert row["行业"] == "C3921"
    assert row["从业人员（人）"] == 320
    assert row["年收入（元）（最近一期）"] == 18_000_000
    assert (row["出口企业"], row["市场"], row["规模"]) == ("是", "国外、国内", "小型")
    assert row["成立日期"].date() == date(2020, 5, 1)
    assert "区域" not in row  # said once, by name


def test_it_holds_what_its_owner_may_see_and_what_was_looked_for(office):
    far = world.enterprise("外地有限公司", serial=901)
    Party.objects.filter(pk=far.pk).update(area_path="/990000000000/")
    world.enterprise("济南别的有限公司", serial=902)
    assert len(table(office, taken_out(office))) == 2
    assert len(table(office, taken_out(office, Search(text="虚构")))) == 1
    assert len(table(office, taken_out(office, Search(industry="C39")))) == 1
    assert table(office, taken_out(office, Search(industry="F"))) == []
    assert len(table(office, taken_out(office, Search(facts={"exporter": "yes"})))) == 1


def test_no_name_becomes_a_formula(office):
    Party.objects.filter(pk=office.firm.pk).update(name='=HYPERLINK("http://x")')
    (row,) = table(office, taken_out(office))
    assert row["企业名称"] == '\'=HYPERLINK("http://x")'


def test_it_is_ones_own_for_a_while_and_fetching_is_journalled(office):
    sheet = taken_out(office)
    table(office, sheet)
    assert [entry.action for entry in history(sheet.pk)] == ["ask", "write", "fetch"]
    assert first_break(Sheet.objects.get(pk=sheet.pk)) is None
    with pytest.raises(NotFound):
        actions.fetch(sheet.pk, by=office.housing, at=AT)
    with pytest.raises(NotFound):
        actions.fetch(sheet.pk, by=office.clerk, at=AT + KEPT)
    assert actions.purge(at=AT + KEPT) == 1
    assert not place_of(sheet.pk).exists()


def test_a_seat_that_ended_takes_the_file_with_it(office):
    sheet = taken_out(office)
    seat = Membership.objects.get(person=office.clerk.person_id)
    seat.during = world.period("2026-01-01", "2026-03-04")
    seat.save()
    later = AT + timedelta(days=2)
    with pytest.raises(NotFound, match="岗位"):
        actions.fetch(sheet.pk, by=office.clerk, at=later)
    asked = actions.ask(Search(), language="zh-hans", by=office.clerk, at=AT, sheet_id=uuid4())
    assert actions.write_out(asked.pk, at=later).status == SheetStatus.FAILED


def test_the_same_key_is_the_same_file_and_only_so_many_wait(office):
    key = uuid4()
    first = actions.ask(Search(), language="zh-hans", by=office.clerk, at=AT, sheet_id=key)
    assert actions.ask(Search(), language="zh-hans", by=office.clerk, at=AT, sheet_id=key) == first
    for _more in range(2):
        actions.ask(Search(), language="zh-hans", by=office.clerk, at=AT, sheet_id=uuid4())
    with pytest.raises(Refused):
        actions.ask(Search(), language="zh-hans", by=office.clerk, at=AT, sheet_id=uuid4())


def test_too_many_rows_are_refused_with_what_to_do(office, monkeypatch):
    world.enterprise("济南别的有限公司", serial=902)
    monkeypatch.setattr(exporting, "MOST", 1)
    sheet = taken_out(office)
    assert sheet.status == SheetStatus.FAILED
    assert "筛选" in sheet.because


def test_only_staff_take_enterprises_out(office):
    for actor in (office.applicant, office.stranger):
        with pytest.raises(NotAllowed):
            taken_out(office, by=actor)
