"""Figures and targets come in: all of a page or file at once, each a revision of its own, none written over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Stale
from zerotrip.indicators.access import Entering, entering
from zerotrip.indicators.figures import Key, Row
from zerotrip.indicators.models import Basis, Door, Filing, FilingState, Indicator, Observation, Target
from zerotrip.indicators.periods import Period, valid
from zerotrip.indicators.queries import rows_at
from zerotrip.indicators.rules import fault_of
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Area

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.indicators.spec import IndicatorSpec
    from zerotrip.parties.access import Actor


@dataclass(frozen=True, slots=True)
class Entered:
    """A figure as it came in, and where on the page or in the file it stood."""

    place: str
    key: Key
    value: Decimal
    seen: int | None = None
    """The revision whoever typed it saw; 0: none. None: whatever there is, as in a file."""
    base: Decimal | None = None
    base_note: str = ""
    published: Decimal | None = None
    basis: str = ""
    source: str = ""

    def same_as(self, row: Row) -> bool:
        """Whether there is nothing new in it."""
        return (self.value, self.base, self.base_note, self.published, self.basis, self.source) == (
            row.value,
            row.base,
            row.base_note,
            row.published,
            row.basis,
            row.source,
        )


@dataclass(frozen=True, slots=True)
class Aimed:
    """A target as it came in."""

    place: str
    indicator: str
    area_path: str
    year: int
    value: Decimal
    source: str


@transaction.atomic
def record(
    entered: Sequence[Entered], *, by: Actor, at: datetime, reason: str = "", filing_id: UUID | None = None
) -> Filing | None:
    """Keep what was entered: what is new as a first figure, what is not as it was as a revision.

    None when nothing was. The same ``filing_id`` again changes nothing. Raises Invalid with the problem at
    each place, also when a figure would be revised without a ``reason``; NotAllowed when somebody may not
    enter one of them; Stale when somebody else brought one in the same moment.
    """
    if filing_id is not None and (found := Filing.objects.visible_to(by).filter(pk=filing_id).first()) is not None:
        return found
    fresh = sort_out(entered, may=entering(by), reason=reason)
    if not fresh:
        return None
    filing = Filing(account_id=by.account, door=Door.FORM, state=FilingState.TAKEN, at=at, reason=reason)
    if filing_id is not None:
        filing.pk = filing_id
    filing.found = counted(fresh)
    ledger.append(filing, "record", by=by, at=at, reason=reason, details=filing.found)
    keep(filing, fresh)
    return filing


Fresh = tuple[Entered, int]
"""What is to be kept, and the revision it becomes."""


def sort_out(entered: Sequence[Entered], *, may: Entering, reason: str, asked: bool = True) -> list[Fresh]:
    """What of it is new, each with its revision. Raises as ``record`` does.

    ``asked``: whether revisions need their reason now.
    """
    specs = _specs(entered)
    problems: dict[str, list[str]] = {}
    for one in entered:
        if one.key.indicator not in specs:
            raise NotFound(_("没有这个指标。"))
        if not may.may_enter(specs[one.key.indicator], one.key.area_path):
            raise NotAllowed(_("您不能填报这个区域的“%(name)s”。") % {"name": specs[one.key.indicator].name})
        if problem := _problem(one, specs[one.key.indicator]):
            problems[one.place] = [problem]
    held = rows_at([one.key for one in entered])
    fresh = [(one, held[one.key].revision + 1 if one.key in held else 1) for one in entered if _new(one, held)]
    for one, revision in fresh:
        if one.seen is not None and one.seen != revision - 1:
            problems[one.place] = [_told(held.get(one.key))]
    if problems:
        raise Invalid(_("有 %(count)d 个数需要修改。") % {"count": len(problems)}, problems)
    if asked and not reason and any(revision > 1 for _one, revision in fresh):
        text = _("改动已经报过的数，请写明原因。")
        raise Invalid(text, {"reason": [text]})
    return fresh


def _new(one: Entered, held: Mapping[Key, Row]) -> bool:
    return one.key not in held or not one.same_as(held[one.key])


def _told(row: Row | None) -> str:
    if row is None:
        return _("您打开页面以后，这个数有变动，请核对。")
    return _("您打开页面以后，这个数已被改为 %(value)s，请核对后再保存。") % {"value": f"{row.value.normalize():f}"}


def _problem(one: Entered, spec: IndicatorSpec) -> str:
    """Why a figure cannot be kept as it is."""
    period = Period(one.key.year, one.key.number, spec.frequency)
    if not valid(period):
        return _("没有这个报告期。")
    if one.key.industry and one.key.industry not in {industry.code for industry in spec.industries}:
        return _("这个指标不按这个行业统计。")
    if (one.base is None) != (not one.base_note):
        return _("可比基数和说明要一起填写。")
    if (one.published is None) != (not one.basis) or (one.basis and one.basis not in Basis.values):
        return _("公布的增速和价格口径要一起填写。")
    return fault_of(spec, one.value) or (fault_of(spec, one.base) if one.base is not None else "")


def _specs(entered: Iterable[Entered]) -> dict[str, IndicatorSpec]:
    rows = Indicator.objects.kept().filter(pk__in={one.key.indicator for one in entered})
    return {row.pk: row.spec for row in rows}


def counted(fresh: Sequence[Fresh]) -> dict[str, int]:
    """How many figures are new, and how many replace another."""
    revised = sum(revision > 1 for _one, revision in fresh)
    return {"new": len(fresh) - revised, "revised": revised}


def keep(filing: Filing, fresh: Sequence[Fresh]) -> None:
    """Write a filing that has just been made, and its figures."""
    filing.save(force_insert=True)
    keep_figures(filing, fresh)


def keep_figures(filing: Filing, fresh: Sequence[Fresh]) -> None:
    """Write figures of a filing. Raises Stale when another revision of one came in the same moment."""
    rows = [_row(filing, one, revision) for one, revision in fresh]
    try:
        with transaction.atomic():
            Observation.objects.bulk_create(rows, batch_size=2000)
    except IntegrityError as error:
        if "figure_once_per_revision" not in str(error):
            raise
        raise Stale(_("刚才有人保存了同一个数，请重新打开页面核对。")) from error


def _row(filing: Filing, one: Entered, revision: int) -> Observation:
    places = 0
    if one.published is not None:
        exponent = one.published.as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
    return Observation(
        indicator_id=one.key.indicator,
        area_path=one.key.area_path,
        industry=one.key.industry,
        year=one.key.year,
        number=one.key.number,
        revision=revision,
        value=one.value,
        base=one.base,
        base_note=one.base_note,
        published=one.published,
        published_places=places,
        basis=one.basis,
        source=one.source,
        reason=filing.reason if revision > 1 else "",
        filing=filing,
    )


@transaction.atomic
def aim(
    aimed: Sequence[Aimed], *, by: Actor, at: datetime, reason: str = "", filing_id: UUID | None = None
) -> Filing | None:
    """Set targets; one that is not as it was becomes a revision, with a ``reason``.

    None when nothing changed. Raises as ``record`` does.
    """
    if filing_id is not None and (found := Filing.objects.visible_to(by).filter(pk=filing_id).first()) is not None:
        return found
    fresh = _fresh_targets(aimed, by=by)
    if not fresh:
        return None
    if not reason and any(revision > 1 for _one, revision in fresh):
        text = _("改动已经定下的目标，请写明原因。")
        raise Invalid(text, {"reason": [text]})
    filing = Filing(account_id=by.account, door=Door.FORM, state=FilingState.TAKEN, at=at, reason=reason)
    if filing_id is not None:
        filing.pk = filing_id
    filing.found = {"targets": len(fresh)}
    ledger.append(filing, "aim", by=by, at=at, reason=reason, details=filing.found)
    filing.save(force_insert=True)
    rows = [_target(filing, one, revision) for one, revision in fresh]
    try:
        with transaction.atomic():
            Target.objects.bulk_create(rows)
    except IntegrityError as error:
        raise Stale(_("刚才有人保存了同一个目标，请重新打开页面核对。")) from error
    return filing


def _target(filing: Filing, one: Aimed, revision: int) -> Target:
    return Target(
        indicator_id=one.indicator,
        area_path=one.area_path,
        year=one.year,
        revision=revision,
        value=one.value,
        source=one.source,
        reason=filing.reason if revision > 1 else "",
        filing=filing,
    )


def _fresh_targets(aimed: Sequence[Aimed], *, by: Actor) -> list[tuple[Aimed, int]]:
    may = entering(by)
    rows = Indicator.objects.kept().filter(pk__in={one.indicator for one in aimed})
    specs = {row.pk: row.spec for row in rows}
    problems: dict[str, list[str]] = {}
    for one in aimed:
        if one.indicator not in specs or not may.may_aim(specs[one.indicator], one.area_path):
            raise NotAllowed(_("目标由负责这个指标的部门设定。"))
        if problem := fault_of(specs[one.indicator], one.value):
            problems[one.place] = [problem]
        elif not one.source:
            problems[one.place] = [_("请写明目标出自哪份计划或文件。")]
    if problems:
        raise Invalid(_("有 %(count)d 个目标需要修改。") % {"count": len(problems)}, problems)
    newest = (
        Target.objects.filter(
            indicator__in=specs,
            area_path__in={one.area_path for one in aimed},
            year__in={one.year for one in aimed},
        )
        .order_by("indicator_id", "year", "area_path", "-revision")
        .distinct("indicator_id", "year", "area_path")
    )
    held = {(row.indicator_id, row.area_path, row.year): row for row in newest}
    fresh = []
    for one in aimed:
        row = held.get((one.indicator, one.area_path, one.year))
        if row is None or (row.value, row.source) != (one.value, one.source):
            fresh.append((one, row.revision + 1 if row else 1))
    return fresh


def known_areas(codes: Iterable[str]) -> dict[str, str]:
    """The paths of areas by their code."""
    return dict(Area.objects.filter(pk__in=set(codes)).values_list("pk", "path"))
