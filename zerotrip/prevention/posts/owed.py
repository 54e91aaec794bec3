"""Whoever is on a shift owes a sign-on: the shifts that begin on a day, and when somebody signed on to each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, CharField, Expression, ExpressionWrapper, F, Value
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from zerotrip.criteria import FactKind, FactType, select
from zerotrip.duties.standing.populations import NOT_KNOWN_NOT_TO, Population
from zerotrip.prevention.models import Shift, WorkerKind
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.duties.standing.populations import Asked

ACT = "sign-on"

_SIGNED_ON = sql.SQL(
    "SELECT s.id AS subject, LEAST(GREATEST(s.signed_on_at, lower(s.during)),"
    " (date_trunc('day', lower(s.during) AT TIME ZONE 'Asia/Shanghai') + interval '1 day')"
    " AT TIME ZONE 'Asia/Shanghai' - interval '1 microsecond') AS at"
    " FROM prevention_shift s WHERE s.signed_on_at IS NOT NULL"
)
"""A sign-on counts on the day the shift begins: also where somebody came before midnight for it, or after."""


def facts(_pack: Pack | None = None) -> Mapping[str, FactType]:
    """What a rule may ask about a shift."""
    kinds = dict(WorkerKind.choices)
    return {
        "kind": FactType(FactKind.CHOICE, _("身份"), values=frozenset(kinds), names=kinds),
        "outside": FactType(FactKind.BOOLEAN, _("外派岗位")),
    }


def _columns() -> dict[str, Expression]:
    return {
        "kind": ExpressionWrapper(F("worker__kind"), output_field=CharField()),
        "outside": ExpressionWrapper(F("post__outside"), output_field=BooleanField()),
    }


def owing_shifts(asked: Asked) -> QuerySet[Any, Any]:
    """The shifts of an area that begin on a day and were told to whoever stands there, each with who that is."""
    begins = datetime.combine(asked.on, time(), CHINA)
    rows = Shift.objects.told().filter(
        area_path__startswith=asked.area_path,
        during__startswith__gte=begins,
        during__startswith__lt=begins + timedelta(days=1),
    )
    if asked.rule is not None:
        rows = rows.annotate(holds=select(asked.rule, _columns(), today=asked.on)).filter(NOT_KNOWN_NOT_TO)
    found: QuerySet[Any, Any] = rows.order_by().values(
        "area_path", subject=F("pk"), place=F("worker__person"), why=Value("", output_field=CharField())
    )
    return found


def sign_ons(_requirement: object, _window: object, _span: object) -> sql.Composable:
    """What counts: somebody signed on to the shift."""
    return _SIGNED_ON


OWING_SHIFTS = Population(owing_shifts, facts)
