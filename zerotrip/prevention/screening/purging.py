"""What goes of sampling with an event. See ``events.purging``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext_lazy as _

from zerotrip.prevention.events.purging import Basis, Expiry, Holds
from zerotrip.prevention.models import Box, Measure, Mishap, Result, ResultFile, Retest, Sample, Tube

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from zerotrip.prevention.events.purging import Ended

AHEAD = 3
"""Days for which the table of samples is ready."""


def _held(table: str, what: StrPromise, purpose: StrPromise, basis: Basis = Basis.HEALTH) -> Holds:
    return Holds(table, what, purpose, basis, Expiry.DAY, _("删除整条"), Measure.SCREENING)


HOLDS = [
    _held("prevention.Tube", _("采样管：在哪里、谁采的、检测结果"), _("混采阳性时找到管内的人")),
    _held("prevention.Sample", _("谁在哪根管里、什么时候采的"), _("不漏一人，阳性时找到本人")),
    _held("prevention.Result", _("每根管每次报来的结果"), _("更正时看得到前一次的结果")),
    _held("prevention.Retest", _("谁因为哪根管要单采、结果是什么"), _("逐人单采复核，以单采结果为准")),
    _held("prevention.Box", _("样本箱：交接人、送样人和车牌"), _("样本交接不丢不错"), Basis.EMERGENCY),
    _held("prevention.Mishap", _("样本差错和怎样处理的说明"), _("差错有人处理"), Basis.EMERGENCY),
]


def purge(ended: Ended) -> int:
    """Delete the tubes of the area, who was in them and what was found; how many rows."""
    tubes = Tube.objects.filter(ended.rows(at="begun_at"))
    codes = tubes.values("pk")
    gone = Retest.objects.filter(tube__in=codes)._raw_delete("default")
    gone += Sample.objects.filter(tube__in=codes)._raw_delete("default")
    files = ResultFile.objects.filter(ended.rows(at="asked_at"))
    gone += Result.objects.filter(tube__in=codes)._raw_delete("default")
    gone += Result.objects.filter(file__in=files.values("pk"))._raw_delete("default")
    gone += tubes._raw_delete("default")
    boxes = Box.objects.filter(ended.rows(at="packed_at"), tubes=None)
    gone += Mishap.objects.filter(box__in=boxes.values("pk"))._raw_delete("default")
    return gone + boxes._raw_delete("default")


def turn_days(today: date, *, keep: int) -> int:
    """Make the days to come ready, drop empty days older than ``keep``; how many were dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prevention_make_sample_day(%s::date + n) FROM generate_series(0, %s) AS n", [today, AHEAD]
        )
        cursor.execute("SELECT prevention_drop_sample_days(%s::date - %s)", [today, keep])
        return int(cursor.fetchone()[0])
