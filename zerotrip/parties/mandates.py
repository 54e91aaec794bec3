"""Acting in another's name: mandates given and revoked, and applicants whom a clerk registers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties import seals
from zerotrip.parties.actions import account_at, name_person
from zerotrip.parties.models import Deed, Given, Mandate, MandateKind, Party, PartyKind, User
from zerotrip.questions.kinds import is_identity_number, is_uscc

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from zerotrip.files.models import Blob
    from zerotrip.parties.access import Actor

PHONE = re.compile(r"1[3-9][0-9]{9}\Z")
"""A mobile number of mainland China."""
LONGEST_MANDATE = timedelta(days=366)
"""A mandate is renewed once a year at least, so that none is forgotten."""


@transaction.atomic
def give_mandate(
    principal: Party,
    agent: User,
    *,
    kind: MandateKind,
    given: Given,
    deeds: Collection[Deed],
    until: datetime,
    by: Actor,
    at: datetime,
    case: UUID | None = None,
    services: Collection[str] = (),
    evidence: Blob | None = None,
    statement: str = "",
    awaits: bool = False,
    key: UUID | None = None,
) -> Mandate:
    """Let an account act for a party from now until ``until``, in one case or in some services; one that
    ``awaits`` its principal's yes once it was confirmed. The same ``key`` gives one mandate, and so does the
    same again while it holds.

    Raises Invalid for an end that is past or more than a year away, for steps or services left out and
    for want of evidence; Refused for an agent who is, or already represents, the principal; Stale for the
    ``key`` of another's.
    """
    if key is not None and (found := Mandate.objects.filter(pk=key).first()) is not None:
        if found.principal_id != principal.pk:
            raise Stale(_("这一页已经用过，请重新打开后再试。"))
        return found
    problems: dict[str, list[str]] = {}
    if not at < until <= at + LONGEST_MANDATE:
        problems["until"] = [_("请填写授权截止日期：不早于今天，最长一年。")]
    if not deeds:
        problems["deeds"] = [_("请选择授权的事情。")]
    if case is None and not services:
        problems["services"] = [_("请选择授权的事项。")]
    if evidence is None and not statement.strip():
        problems["evidence"] = [_("请上传签字的授权委托书。")]
    if problems:
        raise Invalid(_("授权还不完整。"), problems)
    if agent.person_id == principal.pk:
        raise Refused(_("不能授权给申请人自己。"))
    held = Party.objects.live().select_for_update(of=("self",)).get(pk=principal.pk)
    same = {
        "principal": held,
        "agent": agent,
        "kind": kind,
        "given": given,
        "deeds": sorted(deeds),
        "services": sorted(services) if case is None else [],
        "case": case,
        "evidence": evidence,
        "awaits": awaits,
    }
    known = Mandate.objects.filter(**same, during__endswith=until, revoked_at=None).first()
    if known is not None:
        return known
    mandate = Mandate.objects.create(
        id=key or new_id(),
        **same,
        during=DateTimeTZRange(at, until),
        statement=statement.strip(),
        recorded_by_id=by.account,
        recorded_at=at,
    )
    details = {"mandate": str(mandate.pk), "agent": str(agent.pk), "kind": kind.value, "until": until.isoformat()}
    ledger.append(held, "mandate", by=by, at=at, details=details)
    held.save(update_fields=["ledger_length", "ledger_head"])
    return mandate


@transaction.atomic
def confirm_mandate(mandate_id: UUID, *, confirmed_by: UUID, by: Actor, at: datetime) -> Mandate:
    """Let a mandate that a clerk recorded be in force: its principal said yes, or a second clerk compared
    the signature. Confirmed already, nothing changes.

    Raises Refused for whoever recorded it and for its agent, and when it has ended.
    """
    mandate = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate_id)
    if not mandate.awaits:
        return mandate
    if confirmed_by in (mandate.recorded_by_id, mandate.agent_id):
        raise Refused(_("登记人和代办人不能自己确认，请由委托人或者另一位工作人员确认。"))
    if mandate.revoked_at is not None or mandate.during.upper <= at:
        raise Refused(_("这项授权已经结束。"))
    mandate.awaits, mandate.confirmed_at, mandate.confirmed_by_id = False, at, confirmed_by
    mandate.save(update_fields=["awaits", "confirmed_at", "confirmed_by"])
    held = Party.objects.select_for_update(of=("self",)).get(pk=mandate.principal_id)
    details = {"mandate": str(mandate.pk), "confirmed_by": str(confirmed_by)}
    ledger.append(held, "mandate_confirmed", by=by, at=at, details=details)
    held.save(update_fields=["ledger_length", "ledger_head"])
    return mandate


@transaction.atomic
def revoke_mandate(mandate_id: UUID, *, by: Actor, at: datetime) -> Mandate:
    """End a mandate now: by its principal's side, or by its agent, who lays it down; one that was never
    confirmed also by the clerk who recorded it.

    Whether its agent is in the middle of filing does not matter: the draft stays with the principal.
    Raises NotFound for whoever is neither, Refused when it has ended.
    """
    mandate = Mandate.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=mandate_id).first()
    theirs = mandate is not None and (mandate.principal_id in by.acts_for or mandate.agent_id == by.user_id)
    if mandate is None or not (theirs or (mandate.awaits and mandate.recorded_by_id == by.user_id)):
        raise NotFound(_("没有找到这项授权。"))
    if mandate.revoked_at is not None or mandate.during.upper <= at:
        raise Refused(_("这项授权已经结束。"))
    mandate.revoked_at, mandate.revoked_by_id = at, by.account
    mandate.save(update_fields=["revoked_at", "revoked_by"])
    held = Party.objects.select_for_update(of=("self",)).get(pk=mandate.principal_id)
    ledger.append(held, "mandate_ends", by=by, at=at, details={"mandate": str(mandate.pk)})
    held.save(update_fields=["ledger_length", "ledger_head"])
    return mandate


def ended_mandate(actor: Actor, *, party: UUID, service: str, case: UUID, at: datetime) -> datetime | None:
    """When the last mandate ended under which this account could act in a case; None: it had none."""
    mine = Mandate.objects.filter(agent=actor.user_id, principal=party, during__startswith__lte=at, awaits=False)
    ends = [
        min(filter(None, (mandate.during.upper, mandate.revoked_at)))
        for mandate in mine
        if mandate.case == case or service in mandate.services
    ]
    return max((end for end in ends if end <= at), default=None)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the counter or on the phone, as the clerk typed them."""

    name: str
    phone: str = ""
    email: str = ""
    identity_number: str = ""


