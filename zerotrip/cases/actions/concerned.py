"""Third parties whose major interest a licence touches: recorded, told in writing, heard (行政许可法 art. 36)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from zerotrip.cases import clocks
from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import Challenge, Channel, Concerned, HearingNotice, Telling
from zerotrip.cases.models.challenge import Stage as ChallengeStage
from zerotrip.cases.states import Step
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotFound, Refused, Stale
from zerotrip.parties.models import User
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.cases.models import Assignment
    from zerotrip.parties.access import Actor

LONGEST_NAME, LONGEST_CONTACT = 80, 120
AT_A_TIME = 1000
"""How many are wiped in one transaction."""


def hear(assignment: Assignment, what: str, *, by: Actor, at: datetime, key: str, **facts: str) -> Work:
    """Begin to do one thing about a hearing. The same press again comes back ``replayed``."""
    said = {"stage": assignment.stage, "what": what, **facts}
    return begin(Step.HEAR, assignment.case_id, assignment_id=assignment.pk, by=by, at=at, key=key, same=said)


@transaction.atomic
def record_concerned(
    assignment: Assignment,
    *,
    name: str,
    contact: str,
    interest: str,
    concerned: UUID,
    by: Actor,
    at: datetime,
    key: str = "",
) -> Concerned:
    """Record somebody whose major interest the licence touches. ``concerned`` is made by the page: sent
    twice, it counts once. Whoever's phone it is here is known as the party they are.

    Raises Invalid for what is missing or for the applicant, Refused once the case is being heard.
    """
    work = hear(assignment, "concerned", by=by, at=at, key=key, concerned=str(concerned))
    before = next((one for one in work.heard.concerned if one.pk == concerned), None)
    if before is not None:
        return before
    if work.heard.hearing is not None and work.heard.hearing.kept_at is not None:
        raise Refused(_("听证笔录已经存档，不能再增加利害关系人。"))
    name, contact, interest = name.strip(), contact.strip(), interest.strip()
    problems: dict[str, list[str]] = {}
    if not name or len(name) > LONGEST_NAME:
        problems["name"] = [_("请填写姓名或者单位名称。")]
    if not contact or len(contact) > LONGEST_CONTACT:
        problems["contact"] = [_("请填写电话或者通信地址，告知要送得到。")]
    if not interest:
        problems["interest"] = [_("请写明这项许可涉及其什么重大利益。")]
    party = User.objects.filter(phone=contact, is_active=True).values_list("person", flat=True).first()
    if party is not None and party == work.case.applicant_id:
        problems["contact"] = [_("这是申请人的电话，利害关系人是申请人以外的人。")]
    if problems:
        raise Invalid(_("请把利害关系人的情况补充完整。"), problems)
    made = Concerned(
        pk=concerned,
        case_id=work.case.pk,
        name=name,
        contact=contact,
        interest=interest,
        party_id=party,
        recorded_by_id=by.account,
        recorded_at=at,
    )
    work.writes.insert(made)
    work.stay(details={"what": "concerned", "concerned": str(made.pk)})
    work.done()
    return made


@transaction.atomic
def forget_concerned(assignment: Assignment, concerned: UUID, *, by: Actor, at: datetime, key: str = "") -> None:
    """Take back somebody recorded by mistake. Raises Refused once they were told of anything."""
    work = hear(assignment, "forgotten", by=by, at=at, key=key, concerned=str(concerned))
    found = next((one for one in work.heard.concerned if one.pk == concerned), None)
    if found is None:
        return
    if any(one.concerned_id == concerned for one in work.heard.tellings):
        raise Refused(_("已经告知过%(name)s，不能删除。") % {"name": found.name})
    found.delete()
    work.stay(details={"what": "forgotten", "concerned": str(concerned)})
    work.done()


@transaction.atomic
def tell_concerned(
    assignment: Assignment, concerned: UUID, *, via: str, by: Actor, at: datetime, key: str = ""
) -> Telling:
    """Tell somebody concerned in writing, and the applicant with them, that they may state their view, and
    until when. Told already, nothing happens again.

    Raises NotFound for somebody else, Invalid for a way on which they cannot be reached.
    """
    work = hear(assignment, "view", by=by, at=at, key=key, concerned=str(concerned))
    one = person(work, concerned)
    before = work.heard.told(HearingNotice.VIEW, one.pk)
    if before is not None:
        return before
    calendar = calendar_for(work.case.area_path)
    until = clocks.stage_due(clocks.answer_of(work.spec), at=at, calendar=calendar)
    made = notify(work, HearingNotice.VIEW, one, via=via, until=until, interest=one.interest)
    work.stay(details={"what": "view", "concerned": str(one.pk), "via": made.via, "until": until.isoformat()})
    notify(work, HearingNotice.VIEW, None, about=one, until=until, interest=one.interest)
    work.done()
    return made


def person(work: Work, concerned: UUID) -> Concerned:
    """Somebody concerned by the case of this step. Raises NotFound."""
    found = next((one for one in work.heard.concerned if one.pk == concerned), None)
    if found is None:
        raise NotFound(_("没有找到这位利害关系人，可能已被删除。"))
    return found


def notify(
    work: Work,
    what: HearingNotice,
    to: Concerned | None,
    *,
    via: str = Channel.PORTAL,
    until: datetime | None = None,
    number: int = 1,
    about: Concerned | None = None,
    says: str = "",
    **context: Any,
) -> Telling:
    """Note that somebody concerned is told, or the applicant; whoever has an account here gets the notice.

    Raises Invalid at ``via`` for a way on which they cannot be reached.
    """
    require_way(to, via)
    made = Telling(
        case_id=work.case.pk,
        what=what,
        number=number,
        to_applicant=to is None,
        concerned=to or about,
        via=via,
        told_at=work.at,
        told_by_id=work.by.account,
        until=until,
        says=says,
    )
    work.writes.insert(made)
    template = f"{'hear' if to is None else 'third'}_{what}"
    if to is None:
        work.tell_applicant(template, due=until, **context)
    elif via == Channel.PORTAL and to.party_id is not None:
        said = {
            "service": work.spec.name.model_dump(),
            "subject": work.case.subject,
            "department": work.case.department.name,
            "due": until,
            **context,
        }
        key = f"{made.pk}:told"
        link = f"/heard/{made.pk}/"
        tell(work.writes, party=to.party_id, template=template, context=said, link=link, key=key, at=work.at)
    return made


def require_way(to: Concerned | None, via: str, *, place: str = "via") -> None:
    """Raise Invalid at ``place`` for a way on which somebody cannot be told."""
    if via not in Channel.values:
        raise Invalid(_("请选择告知方式。"), {place: [_("请选择告知方式。")]})
    if to is not None and via == Channel.PORTAL and to.party_id is None:
        text = _("%(name)s在本平台没有账号，请选择其他方式。") % {"name": to.name}
        raise Invalid(text, {place: [text]})


def require_not_held(work: Work) -> None:
    """Raise Stale once the minutes of a hearing are on file."""
    if work.heard.hearing is not None and work.heard.hearing.kept_at is not None:
        raise Stale(_("听证已经举行，笔录已经存档。"))


@transaction.atomic
def purge_contacts(*, at: datetime) -> int:
    """Wipe how those concerned are reached, ``settings.CONCERNED_KEEP`` days after the case closed, while no
    review and no lawsuit about it is open: the organ that decides may still want to call them.

    Who they are, what it touched and what they were told and said stays with the case. Returns how many were
    wiped.
    """
    open_challenge = Challenge.objects.filter(case=OuterRef("case")).exclude(stage=ChallengeStage.CLOSED)
    over = list(
        Concerned.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(~Exists(open_challenge), purged_at=None)
        .filter(case__closed_at__lte=at - timedelta(days=settings.CONCERNED_KEEP))
        .values_list("pk", flat=True)[:AT_A_TIME]
    )
    return Concerned.objects.filter(pk__in=over).update(contact="", purged_at=at)
