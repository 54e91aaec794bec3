"""A found list as a file: what its owner may see, defused, masked, in bounded memory, for a day."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from tests.world import MORNING
from zerotrip.cases import actions
from zerotrip.cases.actions import exporting
from zerotrip.cases.models import Case, Export, ExportForm
from zerotrip.cases.queries import Search
from zerotrip.enterprises.sheets.writing import DANGEROUS
from zerotrip.errors import NotFound, Refused, Stale
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties import actions as parties
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Membership, Party, Role, User

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _jobs_wait(district):
    """The district first: its files lie in a folder of the test."""


def filing(district, at=MORNING, applicant=None, by=None, **changes):
    case = world.draft("investment-filing", applicant or district.firm, by or district.applicant, at, **changes)
    return actions.submit(case, by=by or district.applicant, at=at)


def ask(by, form=ExportForm.CSV, language="zh-hans", **looked_for) -> Export:
    return actions.ask_export(Search(**looked_for), form=form, language=language, by=by, at=MORNING)


def made(by, **asked) -> Export:
    export = actions.run_export(ask(by, **asked).pk, at=MORNING)
    assert export is not None
    return export


def rows(export: Export, by) -> list[list[str]]:
    """The lines of the file as its owner gets them."""
    _export, file = actions.fetch_export(export.pk, by=by, at=MORNING + HOUR)
    with file:
        content = file.read()
    if export.form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("form", list(ExportForm))
def test_what_was_found_is_in_the_file_with_the_filter_kept(district, form):
    wanted, other = filing(district, project_name="清泉水厂扩建"), filing(district, project_name="别的项目")
    export = made(district.clerk, form=form, text="水厂")
    heading, *lines = rows(export, district.clerk)
    assert heading[:4] == ["办件编号", "事项", "项目", "申请人"]
    assert [line[0] for line in lines] == [wanted.number]
    assert lines[0][2] == "清泉水厂扩建"
    assert (export.status, export.total, export.rows) == ("done", 1, 1)
    assert other.number not in str(lines)


def test_a_file_holds_only_what_its_owner_may_see(district):
    filing(district)
    assert len(rows(made(district.clerk), district.clerk)) == 2
    assert len(rows(made(district.agriculture), district.agriculture)) == 1


def test_what_counts_is_what_the_owner_may_see_when_the_file_is_made(district):
    filing(district)
    asked = ask(district.clerk)
    parties.end_staff(User.objects.get(pk=district.clerk.user_id), by=SYSTEM, at=MORNING)
    export = actions.run_export(asked.pk, at=MORNING + HOUR)
    assert (export.status, export.fault) == ("failed", "seat")
    assert not exporting.place_of(export).exists()


def test_only_its_owner_fetches_a_file_and_only_while_it_is_kept(district):
    export = made(district.clerk)
    for other in (district.leader, district.supervisor, district.applicant):
        with pytest.raises(NotFound):
            actions.fetch_export(export.pk, by=other, at=MORNING + HOUR)
    with pytest.raises(NotFound):
        actions.fetch_export(export.pk, by=district.clerk, at=MORNING + exporting.KEPT)


def test_a_file_made_before_a_seat_of_its_owner_ended_is_not_fetched(district):
    filing(district)
    both = world.staff("both", "approval-bureau", Role.CLERK)
    parties.appoint(
        both.person,
        department=Party.objects.get(code="agriculture"),
        role=Role.REVIEWER,
        by=SYSTEM,
        at=MORNING - HOUR,
    )
    export = made(world.acting(both))
    Membership.objects.filter(person=both.person, role=Role.CLERK).update(
        during=DateTimeTZRange(MORNING - timedelta(days=9), MORNING + HOUR / 2)
    )
    still = world.acting(both, MORNING + HOUR)
    assert still.is_staff, "elsewhere"
    with pytest.raises(NotFound, match="岗位有变动"):
        actions.fetch_export(export.pk, by=still, at=MORNING + HOUR)
    again = actions.run_export(
        actions.ask_export(Search(), form=ExportForm.CSV, language="zh-hans", by=still, at=MORNING + HOUR).pk,
        at=MORNING + HOUR,
    )
    assert len(rows(again, still)) == 1, "the heading alone"


def test_an_empty_result_is_a_file_with_its_heading(district):
    export = made(district.clerk, text="没有这样的项目")
    assert (export.status, export.total) == ("done", 0)
    assert len(rows(export, district.clerk)) == 1


def test_people_are_named_by_one_character(district):
    case = filing(district)
    Case.objects.filter(pk=case.pk).update(applicant=world.person("欧阳甲乙").person)
    _heading, line = rows(made(district.clerk), district.clerk)
    assert line[3] == "欧***"


@pytest.mark.parametrize("form", list(ExportForm))
@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", " =", "＝"])
def test_no_cell_is_a_formula(district, form, begins):
    name = f"{begins}cmd|' /C calc'!A0"
    case = filing(district)
    Case.objects.filter(pk=case.pk).update(subject=name)
    export = made(district.clerk, form=form)
    _heading, line = rows(export, district.clerk)
    assert line[2].startswith("'")
    assert line[2][1:].strip() == name.strip()


@given(st.text())
def test_whatever_a_cell_holds_no_spreadsheet_computes_it(text):
    cell = exporting.defused(text)
    assert not cell.lstrip(" ").startswith(DANGEROUS)


def test_an_english_reader_gets_english(district):
    filing(district)
    export = made(district.clerk, language="en")
    assert rows(export, district.clerk)[1][1] == "Filing of an enterprise investment project"


def test_too_much_is_not_begun(district, monkeypatch):
    filing(district)
    filing(district)
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    export = made(district.clerk)
    assert (export.status, export.fault) == ("failed", "many")


def test_a_fault_leaves_a_reason_and_no_half_file(district, monkeypatch):
    filing(district)
    monkeypatch.setattr(exporting, "COLUMNS", ("nonsense",))
    export = made(district.clerk)
    assert (export.status, export.fault) == ("failed", "broken")
    assert list(Path(settings.FILES, "exports").iterdir()) == []


def test_a_job_killed_half_way_is_run_again_from_the_start(district):
    filing(district)
    asked = ask(district.clerk)
    Export.objects.filter(pk=asked.pk).update(status="running", rows=99)
    export = actions.run_export(asked.pk, at=MORNING)
    assert (export.status, export.rows) == ("done", 1)
    assert actions.run_export(asked.pk, at=MORNING) is None, "done is done"


def test_the_same_press_twice_is_one_export_and_three_are_enough(district):
    first = ask(district.clerk)
    same = actions.ask_export(
        Search(), form=ExportForm.CSV, language="en", by=district.clerk, at=MORNING, export_id=first.pk
    )
    assert same.pk == first.pk
    ask(district.clerk)
    ask(district.clerk)
    with pytest.raises(Refused):
        ask(district.clerk)


def test_a_key_of_something_else_asks_for_nothing(district):
    for key in (filing(district).pk, ask(district.leader).pk):
        with pytest.raises(Stale):
            actions.ask_export(
                Search(), form=ExportForm.CSV, language="en", by=district.clerk, at=MORNING, export_id=key
            )
    assert not Export.objects.filter(account=district.clerk.user_id).exists()


def test_a_file_is_gone_after_its_day_and_the_journal_tells_its_life(district):
    export = made(district.clerk)
    rows(export, district.clerk)
    assert actions.purge_exports(at=MORNING + HOUR) == 0
    assert actions.purge_exports(at=MORNING + exporting.KEPT) == 1
    export.refresh_from_db()
    assert export.status == "expired"
    assert not exporting.place_of(export).exists()
    assert [entry.action for entry in history(export.pk)] == ["ask", "make", "fetch", "purge"]
    assert first_break(export) is None
    actions.purge_exports(at=MORNING + exporting.REMEMBERED + HOUR)
    assert not Export.objects.exists()
