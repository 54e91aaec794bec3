"""The demo's helpers and needs: who has the duty of which subdistrict, two teams, needs in several states."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import uuid4

if TYPE_CHECKING:
    from zerotrip.cases.models import Assignment, Case
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party, User

FIRST, SECOND, THIRD = "370199001000", "370199002000", "370199003000"
PARK = "370199002002"


class Helper(NamedTuple):
    """Somebody who helps with needs."""

    email: str
    name: str
    office: str
    roles: tuple[str, ...]
    role: str
    """What they do, in both languages."""
    area: str = ""
    """Of an office that every subdistrict has."""
    team: str = ""


HELPERS = (
    Helper("help@demo.test", "宁牵头", "enterprise-service", ("leader",), "诉求牵头 Leads with needs"),
    Helper("help-head@demo.test", "汪主任", "enterprise-service", ("head",), "中心主任 Head of the centre"),
    Helper("admin@demo.test", "关规则", "enterprise-service", ("administrator",), "分派规则管理 Routing rules"),
    Helper("duty1@demo.test", "齐一街", "subdistrict-office", ("duty",), "一街道诉求值班 Duty, first", FIRST),
    Helper("duty2@demo.test", "程二街", "subdistrict-office", ("duty",), "二街道诉求值班 Duty, second", SECOND),
    Helper("duty3@demo.test", "邵三街", "subdistrict-office", ("duty",), "三街道诉求值班 Duty, third", THIRD),
    Helper("park@demo.test", "袁园区", "park", ("helper",), "园区帮办 Park helper", SECOND),
    Helper("labour@demo.test", "任用工", "human-resources", ("helper",), "人社帮办 Labour helper"),
    Helper("trade@demo.test", "尚外贸", "commerce", ("helper",), "商务帮办 Trade helper"),
    Helper("tax@demo.test", "舒税费", "taxation", ("helper",), "税务帮办 Tax helper"),
    Helper(
        "sampler@demo.test", "康采样", "health", ("helper",), "上门采样专班 On-site sampling", "", "testing-team"
    ),
    Helper(
        "finance@demo.test", "钱融资", "enterprise-service", ("helper",), "融资专班 Finance", "", "finance-team"
    ),
)


class Staff(Protocol):
    """Registers one member of staff."""

    def __call__(self, email: str, name: str, office: str, roles: tuple[str, ...], *, at: datetime) -> None: ...


def load_helpers(staff: Staff, *, at: datetime) -> None:
    """Register those who help, in their offices and teams."""
    from zerotrip.parties.models import Party
    from zerotrip.parties.queries import area_path_of

    known = set(Party.objects.filter(code__in={one.office for one in HELPERS}).values_list("code", flat=True))
    for each in HELPERS:
        if each.office in known:  # another pack may have been loaded
            where = f"{each.office} {area_path_of(each.area)}" if each.area else each.office
            staff(each.email, each.name, where, each.roles, at=at)
    seat_teams(at=at)


def seat_teams(*, at: datetime) -> None:
    """Let those who belong to a team sit in it; rules that waited for them are followed."""
    from zerotrip.parties.access import SYSTEM
    from zerotrip.parties.actions import appoint
    from zerotrip.parties.models import Party, PartyKind, Role, User
    from zerotrip.relief.routing.actions import see_to_rules

    teams = {team.code: team for team in Party.objects.live().filter(kind=PartyKind.TEAM)}
    for each in HELPERS:
        account = User.objects.filter(email=each.email).first() if each.team in teams else None
        if account is not None and not teams[each.team].members.filter(person=account.person).exists():
            appoint(account.person, department=teams[each.team], role=Role.HELPER, by=SYSTEM, at=at)
    see_to_rules(at=at)


def _actor(email: str, at: datetime) -> Actor:
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    return actor_for(User.objects.get(email=email), at=at)


def _open(case: Case) -> Assignment:
    from zerotrip.cases.models import Assignment

    return Assignment.objects.get(case=case, kind="help", status="open")


def load_needs(people: dict[str, tuple[User, Party]], *, at: datetime) -> None:
    """Needs on their way: fresh, answered, planned and green, done and asked about, opened again, closed."""
    from config.demo import BUILDER, DEALER, INVESTOR
    from zerotrip.catalogue.models import Service

    if not Service.objects.offered().filter(pk="need-testing").exists():
        return
    _fresh(people[INVESTOR], at=at)
    _planned(people[INVESTOR], at=at)
    _asked_about(people[BUILDER], at=at)
    _opened_again(people[BUILDER], at=at)
    _closed(people[DEALER], at=at)


def raised(who: tuple[User, Party], *needs: tuple[str, dict[str, Any]], at: datetime) -> list[Case]:
    """Needs of one request, as the firm raises them."""
    from zerotrip.cases import actions
    from zerotrip.cases.actions.needs import Asked
    from zerotrip.catalogue.models import Service
    from zerotrip.parties.access import actor_for

    account, firm = who
    asked = [Asked(Service.objects.get(pk=subject), answers) for subject, answers in needs]
    by = actor_for(account, at=at)
    return actions.raise_needs(asked, applicant=firm, request=uuid4(), by=by, at=at)


def _need(title: str, detail: str, area: str, where: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "detail": detail, "site": {"area": area, "detail": where}, **more}


def _fresh(who: tuple[User, Party], *, at: datetime) -> None:
    raised(
        who,
        ("need-labour", _need("开工缺二十名装配工", "节后订单多，急需二十人。", PARK, "虚构路 8 号", people="20")),
        ("need-space", _need("想要一处八百平方米的仓库", "原仓库到期。", PARK, "虚构路 8 号", square_metres="800")),
        at=at + timedelta(seconds=1),
    )


def _planned(who: tuple[User, Party], *, at: datetime) -> None:
    """A green one: the team answered within the hour and goes there tomorrow."""
    from zerotrip.cases import actions

    since = at - timedelta(hours=5)
    words = _need("能不能给我们员工做核酸检测", "厂里 126 人，明天复工前要做。", PARK, "虚构路 8 号", people="126")
    (case,) = raised(who, ("need-testing", {**words, "what": "staff"}), at=since)
    sampler, lead = _actor("sampler@demo.test", at), _actor("help@demo.test", at)
    said = "您好，我是上门采样专班的康采样，由我负责到底。"
    actions.answer_need(_open(case), text=said, by=sampler, at=since + timedelta(minutes=18))
    reason = "126 人等检测复工，全员停工。"
    actions.put_in_green(case, contact=sampler, reason=reason, by=lead, at=since + timedelta(minutes=30))
    plan = "明天上午九点三人到厂采样，下午出结果。"
    actions.plan_need(_open(case), text=plan, by=sampler, at=since + timedelta(hours=1))


def _asked_about(who: tuple[User, Party], *, at: datetime) -> None:
    """Done, and waiting for the firm's word."""
    from zerotrip.cases import actions

    since = at - timedelta(days=2)
    words = _need("两车原料进不来", "两辆货车停在界外，没有通行证。", FIRST, "示范大道 1 号", goods="铝材")
    (case,) = raised(who, ("need-logistics", words), at=since)
    duty = _actor("duty1@demo.test", at)
    later = since + timedelta(minutes=25)
    actions.answer_need(_open(case), text="已联系交通部门，今天给您答复。", by=duty, at=later)
    done = "通行证已开，两车今天下午到厂。"
    actions.resolve_need(_open(case), outcome=done, by=duty, at=since + timedelta(hours=6))


