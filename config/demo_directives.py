"""The demo's directives: one from a meeting with two tasks to the streets, a notice and a report to firms."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from config.demo_needs import FIRST, SECOND, THIRD, Helper

if TYPE_CHECKING:
    from config.demo_needs import Staff
    from zerotrip.duties.actions.ordering import Order
    from zerotrip.duties.models import Obligation, Requirement
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party, User

_KEYS = UUID("8d0c2f52-6c65-5a39-8a3e-2f7b6f0c9d11")
CENTRE = "enterprise-service"
ISSUER = "help-head@demo.test"
"""Who issues them: the head of the district's enterprise service centre."""

HEAD, GRID = "street-head@demo.test", "grid@demo.test"
PEOPLE = (
    Helper(HEAD, "路主任", "subdistrict-office", ("leader",), "三街道负责人 Leads the third street", THIRD),
    Helper(GRID, "葛片区", "subdistrict-office", ("clerk",), "三街道片区 Works in the third street", THIRD),
)
"""Who answers for a street, and who works there."""


def load_people(staff: Staff, *, at: datetime) -> None:
    """Register those who work in the third street, where the pack has it."""
    from zerotrip.parties.models import Party
    from zerotrip.parties.queries import area_path_of

    path = area_path_of(THIRD)
    if Party.objects.filter(code="subdistrict-office", area_path=path).exists():
        for each in PEOPLE:
            staff(each.email, each.name, f"{each.office} {path}", each.roles, at=at)


def load(people: dict[str, tuple[User, Party]], *, at: datetime) -> None:
    """Issue them some days ago, let some answer, one pass on and one stay silent, as of ``at``."""
    from zerotrip.parties.models import Party, User

    offices = {
        path.strip("/").split("/")[-1]: office
        for office in Party.objects.live().filter(code="subdistrict-office")
        if (path := office.area_path)
    }
    there = User.objects.filter(email=ISSUER).exists() and Party.objects.filter(code=CENTRE).exists()
    if not there or not {FIRST, SECOND, THIRD} <= set(offices):
        return
    streets = [offices[code] for code in (FIRST, SECOND, THIRD)]
    order = _directive(streets, at=at)
    _notice(order, people, at=at)
    _report(people, at=at)


def _actor(email: str, at: datetime) -> Actor:
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User

    return actor_for(User.objects.get(email=email), at=at)


def _office() -> UUID:
    from zerotrip.parties.models import Party

    return Party.objects.live().get(code=CENTRE).pk


def _closes(moment: datetime) -> datetime:
    from zerotrip.workdays.calendar import CHINA

    return moment.astimezone(CHINA).replace(hour=17, minute=0, second=0, microsecond=0)


def _directive(streets: list[Party], *, at: datetime) -> Requirement:
    """What a meeting decided: a first task that one street answered, one passed on and one has not answered."""
    from zerotrip.duties.actions import ordering
    from zerotrip.duties.actions.ordering import Asked, Order
    from zerotrip.duties.models import Kind, Requirement
    from zerotrip.duties.queries import checklists

    begun = at - timedelta(days=6)
    by = _actor(ISSUER, begun)
    forms = {one.slug.split(":")[2]: one for one in checklists()}
    task = Order(Kind.TASK, "摸清辖区企业复工情况", form=forms["reopening"].form, checked=True)
    directive = Order(
        Kind.DIRECTIVE,
        "做好辖区企业复工复产服务",
        text="各街道摸清底数，逐户联系停工企业，困难当天报送；不得要求企业重复填表。",
        source="区企业服务专题会议 2026 年第 3 期",
    )
    key = uuid5(_KEYS, "directive")
    asked = [Asked(office.pk, _closes(at - timedelta(days=2))) for office in streets[:2]]
    asked.append(Asked(streets[2].pk, _closes(at + timedelta(days=2))))
    order = ordering.direct(directive, task, asked, office=_office(), key=key, by=by, at=begun)
    first = Requirement.objects.get(part_of=order)
    one, _late, passed = (first.obligations.get(owner=office) for office in streets)
    _answer(
        one, "duty1@demo.test", {"staff": "4200", "present": "3150", "rate": "most", "short": "缺货车司机"}, begun
    )
    _pass_on(passed, at=begun + timedelta(hours=5))
    word = Order(Kind.TASK, "公布街道企业服务电话", text="在办事大厅和公众号公布，报一句在哪里公布的。")
    asked = [Asked(office.pk, _closes(at + timedelta(days=3))) for office in streets]
    ordering.issue(
        word, asked, office=_office(), key=uuid5(_KEYS, "word"), by=by, at=begun + timedelta(days=1), part_of=order
    )
    return order