@transaction.atomic
def register_person(typed: Person, *, by: Actor, at: datetime) -> User:
    """The account of somebody who came or called: theirs if there is one, else a new one.

    Whoever signs in later at this phone or e-mail address is this very person, with all their cases.
    Raises Invalid for what does not pass, Refused when the address or the identity number belongs to
    somebody of another name: nobody is told whose.
    """
    name, phone, email = " ".join(typed.name.split()), typed.phone.strip(), typed.email.strip().lower()
    number = typed.identity_number.strip().upper()
    problems: dict[str, list[str]] = {}
    if not 1 < len(name) <= 120 or not name.isprintable():
        problems["name"] = [_("请填写与证件一致的姓名。")]
    if not PHONE.match(phone) and not (not phone and email):
        problems["phone"] = [_("请填写 11 位手机号。没有手机的，填电子邮箱。")]
    if number and not is_identity_number(number):
        problems["identity_number"] = [_("身份证号码不对，请逐位核对 18 位。")]
    if problems:
        raise Invalid(_("申请人信息还不完整。"), problems)
    account = _by_number(number) or account_at(at=at, **({"phone": phone} if phone else {"email": email}))
    if account.person.name and account.person.name != name:
        raise _another()
    if not account.is_active:
        raise Refused(_("这个账号已停用，请联系管理员。"))
    if not account.person.name:
        account.person = name_person(account.person, name=name, by=by, at=at)
    if number:
        _keep_number(account.person, number, by=by, at=at)
    return account


def _by_number(number: str) -> User | None:
    if not number:
        return None
    found = User.objects.filter(person__ric_digest=seals.digest(number), person__ended_at=None)
    return found.select_related("person").first()


def _another() -> Invalid:
    text = _("这个手机号、邮箱或身份证号码登记的是另一个姓名。请与申请人核对；更正姓名须由本人登录办理。")
    return Invalid(text, {"name": [text]})


def _keep_number(person: Party, number: str, *, by: Actor, at: datetime) -> None:
    """Seal an identity number on a person. The database lets a number belong to one live party only."""
    digest = seals.digest(number)
    row = Party.objects.select_for_update(of=("self",)).get(pk=person.pk)
    known = bytes(row.ric_digest) if row.ric_digest is not None else None
    if known == digest:
        return
    if known is not None:
        raise _another()
    row.ric_digest, row.ric_sealed = digest, seals.seal(number).encode()
    ledger.append(row, "identity_number", by=by, at=at, details={"masked": seals.mask(number)})
    try:
        with transaction.atomic():
            row.save(update_fields=["ric_digest", "ric_sealed", "ledger_length", "ledger_head"])
    except IntegrityError as error:
        raise _another() from error


@transaction.atomic
def register_enterprise(*, name: str, uscc: str, by: Actor, at: datetime) -> Party:
    """The enterprise with this code: the one there is, else a new one for which nobody acts yet.

    Raises Invalid for a name or code that does not pass, or a code known under another name.
    """
    name, uscc = " ".join(name.split()), uscc.strip().upper()
    problems: dict[str, list[str]] = {}
    if not 1 < len(name) <= 120 or not name.isprintable():
        problems["firm"] = [_("请填写营业执照上的企业名称。")]
    if not is_uscc(uscc):
        problems["uscc"] = [_("统一社会信用代码不对，请对照营业执照逐位核对 18 位。")]
    if problems:
        raise Invalid(_("申请人信息还不完整。"), problems)
    firm = Party.objects.live().filter(uscc=uscc).first()
    if firm is None:
        firm = Party(kind=PartyKind.ENTERPRISE, name=name, uscc=uscc, created_at=at)
        try:
            with transaction.atomic():
                ledger.append(firm, "register", by=by, at=at, details={"uscc": uscc})
                firm.save(force_insert=True)
        except IntegrityError:
            firm = Party.objects.live().get(uscc=uscc)
    if firm.kind != PartyKind.ENTERPRISE or firm.name != name:
        text = _("这个代码登记的名称不一样，请对照营业执照核对名称和代码。")
        raise Invalid(text, {"firm": [text]})
    return firm
