"""The demo's visits: all 39 building sites called, a firm whose revenue falls, a visit that raised two needs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

if TYPE_CHECKING:
    from zerotrip.duties.models import Obligation
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

LEAD, DUTY = "help@demo.test", ("duty1@demo.test", "duty2@demo.test", "duty3@demo.test")
STREETS = ("370199001000", "370199002000", "370199003000")
_NAMES = (
    "青松 碧波 云岭 和风 朝晖 晴川 白鹭 金秋 紫藤 红枫 银杏 玉兰 海棠",
    "翠竹 芳草 长虹 丹霞 望岳 听泉 观澜 揽月 拾光 向阳 安宁 福田 祥云",
    "锦绣 书香 百合 雪松 杏林 桃源 麦香 稻田 采薇 南山 北湖 东篱 西园",
)
SITES = [name for line in _NAMES for name in line.split()]
"""Of 39 sites that are nowhere, thirteen in each subdistrict."""
FALLING, TALKATIVE = "济南示例泵业有限公司", "济南示例包装印刷有限公司"
BEGAN, VISITED = 6, 22
"""Days ago the round was given; how many have been called since, at most."""


def load(*, at: datetime) -> None:
    """Put the sites, the round, the warnings and the visits in place."""
    from zerotrip.duties.models import Kind
    from zerotrip.duties.queries import checklists
    from zerotrip.parties.models import User

    forms = {form.slug.split(":")[2]: form for form in checklists(Kind.VISIT)}
    if "site-call" not in forms or not User.objects.filter(email=LEAD).exists():  # another pack was loaded
        return
    _round(_sites(at=at), forms["site-call"].pk, at=at)
    _fall(at=at)
    _warn(forms["visit"].pk, at=at)
    _visit_with_needs(forms["visit"].pk, at=at)


def _actor(email: str, at: datetime) -> Actor:
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    return actor_for(User.objects.get(email=email), at=at)


def _key(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"zerotrip:demo:visits:{name}")


def _sites(*, at: datetime) -> list[Party]:
    from config.demo_record import uscc
    from zerotrip.parties.models import Area, Party, PartyKind

    paths = dict(Area.objects.filter(pk__in=STREETS).values_list("pk", "path"))
    sites = [
        Party(
            id=_key(name),
            kind=PartyKind.ENTERPRISE,
            name=f"济南示例{name}工地建设有限公司",
            uscc=uscc(600 + place),
            area_path=paths[STREETS[place // 13]],
            address=f"虚构{name}路 {place + 1} 号",
            phone=f"138000003{place:02}",
            created_at=at - timedelta(days=60),
        )
        for place, name in enumerate(SITES)
    ]
    return Party.objects.bulk_create(sites)


def _round(sites: list[Party], form: UUID, *, at: datetime) -> None:
    """Given a week ago; most were called since, some did not answer, some are late."""
    from zerotrip.duties.actions.answering import note_try
    from zerotrip.duties.models import Obligation
    from zerotrip.relief.visits.actions import give_round
    from zerotrip.relief.visits.planning import Wish

    since = at - timedelta(days=BEGAN)
    lead = _actor(LEAD, since)
    people = tuple(_actor(email, since).person for email in DUTY)
    wish = Wish(
        "联系全部 39 个建筑工地",
        why="逐个联系在建工地，了解在场人数、封闭管理和防护物资；有困难的当场登记诉求。",
        checklist=form,
        last=_working(since, 9),
        named=False,
        people=people,
        a_day=2,
    )
    office = lead.seats[0].department_id
    order = give_round(sites, wish, office=office, key=_key("round"), by=lead, at=since)
    rows = list(
        Obligation.objects.filter(requirement=order).select_related("owner__account").order_by("due_at", "key")
    )
    for place, row in enumerate(rows[:VISITED]):
        if place % 9 == 4:  # nobody picked up
            by = _actor(str(row.owner.account.email), since)
            told = "上午、下午各打一次电话，没有人接。"
            note_try(row, note=told, key=_key(f"try:{place}"), by=by, at=row.due_at - timedelta(hours=3))
        elif row.due_at - timedelta(hours=4) < at:
            _call(row, place, at=row.due_at - timedelta(hours=4 - place % 3))


def _call(row: Obligation, place: int, *, at: datetime) -> None:
    from zerotrip.relief.visits.actions import record_visit

    workers = 24 + 7 * (place % 11)
    said = {
        "how": ("phone", "on-site")[place % 3 == 0],
        "met": ("项目经理", "安全员", "劳资员")[place % 3],
        "workers": str(workers),
        "living": str(workers * 3 // 4),
        "closed": place % 4 != 1,
        "supplies": str(3 + place % 9),
        "notes": ("", "口罩和消毒液只够几天。", "有 6 人回乡未返。")[place % 3],
    }
    by = _actor(str(row.owner.account.email), at)
    record_visit(row, said, key=_key(f"call:{place}"), by=by, at=at)


def _fall(*, at: datetime) -> None:
    """The figures of a firm that has lost half its orders."""
    from config.demo_record import months_of
    from zerotrip.facts.actions import record
    from zerotrip.facts.queries import day_of
    from zerotrip.parties.access import SYSTEM
    from zerotrip.parties.models import Party

    firm = Party.objects.get(name=FALLING)
    told = [one for one in months_of(14, day_of(at), falling=True) if one.name == "monthly_revenue"]
    record(firm.pk, told, by=SYSTEM, at=at, key=_key("figures"), reason="演示数据")


def _warn(form: UUID, *, at: datetime) -> None:
    """Ask the warnings, as each night does; one of the firms has a visit planned already."""
    from zerotrip.duties.models import Kind, Obligation
    from zerotrip.parties.models import Party
    from zerotrip.relief.visits.actions import plan_visit, warn_all

    warn_all(at=at)
    firm = Party.objects.get(name=FALLING)
    warning = Obligation.objects.filter(kind=Kind.WARNING, about=firm).first()
    if warning is None:
        return
    who = _owner(warning, at)
    plan_visit(
        firm,
        person=who.person,
        day=_working(at, 2),
        checklist=form,
        why="营业收入近三个月下降很多，了解订单和用工，看看能不能对接区内采购单位。",
        office=who.seats[0].department_id,
        key=_key("planned"),
        by=who,
        at=at,
        warning=warning.pk,
    )


def _owner(warning: Obligation, at: datetime) -> Actor:
    """Whoever has to decide: the person named for the firm, or the duty officer."""
    from zerotrip.parties.models import User

    account = User.objects.filter(person=warning.owner_id).first()
    return _actor(str(account.email) if account is not None else DUTY[0], at)


def _working(at: datetime, days: int) -> date:
    from zerotrip.workdays.calendar import CHINA
    from zerotrip.workdays.queries import calendar_for

    return calendar_for("/").working_day_after(at.astimezone(CHINA).date(), days)


def _visit_with_needs(form: UUID, *, at: datetime) -> None:
    """The duty officer of the second subdistrict went to a printer, who told of two things."""
    from zerotrip.cases.actions.needs import Asked
    from zerotrip.catalogue.models import Service
    from zerotrip.parties.models import Party
    from zerotrip.relief.visits.actions import plan_visit, record_visit

    since = at - timedelta(days=2)
    firm, duty = Party.objects.get(name=TALKATIVE), _actor(_duty_of(TALKATIVE), since)
    visit = plan_visit(
        firm,
        person=duty.person,
        day=_working(since, 3),
        checklist=form,
        why="了解复工情况。",
        office=duty.seats[0].department_id,
        key=_key("visit"),
        by=duty,
        at=since,
    )
    where = {"area": firm.area_path.rstrip("/").rpartition("/")[2], "detail": "虚构印刷路 5 号"}
    contact = {"site": where, "contact_name": "纪厂长", "contact_phone": "13800000399"}
    told: list[tuple[str, dict[str, Any]]] = [
        ("need-labour", {"title": "缺八名装订工", "detail": "订单回来了，人还差八个。", "people": "8"}),
        ("need-logistics", {"title": "成品发不出去", "detail": "物流公司停运，成品压了三天。", "goods": "印刷品"}),
    ]
    needs = [
        Asked(Service.objects.get(pk=subject), {**said, **contact})
        for subject, said in told
        if Service.objects.offered().filter(pk=subject).exists()
    ]
    said = {
        "how": "on-site",
        "met": "纪厂长",
        "running": "reduced",
        "staff_present": "31",
        "reason": "staff",
        "notes": "两台机器停着，缺装订工；成品发不出去，占着仓库。",
    }
    record_visit(visit, said, needs, key=_key("visited"), by=duty, at=since + timedelta(hours=3))


def _duty_of(name: str) -> str:
    """The duty officer of the subdistrict a firm lies in."""
    from zerotrip.parties.models import Party

    path = Party.objects.get(name=name).area_path
    return DUTY[next(place for place, code in enumerate(STREETS) if f"/{code}/" in path)]
