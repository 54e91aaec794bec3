"""Leaflets are sent, withdrawn and replaced; they are read by link, or at the door."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zerotrip.duties.models import Due
from zerotrip.duties.standing import closing
from zerotrip.duties.standing.counting import recount
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.files.under_way import made_once
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.events.rules import require_any_in_force
from zerotrip.prevention.leaflets.audience import chosen
from zerotrip.prevention.leaflets.links import receipt_of
from zerotrip.prevention.leaflets.rules import duty, may_bring, require_send, require_standing, why_over
from zerotrip.prevention.models import Leaflet, LeafletKind, Person, Reading, Receipt
from zerotrip.prevention.rosters.identity import name_key
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.leaflets.audience import Audience, Chosen

LONGEST = 60
"""Days until which a leaflet may be read."""
MOST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Written:
    """A leaflet as it is written."""

    kind: str
    title: str
    text: str
    title_en: str = ""
    text_en: str = ""
    signed: bool = True
    until: date | None = None
    """The last day."""


def wrong_in(written: Written, *, at: datetime) -> dict[str, list[str]]:
    """What is wrong in what is written, by field."""
    problems: dict[str, list[str]] = {}
    if written.kind not in LeafletKind.values:
        problems["kind"] = [_("请选择是明白纸还是倡议书。")]
    if not 0 < len(written.title) <= 80:
        problems["title"] = [_("请填写标题，最多 80 个字。")]
    if not 0 < len(written.text) <= MOST_TEXT:
        problems["text"] = [_("请填写正文，最多 %(count)s 个字。") % {"count": MOST_TEXT}]
    if bool(written.title_en) != bool(written.text_en):
        problems["title_en" if written.text_en else "text_en"] = [_("英文的标题和正文要么都填，要么都不填。")]
    if len(written.title_en) > 160:
        problems["title_en"] = [_("最多 160 个字。")]
    if len(written.text_en) > 3 * MOST_TEXT:
        problems["text_en"] = [_("最多 %(count)s 个字。") % {"count": 3 * MOST_TEXT}]
    today = at.astimezone(CHINA).date()
    if written.until is None or not today <= written.until <= today + timedelta(days=LONGEST):
        problems["until"] = [_("请填写最后一天，从今天起最多 %(days)s 天。") % {"days": LONGEST}]
    return problems


@transaction.atomic
def send(
    written: Written, audience: Audience, *, key: UUID, by: Actor, at: datetime, replaces: UUID | None = None
) -> Leaflet:
    """Send a leaflet: the worker finds whom it is for and sends everybody who has a phone the link. Twice is once.

    With ``replaces``, the edition before is withdrawn, where it is not over. Raises Invalid by field, NotFound,
    NotAllowed, Refused without an event there or a duty to read it.
    """
    found = Leaflet.objects.filter(pk=key, made_by=by.account).first()
    if found is not None:
        return found
    to = chosen(audience, by=by)
    if problems := wrong_in(written, at=at) | to.problems:
        raise Invalid(_("还没有发送。"), problems)
    if duty(to.who) is None:
        raise Refused(_("服务包里没有“签收明白纸”这项要求，请联系管理员。"))
    require_any_in_force(to.area_path, on=at.astimezone(CHINA).date())
    before = _replaced(replaces, by=by, at=at) if replaces is not None else None
    row = _edition(written, to, before, key=key, by=by, at=at)
    ledger.append(row, "send", by=by, at=at, details={"text": _digest(row), "edition": row.edition})
    row = made_once(row, Leaflet.objects.filter(made_by=by.account), lambda: row.save(force_insert=True))
    _work(row.pk)
    return row


def _edition(
    written: Written, to: Chosen, before: Leaflet | None, *, key: UUID, by: Actor, at: datetime
) -> Leaflet:
    if written.until is None:
        raise AssertionError("asked of what was looked through")
    return Leaflet(
        id=key,
        kind=written.kind,
        who=to.who,
        title=written.title,
        title_en=written.title_en,
        text=written.text,
        text_en=written.text_en,
        signed=written.signed,
        area_path=to.area_path,
        where=to.where,
        ends=datetime.combine(written.until + timedelta(days=1), time(), CHINA),
        edition=before.edition + 1 if before else 1,
        replaces=before.pk if before else None,
        made_by_id=by.account,
        made_at=at,
    )


def _digest(row: Leaflet) -> str:
    """Of what was sent, for the journal: that stays, and a text may name a household."""
    whole = "\n".join((row.title, row.text, row.title_en, row.text_en))
    return hashlib.sha256(whole.encode()).hexdigest()


def _replaced(leaflet_id: UUID, *, by: Actor, at: datetime) -> Leaflet | None:
    """The edition before, withdrawn; None where it was over or withdrawn. Raises Invalid where one replaced it."""
    rows = Leaflet.objects.visible_to(by).select_for_update(of=("self",))
    row = rows.filter(pk=leaflet_id).first()
    if row is None:
        raise NotFound(_("没有找到原来的一版。"))
    if Leaflet.objects.filter(replaces=row.pk).exists():
        raise Invalid(_("还没有发送。"), {"title": [_("已经有人发了新的一版，请先看看那一版。")]})
    return _withdrawn(leaflet_id, _("有新的版本"), by=by, at=at) if not why_over(row, at) else None


def _work(leaflet: UUID) -> None:
    from zerotrip.prevention.tasks import send_leaflet

    send_leaflet.defer(leaflet=str(leaflet))


@transaction.atomic
def withdraw(leaflet_id: UUID, because: str, *, by: Actor, at: datetime) -> Leaflet:
    """Take a leaflet back: nobody owes a receipt of it any more, its links say why. Twice is once.

    Raises NotFound, NotAllowed, Invalid without a reason, Refused once its time is over.
    """
    return _withdrawn(leaflet_id, because, by=by, at=at)


def _withdrawn(leaflet_id: UUID, because: str, *, by: Actor, at: datetime) -> Leaflet:
    rows = Leaflet.objects.visible_to(by).select_for_update(of=("self",))
    row = rows.filter(pk=leaflet_id).first()
    if row is None:
        raise NotFound(_("没有这份明白纸或倡议书。"))
    require_send(by, row.area_path)
    if row.withdrawn_at is not None:
        return row
    require_standing(row, at)
    because = " ".join(because.split())[:200]
    if not because:
        raise Invalid(_("还没有撤回。"), {"because": [_("请写明为什么撤回。")]})
    if row.window_id is not None:
        closing.withdraw(row.window_id, by=by, at=at)
    row.withdrawn_at, row.withdrawn_by_id, row.because = at, by.account, because
    ledger.append(row, "withdraw", by=by, at=at)
    row.save()
    return row


def opened(token: str) -> Receipt:
    """The receipt a link is of, with its leaflet. Raises NotFound for one we did not make, or purged."""
    found = Receipt.objects.filter(pk=receipt_of(token)).select_related("leaflet__window__requirement").first()
    if found is None:
        raise NotFound(_("没有这个链接，或者已经过期。"))
    return found


def read(token: str, name: str, *, at: datetime, position: str = "") -> Receipt:
    """Somebody read what their link leads to and, where it is wanted, signs with their name; for a site with what
    they are there. Twice is once.

    A name that is not on the roster stays counted: a link takes so many, then none. Raises NotFound, Refused once
    it is withdrawn, over or locked, Invalid for a name that is not theirs.
    """
    row, wrong = _read(opened(token).pk, _one_line(name, 120), _one_line(position, 40), at=at)
    if wrong:
        raise Invalid(pgettext("明白纸", "还没有签收。"), {"name": [wrong]})
    return row


@transaction.atomic
def _read(key: UUID, name: str, position: str, *, at: datetime) -> tuple[Receipt, str]:
    """The receipt, and what is wrong with the name: a try that is told of in here would be forgotten with it."""
    row = Receipt.objects.select_for_update(of=("self",)).select_related("leaflet__window__requirement").get(pk=key)
    if row.read_at is not None:
        return row, ""
    require_standing(row.leaflet, at)
    if row.is_locked:
        raise Refused(_locked())
    if row.leaflet.signed:
        if wrong := _wrong_name(name, row.leaflet, row.subject):
            row.tries += bool(name_key(name))
            row.save(update_fields=["tries"])
            return row, _locked() if row.is_locked else wrong
        row.signature, row.on_behalf = name, position if row.leaflet.to_sites else ""
    row.read_at, row.how = at, Reading.LINK
    row.save(update_fields=["read_at", "how", "signature", "on_behalf"])
    _count(row)
    return row, ""


def _locked() -> str:
    return _("填错姓名的次数太多，这个链接不能再签收。请联系社区，由工作人员上门签收。")


@dataclass(frozen=True, slots=True)
class Brought:
    """What was said at the door."""

    name: str
    """Of whoever signs."""
    on_behalf: str = ""
    """What they are to whom it is for: a daughter, say, or the manager of a site; empty: it is themselves."""


@transaction.atomic
def bring(leaflet_id: UUID, subject: UUID, brought: Brought, *, by: Actor, at: datetime) -> Receipt:
    """Note that somebody or a site was brought a leaflet and who signed. Twice is once.

    ``at`` is when that was: of two that come in the earlier stands, in whichever order. Raises NotFound,
    NotAllowed, Refused once it is withdrawn or over, Invalid by field.
    """
    leaflet, due = _owed(leaflet_id, subject, by)
    if not may_bring(by, due.area_path):
        raise NotAllowed(_("由本网格的工作人员上门。"))
    require_standing(leaflet, at)
    signed = _signed(brought, leaflet, subject)
    more = {"read_at": at, "how": Reading.DOOR, "by_id": by.account, **signed}
    row, made = Receipt.objects.select_for_update().get_or_create(
        leaflet=leaflet, subject=subject, defaults={"area_path": due.area_path, **more}
    )
    if not made and (row.read_at is None or at < row.read_at):
        for name, value in more.items():
            setattr(row, name, value)
        row.save(update_fields=["read_at", "how", "by", "signature", "on_behalf"])
    row.leaflet = leaflet
    _count(row)
    return row


def _owed(leaflet_id: UUID, subject: UUID, by: Actor) -> tuple[Leaflet, Due]:
    leaflet = Leaflet.objects.visible_to(by).select_related("window__requirement").filter(pk=leaflet_id).first()
    if leaflet is not None and (window := leaflet.window) is not None:
        due = Due.objects.visible_to(by).filter(day=window.day, window=window, subject=subject).first()
        if due is not None:
            return leaflet, due
    raise NotFound(_("没有这份明白纸或倡议书，或者不是发给这里的。"))


def _signed(brought: Brought, leaflet: Leaflet, subject: UUID) -> dict[str, str]:
    name, on_behalf = _one_line(brought.name, 120), _one_line(brought.on_behalf, 40)
    if on_behalf:
        wrong = "" if name_key(name) else _("请填写签收人的姓名。")
    else:
        wrong = _wrong_name(name, leaflet, subject)
    if wrong:
        raise Invalid(pgettext("明白纸", "还没有签收。"), {"name": [wrong]})
    return {"signature": name, "on_behalf": on_behalf}


def _wrong_name(name: str, leaflet: Leaflet, subject: UUID) -> str:
    """What is wrong with a name: it is not that on the roster. For a site whoever is in charge there signs."""
    if not name_key(name):
        return _("请填写签收人的姓名。") if leaflet.to_sites else _("请填写姓名。")
    if leaflet.to_sites:
        return ""
    held = Person.objects.filter(pk=subject).values_list("name_key", flat=True).first()
    if held is None:
        raise NotFound(_("没有这个链接，或者已经过期。"))
    if name_key(name) == held:
        return ""
    return _("和名册上的姓名对不上。请填写证件上的姓名；如果发错了人，请联系社区。")


def _one_line(text: str, most: int) -> str:
    return " ".join(text.split())[:most]


def _count(row: Receipt) -> None:
    window = row.leaflet.window
    if window is None:
        raise AssertionError("a leaflet that was sent has a window")
    recount(window, window.requirement, [row.subject])
