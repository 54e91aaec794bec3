"""Figures come in once, are corrected by revisions with their reason, and are never written over."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import InternalError, ProgrammingError, transaction

from tests.indicators.conftest import DISTRICT, FIRST, SECOND, YEAR
from zerotrip.errors import Invalid, NotAllowed
from zerotrip.indicators import queries
from zerotrip.indicators.actions import Aimed, Entered, aim, record
from zerotrip.indicators.figures import Key, Why
from zerotrip.indicators.models import Observation, Target
from zerotrip.indicators.periods import Frequency, Period
from zerotrip.ledger.queries import history

NOW = datetime(2026, 4, 10, 2, 0, tzinfo=UTC)
QUARTER = Period(YEAR, 1, Frequency.QUARTER)


def entered(value: str, *, indicator: str = "tax", path: str = FIRST, year: int = YEAR, **more) -> Entered:
    return Entered("x", Key(indicator, path, "", year, 1), Decimal(value), **more)


def book(actor, path=DISTRICT, period=QUARTER):
    return queries.book(actor, queries.specs(actor), path=path, periods=[period, period.year_before])


def test_the_story_is_reproduced_to_the_digit(figures):
    read = book(figures.supervisor)
    told = {}
    for indicator in ("fixed-asset-investment", "industrial-output", "trade-sales", "tax"):
        change = read.change(indicator, FIRST, QUARTER)
        told[indicator] = (
            str(read.value(indicator, FIRST, QUARTER).amount.quantize(Decimal("0.01"))),
            str(change.amount.quantize(Decimal("0.1"))),
            change.why,
        )
    assert told == {
        "fixed-asset-investment": ("1.85", "22.0", Why.RECORDED),
        "industrial-output": ("2.08", "5.0", Why.RECORDED),
        "trade-sales": ("48.88", "13.0", Why.RECORDED),
        "tax": ("3.00", "10.0", Why.RECORDED),
    }


def test_the_parts_add_up_to_the_subdistrict_in_the_demo(figures):
    read = book(figures.supervisor)
    for indicator in read.specs:
        for path in (FIRST, SECOND):
            assert read.added_up(indicator, path, QUARTER).amount == read.value(indicator, path, QUARTER).amount


def test_a_correction_is_a_revision_with_its_reason_and_the_first_figure_stays(bureau):
    record([entered("3.10")], by=bureau.street, at=NOW)
    with pytest.raises(Invalid) as refused:
        record([entered("3.00")], by=bureau.street, at=NOW)
    assert list(refused.value.problems) == ["reason"]
    filing = record([entered("3.00")], reason="录入有误", by=bureau.street, at=NOW)
    rows = queries.revisions(bureau.street, Key("tax", FIRST, "", YEAR, 1))
    assert [(str(row.value), row.revision, row.reason) for row in rows] == [
        ("3.0000", 2, "录入有误"),
        ("3.1000", 1, ""),
    ]
    assert book(bureau.street, FIRST).value("tax", FIRST, QUARTER).amount == Decimal("3")
    assert [entry.reason for entry in history(filing.pk)] == ["录入有误"]


def test_the_database_refuses_to_change_or_delete_a_figure(bureau):
    record([entered("3.10")], by=bureau.street, at=NOW)
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        Observation.objects.update(value=1)
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        Observation.objects.all().delete()


def test_the_same_page_sent_twice_is_one_filing_and_an_unchanged_one_none(bureau):
    key = uuid4()
    first = record([entered("3.10")], by=bureau.street, at=NOW, filing_id=key)
    assert record([entered("3.10")], by=bureau.street, at=NOW, filing_id=key) == first
    assert record([entered("3.1")], by=bureau.street, at=NOW, filing_id=uuid4()) is None
    assert Observation.objects.count() == 1


def test_a_subdistrict_enters_its_own_figures_and_nobody_elses(bureau):
    with pytest.raises(NotAllowed):
        record([entered("3.10", path=SECOND)], by=bureau.street, at=NOW)
    for reader in (bureau.supervisor, bureau.clerk):
        with pytest.raises(NotAllowed):
            record([entered("3.10")], by=reader, at=NOW)
    assert record([entered("3.10", path=SECOND)], by=bureau.statistics, at=NOW)


def test_a_subdistrict_sees_its_own_figures_and_nobody_elses(figures):
    seen = {row.area_path for row in Observation.objects.visible_to(figures.street)}
    assert seen
    assert all(path.startswith(FIRST) for path in seen)
    assert not Target.objects.visible_to(figures.street).exclude(area_path__startswith=FIRST).exists()


def test_what_somebody_else_saved_meanwhile_is_not_written_over(bureau):
    record([entered("3.10", seen=0)], by=bureau.street, at=NOW)
    with pytest.raises(Invalid) as refused:
        record([entered("3.20", seen=0)], reason="改", by=bureau.statistics, at=NOW)
    assert "3.1" in refused.value.problems["x"][0]


@pytest.mark.parametrize("value", ["-1", "1.00001", "1e15"])
def test_a_figure_that_cannot_be_is_refused_with_its_place(bureau, value):
    with pytest.raises(Invalid) as refused:
        record([entered("2", path=FIRST), entered(value)], by=bureau.street, at=NOW)
    assert refused.value.problems["x"]
    assert not Observation.objects.exists()


def test_a_comparable_base_is_used_and_says_why(bureau):
    record([entered("2.80", year=YEAR - 1)], by=bureau.street, at=NOW)
    stated = entered("3.00", base=Decimal("2.5"), base_note="两户企业迁出，基数同口径扣除")
    record([stated], by=bureau.street, at=NOW)
    change = book(bureau.street, FIRST).change("tax", FIRST, QUARTER)
    assert (change.amount, change.why, change.note) == (20, Why.STATED, "两户企业迁出，基数同口径扣除")
    with pytest.raises(Invalid):
        record([entered("3.01", base=Decimal("2.5"))], reason="改", by=bureau.street, at=NOW)


def test_targets_are_set_by_the_department_in_charge_with_where_they_are_from(bureau):
    one = Aimed("x", "tax", FIRST, YEAR, Decimal("13.8"), "年度计划")
    with pytest.raises(NotAllowed):
        aim([one], by=bureau.street, at=NOW)
    with pytest.raises(Invalid):
        aim([Aimed("x", "tax", FIRST, YEAR, Decimal("13.8"), "")], by=bureau.statistics, at=NOW)
    aim([one], by=bureau.statistics, at=NOW)
    with pytest.raises(Invalid):
        aim([Aimed("x", "tax", FIRST, YEAR, Decimal("14"), "年度计划")], by=bureau.statistics, at=NOW)
    aim(
        [Aimed("x", "tax", FIRST, YEAR, Decimal("14"), "年度计划")], reason="中期调整", by=bureau.statistics, at=NOW
    )
    rows = queries.target_revisions(bureau.street, "tax", FIRST, YEAR)
    assert [str(row.value) for row in rows] == ["14.0000", "13.8000"]
