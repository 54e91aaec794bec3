"""Every write to people, enterprises, departments and places."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM, actor_for
from zerotrip.parties.models import (
    HANDS,
    LEADING_ROLES,
    Absence,
    Area,
    AreaLevel,
    Membership,
    MembershipKind,
    Party,
    PartyKind,
    Role,
    User,
)
from zerotrip.questions.kinds import is_uscc

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor


@transaction.atomic
def declare_area(
    *, code: str, name: str, level: str, by: Actor, at: datetime, name_en: str = "", parent: str | None = None
) -> Area:
    """Make the area ``code`` or bring its names up to date. The parent is declared before its parts.

    Raises Refused when the area is known under another parent or on another level: rows all over
    the database carry its path.
    """
    above = Area.objects.get(pk=parent).path if parent else "/"
    area, made = Area.objects.select_for_update(of=("self",)).get_or_create(
        code=code,
        defaults={
            "name": name,
            "name_en": name_en,
            "level": AreaLevel(level),
            "parent_id": parent,
            "path": f"{above}{code}/",
        },
    )
    if made or (area.name, area.name_en, area.level, area.path) == (name, name_en, level, f"{above}{code}/"):
        return area
    if area.path != f"{above}{code}/" or area.level != level:
        raise Refused(_("区划 %(code)s 已在另一处登记，不能移动。") % {"code": code})
    area.name, area.name_en = name, name_en
    area.save(update_fields=["name", "name_en"])
    return area


@transaction.atomic
def declare_department(
    *,
    code: str,
    name: str,
    area: str,
    by: Actor,
    at: datetime,
    name_en: str = "",
    part_of: str | None = None,
    uscc: str = "",
    phone: str = "",
) -> Party:
    """Make the department ``code`` of an area or bring its names up to date.

    ``part_of`` is the code of a department of the same area, declared before. Raises Refused when
    the USCC belongs to another live party.
    """
    path = Area.objects.get(pk=area).path
    live = Party.objects.live()
    above = live.get(kind=PartyKind.DEPARTMENT, code=part_of, area_path=path) if part_of else None
    department = live.select_for_update(of=("self",)).filter(code=code, area_path=path).first()
    if uscc and live.filter(uscc=uscc).exclude(code=code, area_path=path).exists():
        raise Refused(_("统一社会信用代码 %(uscc)s 已属于另一主体。") % {"uscc": uscc})
    if department is None:
        return Party.objects.create(
            kind=PartyKind.DEPARTMENT,
            code=code,
            name=name,
            name_en=name_en,
            uscc=uscc,
            phone=phone,
            area_path=path,
            parent=above,
            created_at=at,
        )
    changes = {"name": name, "name_en": name_en, "uscc": uscc, "phone": phone, "parent": above}
    if any(getattr(department, field) != value for field, value in changes.items()):
        for field, value in changes.items():
            setattr(department, field, value)
        department.save(update_fields=list(changes))
    return department


@transaction.atomic
def declare_team(*, code: str, name: str, area: str, by: Actor, at: datetime, name_en: str = "") -> Party:
    """Make the team (专班) ``code`` of an area or bring its names up to date. People join it by ``appoint``.

    Raises Refused when a department there has this code.
    """
    path = Area.objects.get(pk=area).path
    live = Party.objects.live().select_for_update(of=("self",))
    team = live.filter(code=code, area_path=path).first()
    if team is None:
        team = Party(kind=PartyKind.TEAM, code=code, area_path=path, created_at=at)
    elif team.kind != PartyKind.TEAM:
        raise Refused(_("这里已有代码为“%(code)s”的部门，专班请换一个代码。") % {"code": code})
    elif (team.name, team.name_en) == (name, name_en):
        return team
    team.name, team.name_en = name, name_en
    ledger.append(team, "declare_team", by=by, at=at, details={"name": name})
    team.save()
    return team


@transaction.atomic
def account_at(*, at: datetime, email: str = "", phone: str = "") -> User:
    """The account that signs in at this address; a new one for an address nobody has.

    Made alike for known and unknown addresses, so that signing in does not tell which are known.
    An account nobody ever signs in to is swept after a day.
    """
    found = _account(email, phone)
    if found is not None:
        return found
    person = Party(kind=PartyKind.PERSON, name="", phone=phone, email=email, created_at=at)
    try:
        with transaction.atomic():
            ledger.append(person, "register", by=SYSTEM, at=at)
            person.save(force_insert=True)
            return User.objects.create_user(person=person, email=email, phone=phone or None, created_at=at)
    except IntegrityError:
        return User.objects.get(email=email) if email else User.objects.get(phone=phone)


def _account(email: str, phone: str) -> User | None:
    users = User.objects.select_related("person")
    return users.filter(email=email).first() if email else users.filter(phone=phone).first()


@transaction.atomic
def sweep_accounts(*, before: datetime) -> int:
    """Delete accounts made before a moment that nobody ever signed in to. Returns how many."""
    unused = User.objects.filter(last_login=None, created_at__lt=before, person__name="")
    people = list(unused.values_list("person_id", flat=True))
    unused.delete()
    Party.objects.filter(pk__in=people).delete()
    return len(people)


@transaction.atomic
def name_person(person: Party, *, name: str, by: Actor, at: datetime) -> Party:
    """A new person says their name. Raises Invalid when it is none, Refused when they have said another."""
    name = _clean_name(name, _("请填写您的真实姓名。"))
    row = Party.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if row.name == name:
        return row
    if row.name:
        raise Refused(_("姓名已经登记，不能自行更改。"))
    row.name = name
    ledger.append(row, "name", by=by, at=at)
    row.save(update_fields=["name", "ledger_length", "ledger_head"])
    return row


@transaction.atomic
def rename_person(person: Party, *, name: str, by: Actor, at: datetime) -> Party:
    """A person goes by another name from now on; the journal keeps both.

    What was signed, decided and journalled keeps the name of its day. Members of staff are named by
    their office: raises Refused when one renames themselves, Invalid for a name that is none.
    """
    name = _clean_name(name, _("请填写您的真实姓名。"))
    row = Party.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if row.name == name:
        return row
    seats = Membership.objects.in_force(at).filter(person=row, kind=MembershipKind.STAFF)
    if not by.is_system and seats.exists():
        raise Refused(_("工作人员的姓名由本部门登记，请联系本部门管理员更改。"))
    ledger.append(row, "rename", by=by, at=at, details={"from": row.name, "to": name})
    row.name = name
    row.save(update_fields=["name", "ledger_length", "ledger_head"])
    return row


def _clean_name(name: str, message: str) -> str:
    name = " ".join(name.split())
    if not 1 < len(name) <= 120 or not name.isprintable():
        raise Invalid(message, {"name": [message]})
    return name


@transaction.atomic
def claim_enterprise(*, name: str, uscc: str, by: Actor, at: datetime) -> Party:
    """Register an enterprise and act for it from now on.

    The first to register one acts for it; after that somebody who does adds the others (decision 10).
    Raises Invalid for a name or code that does not pass, Refused when others act for it already.
    """
    uscc = uscc.upper()
    if not is_uscc(uscc):
        text = _("统一社会信用代码不对，请对照营业执照逐位核对 18 位。")
        raise Invalid(text, {"uscc": [text]})
    name = _clean_name(name, _("请填写营业执照上的企业名称。"))
    firm = _locked_by_uscc(uscc) or _insert_enterprise(name, uscc, by=by, at=at)
    if firm.kind != PartyKind.ENTERPRISE:
        raise Refused(_("这个代码属于机关单位，不能登记为企业。"))
    agents = Membership.objects.in_force(at).filter(organisation=firm, kind=MembershipKind.AGENT)
    if agents.filter(person=by.person_id).exists():
        return firm
    if agents.exists():
        raise Refused(_("这家企业已有经办人。请让现有经办人在“个人和企业”里添加您。"))
    _begin_agency(firm, by.person, by=by, at=at)
    return firm


def _locked_by_uscc(uscc: str) -> Party | None:
    """The live enterprise of a code; of one that was merged into another, that other."""
    locked = Party.objects.live().select_for_update(of=("self",))
    found = locked.filter(uscc=uscc).first()
    if found is not None:
        return found
    merged = Party.objects.filter(uscc=uscc, merged_into__isnull=False).order_by("-ended_at").first()
    return locked.filter(pk=merged.merged_into_id).first() if merged and merged.merged_into_id else None


def _insert_enterprise(name: str, uscc: str, *, by: Actor, at: datetime) -> Party:
    """A new enterprise, or the one that somebody else, or a second click, has just made."""
    firm = Party(kind=PartyKind.ENTERPRISE, name=name, uscc=uscc, created_at=at)
    try:
        with transaction.atomic():
            ledger.append(firm, "register", by=by, at=at, details={"uscc": uscc})
            firm.save(force_insert=True)
    except IntegrityError:
        return Party.objects.live().select_for_update(of=("self",)).get(uscc=uscc)
    return firm


def _begin_agency(firm: Party, person_id: UUID, *, by: Actor, at: datetime) -> None:
    """Somebody acts for a firm from now on; whoever does is not its named helper any longer."""
    _stop_helping(firm, person_id, by=by, at=at)
    Membership.objects.create(
        person_id=person_id, organisation=firm, kind=MembershipKind.AGENT, during=DateTimeTZRange(at, None)
    )
    ledger.append(firm, "agent_begins", by=by, at=at, details={"person": str(person_id)})
    firm.save(update_fields=["ledger_length", "ledger_head"])


def _stop_helping(firm: Party, person_id: UUID, *, by: Actor, at: datetime) -> None:
    for one in Membership.objects.named().filter(organisation=firm, person=person_id):
        one.during = DateTimeTZRange(one.during.lower, max(at, one.during.lower))
        one.save(update_fields=["during"])
        details = {"person": str(person_id), "subject": one.subject}
        ledger.append(firm, "helper_ends", by=by, at=at, details=details)


@transaction.atomic
def add_agent(enterprise_id: UUID, *, by: Actor, at: datetime, email: str = "", phone: str = "") -> Party:
    """Let a colleague with an account act for an enterprise one acts for. Returns the colleague.

    Raises NotFound when ``by`` does not act for it or nobody named has that address.
    """
    firm = _represented(enterprise_id, by)
    colleague = _account(email, phone)
    if colleague is None or not colleague.is_active or not colleague.person.name:
        raise NotFound(_("没有找到这位同事。请对方先登录一次并填好姓名。"))
    agents = Membership.objects.in_force(at).filter(organisation=firm, kind=MembershipKind.AGENT)
    if not agents.filter(person=colleague.person_id).exists():
        _begin_agency(firm, colleague.person_id, by=by, at=at)
    return colleague.person


@transaction.atomic
def remove_agent(membership_id: UUID, *, by: Actor, at: datetime) -> None:
    """End an agency of an enterprise one acts for, from now on. Raises Refused for the last one."""
    in_force = Membership.objects.in_force(at).filter(kind=MembershipKind.AGENT)
    firm_id = in_force.filter(pk=membership_id).values_list("organisation", flat=True).first()
    if firm_id is None:
        raise NotFound(_("这项代办已经结束。"))
    firm = _represented(firm_id, by)
    agents = {agent.pk: agent for agent in in_force.filter(organisation=firm)}
    membership = agents.get(membership_id)
    if membership is None:  # ended while we waited for the enterprise's lock
        raise NotFound(_("这项代办已经结束。"))
    if len(agents) < 2:
        raise Refused(_("企业至少要有一位经办人，请先添加接替的人。"))
    membership.during = DateTimeTZRange(membership.during.lower, at)
    membership.save(update_fields=["during"])
    ledger.append(firm, "agent_ends", by=by, at=at, details={"person": str(membership.person_id)})
    firm.save(update_fields=["ledger_length", "ledger_head"])


def _represented(enterprise_id: UUID, by: Actor) -> Party:
    firm = Party.objects.live().select_for_update(of=("self",)).filter(pk=enterprise_id).first()
    if firm is None or enterprise_id not in by.represents:
        raise NotFound(_("没有找到这家企业，或您不是它的经办人。"))
    return firm


@transaction.atomic
def appoint(
    person: Party, *, department: Party, role: Role, by: Actor, at: datetime, area_path: str = ""
) -> Membership:
    """Give a person a seat in a department or a team from now on, over its area or a part of it.

    Raises Refused when they hold it already or the area is not the department's.
    """
    area_path = area_path or department.area_path
    if department.kind not in (PartyKind.DEPARTMENT, PartyKind.TEAM) or not area_path.startswith(
        department.area_path
    ):
        raise Refused(_("岗位只能设在部门或专班的辖区之内。"))
    try:
        with transaction.atomic():
            seat = Membership.objects.create(
                person=person,
                organisation=department,
                kind=MembershipKind.STAFF,
                role=role,
                area_path=area_path,
                during=DateTimeTZRange(at, None),
            )
    except IntegrityError as error:
        raise Refused(_("%(name)s已经在这个岗位上。") % {"name": person.name}) from error
    row = Party.objects.select_for_update(of=("self",)).get(pk=person.pk)
    ledger.append(row, "appoint", by=by, at=at, details={"department": department.code, "role": role.value})
    row.save(update_fields=["ledger_length", "ledger_head"])
    return seat


@transaction.atomic
def dismiss(seat: Membership, *, by: Actor, at: datetime) -> None:
    """End a seat now. Raises Refused when it has ended."""
    in_force = Membership.objects.in_force(at).filter(pk=seat.pk, kind=MembershipKind.STAFF)
    if not in_force.update(during=DateTimeTZRange(seat.during.lower, at)):
        raise Refused(_("这个岗位已经结束。"))
    row = Party.objects.select_for_update(of=("self",)).get(pk=seat.person_id)
    ledger.append(row, "dismiss", by=by, at=at, details={"role": seat.role})
    row.save(update_fields=["ledger_length", "ledger_head"])


@transaction.atomic
def add_staff(
    *, email: str, name: str, password: str, department: Party, roles: Iterable[Role], by: Actor, at: datetime
) -> User:
    """An account that signs in by password, with seats in a department from now on.

    Somebody known by this address keeps their name and gets the new password. Raises Invalid for a
    name that is none, Refused when a seat is held already or the address is another person's.
    """
    account = account_at(email=email.lower(), at=at)
    person = name_person(account.person, name=name, by=by, at=at)
    set_password(account, password, by=by, at=at)
    for role in roles:
        appoint(person, department=department, role=role, by=by, at=at)
    return account


@transaction.atomic
def end_staff(account: User, *, by: Actor, at: datetime) -> int:
    """End every seat of an account and its password; its sessions end with it. Returns how many seats.

    The person may go on signing in by code, for affairs of their own. Raises Refused without a seat.
    """
    seats = list(Membership.objects.in_force(at).filter(person=account.person_id, kind=MembershipKind.STAFF))
    if not seats:
        raise Refused(_("%(name)s没有岗位。") % {"name": account.person.name})
    for seat in seats:
        dismiss(seat, by=by, at=at)
    set_password(account, None, by=by, at=at)
    return len(seats)


LONGEST_ABSENCE = timedelta(days=366)


@transaction.atomic
def record_absence(
    person: Party, *, stand_in: Party, since: datetime, until: datetime, by: Actor, at: datetime
) -> Absence:
    """Somebody is away from ``since`` until ``until``; what is assigned to them may be done by ``stand_in``.

    By themselves or a leader of their department. Raises Invalid for a time that is none, Refused when
    the stand-in does not work where they do, is away too, or an absence is recorded already.
    """
    _require_may_record(person, by=by, at=at)
    if not since < until or until <= at or until - since > LONGEST_ABSENCE:
        text = _("请填写开始和结束日期：结束不早于今天，最长一年。")
        raise Invalid(text, {"until": [text]})
    rows = {row.pk: row for row in _locked(person.pk, stand_in.pk)}
    _require_can_stand_in(person, stand_in, during=DateTimeTZRange(since, until), at=at)
    try:
        with transaction.atomic():
            absence = Absence.objects.create(
                person=person,
                stand_in=stand_in,
                during=DateTimeTZRange(since, until),
                recorded_by_id=by.user_id,
                recorded_at=at,
            )
    except IntegrityError as error:
        raise Refused(_("这段时间已经登记过外出，请先取消原来的登记。")) from error
    details = {"since": since.isoformat(), "until": until.isoformat(), "stand_in": str(stand_in.pk)}
    _journal(rows[person.pk], "absence", by=by, at=at, details=details)
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, by: Actor, at: datetime) -> None:
    """Back earlier: the absence ends now, or falls away if it has not begun. Raises Refused when it is over."""
    _require_may_record(absence.person, by=by, at=at)
    (row,) = _locked(absence.person_id)
    held = Absence.objects.select_for_update(of=("self",)).not_over(at).filter(pk=absence.pk).first()
    if held is None:
        raise Refused(_("这次外出已经结束。"))
    if held.during.lower < at:
        held.during = DateTimeTZRange(held.during.lower, at)
        held.save(update_fields=["during"])
    else:
        held.delete()
    _journal(row, "absence_ends", by=by, at=at, details={"stand_in": str(absence.stand_in_id)})


def _require_may_record(person: Party, *, by: Actor, at: datetime) -> None:
    if by.is_system or by.person_id == person.pk:
        return
    seats = Membership.objects.in_force(at).filter(person=person, kind=MembershipKind.STAFF)
    for department, area_path in seats.values_list("organisation", "area_path"):
        if by.sits(department_id=department, area_path=area_path, roles=LEADING_ROLES):
            return
    raise NotAllowed(_("外出由本人或本部门负责人登记。"))


def _require_can_stand_in(person: Party, stand_in: Party, *, during: DateTimeTZRange, at: datetime) -> None:
    """The stand-in works in every department in which the absent does, over the same area, and is there."""
    account = User.objects.filter(person=stand_in, is_active=True).first()
    other = actor_for(account, at=at) if account is not None and stand_in.pk != person.pk else None
    seats = Membership.objects.in_force(at).filter(person=person, kind=MembershipKind.STAFF, role__in=HANDS)
    places = list(seats.values_list("organisation", "area_path"))
    if not places:
        raise Refused(_("%(name)s没有办理岗位，不用代班。") % {"name": person.name})
    if other is None or not all(
        other.sits(department_id=department, area_path=area_path, roles=HANDS) for department, area_path in places
    ):
        raise Refused(_("代班人须是同一部门、同一辖区有办理岗位的另一位同事。"))
    meanwhile = Absence.objects.filter(during__overlap=during)
    if meanwhile.filter(person=stand_in).exists():
        raise Refused(_("%(name)s这段时间也外出，请另选代班人。") % {"name": stand_in.name})
    if meanwhile.filter(stand_in=person).exists():
        raise Refused(_("%(name)s这段时间正为别人代班，请先改由他人代班。") % {"name": person.name})


def _locked(*people: UUID) -> list[Party]:
    return list(Party.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk"))


def _journal(row: Party, action: str, *, by: Actor, at: datetime, details: dict[str, str]) -> None:
    ledger.append(row, action, by=by, at=at, details=details)
    row.save(update_fields=["ledger_length", "ledger_head"])


@transaction.atomic
def set_password(account: User, password: str | None, *, by: Actor, at: datetime) -> None:
    """Give an account a password, or none; whoever is signed in with the old one is out."""
    account.set_password(password)
    account.save(update_fields=["password"])
    person = Party.objects.select_for_update(of=("self",)).get(pk=account.person_id)
    ledger.append(person, "password", by=by, at=at)
    person.save(update_fields=["ledger_length", "ledger_head"])


def prefer_language(language: str, *, by: Actor) -> None:
    """Write to somebody in this language from now on."""
    User.objects.filter(pk=by.account).exclude(language=language).update(language=language)
