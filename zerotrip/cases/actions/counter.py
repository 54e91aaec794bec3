"""At the counter and on the phone: a clerk opens a case for somebody, or goes on with theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.access import is_on_applicants_side
from zerotrip.cases.actions.draft import open_case
from zerotrip.cases.models import Case, Confirmation, Door, Means, Purpose
from zerotrip.cases.states import Status
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.parties.access import power_of
from zerotrip.parties.mandates import LONGEST_MANDATE, confirm_mandate, give_mandate
from zerotrip.parties.models import (
    Deed,
    Given,
    Mandate,
    MandateKind,
    Membership,
    MembershipKind,
    Party,
    Role,
    User,
)
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from collections.abc import Collection

    from zerotrip.catalogue.models import Service
    from zerotrip.files.models import Blob
    from zerotrip.parties.access import Actor

ASSISTED = (Deed.FILL, Deed.SUBMIT, Deed.CORRECT)
"""What a clerk may do for somebody who is there. Taking an application back is their own to do."""
STATEMENTS = {
    Given.COUNTER: "申请人到窗口当面提出申请并交来材料，要求工作人员代为录入。",
    Given.PHONE: "申请人来电提出申请，要求工作人员代为录入。",
}
"""What is kept of the applicant's wish, where they signed nothing yet."""
DOORS = {Given.COUNTER: Door.DESK, Given.PHONE: Door.PHONE}
"""The door a case comes in by, where a clerk begins it."""


def require_counter(by: Actor) -> None:
    """Raise NotAllowed for whoever takes in no applications."""
    if not by.seats_as(Role.CLERK):
        raise NotAllowed(_("窗口收件由受理岗位的工作人员办理。"))


def end_of_day(at: datetime) -> datetime:
    """The end of the day in China: so long a clerk may help somebody who is there."""
    return datetime.combine(at.astimezone(CHINA).date() + timedelta(days=1), time(), tzinfo=CHINA)


@transaction.atomic
def open_at_counter(
    *,
    service: Service,
    applicant: Party,
    contact: User,
    given: Given,
    case_id: UUID,
    by: Actor,
    at: datetime,
    authority: Blob | None = None,
) -> Case:
    """Begin a draft for somebody who came or rang. The same ``case_id`` opens only one case.

    ``contact`` is the person who is there. For an enterprise they do not act for yet, ``authority`` is
    the power of attorney they brought, under which they go on with this one case themselves. Raises
    NotAllowed for whoever is no clerk, Refused for one's own case, Invalid without an authority, and as
    ``open_case`` does.
    """
    found = Case.objects.filter(pk=case_id, applicant=applicant).first()
    if found is not None:
        require_counter(by)
        return found
    acting = admit(applicant, contact, case_id, given, by=by, at=at, authority=authority)
    return open_case(
        service=service, applicant=applicant, by=acting, at=at, case_id=case_id, door=DOORS.get(given, Door.DESK)
    )


@transaction.atomic
def admit(
    applicant: Party,
    contact: User,
    case_id: UUID,
    given: Given,
    *,
    by: Actor,
    at: datetime,
    authority: Blob | None = None,
) -> Actor:
    """The clerk with a mandate for a case of somebody who is there, before its draft begins. Twice is once.

    Raises as ``open_at_counter``.
    """
    require_counter(by)
    if applicant.pk in by.acts_for:
        raise Refused(_("您本人或您所代表企业的事项，请像其他申请人一样在网上办理。"))
    if any(power.case_id == case_id and power.principal_id == applicant.pk for power in by.powers):
        return by
    if applicant.pk != contact.person_id:
        _delegate(applicant, contact, case_id, authority, given, by=by, at=at)
    return assist(applicant, case_id, given, by=by, at=at)


def assist(
    applicant: Party, case_id: UUID, given: Given, *, by: Actor, at: datetime, evidence: Blob | None = None
) -> Actor:
    """The clerk with a mandate to key in one case until the end of the day."""
    account = User.objects.get(pk=by.account)
    mandate = give_mandate(
        applicant,
        account,
        kind=MandateKind.ASSISTED,
        given=given,
        deeds=ASSISTED,
        until=end_of_day(at),
        case=case_id,
        evidence=evidence,
        statement=STATEMENTS[given],
        by=by,
        at=at,
    )
    return replace(by, powers=(*by.powers, power_of(mandate)))


