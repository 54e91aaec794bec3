"""Files of results as laboratories write them: one row a tube."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.prevention.models import Finding
from zerotrip.prevention.screening.rules import code_of
from zerotrip.prevention.screening.taking import AHEAD
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.prevention.rosters.reading import Columns, Written

TUBE, OUTCOME, ISSUED = "tube", "outcome", "issued"
COLUMNS: Columns = {
    TUBE: (gettext_lazy("管码"), ("管码", "采样管编码", "采样管号", "试管编号", "标本编号", "条码", "tube")),
    OUTCOME: (gettext_lazy("结果"), ("结果", "检测结果", "核酸结果", "result", "outcome")),
    ISSUED: (gettext_lazy("报告时间"), ("报告时间", "检测时间", "审核时间", "结果时间", "reported at")),
}
_OUTCOMES = {
    **dict.fromkeys(("阴性", "阴", "阴性(-)", "-", "negative", "neg", "未检出"), Finding.NEGATIVE),
    **dict.fromkeys(("阳性", "阳", "阳性(+)", "+", "positive", "pos", "检出"), Finding.POSITIVE),
    **dict.fromkeys(("待复核", "可疑", "灰区", "待复检", "unclear", "suspected"), Finding.UNCLEAR),
    **dict.fromkeys(("无效", "作废", "需重采", "invalid"), Finding.INVALID),
}
"""What laboratories write."""
_MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Said:
    """A result as it was read."""

    tube: str
    outcome: str
    issued_at: datetime


def read(written: Written, *, at: datetime) -> tuple[Said | None, str]:
    """What a row says; or why it says nothing.

    It has to say when the laboratory said so: that tells a correction from the same file sent again.
    """
    texts = written.texts
    if written.formulas:
        return None, _("请把公式换成数值后再导入。")
    code = code_of(texts.get(TUBE, ""))
    if not code:
        return None, _("管码应为 4 到 32 位字母、数字或短横线。")
    outcome = outcome_of(texts.get(OUTCOME, ""))
    if outcome is None:
        return None, _("结果应写阴性、阳性、待复核或无效。")
    issued = moment_of(texts.get(ISSUED, ""))
    if issued is None:
        return None, _("报告时间应写成 2026-03-03 18:30。")
    if issued > at + AHEAD:
        return None, _("报告时间晚于现在，请核对。")
    return Said(code, outcome, issued), ""


def outcome_of(text: str) -> Finding | None:
    """The outcome somebody means; None for what is none."""
    plain = text.strip().lower().replace("（", "(").replace("）", ")")
    return _OUTCOMES.get(plain)


def moment_of(text: str) -> datetime | None:
    """A moment in China as it is written, to the second or the minute; None for what is none."""
    found = _MOMENT.match(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=CHINA)
    except ValueError:
        return None
