"""Reads over people, enterprises, departments and places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import CharField, F, Func, Q, Value
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zerotrip.errors import NotFound
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
    User,
)
from zerotrip.rows import fetch

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import MembershipQuerySet


def accounts_of(party_id: UUID, *, at: datetime) -> list[UUID]:
    """The accounts of a person, or of those who act for an enterprise at ``at``."""
    agents = Membership.objects.in_force(at).filter(organisation=party_id, kind=MembershipKind.AGENT)
    people = Q(person=party_id) | Q(person__in=agents.values("person"))
    return list(User.objects.filter(people, is_active=True).values_list("pk", flat=True))


def staff_of(department: UUID, roles: Collection[str], *, area_path: str, at: datetime) -> list[UUID]:
    """The accounts of those who hold one of ``roles`` in a department over an area at ``at``."""
    seats = (
        Membership.objects.in_force(at)
        .filter(organisation=department, kind=MembershipKind.STAFF, role__in=list(roles))
        .annotate(whole=Value(area_path))
        .filter(whole__startswith=F("area_path"))
    )
    return list(User.objects.filter(person__in=seats.values("person"), is_active=True).values_list("pk", flat=True))


def offices_above(office: UUID | None) -> Iterator[UUID]:
    """An office, then the one it is part of, and so on."""
    seen: set[UUID] = set()
    while office is not None and office not in seen:
        seen.add(office)
        yield office
        office = Party.objects.filter(pk=office).values_list("parent", flat=True).first()


def seats_over(roles: Collection[str], *, area_path: str, at: datetime) -> list[Membership]:
    """The seats of these roles, in whichever office, that serve a place: those of the nearest area first.

    Of those whose account is in use, with the account; who is away stands among them, see ``away``.
    """
    seats = (
        _in_use(roles, at)
        .annotate(whole=Value(area_path))
        .filter(whole__startswith=F("area_path"))
        .select_related("person__account", "organisation")
    )
    return sorted(seats, key=lambda seat: (-len(seat.area_path), seat.organisation.code, str(seat.person_id)))


def seats_about(roles: Collection[str], *, area_path: str, at: datetime) -> list[Membership]:
    """The seats of these roles, in whichever office, that serve a place, or a part of it."""
    about = Q(whole__startswith=F("area_path")) | Q(area_path__startswith=area_path)
    seats = _in_use(roles, at).annotate(whole=Value(area_path)).filter(about)
    return list(seats.order_by("area_path", "person"))


def _in_use(roles: Collection[str], at: datetime) -> MembershipQuerySet:
    """The seats of these roles whose account is in use, in offices that stand."""
    return (
        Membership.objects.in_force(at)
        .filter(kind=MembershipKind.STAFF, role__in=list(roles), person__account__is_active=True)
        .filter(organisation__ended_at=None)
    )


def away(people: Collection[UUID], *, at: datetime) -> dict[UUID, UUID]:
    """Those of these people who are away at ``at``, each with who stands in for them."""
    under_way = Absence.objects.in_force(at).filter(person__in=people)
    return dict(under_way.values_list("person", "stand_in"))


def seats_in_force(*, at: datetime) -> list[Membership]:
    """The seats held at ``at`` with who holds them where, by department and person."""
    seats = Membership.objects.in_force(at).filter(kind=MembershipKind.STAFF)
    return list(
        seats.select_related("person__account", "organisation").order_by(
            "organisation__area_path", "organisation__code", "person__name", "role"
        )
    )


def seat_ended(person: UUID, *, since: datetime, at: datetime) -> bool:
    """Whether a seat this person held has ended between ``since`` and ``at``."""
    ended = Q(during__endswith__gt=since, during__endswith__lte=at)
    return Membership.objects.filter(ended, person=person, kind=MembershipKind.STAFF).exists()


def colleagues(departments: Collection[UUID], *, at: datetime) -> list[Membership]:
    """The seats of those who do the work of cases in these departments, by name, with their accounts."""
    seats = Membership.objects.in_force(at).filter(
        organisation__in=departments,
        kind=MembershipKind.STAFF,
        role__in=HANDS,
        person__account__is_active=True,
    )
    return list(seats.select_related("person__account", "organisation").order_by("person__name", "person", "role"))


def absences(actor: Actor, *, at: datetime) -> list[Absence]:
    """The absences under way and to come of oneself, of those one stands in for, and of one's departments."""
    offices = {seat.department_id for seat in actor.seats}
    there = Membership.objects.in_force(at).filter(kind=MembershipKind.STAFF, organisation__in=offices)
    concerned = Q(person__in=there.values("person")) | Q(stand_in=actor.person_id) | Q(person=actor.person_id)
    found = Absence.objects.not_over(at).filter(concerned)
    return list(found.select_related("person", "stand_in").order_by("during", "pk"))


def areas_of_staff(people: Collection[UUID], *, at: datetime) -> dict[UUID, str]:
    """Where these members of staff have their work at ``at``: the area of the widest seat of each."""
    if not people:
        return {}
    seats = Membership.objects.in_force(at).filter(
        person__in=list(people), kind=MembershipKind.STAFF, role__in=HANDS
    )
    found: dict[UUID, str] = {}
    for person, path in seats.values_list("person", "area_path"):
        found[person] = min(found.get(person, path), path, key=len)
    return found


def led_by(actor: Actor) -> set[UUID]:
    """The departments whose people this actor answers for."""
    return {seat.department_id for seat in actor.seats_as(*LEADING_ROLES)}


