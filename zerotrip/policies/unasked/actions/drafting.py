"""A run is drafted: who it is for, part by part; then amounts, batch by batch. Both may be killed anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from zerotrip.criteria import Truth
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.facts.columns import present
from zerotrip.facts.lacking import behind
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import day_of, vocabulary
from zerotrip.facts.worth import known
from zerotrip.files import under_way
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import WORKING_ROLES
from zerotrip.parties.queries import departments
from zerotrip.policies.asking import as_sql
from zerotrip.policies.evaluating import Policy as Parsed
from zerotrip.policies.evaluating import in_force
from zerotrip.policies.models import Policy
from zerotrip.policies.queries import parsed, spec_of
from zerotrip.policies.unasked.access import require_may_work
from zerotrip.policies.unasked.actions.rationing import ration
from zerotrip.policies.unasked.models import OVER, Consent, Grant, GrantStatus, Run, RunStatus
from zerotrip.policies.unasked.periods import period_of
from zerotrip.policies.unasked.reckoning import Frozen, freeze
from zerotrip.rows import change_many

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.parties.access import Actor, Seat
    from zerotrip.policies.spec import PolicySpec

PART = 20_000
"""Enterprises gone through in one transaction, to find whom a policy is for."""
BATCH = 500
"""Grants worked out in one transaction."""

NEW_ID = (
    "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send("
    "(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid"
)
"""A UUIDv7, as ``ids.new_id`` makes them, where the database is older than its own function for it."""


def draft(policy_id: str, *, by: Actor, at: datetime, key: UUID) -> Run:
    """Begin a run of a published policy. ``go_on`` finds everybody it is for, and works their amounts out.

    The same key again is the same run. Raises NotFound for no such policy, Refused for one that is applied for or
    not in force, NotAllowed for people of another department.
    """
    if (found := Run.objects.visible_to(by).filter(pk=key).first()) is not None:
        return found
    run = Run(id=key, as_of=at, drafted_by_id=by.account, drafted_at=at)
    return under_way.made_once(run, Run.objects.visible_to(by), partial(_begin, run, policy_id, by=by))


def _begin(run: Run, policy_id: str, *, by: Actor) -> None:
    policy = Policy.objects.published().select_for_update(of=("self",)).filter(slug=policy_id).first()
    if policy is None or policy.current_id is None:
        raise NotFound(_("没有这项政策。"))
    spec, day = spec_of(policy.current_id), day_of(run.as_of)
    unasked = spec.unasked
    if unasked is None or unasked.by != "us" or unasked.department is None:
        raise Refused(_("这项政策不由本区免申发放。"))
    if not in_force(spec, day):
        raise Refused(_("这项政策现在不在有效期内。"))
    _rules(policy.current_id, vocabulary())
    seat = _seat(unasked.department, by)
    run.policy, run.version_id = policy, policy.current_id
    run.number = (policy.runs.aggregate(last=Max("number"))["last"] or 0) + 1
    run.department_id, run.area_path = seat.department_id, seat.area_path
    run.period, run.consent = period_of(unasked.period, day), Consent(unasked.consent)
    run.to_look = Standing.objects.filter(area_path__startswith=seat.area_path).count()
    details = {"policy": policy_id, "version": str(run.version_id), "period": run.period}
    ledger.append(run, "draft", by=by, at=run.as_of, details=details)
    run.save(force_insert=True)
    enqueue_run(run.pk)


def _rules(version_id: UUID, words: Vocabulary) -> Parsed:
    rules = parsed(version_id, words)
    if rules is None:
        raise Refused(_("这项政策用到的事实已经不在事实表里，请先修改政策或事实表。"))
    return rules


def _seat(department: str, by: Actor) -> Seat:
    """The widest seat of this person in the department that pays."""
    seats = sorted(by.seats_as(*WORKING_ROLES), key=lambda seat: len(seat.area_path))
    for seat in seats:
        office = departments([department], area_path=seat.area_path).get(department)
        if office is not None and office.pk == seat.department_id:
            return seat
    raise NotAllowed(_("只有发放部门的工作人员可以办理。"))


def enqueue_run(run_id: UUID, **more: Any) -> None:
    """Have the worker go on with a run; no two at once."""
    from zerotrip.policies.tasks import work_out

    work_out.configure(lock=f"policies.run:{run_id}", **more).defer(run=str(run_id))


@transaction.atomic
def _look_further(run_id: UUID, *, at: datetime) -> bool:
    """Go through the next enterprises of the area: whoever the policy is for stands in the run. False at the end.

    In the order of their keys, so that a run after a crash begins where the last one came to.
    """
    run = held_run(run_id)
    if run.status != RunStatus.DRAFT or run.listed_at is not None:
        return False
    words = vocabulary()
    rules = _rules(run.version_id, words)
    part = _Part.next(run)
    _count(run, rules, words, part)
    _who(run, rules, words, part)
    run.looked_to = part.last
    run.listed_at = at if part.last is None else None
    run.save(update_fields=["looked", "looked_to", "listed_at", "unknown"])
    return run.listed_at is None


@dataclass(frozen=True)
class _Part:
    """Some of the enterprises of an area, in the order of their keys."""

    area_path: str
    after: UUID | None
    last: UUID | None
    """None: to the end."""

    @classmethod
    def next(cls, run: Run) -> _Part:
        rows = Standing.objects.filter(area_path__startswith=run.area_path).order_by("party_id")
        rows = rows.filter(party_id__gt=run.looked_to) if run.looked_to else rows
        last = rows.values_list("party_id", flat=True)[PART - 1 : PART].first()
        return cls(run.area_path, run.looked_to, last)

    @property
    def condition(self) -> str:
        """Of the rows of the table of what counts."""
        table = Standing._meta.db_table
        found = f'"{table}".area_path LIKE %s'
        found += f' AND "{table}".party_id > %s' if self.after else ""
        return found + (f' AND "{table}".party_id <= %s' if self.last else "")

    @property
    def params(self) -> list[Any]:
        return [f"{self.area_path}%", *(each for each in (self.after, self.last) if each)]


def _who(run: Run, policy: Parsed, words: Vocabulary, part: _Part) -> None:
    """Those of a part the policy is for, in one statement: the constraint says of whom it is not once more."""
    text, params = as_sql(policy.rule, words, today=day_of(run.as_of))
    standing, party, grant = Standing._meta.db_table, "parties_party", Grant._meta.db_table
    over = ", ".join(f"'{status}'" for status in OVER)
    columns = (
        "id, ledger_length, ledger_head, policy_id, run_id, party_id, department_id, area_path, period, status,"
        " reason, facts, clauses, reckoned, accepted, found, agreed, account_sealed, account_tail"
    )
    values = f"{NEW_ID}, 0, ''::bytea, %s, %s, who.party_id, %s, who.area_path, %s, %s, %s"
    empty = "'{}', '[]', '[]', '{}', '{}', '', '', ''"
    statement = (
        f'WITH who AS MATERIALIZED (SELECT "{standing}".party_id, "{standing}".area_path FROM "{standing}"'  # noqa: S608
        f' JOIN "{party}" ON "{party}".id = "{standing}".party_id AND "{party}".ended_at IS NULL'
        f" WHERE {part.condition} AND ({text})),"
        f' taken AS (INSERT INTO "{grant}" ({columns}) SELECT {values}, {empty} FROM who ORDER BY who.party_id'
        f" ON CONFLICT (policy_id, party_id, period) WHERE NOT (status IN ({over})) DO NOTHING RETURNING party_id)"
        f' INSERT INTO "{grant}" ({columns}) SELECT {values}, {empty} FROM who'
        " WHERE NOT EXISTS (SELECT FROM taken WHERE taken.party_id = who.party_id)"
    )
    fixed: list[Any] = [run.policy_id, run.pk, run.department_id, run.period]
    had = _("这一期已经享受，或者正在发放")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*part.params, *params, *fixed, "proposed", "", *fixed, "withheld", had])


def _count(run: Run, policy: Parsed, words: Vocabulary, part: _Part) -> None:
    """Add of how many of a part the policy cannot be told, and how many of those lack which fact. One statement."""
    text, params = as_sql(policy.rule, words, today=day_of(run.as_of))
    table, columns = Standing._meta.db_table, present()
    names = sorted(name for name in policy.rule.facts() if name in columns)
    lacking = "".join(f', "f_{name}" IS NULL AS lacks{at}' for at, name in enumerate(names))
    counts = "".join(f", count(*) FILTER (WHERE open AND lacks{at})" for at in range(len(names)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE open){counts} FROM"  # noqa: S608
            f' (SELECT ({text}) IS NULL AS open{lacking} FROM "{table}" WHERE {part.condition}) AS part',
            [*params, *part.params],
        )
        looked, unknown, *lack = cursor.fetchone()
    run.looked += looked
    before = run.unknown or {"count": 0, "facts": {}}
    facts = {name: before["facts"].get(name, 0) + count for name, count in zip(names, lack, strict=True)}
    run.unknown = {"count": before["count"] + unknown, "facts": {name: n for name, n in facts.items() if n}}


def go_on(run_id: UUID, *, at: datetime) -> Run:
    """Find everybody, then work the amounts out that are not, batch after batch.

    May be killed anywhere, and run by two. Where the policy cannot be asked any more the run is abandoned.
    """
    try:
        while _look_further(run_id, at=at):
            pass
        while _work_out_some(run_id):
            pass
    except Refused as refused:
        return _broken_off(run_id, refused.message, at=at)
    return _ready(run_id, at=at)


@transaction.atomic
def _broken_off(run_id: UUID, reason: str, *, at: datetime) -> Run:
    run = held_run(run_id)
    if run.status == RunStatus.DRAFT and run.ready_at is None:
        _abandon(run, reason, by=SYSTEM, at=at)
    return run


@transaction.atomic
def _work_out_some(run_id: UUID) -> int:
    run = Run.objects.select_related("version").get(pk=run_id)
    waiting = Grant.objects.filter(run=run, status=GrantStatus.PROPOSED, evaluated_at=None).order_by("pk")
    held = list(waiting.select_for_update(of=("self",), skip_locked=True)[:BATCH])
    words = vocabulary()
    policy = _rules(run.version_id, words)
    answers = answers_of(held, policy, words, at=run.as_of)
    barred = _barred(held, policy.spec)
    for grant in held:
        _settle(grant, answers[grant.party_id], barred.get(grant.party_id, ""), at=run.as_of)
    change_many(held, "status", "reason", "amount", "evaluated_at", "facts", "clauses", "reckoned", "accepted")
    return len(held)


def answers_of(grants: Iterable[Grant], policy: Parsed, words: Vocabulary, *, at: datetime) -> dict[UUID, Frozen]:
    """What the policy means at a moment for the enterprises of some grants. Two queries."""
    from zerotrip.parties.models import Party

    keys = [grant.party_id for grant in grants]
    areas: dict[UUID, str] = dict(Party.objects.filter(pk__in=keys).values_list("pk", "area_path"))
    stated: dict[UUID, list[Fact]] = {key: [] for key in keys}
    read = behind(policy.read, words)
    for fact in Fact.objects.filter(party__in=keys, name__in=read, recorded_at__lte=at):
        stated[fact.party_id].append(fact)
    today = day_of(at)
    return {
        key: freeze(policy, known(words, stated[key], today=today, area_path=area, among=read), words, today=today)
        for key, area in areas.items()
    }


def _settle(grant: Grant, frozen: Frozen, barred: str, *, at: datetime) -> None:
    """What a grant comes to; withheld, with the reason, where it comes to nothing."""
    grant.evaluated_at, grant.amount = at, frozen.answer.amount
    grant.facts, grant.clauses = frozen.facts, frozen.clauses
    grant.reckoned, grant.accepted = frozen.reckoned, frozen.accepted
    reason = barred or _against(frozen)
    if reason:
        grant.status, grant.reason = GrantStatus.WITHHELD, reason


def _against(frozen: Frozen) -> str:
    answer = frozen.answer
    if answer.truth is not Truth.YES:
        return _("按测算时的事实不符合条件")
    if answer.amount is None:
        labels = [_label(frozen.facts, name) for name in answer.wanted]
        return _("金额无法确定，缺少：%(facts)s") % {"facts": _("、").join(labels) or "—"}
    return _("算出的金额是零") if answer.amount <= 0 else ""


def _label(facts: Mapping[str, Any], name: str) -> str:
    return str(facts[name]["label"]["zh"]) if name in facts else name


def _barred(grants: Iterable[Grant], spec: PolicySpec) -> dict[UUID, str]:
    """Whoever has what excludes this policy, or has had it as often as one may, with the reason. Two queries."""
    grants = list(grants)
    keys = [grant.party_id for grant in grants]
    names = excluding(spec)
    found: dict[UUID, str] = {}
    if names:
        others = Grant.objects.live().filter(party__in=keys, policy__in=names)
        for party, slug in others.order_by("pk").values_list("party", "policy"):
            found.setdefault(party, _("已享受不能同时享受的政策：%(name)s") % {"name": names[slug]})
    if spec.times is not None:
        rows = (
            Grant.objects.live()
            .filter(party__in=keys, policy=spec.id)
            .exclude(pk__in=[grant.pk for grant in grants])
        )
        for party, count in rows.order_by().values_list("party").annotate(n=Count("pk")):
            if count >= spec.times:
                found.setdefault(party, _("已享受 %(count)d 次，达到次数上限") % {"count": count})
    return found


def excluding(spec: PolicySpec) -> dict[str, str]:
    """The policies that cannot be had beside this one, whichever of the two says so, with their names."""
    rows = Policy.objects.filter(Q(slug__in=spec.excludes) | Q(current__definition__excludes__contains=[spec.id]))
    return {row.slug: str(spec_of(row.current_id).name) if row.current_id else row.slug for row in rows}


@transaction.atomic
def _ready(run_id: UUID, *, at: datetime) -> Run:
    run = held_run(run_id)
    left = Grant.objects.filter(run=run, status=GrantStatus.PROPOSED, evaluated_at=None).exists()
    if run.ready_at is None and run.status == RunStatus.DRAFT and run.listed_at is not None and not left:
        run.ready_at = at
        run.room = ration(run)
        ledger.append(run, "ready", by=SYSTEM, at=at, details={**_sums(run), **run.room})
        run.save(update_fields=["ready_at", "room", "ledger_length", "ledger_head"])
    return run


def _sums(run: Run) -> dict[str, Any]:
    rows = Grant.objects.filter(run=run).order_by().values_list("status").annotate(n=Count("pk"))
    return {"grants": dict(rows)}


@dataclass(frozen=True)
class Held:
    """A run and one of its grants, both locked, the run first."""

    run: Run
    grant: Grant


def held_grant(grant_id: UUID) -> Held:
    """Lock a grant of a run under its run. Raises NotFound."""
    run = held_run(Grant.objects.filter(pk=grant_id).values_list("run", flat=True).first())
    grant = Grant.objects.select_for_update(of=("self",)).select_related("party").get(pk=grant_id)
    return Held(run, grant)


def held_run(run_id: UUID | None) -> Run:
    """Lock a run. Raises NotFound."""
    rows = Run.objects.select_for_update(of=("self",), no_key=True).select_related("version")
    run = rows.filter(pk=run_id).first() if run_id else None
    if run is None:
        raise NotFound(_("没有找到这一批。"))
    return run


def required(text: str, name: str = "reason", message: str = "") -> str:
    """A text that has to be there. Raises Invalid at its control."""
    if not text.strip():
        said = message or _("请写明理由。")
        raise Invalid(said, {name: [said]})
    return text.strip()


def note(
    row: Run | Grant, action: str, *names: str, by: Actor, at: datetime, reason: str = "", **details: Any
) -> None:
    """Journal a change of a locked row and save the columns it changed."""
    ledger.append(row, action, by=by, at=at, reason=reason, details=details)
    row.save(update_fields=[*names, "ledger_length", "ledger_head"])


@transaction.atomic
def withhold(grant_id: UUID, *, reason: str, by: Actor, at: datetime) -> Grant:
    """Take one enterprise off, with a reason it is told. Raises Invalid, and Stale for what is paid or over."""
    held = held_grant(grant_id)
    require_may_work(held.run, by)
    take_off(held, required(reason), by=by, at=at)
    return held.grant


def take_off(held: Held, reason: str, *, by: Actor, at: datetime) -> None:
    """Withhold a locked grant."""
    from zerotrip.policies.unasked.actions.words import tell_firm

    grant = held.grant
    if grant.status not in (GrantStatus.PROPOSED, GrantStatus.AGREED):
        raise Stale(_("这一笔是“%(status)s”，不能再改。") % {"status": grant.get_status_display()})
    grant.status, grant.reason, grant.found = GrantStatus.WITHHELD, reason, {}
    note(grant, "withhold", "status", "reason", "found", by=by, at=at, reason=reason)
    if held.run.announced_at is not None:
        tell_firm(grant, held.run, "grant_withheld", at=at, reason=reason)


@transaction.atomic
def abandon(run_id: UUID, *, reason: str, by: Actor, at: datetime) -> Run:
    """Give a run up; nobody has anything of it. Raises Stale once something is on a list to be paid."""
    run = held_run(run_id)
    require_may_work(run, by)
    reason = required(reason)
    if run.status not in (RunStatus.DRAFT, RunStatus.ANNOUNCED, RunStatus.CLOSED):
        raise Stale(_("这一批已经结束。"))
    grants = Grant.objects.filter(run=run)
    if grants.filter(status__in=(GrantStatus.PAYABLE, GrantStatus.PAID, GrantStatus.RETURNED)).exists():
        raise Refused(_("已经有企业列入发放清单，不能作废；可以逐笔不予发放。"))
    _abandon(run, reason, by=by, at=at)
    return run


def _abandon(run: Run, reason: str, *, by: Actor, at: datetime) -> None:
    Grant.objects.filter(run=run, status__in=(GrantStatus.PROPOSED, GrantStatus.AGREED)).update(
        status=GrantStatus.WITHHELD, reason=_("这一批已作废：%(reason)s") % {"reason": reason}, found={}
    )
    run.status, run.ended_at, run.reason = RunStatus.ABANDONED, at, reason
    note(run, "abandon", "status", "ended_at", "reason", by=by, at=at, reason=reason)
