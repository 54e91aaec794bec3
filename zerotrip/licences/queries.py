"""Reading licences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.cases.models import Decision, Mode
from zerotrip.cases.states import Status as CaseStatus
from zerotrip.errors import NotFound
from zerotrip.ledger.models import Entry
from zerotrip.licences.certificates import labels_of, outcome_of
from zerotrip.licences.models import Concern, Hands, Licence, LicenceQuerySet, Revocation, Slip
from zerotrip.licences.states import Status
from zerotrip.parties.models import PartyKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime
    from uuid import UUID

    from zerotrip.cases.models import Case
    from zerotrip.catalogue.spec import Upon
    from zerotrip.licences.states import Standing
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}")


@dataclass(frozen=True, slots=True)
class Verification:
    """All that anybody with the code may know of a licence."""

    title: str
    title_en: str
    number: str
    identifier: str
    holder: str
    issuer: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    standing: Standing
    said: str
    """The standing in a word; of a licence that was ended, the word of the law for how."""
    stopped_on: date | None
    edition: int
    origin: str
    """How this edition came to be, in a word."""
    has_conditions: bool


def verify(token: str, *, at: datetime) -> Verification:
    """What the public page says of the licence with this code, at ``at``. One query.

    Raises NotFound when there is none: the document was not issued here.
    """
    licence = _with_parties().filter(token=token).first() if _TOKEN.fullmatch(token) else None
    if licence is None:
        raise NotFound(
            _("没有查到。请核对验证码，不是证照编号；大小写有区别。确认无误仍查不到的，请向签发机关核实。")
        )
    holder = licence.holder
    return Verification(
        title=licence.title,
        title_en=licence.title_en,
        number=licence.number,
        identifier=licence.identifier,
        holder=masked(holder.name) if holder.kind == PartyKind.PERSON else holder.name,
        issuer=licence.issuer.name,
        issued_on=timezone.localtime(licence.issued_at).date(),
        valid_from=licence.valid_from,
        valid_until=licence.valid_until,
        standing=licence.standing(at),
        said=licence.standing_said(at),
        stopped_on=timezone.localtime(licence.stopped_at).date() if licence.stopped_at else None,
        edition=licence.edition,
        origin=licence.get_origin_display(),
        has_conditions="conditions" in licence.facts,
    )


def masked(name: str) -> str:
    """A person's name with all but its first character hidden: 李**."""
    return name[:1] + "*" * (len(name) - 1)


def my_licences(actor: Actor) -> LicenceQuerySet:
    """The present editions of the licences of those this actor acts for, newest first, with what a row shows."""
    return _with_parties().held_by(actor).exclude(status=Status.REPLACED).order_by("-issued_at")


def issued(actor: Actor) -> LicenceQuerySet:
    """The licences this actor may see, newest first, with what a row shows."""
    return _with_parties().visible_to(actor).order_by("-issued_at")


IN_A_BLOCK = 8


