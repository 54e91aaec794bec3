"""What is kept of an enterprise besides facts: its name, its area, how to reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.enterprises.access import may_state
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.facts.actions import derive
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.rules import reason_of
from zerotrip.parties.models import Membership, MembershipKind, Party, PartyKind
from zerotrip.parties.queries import area_path_of

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.access import Actor


def _locked(party_id: UUID, by: Actor) -> Party:
    """The live enterprise, locked. Raises NotFound for one that is not in one's area."""
    rows = Party.objects.live().select_for_update(of=("self",)).filter(kind=PartyKind.ENTERPRISE)
    party = rows.filter(pk=party_id).first()
    if party is None or not (by.is_system or may_state(by, party)):
        raise NotFound(_("没有找到这家企业，或它不在您的辖区。"))
    return party


@transaction.atomic
def rename(party_id: UUID, *, name: str, reason: str, by: Actor, at: datetime) -> Party:
    """An enterprise goes by another name from now on; the journal keeps both.

    What was signed and decided keeps the name of its day. Raises Invalid for a name that is none or no reason.
    """
    name = " ".join(name.split())
    if not 1 < len(name) <= 120 or not name.isprintable():
        text = _("请填写营业执照上的企业名称。")
        raise Invalid(text, {"name": [text]})
    reason = reason_of(reason)
    party = _locked(party_id, by)
    if party.name != name:
        ledger.append(party, "rename", by=by, at=at, reason=reason, details={"from": party.name, "to": name})
        party.name = name
        party.save(update_fields=["name", "ledger_length", "ledger_head"])
    return party


@transaction.atomic
def place(party_id: UUID, *, area: str, reason: str, by: Actor, at: datetime) -> Party:
    """An enterprise lies in this area from now on. Raises Invalid for an area that is none or not one's own."""
    path = area_path_of(area)
    if not path or not (by.is_system or any(path.startswith(seat.area_path) for seat in by.seats)):
        text = _("请选择您辖区内的区划。")
        raise Invalid(text, {"area": [text]})
    reason = reason_of(reason)
    party = _locked(party_id, by) if not by.is_system else Party.objects.select_for_update().get(pk=party_id)
    if party.area_path != path:
        told = {"from": party.area_path, "to": path}
        ledger.append(party, "place", by=by, at=at, reason=reason, details=told)
        party.area_path = path
        party.save(update_fields=["area_path", "ledger_length", "ledger_head"])
        derive([party], at=at)
    return party


@transaction.atomic
def state_place(party_id: UUID, *, area: str, by: Actor, at: datetime) -> Party:
    """Whoever acts for an enterprise says where it is, as long as nobody has: so that its street knows of it.

    Once it has a place, only staff give it another (``place``). Raises Invalid for an area that is none,
    NotFound for an enterprise of others, Refused when it has a place.
    """
    rows = Party.objects.live().select_for_update(of=("self",)).filter(kind=PartyKind.ENTERPRISE)
    party = rows.filter(pk=party_id, pk__in=by.acts_for).first()
    if party is None:
        raise NotFound(_("没有找到这家企业，或您不是它的经办人。"))
    path = area_path_of(area)
    if not path:
        text = _("请选择企业所在的街道或社区。")
        raise Invalid(text, {"area": [text]})
    if party.area_path == path:
        return party
    if party.area_path:
        raise Refused(_("企业所在地已经登记，搬迁了请联系所在街道更改。"))
    ledger.append(party, "place", by=by, at=at, details={"from": "", "to": path})
    party.area_path = path
    party.save(update_fields=["area_path", "ledger_length", "ledger_head"])
    derive([party], at=at)
    return party


@transaction.atomic
def reveal(party_id: UUID, *, whose: str, reason: str, by: Actor, at: datetime) -> tuple[str, str]:
    """How to reach an enterprise, or one who acts for it: phone and e-mail, for a reason that is journalled.

    ``whose`` is the key of the enterprise or of the person. Raises Invalid without a reason, NotFound.
    """
    reason = reason_of(reason)
    party = _locked(party_id, by)
    person = party if whose == str(party.pk) else _agent(party, whose, at=at)
    phone, email = _reached(person)
    if not phone and not email:
        raise Refused(_("没有登记联系方式。"))
    ledger.append(party, "reveal", by=by, at=at, reason=reason, details={"whose": str(person.pk)})
    party.save(update_fields=["ledger_length", "ledger_head"])
    return phone, email


def _agent(party: Party, whose: str, *, at: datetime) -> Party:
    rows = Membership.objects.in_force(at).filter(organisation=party, kind=MembershipKind.AGENT)
    for membership in rows.select_related("person__account"):
        if str(membership.person_id) == whose:
            return membership.person
    raise NotAllowed(_("这个人现在不是它的经办人。"))


def _reached(person: Party) -> tuple[str, str]:
    account = getattr(person, "account", None)
    return person.phone or (account.phone if account else "") or "", person.email or (
        account.email if account else ""
    ) or ""