def _answer(obligation: Obligation, email: str, said: dict[str, str], begun: datetime, *, note: str = "") -> None:
    from zerotrip.duties.actions import answering

    at = begun + timedelta(days=1, hours=3)
    key = uuid5(_KEYS, f"{obligation.pk}:answer")
    answering.answer(obligation, said, note=note, key=key, by=_actor(email, at), at=at)


def _pass_on(obligation: Obligation, *, at: datetime) -> None:
    """The third street shares it out among two of its people; one has answered."""
    from zerotrip.duties.actions import ordering
    from zerotrip.duties.actions.ordering import Asked
    from zerotrip.parties.models import User

    people = [User.objects.get(email=email) for email in (GRID, "duty3@demo.test")]
    asked = [Asked(one.person_id, obligation.due_at - timedelta(hours=3)) for one in people]
    by = _actor(HEAD, at)
    (part, _silent) = ordering.pass_on(obligation, asked, note="按片区分头摸底，周内报我", by=by, at=at)
    _answer(part, GRID, {"staff": "860", "present": "610", "rate": "most", "short": "口罩只够用三天"}, at)


def _firms(people: dict[str, tuple[User, Party]]) -> list[Party]:
    return [firm for _account, firm in people.values()][:3]


def _given(
    order: Order, firms: list[Party], *, days: int, at: datetime, under: Requirement | None = None
) -> Requirement:
    from zerotrip.duties.actions import ordering
    from zerotrip.duties.actions.ordering import Asked

    return ordering.issue(
        order,
        [Asked(firm.pk, _closes(at + timedelta(days=days))) for firm in firms],
        office=_office(),
        key=uuid5(_KEYS, order.title),
        by=_actor(ISSUER, at),
        at=at,
        part_of=under,
    )


def _notice(under: Requirement, people: dict[str, tuple[User, Party]], *, at: datetime) -> None:
    """A notice to three firms, of which two signed."""
    from zerotrip.duties.actions import answering
    from zerotrip.duties.actions.ordering import Order
    from zerotrip.duties.models import Kind
    from zerotrip.parties.access import actor_for

    begun = at - timedelta(days=4)
    firms = _firms(people)
    text = "复工企业请落实体温检测和通风，缺口罩、缺人手、缺资金都可以在“企业诉求”里提，1 小时内有人联系您。"
    told = {"usccs": [firm.uscc for firm in firms], "count": len(firms)}
    notice = _given(
        Order(Kind.RECEIPT, "致复工企业的一封信", text=text, population=told), firms, days=6, at=begun, under=under
    )
    for account, firm in list(people.values())[:2]:
        owed = notice.obligations.get(owner=firm)
        signed = begun + timedelta(hours=2)
        by = actor_for(account, at=signed)
        answering.answer(owed, {}, key=uuid5(_KEYS, f"{owed.pk}:signed"), by=by, at=signed)


def _report(people: dict[str, tuple[User, Party]], *, at: datetime) -> None:
    """A report by itself, which the firms have yet to file."""
    from zerotrip.duties.actions.ordering import Order
    from zerotrip.duties.models import Kind
    from zerotrip.duties.queries import checklists

    form = next(one for one in checklists(Kind.REPORT) if ":reopening:" in one.slug).form
    firms = _firms(people)
    told = {"usccs": [firm.uscc for firm in firms], "count": len(firms)}
    text = "只填这一次，各部门共用，不再另行要求报送。"
    order = Order(Kind.REPORT, "复工复产情况", text=text, form=form, population=told)
    _given(order, firms, days=4, at=at - timedelta(days=1))
