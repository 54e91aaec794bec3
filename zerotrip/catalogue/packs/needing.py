"""Needs of enterprises (企业诉求): what a subject has to say, and what only approvals have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.catalogue.spec import Unit

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.spec import Limit, ServiceSpec

NEEDED = ("need", "promised", "form", "subject")
"""What a need that can be raised has to say."""
OF_APPROVALS = (
    *("stages", "outcome", "materials", "statutory", "extension", "procedures", "hearing", "third_parties"),
    *("corrections", "approval", "owing", "promise", "safety", "tariff", "pays", "apply", "allotment", "variants"),
)
"""What nothing of a need reads."""


def need_faults(judge: Judge, spec: ServiceSpec) -> None:
    """A need says by when it is answered, planned and settled, and has nothing that only approvals have."""
    declared = judge.document.value
    if spec.category != "need":
        judge.fault(("need",), _("“need”只用于企业诉求：“category: need”。"))
    for key in NEEDED:
        if not declared.get(key):
            judge.fault(
                (), _("缺少“%(last)s”。还不清楚的，写“incomplete”说明缺什么，事项只展示、不开放。") % {"last": key}
            )
    for key in OF_APPROVALS:
        if key in declared:
            judge.fault((key,), _("企业诉求没有“%(key)s”，只有审批事项才有。") % {"key": key})
    if spec.need is None:
        return
    limits = [("need", "answer"), ("need", "plan"), ("promised",)]
    found = [spec.need.answer, spec.need.plan, spec.promised]
    for place, limit, after in zip(limits, found, found[1:], strict=False):
        if hours(limit) > hours(after):
            judge.fault((*place, "amount"), _("先响应、再拿方案、再办结，后一个期限不能比前一个短。"))
    for place, limit in zip([*limits, ("need", "confirm")], [*found, spec.need.confirm], strict=True):
        if not limit.amount:
            judge.fault((*place, "amount"), _("期限要大于零。"))


A_DAY = {Unit.WORKING_DAYS: 24, Unit.CALENDAR_DAYS: 24, Unit.MONTHS: 24 * 30, Unit.WORKING_HOURS: 3, Unit.HOURS: 1}
"""About how many hours one of each unit is, nights counted: enough to tell a slip of the pen."""


def hours(limit: Limit) -> float:
    """About how long a limit is."""
    return limit.amount * A_DAY[limit.unit]
