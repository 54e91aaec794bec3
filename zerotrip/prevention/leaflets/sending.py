"""Leaflets go out in the background, some hundred at a time; the silent are reminded, and named at the end.

A batch is one transaction: whoever is sent something has a receipt from the same moment, so that a worker killed
anywhere goes on where it was, and nobody is told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from zerotrip.channels.actions import Posted, post_all, tell
from zerotrip.channels.models import Transport
from zerotrip.criteria import Faults
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing import filling
from zerotrip.duties.standing.schedule import Span
from zerotrip.ids import new_id
from zerotrip.parties.models import Area
from zerotrip.prevention.events.queries import offices_over
from zerotrip.prevention.events.telling import tell_offices
from zerotrip.prevention.leaflets.links import token_of
from zerotrip.prevention.leaflets.reaching import addresses, reached
from zerotrip.prevention.leaflets.rules import duty, is_held
from zerotrip.prevention.models import Leaflet, Receipt
from zerotrip.prevention.models.leaflets import TRIES
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.duties.models import DueQuerySet
    from zerotrip.prevention.leaflets.reaching import Address

log = logging.getLogger(__name__)
KEPT = timedelta(days=2)
"""How long the messages stay that carry the links: whose phone it was is on the roster, and goes with it."""
AT_ONCE = 500
"""Those of one transaction."""


def work(leaflet_id: UUID, *, at: datetime) -> int:
    """Open the window of a leaflet, and send the link to all in it who can be reached. How many were sent it now.

    Again, it sends it to those who came since, and to nobody twice. Raises criteria.Faults where its criteria do
    not read any more.
    """
    leaflet = _begun(leaflet_id, at=at)
    if leaflet is None or leaflet.window is None:
        return 0
    filling.go_on(leaflet.window.pk, at=at)
    sent, after = 0, None
    while True:
        now, after = _batch(leaflet_id, after, at=at)
        sent += now
        if after is None:
            break
    if leaflet.sent_at is None:
        _tell_grids(leaflet, for_the_door(leaflet, at=at), "leaflet_doors", at=at)
    Leaflet.objects.filter(pk=leaflet_id, withdrawn_at=None).update(sent_at=at, trouble="")
    return sent


@transaction.atomic
def _begun(leaflet_id: UUID, *, at: datetime) -> Leaflet | None:
    """The leaflet with its window, opened now if it is not; None where it is not to be sent any more."""
    leaflet = Leaflet.objects.standing(at).select_for_update(of=("self",)).filter(pk=leaflet_id).first()
    requirement = duty(leaflet.who) if leaflet else None
    if leaflet is None or requirement is None:
        return None
    if leaflet.window_id is None:
        span = Span(leaflet.made_at, leaflet.ends)  # of two in one area no two windows begin at once
        leaflet.window = filling.begin_window(
            requirement, span, area_path=leaflet.area_path, at=at, where=leaflet.where
        )
        leaflet.save(update_fields=["window"])
    return leaflet


@transaction.atomic
def _batch(leaflet_id: UUID, after: UUID | None, *, at: datetime) -> tuple[int, UUID | None]:
    """Send the next of a leaflet the link: how many, and behind whom to go on; None: that was all."""
    rows = Leaflet.objects.standing(at).select_for_update(of=("self",)).select_related("window")
    leaflet = rows.filter(pk=leaflet_id).first()
    if leaflet is None or leaflet.window is None:
        return 0, None
    told = Receipt.objects.filter(leaflet=leaflet_id, subject=OuterRef("subject"))
    waiting = _missing(leaflet.window, at=at).filter(~Exists(told)).order_by("subject")
    dues = list((waiting.filter(subject__gt=after) if after else waiting)[:AT_ONCE])
    if not dues:
        return 0, None
    found = addresses(leaflet.who, [due.subject for due in dues], at=at)
    receipts = _sent([due for due in dues if due.subject in found], leaflet, at=at)
    _post(leaflet, [(row, found[row.subject]) for row in receipts], "leaflet", at=at)
    return len(receipts), dues[-1].subject


def _sent(dues: Sequence[Due], leaflet: Leaflet, *, at: datetime) -> list[Receipt]:
    """Their receipts, but of those who were brought it just now."""
    rows = [
        Receipt(id=new_id(), leaflet=leaflet, subject=due.subject, area_path=due.area_path, sent_at=at)
        for due in dues
    ]
    Receipt.objects.bulk_create(rows, ignore_conflicts=True)
    kept = set(Receipt.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk in kept]


def _missing(window: Window, *, at: datetime) -> DueQuerySet:
    return Due.objects.filter(day=window.day, window=window.pk).missing(at)


def for_the_door(leaflet: Leaflet, *, at: datetime) -> DueQuerySet:
    """Those who have not read it and whom no link reaches, or whose link is locked: it has to be brought there."""
    if leaflet.window is None:
        return Due.objects.none()
    linked = reached(leaflet.who, at=at).filter(pk=OuterRef("subject"))
    locked = Receipt.objects.filter(leaflet=leaflet, subject=OuterRef("subject"), tries__gte=TRIES)
    return _missing(leaflet.window, at=at).filter(~Exists(linked) | Exists(locked))


def _post(leaflet: Leaflet, sent: Sequence[tuple[Receipt, Address]], template: str, *, at: datetime) -> None:
    """Queue the messages: to phones, and to the accounts of those whose sites it is for."""
    texts = {name: _words(leaflet, template, name) for name in {address.name for _row, address in sent}}
    posted = [
        Posted(address.phone, texts[address.name][0], f"{texts[address.name][1]}\n{settings.SITE_URL}{_link(row)}")
        for row, address in sent
        if address.phone
    ]
    post_all(posted, transport=Transport.SMS, at=at, purge_at=at + KEPT)
    writes = Writes()
    for row, address in sent:
        if address.owner is not None:
            tell(
                writes,
                party=address.owner,
                template=f"site_{template}",
                context={"title": leaflet.title, "site": address.name, "due": leaflet.ends},
                link=_link(row),
                key=f"{template}:{row.pk}:{row.reminded}",
                at=at,
            )
    writes.send()


def _link(receipt: Receipt) -> str:
    return f"/n/{token_of(receipt.pk)}/"


def _words(leaflet: Leaflet, template: str, site: str) -> tuple[str, str]:
    """Subject and text: in Chinese, and in English where the leaflet has it, since nobody said what they read."""
    from zerotrip.channels import notices

    parts, subject = [], ""
    template = f"site_{template}" if leaflet.to_sites else template
    for language in ("zh-hans", "en") if leaflet.title_en else ("zh-hans",):
        with translation.override(language):
            told = {
                "title": leaflet.heading,
                "kind": str(leaflet.get_kind_display()),
                "site": site,
                "due": {"moment": leaflet.ends.isoformat()},
            }
            subject = subject or notices.title(template, told)
            parts.append(notices.text(template, told))
    return subject, "\n".join(parts)


def remind(window: Window, number: int, at: datetime) -> int:
    """Remind those who were sent a leaflet and have not read it, for the so-manyth time. How many were told now."""
    leaflet = Leaflet.objects.standing(at).filter(window=window).first()
    told = 0
    while leaflet is not None and (now := _remind_some(leaflet, window, number, at=at)):
        told += now
    return told


@transaction.atomic
def _remind_some(leaflet: Leaflet, window: Window, number: int, *, at: datetime) -> int:
    owed = _missing(window, at=at).filter(subject=OuterRef("subject"))
    rows = Receipt.objects.filter(Exists(owed), leaflet=leaflet, read_at=None, reminded__lt=number, tries__lt=TRIES)
    some = list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("subject")[:AT_ONCE])
    found = addresses(leaflet.who, [row.subject for row in some], at=at)
    Receipt.objects.filter(pk__in=[row.pk for row in some]).update(reminded=number)
    for row in some:
        row.reminded = number
    _post(leaflet, [(row, found[row.subject]) for row in some if row.subject in found], "leaflet_reminder", at=at)
    return len(some)


def sweep(*, at: datetime) -> int:
    """Send what a killed worker left, and to whoever came to a roster since; name the silent of what is over.

    One that cannot go on says why, and stops no other. How many leaflets there was something to do for.
    """
    late = Q(sent_at=None) | Q(sent_at__lt=F("window__reconciled_at"))
    keys = list(Leaflet.objects.standing(at).filter(late).order_by("made_at").values_list("pk", flat=True))
    for key in keys:
        _try(key, at=at)
    over = Leaflet.objects.filter(named_at=None, withdrawn_at=None, ends__lte=at, window__isnull=False)
    ended = list(over.order_by("ends").values_list("pk", flat=True))
    for key in ended:
        name_silent(key, at=at)
    return len(keys) + len(ended)


def _try(leaflet_id: UUID, *, at: datetime) -> None:
    try:
        work(leaflet_id, at=at)
    except Faults as error:
        why = _("收件条件读不了了：%(why)s") % {"why": error}
        Leaflet.objects.filter(pk=leaflet_id).update(trouble=why[:300])
        log.exception("leaflet %s", leaflet_id)
    except Exception:
        why = _("发送时出了问题，会自动再试；一直这样请联系管理员。")
        Leaflet.objects.filter(pk=leaflet_id).update(trouble=why)
        log.exception("leaflet %s", leaflet_id)


@transaction.atomic
def name_silent(leaflet_id: UUID, *, at: datetime) -> int:
    """Tell whoever works over each grid how many there did not read a leaflet, once. How many grids.

    Nobody is silent where the event ended before.
    """
    rows = Leaflet.objects.select_for_update(of=("self",)).select_related("window")
    leaflet = rows.filter(pk=leaflet_id, named_at=None, withdrawn_at=None).first()
    if leaflet is None or leaflet.window is None:
        return 0
    leaflet.named_at = at
    leaflet.save(update_fields=["named_at"])
    if not is_held(leaflet.area_path, leaflet.ends - timedelta(microseconds=1)):
        return 0
    return _tell_grids(leaflet, _missing(leaflet.window, at=leaflet.ends), "leaflet_silent", at=at)


@transaction.atomic
def _tell_grids(leaflet: Leaflet, dues: DueQuerySet, template: str, *, at: datetime) -> int:
    grids = list(dues.order_by("area_path").values_list("area_path").annotate(count=Count("subject")))
    areas = Area.objects.filter(path__in=[path for path, _count in grids])
    names = {area.path: {"zh": area.name, "en": area.name_en} for area in areas}
    writes = Writes()
    template = f"staff_site_{template}" if leaflet.to_sites else f"staff_{template}"
    for area_path, count in grids:
        told = {"title": leaflet.title, "area": names.get(area_path, ""), "count": count, "due": leaflet.ends}
        tell_offices(
            writes,
            offices_over(area_path, at=at),
            area_path=area_path,
            template=template,
            context=told,
            link=f"/desk/prevention/leaflets/{leaflet.pk}/?area={area_path}",
            key=f"{template}:{leaflet.pk}:{area_path}"[-120:],
            at=at,
        )
    writes.send()
    return len(grids)
