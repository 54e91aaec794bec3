"""The notices there are: a title and a text each, in the reader's language when shown or sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Template:
    """Title and text of a notice, with placeholders of its context."""

    title: str | Promise
    text: str | Promise


NOTICES: dict[str, Template] = {
    "submitted": Template(
        _("已收到您的申请：%(service)s"),
        _("办件编号 %(number)s。我们会在 %(due)s 前受理，或一次性告诉您需要补充什么。"),
    ),
    "correction_requested": Template(
        _("请补正 %(count)s 处：%(service)s"),
        _("办件 %(number)s 需要补正，要改的地方已全部列出，改好后重新提交即可。"),
    ),
    "corrected": Template(
        _("已收到您的补正：%(service)s"),
        _("办件编号 %(number)s。我们会在 %(due)s 前答复您。"),
    ),
    "accepted": Template(
        _("已受理：%(service)s"),
        _("办件编号 %(number)s，%(due)s 前办结。"),
    ),
    "declined": Template(
        _("不予受理：%(service)s"),
        _("办件编号 %(number)s。理由：%(reasons)s"),
    ),
    "granted": Template(
        _("已准予：%(service)s"),
        _("办件编号 %(number)s，正在制作电子证照。"),
    ),
    "refused": Template(
        _("不予许可：%(service)s"),
        _("办件编号 %(number)s。理由：%(reasons)s"),
    ),
    "delivered": Template(
        _("证照已送达：%(outcome)s"),
        _("办件 %(number)s 已办结，电子证照在您的“证照”里。"),
    ),
    "delivered_by_post": Template(
        _("纸质证照已送达：%(outcome)s"),
        _("办件 %(number)s 已办结。电子证照在您的“证照”里。"),
    ),
    "delivered_by_counter": Template(
        _("纸质证照已领取：%(outcome)s"),
        _("办件 %(number)s 已办结。电子证照在您的“证照”里。"),
    ),
    "paper_to_be_posted": Template(
        _("电子证照已可使用，纸质件将寄给您：%(outcome)s"),
        _("办件编号 %(number)s。寄出后告诉您快递单号；寄出前可以在办件页面改收件信息。"),
    ),
    "paper_to_be_collected": Template(
        _("电子证照已可使用，纸质件可以来领：%(outcome)s"),
        _("办件编号 %(number)s，请到%(department)s窗口领取。"),
    ),
    "paper_posted": Template(
        _("纸质证照已寄出：%(outcome)s"),
        _("办件编号 %(number)s，快递单号 %(tracking)s。"),
    ),
    "paper_undelivered": Template(
        _("纸质证照没有送到：%(outcome)s"),
        _("办件编号 %(number)s，快递单号 %(tracking)s。原因：%(reason)s。请在办件页面核对收件信息，以便重新寄送。"),
    ),
    "withdrawn": Template(
        _("已撤回：%(service)s"),
        _("办件 %(number)s 已按您的要求撤回。"),
    ),
    "licence_suspended": Template(
        _("证照已暂停：%(title)s"),
        _("证照编号 %(number)s 暂停使用。理由：%(reason)s"),
    ),
    "licence_resumed": Template(
        _("证照已恢复：%(title)s"),
        _("证照编号 %(number)s 恢复有效。说明：%(reason)s"),
    ),
    "licence_revoked": Template(
        _("证照已撤销：%(title)s"),
        _("证照编号 %(number)s 已撤销，不再有效。理由：%(reason)s 不服的，可以申请行政复议或者提起行政诉讼。"),
    ),
}


def title(template: str, context: Mapping[str, Any]) -> str:
    """The title in the active language."""
    return str(NOTICES[template].title) % _shown(context)


def text(template: str, context: Mapping[str, Any]) -> str:
    """The text in the active language."""
    return str(NOTICES[template].text) % _shown(context)


def _shown(context: Mapping[str, Any]) -> dict[str, str]:
    """The context in words: bilingual texts in the active language, moments in local form."""
    return {key: _word(value) for key, value in context.items()}


def _word(value: Any) -> str:
    if isinstance(value, dict) and "moment" in value:
        moment = timezone.localtime(datetime.fromisoformat(value["moment"]))
        return formats.date_format(moment, "SHORT_DATETIME_FORMAT")
    if isinstance(value, dict):
        english = (get_language() or "").startswith("en")
        return str((value.get("en") if english else "") or value.get("zh", ""))
    return "" if value is None else str(value)