def _delegate(
    firm: Party, contact: User, case_id: UUID, authority: Blob | None, given: Given, *, by: Actor, at: datetime
) -> None:
    """Let whoever came for an enterprise go on with this case, unless they act for all of it anyway."""
    agents = Membership.objects.in_force(at).filter(organisation=firm, kind=MembershipKind.AGENT)
    if agents.filter(person=contact.person_id).exists():
        return
    if authority is None:
        text = _("来人还不是这家企业的经办人，请上传企业盖章的授权委托书。")
        raise Invalid(text, {"authority": [text]})
    give_mandate(
        firm,
        contact,
        kind=MandateKind.DELEGATED,
        given=given,
        deeds=tuple(Deed),
        until=at + LONGEST_MANDATE,
        case=case_id,
        evidence=authority,
        by=by,
        at=at,
    )


@transaction.atomic
def record_mandate(
    principal: Party,
    agent: User,
    *,
    services: Collection[str],
    deeds: Collection[Deed],
    until: datetime,
    paper: Blob | None,
    key: UUID,
    by: Actor,
    at: datetime,
) -> Mandate:
    """Keep a mandate for more than one case (委托), with the paper its principal signed.

    It is in force once they say yes, or a second clerk has compared the signature. Raises NotAllowed for
    whoever is no clerk, Refused for one's own, Invalid as ``give_mandate``.
    """
    require_counter(by)
    if principal.pk in by.acts_for or agent.pk == by.account:
        raise Refused(_("和您本人有关的授权，请由另一位工作人员登记。"))
    return give_mandate(
        principal,
        agent,
        kind=MandateKind.DELEGATED,
        given=Given.COUNTER,
        deeds=deeds,
        services=services,
        until=until,
        evidence=paper,
        awaits=True,
        key=key,
        by=by,
        at=at,
    )


def confirm_signature(mandate: Mandate, *, by: Actor, at: datetime) -> Mandate:
    """A second clerk compared the signed paper with what was recorded. Raises as ``confirm_mandate``."""
    require_counter(by)
    if mandate.principal_id in by.acts_for:
        raise Refused(_("和您本人有关的授权，请由另一位工作人员核对。"))
    return confirm_mandate(mandate.pk, confirmed_by=by.account, by=by, at=at)


def case_to_take_over(number: str, *, by: Actor) -> Case:
    """The draft, or the case to be corrected, that an applicant at the counter names. Raises NotFound, Refused."""
    require_counter(by)
    case = Case.objects.select_related("applicant", "version").filter(number=number.strip().upper()).first()
    if case is None:
        raise NotFound(_("没有找到这个办件，或手机号与办件不符。请与申请人核对。"))
    if case.applicant_id in by.acts_for:
        raise Refused(_("您本人或您所代表企业的事项，请像其他申请人一样在网上办理。"))
    return case


@transaction.atomic
def take_over(confirmation: Confirmation, given: Given, *, by: Actor, at: datetime) -> Case:
    """Go on at the counter with what was begun elsewhere, on the applicant's yes. Until the end of the day.

    Raises Refused without that yes, Stale when the case waits for nothing from the applicant.
    """
    require_counter(by)
    said = Confirmation.objects.select_related("paper").get(pk=confirmation.pk)
    agreed = said.confirmed_at is not None and said.asked_by_id == by.account
    if said.purpose != Purpose.TAKE_OVER or said.case_id is None or not agreed:
        raise Refused(_("申请人还没有同意由窗口接着办。"))
    case = Case.objects.select_for_update(of=("self",)).select_related("applicant").get(pk=said.case_id)
    if case.status not in (Status.DRAFT, Status.CORRECTING):
        raise Stale(_("这个办件现在不用申请人填写或补正。"))
    if not is_on_applicants_side(case, by):
        evidence = said.paper if said.means == Means.PAPER else None
        assist(case.applicant, case.pk, given, by=by, at=at, evidence=evidence)
    return case