def streets(area_paths: Collection[str]) -> list[tuple[str, str]]:
    """The subdistricts inside these areas in the order of a list: code and name."""
    inside = Q(pk__in=[])
    for path in set(area_paths):
        inside |= Q(path__startswith=path)
    rows = Area.objects.filter(inside, level=AreaLevel.SUBDISTRICT).order_by("path")
    english = (get_language() or "").startswith("en")
    return [(row.pk, (row.name_en if english else "") or row.name) for row in rows]


def staff_account(email: str, *, at: datetime) -> User:
    """The account of a member of staff. Raises NotFound when nobody at this address holds a seat."""
    seats = Membership.objects.in_force(at).filter(kind=MembershipKind.STAFF)
    found = User.objects.filter(email=email.lower(), person__in=seats.values("person")).first()
    if found is None:
        raise NotFound(f"{email} 没有岗位。")
    return found


def departments(codes: Collection[str], *, area_path: str = "") -> dict[str, Party]:
    """The live departments of these codes, in one query: for each code the one nearest above the area.

    Without an area, a code has to mean one department. Raises NotFound naming the codes that have no
    department over the area, or several where none was asked for.
    """
    rows = fetch(Party, kind=PartyKind.DEPARTMENT, code=sorted(set(codes)), ended_at=None)
    if area_path:
        rows = [row for row in rows if area_path.startswith(row.area_path)]
    found = {row.code: row for row in sorted(rows, key=lambda row: row.area_path)}
    if missing := sorted(set(codes) - set(found)):
        raise NotFound(
            _("没有登记管辖这里的部门：%(codes)s。请在服务包的 district.yaml 中声明。")
            % {"codes": _listed(missing)}
        )
    if not area_path and len(rows) > len(found):
        several = [code for code, count in Counter(row.code for row in rows).items() if count > 1]
        raise NotFound(_("几个区划都有这个部门，请写明区划：%(codes)s。") % {"codes": _listed(sorted(several))})
    return found


def _listed(codes: list[str]) -> str:
    return _("、").join(codes)


def area_path_of(code: str) -> str:
    """The path of an area; empty when there is none of this code."""
    return Area.objects.filter(pk=code).values_list("path", flat=True).first() or ""


def known_facts(applicant: Party, by: Actor, at: datetime, *, assisted: bool = False) -> dict[str, dict[str, Any]]:
    """What forms may be filled in with: ``applicant.name``, ``contact.phone`` and the like.

    ``assisted``: a clerk does the typing, and the contact is the person who is there, if known.
    """
    if assisted:
        account = User.objects.select_related("person").filter(person=applicant).first() or User()
        contact = applicant if applicant.kind == PartyKind.PERSON else Party()
    else:
        account = User.objects.select_related("person").get(pk=by.account)
        contact = account.person
    return {
        "applicant": {
            "kind": applicant.kind,
            "name": applicant.name,
            "uscc": applicant.uscc,
            "enterprise": {"name": applicant.name, "uscc": applicant.uscc},
            "phone": applicant.phone,
            "email": applicant.email,
            "address": applicant.address,
        },
        "contact": {
            "name": contact.name,
            "phone": contact.phone or account.phone or "",
            "email": contact.email or account.email or "",
        },
    }


def area_names(codes: Collection[str]) -> dict[str, str]:
    """Full names of areas below their city: ``示范区示范一街道春晖社区``, in English the narrowest first."""
    parts = Func(Func("path", Value("/"), function="string_to_array"), function="unnest", output_field=CharField())
    parts.set_returning = True
    above = Area.objects.filter(pk__in=set(codes)).annotate(part=parts).values("part")
    areas = {area.code: area for area in Area.objects.filter(pk__in=above)}
    chains = {code: [areas[part] for part in areas[code].path.split("/")[2:-1]] for code in codes if code in areas}
    if (get_language() or "").startswith("en"):
        return {code: ", ".join(a.name_en or a.name for a in reversed(chain)) for code, chain in chains.items()}
    return {code: "".join(area.name for area in chain) for code, chain in chains.items()}


def own_area_names(paths: Collection[str]) -> dict[str, str]:
    """What areas are called by themselves, by path: for lists inside the area around them."""
    english = (get_language() or "").startswith("en")
    rows = Area.objects.filter(path__in=paths).values_list("path", "name", "name_en")
    return {path: (name_en if english else "") or name for path, name, name_en in rows}


def phones_of(parties: Collection[UUID], *, at: datetime) -> dict[UUID, str]:
    """Where parties can be rung: at their own number, else at that of whoever has acted for them longest."""
    found = {pk: phone for pk, phone in Party.objects.filter(pk__in=parties).values_list("pk", "phone") if phone}
    agents = Membership.objects.in_force(at).filter(organisation__in=parties, kind=MembershipKind.AGENT)
    for party, phone in agents.order_by("during").values_list("organisation", "person__account__phone"):
        if phone and party not in found:
            found[party] = phone
    return found


def area_choices(area_path: str) -> list[tuple[str, str, int]]:
    """The areas inside ``area_path`` in the order of a list: code, name, depth below it."""
    rows = (
        Area.objects.filter(path__startswith=area_path)
        .exclude(path=area_path)
        .order_by("path")
        .values_list("pk", "name", "name_en", "path", named=True)
    )
    english = (get_language() or "").startswith("en")
    level = area_path.count("/")
    return [(row.pk, (row.name_en if english else "") or row.name, row.path.count("/") - level) for row in rows]
