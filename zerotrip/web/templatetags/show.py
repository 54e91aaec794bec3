"""How values read: dates and numbers in local form, limits in words, files by size."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.cases.queries import COUNTED_TO
from zerotrip.catalogue.tariffs import money
from zerotrip.catalogue.words import STOP, words_of
from zerotrip.facts.vocabulary import plain
from zerotrip.facts.words import yuan as spoken
from zerotrip.workdays.spelling import span

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from django.utils.safestring import SafeString

    from zerotrip.catalogue.spec import Limit
    from zerotrip.parties.models import Party

register = template.Library()


def _english() -> bool:
    return (get_language() or "").startswith("en")


@register.filter
def say(words: Any) -> str:
    """A bilingual text in the reader's language, from a pack or from a stored context."""
    if isinstance(words, dict):
        return str((words.get("en") if _english() else "") or words.get("zh", ""))
    return str(words or "")


@register.filter
def listed(words: Iterable[Any]) -> str:
    """Several things one after the other, as the reader's language puts them."""
    return _("、").join(map(str, words))


@register.filter
def counted(number: int) -> str:
    """How many the desk has counted: ``1000+`` where it counted no further."""
    return f"{COUNTED_TO}+" if number > COUNTED_TO else str(number)


@register.filter
def called(party: Party) -> str:
    """The name of a department in the reader's language; people and firms have one name."""
    return (party.name_en if _english() else "") or party.name


@register.filter
def day(value: date | datetime | None) -> str:
    """A date: ``4 月 14 日``, with the year when it is not this one."""
    if value is None:
        return ""
    when = timezone.localtime(value).date() if isinstance(value, datetime) else value
    this_year = when.year == timezone.localdate().year
    if _english():
        return formats.date_format(when, "j M" if this_year else "j M Y")
    return f"{when.month} 月 {when.day} 日" if this_year else f"{when.year} 年 {when.month} 月 {when.day} 日"


@register.filter
def moment(value: datetime | None) -> str:
    """A moment: ``今天 17:00``, ``昨天 09:12``, ``4 月 14 日 17:00``."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{_near(local)} {local:%H:%M}"


@register.filter
def deadline(value: datetime) -> str:
    """Until when; the end of a day is its own: ``今天 24:00``."""
    local = timezone.localtime(value)
    return f"{_near(local - timedelta(days=1))} 24:00" if local.time() == time.min else moment(value)


@register.filter
def till(start: datetime, end: datetime) -> str:
    """From when to when: ``今天 06:00–22:00``, ``今天全天``, ``11 月 22 日 – 11 月 28 日``."""
    opens, closes = timezone.localtime(start), timezone.localtime(end)
    at_midnight = closes.time() == time.min and closes.date() > opens.date()
    last = closes - timedelta(days=1) if at_midnight else closes
    one_day = opens.date() == last.date()
    if at_midnight and opens.time() == time.min:
        return _("%(day)s全天") % {"day": _near(opens)} if one_day else f"{day(opens)} – {day(last)}"
    if one_day:
        return f"{_near(opens)} {opens:%H:%M}–{'24:00' if at_midnight else f'{closes:%H:%M}'}"
    return f"{moment(start)} – {deadline(end)}"


def _near(local: datetime) -> str:
    """The day in words where it is close to today."""
    near = {0: _("今天"), 1: _("明天"), -1: _("昨天")}.get((local.date() - timezone.localdate()).days)
    return near or day(local)


@register.filter
def stamp(value: datetime) -> str:
    """A moment in full, as it stands on paper, where nobody knows what today was: ``2026-04-14 17:00``."""
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


@register.filter
def limit(value: Limit) -> str:
    """A limit in words: ``半个工作日``, ``3 个工作日``, ``当场``."""
    return _("当场办结") if value.amount == 0 else span(value.amount, value.unit)


@register.filter
def yuan(amount: Decimal) -> str:
    """An amount of money: ``1,280.00 元``."""
    return money(amount)


@register.filter
def quantity(number: Decimal) -> str:
    """An amount without zeros nobody typed: ``1,200``, ``4.5``."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


@register.filter
def exactly(number: Decimal | None) -> str:
    """A quantity of goods, with the decimals it has, three at most: ``1,200``, ``12.125``."""
    return "0" if number is None else f"{number:,.3f}".rstrip("0").rstrip(".")