def block_of(party: Party, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """The latest licences of an enterprise on its record, as far as ``actor`` may see them."""
    held = Licence.objects.visible_to(actor).filter(holder=party).exclude(status=Status.REPLACED)
    found = list(held.order_by("-issued_at")[: IN_A_BLOCK + 1])
    return {"licences": found[:IN_A_BLOCK], "more": len(found) > IN_A_BLOCK} if found else None


def licence_of(case_id: UUID) -> Licence | None:
    """The licence a case brought forth, if it did, and its parcel. Who may see the case may see that."""
    return _with_parties().select_related("blob", "case__shipment").filter(case=case_id).first()


def current_of(licence: Licence) -> Licence:
    """The present edition of a licence: itself, unless a later one has replaced it."""
    if licence.status != Status.REPLACED:
        return licence
    return Licence.objects.exclude(status=Status.REPLACED).get(kind=licence.kind, number=licence.number)


def editions_of(licence: Licence) -> list[Licence]:
    """All editions of a licence, the latest first, each with the one it replaces. One query."""
    found = list(_with_parties().filter(kind=licence.kind, number=licence.number).order_by("-edition"))
    for edition, earlier in pairwise(found):
        edition.replaces = earlier
    return found


def history_of(editions: Iterable[Licence]) -> list[Entry]:
    """What happened to these editions, the latest first. One query."""
    entries = Entry.objects.filter(subject__in=[edition.pk for edition in editions])
    return sorted(entries, key=lambda entry: (entry.at, entry.action != "replace"), reverse=True)


def licence_concerned(case_id: UUID) -> Licence | None:
    """The licence a case is about, as it was chosen; None where its service acts upon none."""
    concern = Concern.objects.filter(case=case_id).select_related("licence__holder", "licence__issuer").first()
    return concern.licence if concern else None


def held(holders: Iterable[UUID], kind: str) -> list[Licence]:
    """The present editions of the licences of a kind that these parties hold, latest first."""
    found = _with_parties().filter(holder__in=list(holders), kind=kind).exclude(status=Status.REPLACED)
    return list(found.order_by("-issued_at"))


def under_way(licence: Licence, act: str, *, besides: UUID | None = None) -> Case | None:
    """The open case of this act on a licence, whichever edition it was begun on."""
    concern = (
        Concern.objects.filter(licence__kind=licence.kind, licence__number=licence.number, act=act)
        .exclude(case__status=CaseStatus.CLOSED)
        .exclude(case=besides)
        .select_related("case")
        .first()
    )
    return concern.case if concern else None


FACT = "fact:"
"""How the place of a fact of a certificate begins, where a slip of the pen is put right."""


@dataclass(frozen=True, slots=True)
class Line:
    """A place that can hold a slip of the pen: what it is called, and what stands there."""

    place: str
    label: str
    before: str


def correctable(case: Case, licence: Licence | None) -> list[Line]:
    """What can be corrected of what was decided in a case: the facts its certificate says, its reasons and
    conditions. How long a licence holds is no slip of the pen."""
    lines = []
    if licence is not None:
        labels, outcome = dict(labels_of(licence)), outcome_of(licence)
        until = {name for name in outcome.facts if outcome.valid_until in outcome.paths(name)}
        names = [name for name in labels if name in licence.facts and name not in until]
        lines = [Line(f"{FACT}{name}", labels[name], licence.facts[name]) for name in names]
    decision = Decision.objects.filter(case=case).first()
    if decision is not None and decision.reasons:
        lines.append(Line("reasons", _("决定书的理由"), decision.reasons))
    if decision is not None and decision.conditions:
        lines.append(Line("conditions", _("决定书的附加条件"), decision.conditions))
    return lines


def slips_of(case_id: UUID, actor: Actor) -> list[Slip]:
    """The slips of the pen of a case that this actor may read of, first ones first."""
    found = Slip.objects.visible_to(actor).filter(case=case_id)
    return list(found.select_related("proposed_by__person", "settled_by__person").order_by("proposed_at", "pk"))


def revocations_of(licence: Licence, actor: Actor) -> list[Revocation]:
    """What was proposed to end a licence, whichever edition, as far as this actor may read of it."""
    found = Revocation.objects.visible_to(actor).filter(licence__kind=licence.kind, licence__number=licence.number)
    return list(found.select_related("proposed_by__person", "settled_by__person").order_by("proposed_at", "pk"))


def revocation_of(case_id: UUID) -> Revocation | None:
    """How the licence of a case was taken back, if it was."""
    return (
        Revocation.objects.filter(licence__case=case_id, status=Hands.CONFIRMED).select_related("licence").first()
    )


LOOKED_BACK = timedelta(days=366)
"""How long after the end of a licence silence about its renewal is still looked for."""


def renewed_by_silence(at: datetime) -> Iterator[tuple[Case, str]]:
    """The renewals that were asked for in time and not decided before the licence ran out, each with the law
    that renews it (《行政许可法》第五十条第二款). What waits for the applicant is nobody's silence."""
    today = timezone.localtime(at).date()
    waiting = (CaseStatus.SUBMITTED, CaseStatus.REVIEWING, CaseStatus.DECIDING)
    concerns = (
        Concern.objects.filter(ends_on__lt=today, ends_on__gte=today - LOOKED_BACK, case__status__in=waiting)
        .filter(case__mode=Mode.FORMAL)
        .select_related("case", "licence")
        .order_by("ends_on", "pk")
    )
    for concern in concerns:
        upon = concern.case.spec.outcome.upon
        holds = current_of(concern.licence).status in (Status.VALID, Status.SUSPENDED)
        if upon and upon.deemed and holds and in_time(concern.licence, upon, at=concern.case.submitted_at):
            yield concern.case, upon.deemed.zh


def in_time(licence: Licence, upon: Upon, *, at: datetime | None) -> bool:
    """Whether ``at`` is early enough before the licence ends to ask for its renewal."""
    last = last_day_to_ask(licence, upon)
    return last is None or (at is not None and timezone.localtime(at).date() <= last)


def last_day_to_ask(licence: Licence, upon: Upon) -> date | None:
    """The last day on which a renewal is asked for in time; None where there is none."""
    if licence.valid_until is None or upon.before is None:
        return None
    return licence.valid_until - timedelta(days=int(upon.before.amount))


def _with_parties() -> LicenceQuerySet:
    return Licence.objects.select_related("holder", "issuer")
