"""Warnings from figures: asked of every enterprise each night, and dealt with by whoever helps the firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from zerotrip.cases.actions.targets import reachable
from zerotrip.criteria import Faults, Rule, Truth, select
from zerotrip.duties import editions
from zerotrip.duties.actions.ordering import LONGEST_REASON, locked
from zerotrip.duties.actions.owing import Owed, drop, keep, owe, tell_owner
from zerotrip.duties.models import Kind, Obligation, Requirement, Status
from zerotrip.duties.rules import answers_for
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.facts.columns import columns
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.worth import known
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import HANDS, LEADING_ROLES, Party, PartyKind, Role
from zerotrip.parties.queries import seats_over
from zerotrip.questions.words import Words
from zerotrip.relief.naming.queries import people_named
from zerotrip.relief.visits.actions.turning import turn
from zerotrip.relief.visits.declared import spec_of, standing_of
from zerotrip.relief.visits.queries import now_of, recovered
from zerotrip.relief.visits.showing import kept_figures, shown
from zerotrip.relief.visits.wording import said
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.worth import Known
    from zerotrip.parties.access import Actor
    from zerotrip.relief.visits.spec import WarningSpec

BATCH = 500
"""Firms warned of in one transaction."""
FALLBACK = ((Role.DUTY,), (Role.HELPER,), LEADING_ROLES)
"""Whose office is warned where nobody is named: the duty of the area, else helpers, else whoever leads."""


def warn_all(*, at: datetime) -> int:
    """Ask every warning of all enterprises, one statement each, and let somebody owe a decision. Returns how many.

    A firm is warned of once upon the same figures, not while an earlier warning of the kind waits, and not
    before its ``again_after`` is over. An earlier one that is followed still gives way to the new one.
    """
    words = vocabulary()
    made = 0
    for row in standing_of():
        try:
            asked = _Asked(row, (spec := spec_of(row)), words.rule(spec.when), words)
        except Faults:  # a fact it asks about is declared no more
            continue
        keys = _candidates(asked, at=at)
        for start in range(0, len(keys), BATCH):
            made += _warn(asked, keys[start : start + BATCH], at=at)
    return made


@dataclass(frozen=True)
class _Asked:
    """A warning as it is asked of all: what the pack says of it, read once."""

    row: Requirement
    spec: WarningSpec
    rule: Rule
    words: Vocabulary


def _editions(row: Requirement) -> Q:
    """All editions of a warning: what one called up counts for the next."""
    return Q(requirement__slug__startswith=editions.all_of(row))


def _candidates(warning: _Asked, *, at: datetime) -> list[UUID]:
    """The enterprises the figures of which warn, and of which nobody was warned lately. One statement."""
    since = at - timedelta(days=warning.spec.again_after)
    earlier = Obligation.objects.filter(_editions(warning.row), kind=Kind.WARNING, about=OuterRef("party"))
    lately = earlier.filter(Q(status=Status.OPEN) | Q(opened_at__gt=since))
    holds = select(warning.rule, columns(warning.words), today=day_of(at))
    found = Standing.objects.annotate(holds=holds).filter(~Exists(lately), holds=True, party__ended_at=None)
    return list(found.order_by("party").values_list("party", flat=True))


@transaction.atomic
def _warn(warning: _Asked, keys: Sequence[UUID], *, at: datetime) -> int:
    """Warn of these firms where their figures, looked at once more, still say so and are new."""
    row, rule, words = warning.row, warning.rule, warning.words
    Requirement.objects.select_for_update().get(pk=row.pk)  # two runs at a time wait for each other
    firms = {firm.pk: firm for firm in Party.objects.filter(pk__in=keys, kind=PartyKind.ENTERPRISE)}
    stated: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(party__in=list(firms), recorded_at__lte=at):
        stated[fact.party_id].append(fact)
    told: dict[UUID, list[Obligation]] = defaultdict(list)
    earlier = Obligation.objects.filter(_editions(row), kind=Kind.WARNING, about__in=list(firms))
    for one in earlier.select_for_update(of=("self",)).order_by("pk"):
        told[one.subject].append(one)
    owners = _owners(list(firms.values()), subject=warning.spec.subject or "", at=at)
    writes, made = Writes(), 0
    for key, firm in firms.items():
        found = known(words, stated[key], today=day_of(at), area_path=firm.area_path)
        waits = any(one.status == Status.OPEN for one in told[key])
        if waits or key not in owners or rule.explain(found.facts(day_of(at))).truth is not Truth.YES:
            continue
        stands = _day_of(rule, found).isoformat()
        if any(one.key == stands for one in told[key]):
            continue
        owed = _owe(writes, warning, _Warned(firm, found, stands, *owners[key]), at=at)
        for one in told[key]:
            if one.status == Status.HANDED_IN:
                keep(writes, one, by=SYSTEM, at=at, again=str(owed.pk))
        made += 1
    writes.send()
    return made


def _day_of(rule: Rule, found: Known) -> date:
    """The day of the latest figure a warning stands on."""
    days = [worth.as_of for name in rule.facts() if (worth := found.worths.get(name)) and worth.as_of]
    return max(days, default=date.min)


@dataclass(frozen=True)
class _Warned:
    """One firm to warn of: the figures, and who decides."""

    firm: Party
    found: Known
    key: str
    owner: UUID
    watcher: UUID


def _owe(writes: Writes, warning: _Asked, one: _Warned, *, at: datetime) -> Obligation:
    row, spec, words, found = warning.row, warning.spec, warning.words, one.found
    context: dict[str, Any] = {
        "about": one.firm.name,
        "why": said(spec.why, found, lambda name, value: shown(words, name, value)),
        "figures": kept_figures(warning.rule, found, words),
    }
    name = Words.model_validate(row.name)
    owed = owe(
        writes,
        Owed(row.slug, Kind.WARNING, name, spec.within, row.consequence, row.remind),
        subject=one.firm.pk,
        key=one.key,
        owner=one.owner,
        watcher=one.watcher,
        about=one.firm.pk,
        area_path=one.firm.area_path,
        context=context,
        at=at,
    )
    owed.link = f"/desk/warnings/{owed.pk}/"
    writes.change(owed, "link")
    tell_owner(writes, owed, "warning_given", key=f"{owed.pk}:given", at=at)
    return owed


def _owners(firms: Sequence[Party], *, subject: str, at: datetime) -> Mapping[UUID, tuple[UUID, UUID]]:
    """Who decides, and which office looks after it: the person named for the firm, else the office that has the
    duty of its area. Firms nobody has a seat over are left out."""
    named = people_named([firm.pk for firm in firms], subject=subject, at=at)
    found: dict[UUID, tuple[UUID, UUID]] = {}
    seats: dict[str, list[tuple[UUID, UUID]]] = {}
    fallbacks: dict[str, UUID | None] = {}
    for firm in firms:
        path = firm.area_path
        if path not in seats:
            there = reachable(seats_over(HANDS, area_path=path, at=at), at=at)
            seats[path] = [(seat.person_id, seat.organisation_id) for seat in there]
            fallbacks[path] = next(iter(_on_duty(path, at=at)), None)
        person = named.get(firm.pk)
        office = next((office for who, office in seats[path] if who == person), None)
        if person is not None and office is not None:
            found[firm.pk] = (person, office)
        elif (fallback := fallbacks[path]) is not None:
            found[firm.pk] = (fallback, fallback)
    return found


def _on_duty(area_path: str, *, at: datetime) -> Iterator[UUID]:
    for roles in FALLBACK:
        for seat in seats_over(roles, area_path=area_path, at=at):
            yield seat.organisation_id


@transaction.atomic
def dismiss(warning: Obligation, *, reason: str, by: Actor, at: datetime) -> Obligation:
    """Nobody needs to go there. Raises Invalid without a reason, NotAllowed, Stale when it was dealt with."""
    held = _waiting(warning, by)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        text = _("请写明为什么不需要走访，最多 %(most)d 个字。") % {"most": LONGEST_REASON}
        raise Invalid(text, {"reason": [text]})
    writes = Writes()
    drop(writes, held, by=by, at=at, note=reason.strip())
    writes.send()
    return held


@transaction.atomic
def settle_recovered(warning: Obligation, *, by: Actor, at: datetime) -> Obligation:
    """The figures are well again: done with, before the night's run says so. Raises Refused while they are not,
    NotAllowed, Stale."""
    held = _waiting(warning, by, also=Status.HANDED_IN)
    now = now_of(held, at=at)
    if not recovered(held, now, at=at):
        raise Refused(_("指标还没有恢复，请安排走访，或者写明为什么不需要。"))
    writes = Writes()
    turn(writes, held, now, by=by, at=at)
    writes.send()
    return held


def _waiting(warning: Obligation, by: Actor, *, also: Status = Status.OPEN) -> Obligation:
    held = locked(warning.pk)
    if held.kind != Kind.WARNING:
        raise NotFound(_("没有找到这条预警。"))
    if held.status not in (Status.OPEN, also):
        raise Stale(_("这条预警已经有人处置过了，请刷新后查看。"))
    if not answers_for(held, by):
        raise NotAllowed(_("预警由点对点专人或所在部门处置。"))
    return held