@register.filter
def counted_as(number: Decimal, unit: Any) -> str:
    """An amount with its unit, money as people say it: ``1,200 平方米``, ``44.8 万元``."""
    if getattr(unit, "zh", unit) == "元":
        return spoken(number)
    return f"{quantity(number)} {unit}"


@register.filter
def amount(value: Decimal | None) -> str:
    """An amount in units of 10,000 yuan: ``1,280``, with its decimals where it has some."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


@register.filter
def or_dash(number: int) -> SafeString | str:
    """A count; a grey dash for none, so that what there is stands out."""
    if number:
        return f"{number:,}"
    return format_html('<span class="none" aria-hidden="true">{}</span><span class="sr">0</span>', "—")


@register.filter
def wan(value: Decimal) -> str:
    """An amount that is kept in units of 10,000 yuan, as people say it: ``4,930 万元``, ``CNY 49.3 million``."""
    if not _english():
        return _("%(amount)s 万元") % {"amount": amount(value)}
    if abs(value) < 100:
        return f"CNY {quantity(value * 10_000)}"
    return f"CNY {plain(value / 100)} million"


@register.filter
def unlocal(value: int) -> str:
    """A number as pictures take it, whatever the language."""
    return str(value)


@register.filter
def article(basis: str) -> str:
    """An article of a law in words: ``《民法典》第 201 条`` for ``民法典 201``; anything else as it stands."""
    law, _space, number = basis.partition(" ")
    laws = {"民法典": _("《民法典》第 %(number)s 条"), "行政许可法": _("《行政许可法》第 %(number)s 条")}
    return laws[law] % {"number": number} if law in laws else basis


@register.filter
def consequence(name: str) -> str:
    """What follows when a material does not come in time."""
    words = {
        "report": _("逾期的，报告负责人"),
        "suspend": _("逾期的，暂停证照"),
        "revoke": _("逾期的，撤销证照"),
        "end": _("逾期的，终止办理"),
    }
    return words[name]


@register.filter
def spell(left: timedelta) -> str:
    """A stretch of working time: ``4 小时 10 分``."""
    minutes = int(abs(left).total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24 or (hours and not minutes):
        return _("%(hours)d 小时") % {"hours": hours}
    if hours:
        return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d 分") % {"minutes": minutes}


@register.filter
def hours(minutes: int) -> str:
    """Working minutes as hours: ``12.5``."""
    return f"{minutes / 60:,.1f}"


@register.filter
def size(count: int) -> str:
    """Bytes in words: ``312 KB``."""
    return f"{count / 1_048_576:.1f} MB" if count >= 1_048_576 else f"{max(1, round(count / 1024))} KB"


@register.filter
def apart(text: str) -> SafeString:
    """A number and its unit set apart: ``3 个工作日`` with the number large."""
    number, space, unit = str(text).partition(" ")
    if space and number.replace(".", "").isdigit():
        return format_html("<b>{} <em>{}</em></b>", number, unit)
    return format_html("<b>{}</b>", text)


@register.filter
def found(text: Any, asked: str) -> SafeString:
    """A text with the words that were searched for marked in it."""
    shown = str(text)
    wanted = sorted((word for word in set(words_of(asked)) if word not in STOP), key=len, reverse=True)
    if not wanted:
        return conditional_escape(shown)
    pattern = re.compile("|".join(re.escape(word) for word in wanted), re.IGNORECASE)
    pieces, last = [], 0
    for hit in pattern.finditer(shown):
        pieces += [conditional_escape(shown[last : hit.start()]), format_html("<mark>{}</mark>", hit[0])]
        last = hit.end()
    return mark_safe("".join([*pieces, conditional_escape(shown[last:])]))  # noqa: S308  every piece is escaped


@register.simple_tag
def lang(words: Any) -> str:
    """The ``lang`` attribute of a bilingual text that has no English, on an English page; else nothing."""
    missing = _english() and not getattr(words, "en", "x")
    return mark_safe(' lang="zh-Hans"') if missing else ""


@register.simple_tag
def camera_words() -> dict[str, str]:
    """What the camera says while it looks for a code, by the names its script knows."""
    from zerotrip.web.field.words import camera

    return camera()


@register.filter
def masked(name: str) -> str:
    """A person's name with all but its ends hidden, as on rosters: 张*三."""
    from zerotrip.prevention.rosters.identity import mask_name

    return mask_name(name)


@register.filter
def hidden(phone: str) -> str:
    """A telephone number with its middle hidden, as on every record."""
    from zerotrip.web.enterprises.record import hidden as with_stars

    return with_stars(phone)
