"""Words of the pages of projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zerotrip.projects.queries import Light

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from zerotrip.projects.planning import Plan
    from zerotrip.projects.queries import Owed

STEPS: dict[str, str | Promise] = {
    "register": _("登记项目"),
    "facts": _("更新项目情况"),
    "hand_on": _("移交管家"),
    "end": _("不再跟踪"),
    "money": _("填报投资"),
    "milestone": _("登记节点"),
    "milestone_moved": _("节点改期"),
    "milestone_reached": _("节点达到"),
    "problem": _("提出问题"),
    "open_permit": _("开始办一项许可"),
    "link": _("归入办件"),
    "remind": _("提醒企业"),
    "entrust": _("企业委托代办"),
}
"""What the journal of a project calls a step, in the reader's words."""


def step_words(action: str) -> str:
    """A step of the journal in words."""
    return str(STEPS.get(action, action))


def phase_words(plan: Plan) -> str:
    """The phase a project is in, in words."""
    return plan.spec.name_of("phases", plan.phase) if plan.phase else gettext("许可已办齐")


def lights(rows: Iterable[Owed]) -> dict[str, int]:
    """How many milestones are late, recovered, kept and still to come."""
    counted = Counter(row.light for row in rows)
    return {light.value: counted[light] for light in Light}
