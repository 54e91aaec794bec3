"""Figures of a benefit without application: one run from its draft to the money, with very many grants."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.figures import Figure, figure, timed
from bench.measured_pages import checked
from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.facts.columns import PREFIX, TABLE
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Role
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.actions.announcing import tell_announced_to
from zerotrip.policies.unasked.actions.consenting import Account
from zerotrip.policies.unasked.models import BankAnswer, Grant, PaymentList, Run
from zerotrip.policies.unasked.sheets import file_of, rows_of

POLICY = "sf26-steady-trades"
"""The shipped policy a run is of: 200 yuan for each person of the staff of a small restaurant."""
RETURNED_OF = 50
"""One line of so many is returned by the bank."""
SAYING_YES = 200
"""Enterprises that say yes one by one; what the others said is written by a statement."""


class Steps:
    """Seconds of each step of a run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, step: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        found = step()
        self.seconds[name] = time.perf_counter() - begun
        return found


def measure(*, grants: int) -> Iterator[Figure]:
    """A run of so many grants: worked out, announced, objected to, agreed, listed, approved, taken out, settled."""
    at = timezone.now()
    load_pack(world.WHOLE, by=SYSTEM, at=at)
    _populate(grants)
    clerk_user = world.staff("run-clerk", "approval-bureau", Role.CLERK)
    clerk, head = world.acting(clerk_user), world.acting(world.staff("run-head", "approval-bureau", Role.HEAD))
    sizes = {"grants": grants}
    steps = Steps()
    run, payment = _whole_run(steps, clerk, head, at=at)
    settled = [run.grants.filter(status=status).count() for status in ("paid", "returned")]
    if (sum(settled), settled[1], payment.count) != (grants, grants // RETURNED_OF, grants):
        raise SystemExit("the run did not settle everybody once")
    for name, seconds in steps.seconds.items():
        yield figure("run", [seconds], "s", sizes={"step": name, **sizes})
    yield figure("run_whole", [sum(steps.seconds.values())], "s", sizes=sizes)
    yield figure("run_floor", [_floor(run)], "s", sizes=sizes)
    client = Client(HTTP_HOST="localhost")
    world.sign_in(client, clerk_user)
    yield from _pages(client, run, sizes)
    yield _list(client, sizes)


def _whole_run(steps: Steps, clerk: Actor, head: Actor, *, at: datetime) -> tuple[Run, PaymentList]:
    run = steps("draft", lambda: actions.draft(POLICY, by=clerk, at=at, key=uuid4()))
    steps("work out", lambda: actions.go_on(run.pk, at=at))
    run = steps("announce", lambda: actions.announce(run.pk, by=clerk, at=at))
    steps("tell", lambda: _tell(run, at))
    steps("object and answer", lambda: _object(run, clerk, at))
    steps("say yes", lambda: _say_yes(run, at))
    _say_yes_all(run, at)
    over = (run.notice_until or at) + timedelta(hours=1)
    steps("close", lambda: actions.close(run.pk, by=clerk, at=over))
    payment = steps("list", lambda: actions.make_list(run.pk, by=clerk, at=over, key=uuid4()))
    steps("check the list", lambda: actions.check_list(payment.pk, at=over))
    payment = steps("approve", lambda: actions.approve(payment.pk, by=head, at=over))
    actions.fetch(payment.pk, by=clerk, at=over, form="csv")
    steps("file, csv", lambda: sum(1 for _row in rows_of(payment)))
    steps("file, xlsx", lambda: file_of(payment).close())
    answer = steps("hand in", lambda: _hand_in(payment, clerk, over))
    steps("settle", lambda: actions.take_answer(answer.pk, at=over))
    return steps("finish", lambda: actions.finish(run.pk, by=clerk, at=over)), payment


def _hand_in(payment: PaymentList, clerk: Actor, at: datetime) -> BankAnswer:
    """What the bank answered, as the request of the page keeps it: all were paid but one in fifty."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["支付编号", "结果", "日期", "原因"])
    for line in range(1, payment.count + 1):
        returned = line % RETURNED_OF == 0
        lines.writerow(
            [f"{payment.number}-{line:04}", *(("失败", "", "户名不符") if returned else ("成功", "", ""))]
        )
    file = io.BytesIO(text.getvalue().encode())
    return actions.hand_in(
        file, payment.pk, name="result.csv", language="zh-hans", by=clerk, at=at, answer_id=uuid4()
    )


def _tell(run: Run, at: datetime) -> None:
    last = tell_announced_to(run.pk, at=at)
    while last is not None:
        last = tell_announced_to(run.pk, at=at, after=last)


def _object(run: Run, clerk: Actor, at: datetime) -> None:
    said = {"name": "虚构居民", "phone": "053100000000", "text": "这家企业不在示范区经营。"}
    objection = actions.object_to(run.pk, grant_id=None, **said, by=SYSTEM, at=at, key=uuid4())
    actions.answer_objection(objection.pk, upheld=False, answer="已到现场核实，在示范区经营。", by=clerk, at=at)


def _say_yes(run: Run, at: datetime) -> None:
    """Some firms say yes, each in a transaction of its own."""
    user = world.person("虚构经办人")
    for grant in Grant.objects.filter(run=run).select_related("party").order_by("pk")[:SAYING_YES]:
        for_it = frozenset([grant.party_id])
        actor = Actor(user_id=user.pk, person_id=user.person_id, name="虚构经办人", represents=for_it)
        actions.agree(
            grant.pk,
            holder=grant.party.name,
            bank="示范银行示范支行",
            number="6222000012345678",
            by=actor,
            at=at,
        )


def _say_yes_all(run: Run, at: datetime) -> None:
    sealed = Account("虚构餐饮店", "示范银行示范支行", "6222000012345678").sealed
    Grant.objects.filter(run=run, status="proposed").update(
        status="agreed", agreed="said", agreed_at=at, account_sealed=sealed, account_tail="5678"
    )


def _list(client: Client, sizes: dict[str, int]) -> Figure:
    """The list of everybody the policy is for, as a file."""
    begun = time.perf_counter()
    sent: Any = client.post(f"/desk/policies/{POLICY}/export/", {"form": "csv"})
    parts = iter(sent.streaming_content)
    next(parts)
    next(parts)
    first = time.perf_counter() - begun
    size = sum(len(part) for part in parts)
    return figure("policy_list", [time.perf_counter() - begun], "s", sizes=sizes, first=round(first, 3), size=size)


def _pages(client: Client, run: Run, sizes: dict[str, int]) -> Iterator[Figure]:
    for tab in ("names", "notice", "objections", "answers", "payment"):
        address = f"/desk/unasked/{run.pk}/?show={tab}"
        counted = checked(client, address)
        times = timed(5, lambda address=address: client.get(address))
        yield figure("run_page", times, "ms", sizes={"page": tab, **sizes}, **counted)


def _floor(run: Run) -> float:
    """Seconds of the bare rows by hand: who, how much, on which facts, each on its line of a list."""
    same = "SELECT sum(amount) = (SELECT sum(amount) FROM policies_grant WHERE run_id = %s) FROM by_hand"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE by_hand (LIKE policies_grant INCLUDING ALL)")
        begun = time.perf_counter()
        cursor.execute(_BY_HAND, {"run": run.pk, "area": f"{run.area_path}%"})
        cursor.execute(_ON_A_LIST, {"list": uuid4()})
        cursor.execute("UPDATE by_hand SET status = 'paid', paid_on = current_date")
        seconds = time.perf_counter() - begun
        cursor.execute(same, [run.pk])
        if not cursor.fetchone()[0]:
            raise SystemExit("by hand something else comes out")
    return seconds


_BY_HAND = f"""
INSERT INTO by_hand (id, ledger_length, ledger_head, policy_id, run_id, party_id, department_id, area_path, period,
                     status, reason, amount, evaluated_at, facts, clauses, reckoned, accepted, found, agreed,
                     agreed_at, account_sealed, account_tail)
SELECT gen_random_uuid(), 0, '', '{POLICY}', %(run)s, standing.party_id, run.department_id, standing.area_path,
       run.period, 'agreed', '', least("{PREFIX}staff" * 200, 10000), run.as_of,
       jsonb_build_object('staff', "{PREFIX}staff", 'size_class', "{PREFIX}size_class",
                          'hard_hit_trade', "{PREFIX}hard_hit_trade"),
       '[]', '[]', '{{}}', '{{}}', 'silence', now(), '', ''
FROM "{TABLE}" AS standing JOIN policies_run AS run ON run.id = %(run)s
WHERE standing.area_path LIKE %(area)s AND "{PREFIX}hard_hit_trade" AND "{PREFIX}size_class" IN ('small', 'micro')
"""
_ON_A_LIST = """
UPDATE by_hand SET status = 'payable', payment_id = %(list)s, line = numbered.line
FROM (SELECT id, row_number() OVER (ORDER BY id) AS line FROM by_hand) AS numbered WHERE numbered.id = by_hand.id
"""


def _populate(count: int) -> None:
    """Small restaurants, each with what is stated of it and what counts of that."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES, {"count": count, "area": world.DISTRICT})
        cursor.execute(_FACTS)
        cursor.execute(_STANDING)
        cursor.execute("VACUUM ANALYZE")


_FIRMS = "(SELECT id, area_path, substr(uscc, 9)::bigint AS n FROM parties_party WHERE id::text ~ '^01900000-')"
_PARTIES = """
INSERT INTO parties_party (id, kind, name, name_en, code, uscc, phone, email, address, area_path, created_at,
                           ledger_length, ledger_head)
SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'enterprise', '虚构餐饮店' || n || '号',
       '', '', '91370199' || lpad(n::text, 10, '0'), '', '', '', %(area)s, now() - interval '90 days', 0, ''
FROM generate_series(1, %(count)s) AS n
"""
_FACTS = f"""
INSERT INTO facts_fact (id, party_id, name, value, source, as_of, note, recorded_at)
SELECT gen_random_uuid(), id, fact.name, fact.value, 'statistics', current_date - 30, '', now() - interval '1 day'
FROM {_FIRMS} AS firms,
     LATERAL (VALUES ('industry', '"H6210"'::jsonb), ('staff', to_jsonb((1 + n % 9)::text)),
                     ('above_scale', 'false'::jsonb)) AS fact(name, value)
"""
_STANDING = f"""
INSERT INTO "{TABLE}" (party_id, area_path, derived_at, "{PREFIX}industry", "{PREFIX}size_class",
                       "{PREFIX}above_scale", "{PREFIX}staff", "{PREFIX}hard_hit_trade", "{PREFIX}area")
SELECT id, area_path, now(), 'H6210', 'micro', false, 1 + n % 9, true, '370199' FROM {_FIRMS} AS firms
"""