def _opened_again(who: tuple[User, Party], *, at: datetime) -> None:
    """The firm was not content: one level up."""
    from zerotrip.cases import actions
    from zerotrip.cases.models import Grade, RatingDoor
    from zerotrip.parties.access import actor_for

    since = at - timedelta(days=3)
    (case,) = raised(
        who, ("need-tax", _need("留抵退税迟迟没有到", "申请两个月了。", FIRST, "示范大道 1 号")), at=since
    )
    tax = _actor("tax@demo.test", at)
    done = since + timedelta(hours=20)
    actions.resolve_need(_open(case), outcome="已提交审核，请等通知。", by=tax, at=done)
    firm = actor_for(who[0], at=at)
    actions.rate(
        case.pk,
        grade=Grade.BAD,
        door=RatingDoor.PORTAL,
        comment="只说等，没有日期。",
        by=firm,
        at=at - timedelta(minutes=40),
    )


def _closed(who: tuple[User, Party], *, at: datetime) -> None:
    from zerotrip.cases import actions
    from zerotrip.cases.models import Grade, RatingDoor
    from zerotrip.parties.access import actor_for

    since = at - timedelta(days=6)
    words = _need("消毒液只够用三天", "店里消毒液快用完，附近买不到。", THIRD, "田园路 3 号", item="消毒液")
    (case,) = raised(who, ("need-supplies", words), at=since)
    duty = _actor("duty3@demo.test", at)
    later = since + timedelta(minutes=12)
    actions.answer_need(_open(case), text="街道还有库存，下午送到。", by=duty, at=later)
    actions.resolve_need(_open(case), outcome="送去二十桶，够用一个月。", by=duty, at=since + timedelta(hours=4))
    firm = actor_for(who[0], at=at)
    actions.rate(
        case.pk,
        grade=Grade.VERY_GOOD,
        door=RatingDoor.PORTAL,
        comment="很快。",
        by=firm,
        at=since + timedelta(hours=5),
    )
