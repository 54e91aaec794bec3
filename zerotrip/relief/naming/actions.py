"""Every write to who is named for which enterprise: one, many at once, ended, handed over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, Func, Value
from django.utils.translation import gettext as _

from zerotrip.catalogue.queries import offered
from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.ledger import actions as ledger
from zerotrip.ledger.models import Entry
from zerotrip.parties.models import HANDS, Membership, MembershipKind, Party, PartyKind, User
from zerotrip.relief.naming.access import may_name
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST = 5000
"""Enterprises one person is named for at once."""
BATCH = 500
ALL_SUBJECTS = {"zh": "全部诉求", "en": "all needs"}
"""What a helper without a subject helps with, as notices say it."""


@dataclass(frozen=True)
class Foreseen:
    """What naming one person for several enterprises comes to, before and after it is done."""

    helper: User
    subject: str
    fresh: list[Party] = field(default_factory=list)
    """They had nobody."""
    replaced: list[Party] = field(default_factory=list)
    """Somebody else was named, and gives way."""
    kept: list[Party] = field(default_factory=list)
    """Somebody else is named, and stays."""
    same: list[Party] = field(default_factory=list)
    """This person is named already."""
    unreached: list[Party] = field(default_factory=list)
    """No seat of this person is over them."""
    own: list[Party] = field(default_factory=list)
    """This person acts for them: whoever does keeps out."""
    barred: list[Party] = field(default_factory=list)
    """Not for whoever asks to say."""
    offices: dict[UUID, Party] = field(default_factory=dict)
    """The office from which each of those who get this person is helped."""

    @property
    def changes(self) -> list[Party]:
        """Those that get this person."""
        return [*self.fresh, *self.replaced]

    @property
    def total(self) -> int:
        """All that were looked at."""
        return len(self.changes) + sum(map(len, (self.kept, self.same, self.unreached, self.own, self.barred)))


def foresee(
    firms: Collection[UUID], *, account: UUID | None, subject: str, replace: bool, by: Actor, at: datetime
) -> Foreseen:
    """What ``name_for_all`` would do. Raises Invalid as it does."""
    helper = _asked(account, subject, firms)
    return _judge(_firms(firms), helper, subject, replace=replace, by=by, at=at)


@transaction.atomic
def name_helper(firm: UUID, *, account: UUID | None, subject: str, by: Actor, at: datetime) -> Membership:
    """Name somebody for an enterprise, for one subject or (empty) for all, instead of whoever was.

    The same person again changes nothing. Raises Invalid for nobody or no subject, NotAllowed for whoever neither
    leads nor has the duty over the enterprise's area, Refused when no seat of theirs reaches the enterprise or they
    act for it, Stale when somebody else was named in the same moment.
    """
    helper = _asked(account, subject, [firm])
    party = _one(firm)
    found = _judge([party], helper, subject, replace=True, by=by, at=at)
    name = helper.person.name
    if found.barred:
        raise NotAllowed(_("点对点专人由管辖企业所在地的负责人或诉求值班人员指定。"))
    if found.own:
        raise Refused(_("%(name)s是这家企业的经办人，应当回避，请另选他人。") % {"name": name})
    if found.unreached:
        raise Refused(_("%(name)s没有管辖这家企业所在地的办理或帮办岗位，请另选他人。") % {"name": name})
    _write(found, by=by, at=at)
    return Membership.objects.named().get(organisation=party, subject=subject)


@transaction.atomic
def name_for_all(
    firms: Collection[UUID], *, account: UUID | None, subject: str, replace: bool, by: Actor, at: datetime
) -> Foreseen:
    """Name one person for many enterprises at once; with ``replace`` also where somebody else is named.

    What cannot be is left alone and counted. Done again, it changes nothing. Raises Invalid for nobody, no subject
    or too many, Stale when somebody else was named for one of them in the same moment.
    """
    helper = _asked(account, subject, firms)
    found = _judge(_locked(firms), helper, subject, replace=replace, by=by, at=at)
    _write(found, by=by, at=at)
    return found


@transaction.atomic
def end_helper(firm: UUID, *, subject: str, by: Actor, at: datetime) -> bool:
    """Nobody is named for this subject (empty: for all) of an enterprise any more. Whether somebody was.

    Raises NotAllowed as ``name_helper``.
    """
    party = _one(firm)
    if not may_name(by, party):
        raise NotAllowed(_("点对点专人由管辖企业所在地的负责人或诉求值班人员指定。"))
    held = _held([party], subject).get(party.pk)
    if held is None:
        return False
    _close([held], at=at)
    details = {"person": str(held.person_id), "name": held.person.name, "subject": subject}
    ledger.append(party, "helper_ends", by=by, at=at, details=details)
    party.save(update_fields=["ledger_length", "ledger_head"])
    writes = Writes()
    words = _words(subject)
    _tell_firm(writes, party, "helper_ended", who=held.person.name, subject=words, key=held.pk, at=at)
    writes.send()
    return True


@transaction.atomic
def hand_over_firms(leaver: User, *, to: Actor, by: Actor, at: datetime) -> int:
    """The enterprises somebody is named for go to another, as far as the other's seats reach them. How many.

    By themselves, or by whoever may name helpers there. What stays is shown as without anybody.
    """
    named = list(Membership.objects.named().filter(person=leaver.person_id).order_by("organisation"))
    locked = {party.pk: party for party in _locked({one.organisation_id for one in named})}
    helper = User.objects.get(pk=to.account)
    done = 0
    for subject in sorted({one.subject for one in named}):
        firms = [
            locked[one.organisation_id] for one in named if one.subject == subject and one.organisation_id in locked
        ]
        theirs = {key for key, row in _held(firms, subject).items() if row.person_id == leaver.person_id}
        found = _judge(
            [firm for firm in firms if firm.pk in theirs],
            helper,
            subject,
            replace=True,
            by=by,
            at=at,
            own_hand=by.user_id == leaver.pk,
        )
        _write(found, by=by, at=at)
        done += len(found.changes)
    return done


def _asked(account: UUID | None, subject: str, firms: Collection[UUID]) -> User:
    """The person that was chosen. Raises Invalid with what is wrong at its place."""
    problems: dict[str, list[str]] = {}
    helper = User.objects.filter(pk=account, is_active=True).first() if account else None
    if helper is None:
        problems["person"] = [_("请选择一位工作人员。")]
    spec = offered().get(subject) if subject else None
    if subject and (spec is None or spec.need is None):
        problems["subject"] = [_("请从列出的主题里选。")]
    if not firms:
        problems["firms"] = [_("请先选择企业。")]
    if len(firms) > MOST:
        problems["firms"] = [_("一次最多给 %(most)d 家企业指定专人，请缩小查找范围。") % {"most": MOST}]
    if helper is None or problems:
        raise Invalid(next(iter(problems.values()))[0], problems)
    return helper


def _firms(keys: Collection[UUID]) -> list[Party]:
    return list(Party.objects.live().filter(kind=PartyKind.ENTERPRISE, pk__in=keys).order_by("pk"))


def _locked(keys: Collection[UUID]) -> list[Party]:
    rows = Party.objects.live().select_for_update(of=("self",))
    return list(rows.filter(kind=PartyKind.ENTERPRISE, pk__in=keys).order_by("pk"))


def _one(key: UUID) -> Party:
    """The live enterprise, locked. Raises NotFound."""
    found = _locked([key])
    if not found:
        raise NotFound(_("没有找到这家企业，或它不在您的辖区。"))
    return found[0]


def _held(firms: Iterable[Party], subject: str) -> dict[UUID, Membership]:
    """Who is named now for this subject of each of these."""
    rows = Membership.objects.named().filter(organisation__in=[firm.pk for firm in firms], subject=subject)
    return {row.organisation_id: row for row in rows.select_related("person")}


def _judge(
    firms: Collection[Party],
    helper: User,
    subject: str,
    *,
    replace: bool,
    by: Actor,
    at: datetime,
    own_hand: bool = False,
) -> Foreseen:
    """What becomes of each. ``own_hand``: whoever hands on what is their own need not lead."""
    seats = Membership.objects.in_force(at).filter(
        person=helper.person_id, kind=MembershipKind.STAFF, role__in=HANDS, organisation__ended_at=None
    )
    places = [(seat.area_path, seat.organisation) for seat in seats.select_related("organisation")]
    places.sort(key=lambda one: (-len(one[0]), one[1].code))
    agents = Membership.objects.in_force(at).filter(person=helper.person_id, kind=MembershipKind.AGENT)
    acts_for = set(agents.values_list("organisation", flat=True))
    held = _held(firms, subject)
    found = Foreseen(helper, subject)
    for firm in firms:
        office = next((office for path, office in places if firm.area_path.startswith(path)), None)
        before = held.get(firm.pk)
        if not (own_hand or may_name(by, firm)):
            found.barred.append(firm)
        elif before is not None and before.person_id == helper.person_id:
            found.same.append(firm)
        elif firm.pk in acts_for:
            found.own.append(firm)
        elif office is None:
            found.unreached.append(firm)
        elif before is not None and not replace:
            found.kept.append(firm)
        else:
            found.offices[firm.pk] = office
            (found.fresh if before is None else found.replaced).append(firm)
    return found


def _write(found: Foreseen, *, by: Actor, at: datetime) -> None:
    """Name the person for those that get them, journal it on each, and tell the person and the firms."""
    if not found.changes:
        return
    held = _held(found.replaced, found.subject)
    begins = _close(held.values(), at=at)
    made = [
        Membership(
            person_id=found.helper.person_id,
            organisation=firm,
            kind=MembershipKind.HELPER,
            subject=found.subject,
            during=DateTimeTZRange(begins.get(firm.pk, at), None),
        )
        for firm in found.changes
    ]
    try:
        with transaction.atomic():
            Membership.objects.bulk_create(made, batch_size=BATCH)
    except IntegrityError as error:
        raise Stale(_("刚才有人为其中的企业指定了专人，请刷新后再看。")) from error
    _journal(found, held, by=by, at=at)
    _tell(found, made, at=at)


def _close(rows: Collection[Membership], *, at: datetime) -> dict[UUID, datetime]:
    """End namings, and when each enterprise's ended: whoever comes afterwards begins then.

    One that began in this very moment leaves nothing but its line in the journal.
    """
    begun = [row.pk for row in rows if row.during.lower >= at]
    Membership.objects.filter(pk__in=begun).delete()
    until = Func(Func(F("during"), function="lower"), Value(at), function="tstzrange")
    Membership.objects.filter(pk__in=[row.pk for row in rows if row.during.lower < at]).update(during=until)
    return {row.organisation_id: max(at, row.during.lower) for row in rows}


def _journal(found: Foreseen, held: dict[UUID, Membership], *, by: Actor, at: datetime) -> None:
    entries: list[Entry] = []
    for firm in found.changes:
        details: dict[str, Any] = {
            "person": str(found.helper.person_id),
            "name": found.helper.person.name,
            "subject": found.subject,
        }
        if firm.pk in held:
            details["before"] = str(held[firm.pk].person_id)
        entries.append(ledger.extend(firm, "helper_named", by=by, at=at, details=details))
    Entry.objects.bulk_create(entries, batch_size=BATCH)
    Party.objects.bulk_update(found.changes, ["ledger_length", "ledger_head"], batch_size=BATCH)


def _tell(found: Foreseen, made: list[Membership], *, at: datetime) -> None:
    """The firms each; the person once, however many they are."""
    words = _words(found.subject)
    for start in range(0, len(made), BATCH):
        writes = Writes()
        for row in made[start : start + BATCH]:
            who = _who(found.helper.person, found.offices[row.organisation_id])
            _tell_firm(writes, row.organisation, "helper_named", who=who, subject=words, key=row.pk, at=at)
        writes.send()
    writes, first = Writes(), made[0]
    many = len(made) > 1
    tell(
        writes,
        party=found.helper.person_id,
        template="staff_named_for_many" if many else "staff_named_for",
        context={"firm": first.organisation.name, "count": len(made), "subject": words},
        link="/desk/needs/firms/" if many else f"/desk/enterprises/{first.organisation.uscc}/",
        key=f"{first.pk}:named",
        at=at,
    )
    writes.send()


def _tell_firm(
    writes: Writes,
    firm: Party,
    template: str,
    *,
    who: str | dict[str, str],
    subject: dict[str, str],
    key: UUID,
    at: datetime,
) -> None:
    context = {"firm": firm.name, "who": who, "subject": subject}
    link = f"/enterprise/{firm.uscc}/"
    tell(writes, party=firm.pk, template=template, context=context, link=link, key=f"{key}:{template}", at=at)


def _who(person: Party, office: Party) -> dict[str, str]:
    """Somebody with their office, in both languages."""
    return {
        "zh": f"{person.name}（{office.name}）",
        "en": f"{person.name_en or person.name} ({office.name_en or office.name})",
    }


def _words(subject: str) -> dict[str, str]:
    """A subject in both languages."""
    spec = offered().get(subject) if subject else None
    return spec.name.model_dump() if spec is not None else dict(ALL_SUBJECTS)
