"""Reading what licences prove, could prove, and were used for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Case as Choose
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import NotFound
from zerotrip.licences.models import Licence
from zerotrip.licences.queries import my_licences
from zerotrip.licences.registries import registry
from zerotrip.licences.reuse.models import Grant, Proven
from zerotrip.licences.reuse.rules import consent_of, held_to, needed_until, why_not
from zerotrip.licences.states import Status
from zerotrip.parties.models import PartyKind
from zerotrip.rows import Wanted, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from zerotrip.cases.models import Case
    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.licences.models import LicenceQuerySet
    from zerotrip.parties.access import Actor


def asked_of(case_id: UUID) -> Wanted[Grant]:
    """The rows of all uses in a case, ended ones too."""
    return wanted(Grant, case_id=case_id)


def told(rows: Sequence[Grant]) -> Sequence[Grant]:
    """Those uses with what they hang on; nearly every case has none, and costs no query."""
    if not rows:
        return ()
    with_all = Grant.objects.select_related("case", "licence", "consented_by__person", "confirmation")
    return list(with_all.filter(pk__in=[row.pk for row in rows]))


@dataclass(frozen=True)
class Offer:
    """What could stand in for a material: a licence held here, or whatever the registry has."""

    licence: Licence | None
    why_not: str = ""
    """Why that licence will not do."""
    registry: bool = False
    """The registry can be asked."""
    consent: Mapping[str, str] = field(default_factory=dict)
    """What is to be agreed to, in both languages."""

    @property
    def words(self) -> dict[str, str]:
        """What the licence is called, in both languages."""
        return {"zh": self.licence.title, "en": self.licence.title_en} if self.licence else {}

    @property
    def usable(self) -> Licence | None:
        """The licence, if it will do."""
        return None if self.why_not else self.licence


def offers(case: Case, *, at: datetime) -> dict[str, Offer]:
    """What could stand in for the materials of a case; one query, none where the service reuses nothing."""
    spec = spec_of(case.version_id)
    reusing = spec.reusing
    if not reusing:
        return {}
    kinds = {kind for material in reusing if material.licence for kind in material.licence.kinds}
    held = list(Licence.objects.filter(holder=case.applicant_id, kind__in=kinds).order_by("-issued_at"))
    asks = case.applicant.kind == PartyKind.ENTERPRISE and registry() is not None
    found = {}
    for material in reusing:
        if material.licence is None:
            continue
        mine = [licence for licence in held if licence.kind in material.licence.kinds]
        until = held_to(case, material.id, at=at)
        best, reason = _best(mine, [why_not(licence, until=until, at=at) for licence in mine])
        title = {"zh": best.title, "en": best.title_en} if best and not reason else None
        consent = consent_of(case, material, title, best.number if best and title else "")
        found[material.id] = Offer(best, reason, asks and material.licence.registry, consent)
    return {key: offer for key, offer in found.items() if offer.licence or offer.registry}


def _best(licences: list[Licence], reasons: list[str]) -> tuple[Licence | None, str]:
    """The latest that will do; else the latest, with why it will not."""
    pairs: list[tuple[Licence | None, str]] = list(zip(licences, reasons, strict=True))
    will_do = [pair for pair in pairs if not pair[1]]
    return (will_do or pairs or [(None, "")])[0]


def proved_for(actor: Actor, spec: ServiceSpec, *, area_path: str, at: datetime) -> dict[str, Licence]:
    """The materials of a service that licences of those this actor acts for prove already; one query at most."""
    reusing = {material.id: material.licence for material in spec.reusing if material.licence}
    if not reusing or not actor.acts_for:
        return {}
    kinds = {kind for reuse in reusing.values() for kind in reuse.kinds}
    held = list(Licence.objects.held_by(actor).filter(kind__in=kinds).order_by("-issued_at"))
    return {
        key: licence
        for key, reuse in reusing.items()
        for licence in reversed(held)
        if licence.kind in reuse.kinds
        and not why_not(licence, until=needed_until(spec, reuse, area_path=area_path, at=at), at=at)
    }


def wallet(actor: Actor, *, at: datetime) -> LicenceQuerySet:
    """The licences of those this actor acts for: in force and ending first, then those that are not."""
    today = timezone.localtime(at).date()
    over = Q(valid_until__lt=today) | ~Q(status=Status.VALID)
    return my_licences(actor).order_by(
        Choose(When(over, then=Value(1)), default=Value(0)), F("valid_until").asc(nulls_last=True), "-issued_at"
    )


MOST_FETCHED = 30
"""Uses of the registry's licences that a wallet shows."""


def fetched_for(actor: Actor) -> list[Grant]:
    """What was read of the registry's licences for those this actor acts for, latest first."""
    used = Grant.objects.filter(licence=None, case__applicant__in=actor.acts_for)
    return list(_told(used)[:MOST_FETCHED])


def _told(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    """Uses with what a line about them says, latest first."""
    return (
        grants.select_related("case__version", "consented_by__person")
        .defer("case__version__definition", "case__version__files")
        .order_by("-consented_at")
    )


def uses_of(licences: Iterable[Licence], actor: Actor) -> dict[UUID, list[Grant]]:
    """What each licence was used for, latest first, of what this actor may see; one query."""
    found: dict[UUID, list[Grant]] = {}
    used = Grant.objects.visible_to(actor).filter(licence__in=[licence.pk for licence in licences])
    for grant in _told(used):
        if grant.licence_id is not None:
            found.setdefault(grant.licence_id, []).append(grant)
    return found


def load_grant(grant_id: UUID, actor: Actor) -> Grant:
    """The use, if ``actor`` may see it. Raises NotFound alike for both reasons."""
    grant = Grant.objects.visible_to(actor).select_related("case", "licence__blob").filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("没有找到这份电子证照的使用记录。"))
    return grant


def to_ask(at: datetime) -> QuerySet[Grant]:
    """Uses of the registry's licences in open cases about which it is to be asked now, due first."""
    open_ = Grant.objects.live().filter(licence=None, case__closed_at=None, ask_at__lte=at)
    handed_in = Q(status=Proven.PROVISIONAL) | Q(case__submitted_at__isnull=False)
    return open_.filter(handed_in).exclude(status=Proven.FAILED).order_by("ask_at")


def to_look_at(at: datetime) -> QuerySet[Grant]:
    """Uses of licences held here, in cases under way, that may prove nothing any more."""
    today = timezone.localtime(at).date()
    holds = Q(valid_until=None) | Q(valid_until__gte=today)
    present = Licence.objects.filter(
        holds, kind=OuterRef("licence__kind"), number=OuterRef("licence__number"), status=Status.VALID
    )
    stopped = (~Q(licence__status=Status.VALID) | Q(licence__valid_until__lt=today)) & ~Exists(present)
    under_way = Q(case__closed_at=None, case__decided_at=None, case__submitted_at__isnull=False)
    return Grant.objects.live().filter(stopped, under_way, status=Proven.VERIFIED, licence__isnull=False)
