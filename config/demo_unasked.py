"""The demo's benefit without application: one run paid some weeks ago, one in notice now. All made up."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party, User
    from zerotrip.policies.unasked.models import Grant, PaymentList, Run

POLICY = "sf26-steady-trades"
_KEYS = UUID("5a0f6f0c-4f64-5e0e-8f0b-6c1b1f6b7a21")
STREET = "/370100000000/370199000000/370199001000/"
FIRST = (
    ("济南示范一品面馆有限公司", "6210", 8),
    ("济南示范晨光早餐有限公司", "6210", 5),
    ("济南示范惠邻超市有限公司", "5212", 22),
    ("济南示范泉畔旅行社有限公司", "7291", 9),
    ("济南示范老街书店有限公司", "5243", 4),
    ("济南示范速达货运有限公司", "5432", 16),
)
"""Those of the run that was paid: name, industry, staff. The last two did not answer, or gave a wrong account."""
SECOND = (
    ("济南示范青禾小厨有限公司", "6210", 12),
    ("济南示范云上民宿有限公司", "6130", 6),
    ("济南示范暖阳服饰有限公司", "5232", 7),
    ("济南示范泉城小吃有限公司", "6220", 19),
)
"""Those that came since, beside the shop of the demo's shopkeeper."""
UNKNOWN = ("济南示范未填人数餐饮有限公司", "6210", None)
OWNER = "138000011{:02}"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _uscc(serial: int) -> str:
    """A code with a valid check character (GB 32100), of a district that does not exist."""
    body = f"91370199DEM{serial:06}"
    total = sum(_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + _ALPHABET[-total % 31]


def load(shop: tuple[User, Party], *, now: datetime) -> None:
    """Pay one run and announce another, as of ``now``. A pack without the policy has neither."""
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.policies.evaluating import in_force
    from zerotrip.policies.models import Policy
    from zerotrip.policies.queries import spec_of

    policy = Policy.objects.published().filter(slug=POLICY).first()
    begun = now - timedelta(days=60)
    if policy is None or policy.current_id is None or not in_force(spec_of(policy.current_id), begun.date()):
        return
    people = {name: User.objects.get(email=f"{name}@demo.test") for name in ("clerk", "leader")}
    clerk, leader = (actor_for(people[name], at=now) for name in ("clerk", "leader"))
    earlier = [_firm(number, *row, at=begun) for number, row in enumerate(FIRST, 1)]
    _paid(earlier, clerk=clerk, leader=leader, at=begun + timedelta(days=1))
    lately = now - timedelta(days=3)
    later = [_firm(number, *row, at=lately) for number, row in enumerate((*SECOND, UNKNOWN), 21)]
    _state(shop[1], "5219", 6, at=lately)
    _announced(later[0], clerk=clerk, at=now - timedelta(days=2))


def _firm(number: int, name: str, industry: str, staff: int | None, *, at: datetime) -> tuple[Actor, Party]:
    """An enterprise with its owner, and what is known of it."""
    from zerotrip.parties import actions
    from zerotrip.parties.access import SYSTEM, actor_for

    account = actions.account_at(phone=OWNER.format(number), at=at)
    actions.name_person(account.person, name=f"店主{number}", by=SYSTEM, at=at)
    account.refresh_from_db()
    firm = actions.claim_enterprise(name=name, uscc=_uscc(700 + number), by=actor_for(account, at=at), at=at)
    _state(firm, industry, staff, at=at)
    return actor_for(account, at=at + timedelta(seconds=1)), firm


def _state(firm: Party, industry: str, staff: int | None, *, at: datetime) -> None:
    """Put an enterprise in its street and state its industry and staff."""
    from zerotrip.facts.actions import Statement, record
    from zerotrip.parties.access import SYSTEM

    if not firm.area_path:
        firm.area_path = STREET
        firm.save(update_fields=["area_path"])
    day = date(at.year, at.month, 1)
    said = [
        Statement("industry", industry, day, "registry"),
        Statement("revenue", "3000000", date(at.year - 1, 12, 31), "tax"),
    ]
    if staff is not None:
        said.append(Statement("staff", str(staff), day, "insurance"))
    record(firm.pk, said, by=SYSTEM, at=at, key=uuid5(_KEYS, f"facts:{firm.uscc}"))


def _run(name: str, *, clerk: Actor, at: datetime) -> Run:
    from zerotrip.policies.unasked import actions

    run = actions.draft(POLICY, by=clerk, at=at, key=uuid5(_KEYS, name))
    actions.go_on(run.pk, at=at)
    return actions.announce(run.pk, by=clerk, at=at + timedelta(minutes=20))


def _grant(run: Run, firm: Party) -> Grant:
    from zerotrip.policies.unasked.models import Grant

    return Grant.objects.get(run=run, party=firm)


def _agree(run: Run, owner: Actor, firm: Party, *, at: datetime) -> None:
    from zerotrip.policies.unasked import actions

    account: dict[str, Any] = {"holder": firm.name, "bank": "示范银行济南示范支行", "number": "6222020000001234567"}
    actions.agree(_grant(run, firm).pk, **account, by=owner, at=at)


def _paid(firms: list[tuple[Actor, Party]], *, clerk: Actor, leader: Actor, at: datetime) -> None:
    """Announced, agreed to by all but the last, listed, approved, and paid to all but one."""
    from zerotrip.policies.unasked import actions

    run = _run("first", clerk=clerk, at=at)
    for hours, (owner, firm) in enumerate(firms[:-1], 2):
        _agree(run, owner, firm, at=at + timedelta(hours=hours))
    over = (run.notice_until or at) + timedelta(hours=16)
    actions.close(run.pk, by=clerk, at=over)
    payment = actions.make_list(run.pk, by=clerk, at=over, key=uuid5(_KEYS, "list"))
    actions.check_list(payment.pk, at=over)
    actions.approve(payment.pk, by=leader, at=over + timedelta(hours=1))
    done = over + timedelta(days=2)
    _settle(payment, len(firms) - 1, by=clerk, at=done)
    actions.finish(run.pk, by=clerk, at=done + timedelta(days=20))


def _settle(payment: PaymentList, count: int, *, by: Actor, at: datetime) -> None:
    """What the bank answered, as a file: all were paid but the last."""
    from zerotrip.policies.unasked import actions

    results = ["成功,"] * (count - 1) + ["退回,户名与账号不符"]
    rows = [f"{payment.number}-{line:04},{result}" for line, result in enumerate(results, 1)]
    file = io.BytesIO("\n".join(["支付编号,结果,原因", *rows]).encode())
    key = uuid5(_KEYS, "answer")
    actions.hand_in(file, payment.pk, name="示范银行支付结果.csv", language="zh-hans", by=by, at=at, answer_id=key)
    actions.take_answer(key, at=at)


def _announced(agreeing: tuple[Actor, Party], *, clerk: Actor, at: datetime) -> None:
    """In notice: one agreed, one objection to be answered, the shopkeeper's to be confirmed."""
    from zerotrip.parties.access import NOBODY
    from zerotrip.policies.unasked import actions
    from zerotrip.policies.unasked.models import Grant

    run = _run("second", clerk=clerk, at=at)
    owner, firm = agreeing
    _agree(run, owner, firm, at=at + timedelta(hours=3))
    doubted = Grant.objects.filter(run=run, status="proposed").order_by("-amount").first()
    actions.object_to(
        run.pk,
        grant_id=doubted.pk if doubted else None,
        name="示范街道居民",
        phone="13800009999",
        text="这家店上个月已经关门，请核实。",
        by=NOBODY,
        at=at + timedelta(hours=5),
        key=uuid5(_KEYS, "objection"),
    )
