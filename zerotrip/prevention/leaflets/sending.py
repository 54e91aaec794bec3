"""Leaflets go out in the background, some hundred people at a time; the silent are reminded, and named at the end.

A batch is one transaction: whoever is sent something has a receipt from the same moment, so that a worker killed
anywhere goes on where it was, and nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import formats, timezone, translation

from zerotrip.channels.actions import Posted, post_all
from zerotrip.channels.models import Transport
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.ids import new_id
from zerotrip.prevention.events.queries import offices_over
from zerotrip.prevention.events.telling import tell_offices
from zerotrip.prevention.leaflets.links import token_of
from zerotrip.prevention.leaflets.rules import duty
from zerotrip.prevention.models import Leaflet, Person, Receipt
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.duties.models import DueQuerySet

KEPT = timedelta(days=2)
"""How long the messages stay that carry the links: whose phone it was is on the roster, and goes with it."""
AT_ONCE = 500
"""People of one transaction."""


def work(leaflet_id: UUID, *, at: datetime) -> int:
    """Open the window of a leaflet, and send everybody in it who has a phone the link. How many were sent it now.

    Again, it sends it to those who came since, and to nobody twice.
    """
    leaflet = _begun(leaflet_id, at=at)
    if leaflet is None or leaflet.window is None:
        return 0
    sent, after = 0, None
    while True:
        now, after = _batch(leaflet_id, after, at=at)
        sent += now
        if after is None:
            break
    if leaflet.sent_at is None:
        _tell_grids(leaflet, missing_without_phone(leaflet.window, at=at), "staff_leaflet_doors", at=at)
    Leaflet.objects.filter(pk=leaflet_id, withdrawn_at=None).update(sent_at=at)
    return sent


@transaction.atomic
def _begun(leaflet_id: UUID, *, at: datetime) -> Leaflet | None:
    """The leaflet with its window, opened now if it is not; None where it is not to be sent any more."""
    rows = Leaflet.objects.standing(at).select_for_update(of=("self",))
    leaflet, requirement = rows.filter(pk=leaflet_id).first(), duty()
    if leaflet is None or requirement is None:
        return None
    if leaflet.window_id is None:
        span = Span(leaflet.made_at, leaflet.ends)  # of two in one area no two windows begin at once
        leaflet.window = open_window(requirement, span, area_path=leaflet.area_path, at=at, where=leaflet.where)
        leaflet.save(update_fields=["window"])
    return leaflet


@transaction.atomic
def _batch(leaflet_id: UUID, after: UUID | None, *, at: datetime) -> tuple[int, UUID | None]:
    """Send the next people of a leaflet the link: how many, and behind whom to go on; None: that was all."""
    rows = Leaflet.objects.standing(at).select_for_update(of=("self",)).select_related("window")
    leaflet = rows.filter(pk=leaflet_id).first()
    if leaflet is None or leaflet.window is None:
        return 0, None
    told = Receipt.objects.filter(leaflet=leaflet_id, person=OuterRef("subject"))
    waiting = _missing(leaflet.window, at=at).filter(~Exists(told)).order_by("subject")
    dues = list((waiting.filter(subject__gt=after) if after else waiting)[:AT_ONCE])
    if not dues:
        return 0, None
    phones = _phones(dues)
    receipts = [
        Receipt(id=new_id(), leaflet=leaflet, person=due.subject, area_path=due.area_path, sent_at=at)
        for due in dues
        if due.subject in phones
    ]
    Receipt.objects.bulk_create(receipts)
    _post(leaflet, [(receipt, phones[receipt.person]) for receipt in receipts], "leaflet", at=at)
    return len(receipts), dues[-1].subject


def _phones(dues: Sequence[Due]) -> dict[UUID, str]:
    rows = Person.objects.filter(pk__in=[due.subject for due in dues]).exclude(phone="")
    return dict(rows.values_list("pk", "phone"))


def _missing(window: Window, *, at: datetime) -> DueQuerySet:
    return Due.objects.filter(day=window.day, window=window.pk).missing(at)


def missing_without_phone(window: Window, *, at: datetime) -> DueQuerySet:
    """Those who have not read it and have no phone: it has to be brought to their door."""
    mute = Person.objects.filter(pk=OuterRef("subject"), phone="")
    return _missing(window, at=at).filter(Exists(mute))


def _post(leaflet: Leaflet, people: Sequence[tuple[Receipt, str]], template: str, *, at: datetime) -> None:
    """Queue the messages: in Chinese, and in English where the leaflet has it, since nobody said what they read."""
    link = f"{settings.SITE_URL}/n/"
    subject, body = _words(leaflet, template)
    posted = [Posted(phone, subject, f"{body}\n{link}{token_of(receipt.pk)}/") for receipt, phone in people]
    post_all(posted, transport=Transport.SMS, at=at, purge_at=at + KEPT)


def _words(leaflet: Leaflet, template: str) -> tuple[str, str]:
    from zerotrip.channels import notices

    parts, subject = [], ""
    for language in ("zh-hans", "en") if leaflet.title_en else ("zh-hans",):
        with translation.override(language):
            until = formats.date_format(timezone.localtime(leaflet.ends), "SHORT_DATETIME_FORMAT")
            told = {"title": leaflet.told[0], "until": until, "kind": str(leaflet.get_kind_display())}
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
    owed = _missing(window, at=at).filter(subject=OuterRef("person"))
    rows = Receipt.objects.filter(Exists(owed), leaflet=leaflet, read_at=None, reminded__lt=number)
    some = list(rows.select_for_update(skip_locked=True, of=("self",)).order_by("person")[:AT_ONCE])
    phones = dict(
        Person.objects.filter(pk__in=[row.person for row in some]).exclude(phone="").values_list("pk", "phone")
    )
    Receipt.objects.filter(pk__in=[row.pk for row in some]).update(reminded=number)
    people = [(row, phones[row.person]) for row in some if row.person in phones]
    _post(leaflet, people, "leaflet_reminder", at=at)
    return len(some)


def sweep(*, at: datetime) -> int:
    """Send what a killed worker left, and to whoever came to a roster since; name the silent of what is over.

    How many leaflets there was something to do for.
    """
    late = Q(sent_at=None) | Q(sent_at__lt=F("window__reconciled_at"))
    keys = list(Leaflet.objects.standing(at).filter(late).order_by("made_at").values_list("pk", flat=True))
    for key in keys:
        work(key, at=at)
    over = Leaflet.objects.filter(named_at=None, withdrawn_at=None, ends__lte=at, window__isnull=False)
    ended = list(over.order_by("ends").values_list("pk", flat=True))
    for key in ended:
        name_silent(key, at=at)
    return len(keys) + len(ended)


@transaction.atomic
def name_silent(leaflet_id: UUID, *, at: datetime) -> int:
    """Tell whoever works over each grid how many there did not read a leaflet, once. How many grids."""
    rows = Leaflet.objects.select_for_update(of=("self",)).select_related("window")
    leaflet = rows.filter(pk=leaflet_id, named_at=None, withdrawn_at=None).first()
    if leaflet is None or leaflet.window is None:
        return 0
    leaflet.named_at = at
    leaflet.save(update_fields=["named_at"])
    return _tell_grids(leaflet, _missing(leaflet.window, at=leaflet.ends), "staff_leaflet_silent", at=at)


@transaction.atomic
def _tell_grids(leaflet: Leaflet, dues: DueQuerySet, template: str, *, at: datetime) -> int:
    grids = list(dues.order_by("area_path").values_list("area_path").annotate(count=Count("subject")))
    writes = Writes()
    for area_path, count in grids:
        told: dict[str, Any] = {"title": leaflet.title, "count": count, "due": leaflet.ends}
        tell_offices(
            writes,
            offices_over(area_path, at=at),
            area_path=area_path,
            template=template,
            context=told,
            link=f"/desk/prevention/notices/{leaflet.pk}/?area={area_path}",
            key=f"{template}:{leaflet.pk}:{area_path}"[-120:],
            at=at,
        )
    writes.send()
    return len(grids)
