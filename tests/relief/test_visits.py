"""Rounds of visits: who goes by when, what was found, the needs that come of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from openpyxl import Workbook

from tests import world
from tests.files.samples import image, pdf
from tests.helped import FIRST, PARK, SECOND, asked, seat
from zerotrip.cases.leaving import hand_over
from zerotrip.cases.models import Case, Door
from zerotrip.channels.models import Notice
from zerotrip.duties.actions import answering, ordering
from zerotrip.duties.actions.ordering import Order
from zerotrip.duties.models import Kind, Obligation, RecordFile, Requirement, Status
from zerotrip.duties.queries import checklists
from zerotrip.errors import Invalid, NotAllowed, NotFound, Stale
from zerotrip.files.attaching import MOST, receive
from zerotrip.parties.models import Area, Membership, MembershipKind, Party, PartyKind, Role
from zerotrip.relief.visits import choosing, queries
from zerotrip.relief.visits.actions import give_round, plan_visit, record_visit
from zerotrip.relief.visits.actions.rounds import add_firms
from zerotrip.relief.visits.planning import Wish, plan
from zerotrip.workdays.calendar import CHINA
from zerotrip.workdays.models import CalendarDay
from zerotrip.workdays.queries import forget_calendars

pytestmark = pytest.mark.django_db

AT = world.MORNING
"""Tuesday, 3 March 2026, 09:30 in China."""
FRIDAY = date(2026, 3, 6)
FOUND = {"how": "on-site", "met": "王经理", "running": "normal", "staff_present": "40", "notes": "都在岗。"}


@pytest.fixture
def lead(helped):
    """Whoever leads the enterprise service centre: gives rounds over the whole district."""
    return world.acting(helped.lead)


@pytest.fixture
def people(helped):
    """Two who go for the centre."""
    return [seat(name, "enterprise-service", Role.HELPER) for name in ("走访甲", "走访乙")]


def firms(count: int, *areas: str) -> list[Party]:
    paths = [Area.objects.get(pk=area).path for area in areas or (FIRST, SECOND)]
    return [
        Party.objects.create(
            kind=PartyKind.ENTERPRISE,
            name=f"济南虚构工地{place:02}",
            uscc=world.uscc(700 + place),
            area_path=paths[place % len(paths)],
            created_at=AT,
        )
        for place in range(count)
    ]


def form(name: str = "visit") -> Requirement:
    return next(one for one in checklists(Kind.VISIT) if f":{name}:" in one.slug)


def wish(*people, last: date | None = FRIDAY, **more) -> Wish:
    told = {"title": "工地走访", "checklist": form().pk, "named": False, **more}
    return Wish(last=last, people=tuple(one.person.pk for one in people), **told)


def office(actor):
    return actor.seats[0].department_id


def give(lead, sites, told, *, key=None, at=AT, part_of=None) -> Requirement:
    return give_round(sites, told, office=office(lead), key=key or uuid4(), by=lead, at=at, part_of=part_of)


def visit_of(order: Requirement, firm: Party) -> Obligation:
    return Obligation.objects.get(requirement=order, about=firm)


def told(template: str) -> list[str]:
    world.tell_queued()
    return sorted(Notice.objects.filter(template=template).values_list("user__person__name", flat=True))


def closes(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=CHINA)


def test_firms_are_shared_out_evenly_and_neighbours_go_to_one_person(lead, people):
    sites = firms(39, FIRST, SECOND)
    order = give(lead, sites, wish(*people))
    rows = list(Obligation.objects.filter(requirement=order))
    shares = {one.person.pk: [row for row in rows if row.owner_id == one.person.pk] for one in people}
    assert sorted(len(own) for own in shares.values()) == [19, 20]
    assert {row.area_path for row in shares[people[0].person.pk]} == {Area.objects.get(pk=FIRST).path}
    assert {row.due_at for row in rows} == {closes(FRIDAY)}
    assert told("orders_given") == ["走访乙", "走访甲"]


def test_so_many_a_day_fill_working_days_and_make_up_days_and_leave_out_holidays(lead, people):
    # The Saturday is worked, the Monday is not.
    CalendarDay.objects.create(date=date(2026, 3, 7), working=True, name="调休")
    CalendarDay.objects.create(date=date(2026, 3, 9), working=False, name="假日")
    forget_calendars()
    seat_ = lead.seats[0]
    told = wish(people[0], last=date(2026, 3, 10), a_day=2)
    planned = plan(firms(12), told, seat=seat_, at=AT)
    days = [due.astimezone(CHINA).date().day for due, _count in planned.days]
    assert days == [3, 4, 5, 6, 7, 10]
    assert {count for _due, count in planned.days} == {2}
    with pytest.raises(Invalid) as refused:
        plan(firms_again(13), told, seat=seat_, at=AT)
    assert list(refused.value.problems) == ["a_day"]


def firms_again(count: int) -> list[Party]:
    found = list(Party.objects.filter(name__startswith="济南虚构工地").order_by("name"))
    return [*found, *[world.enterprise(f"济南虚构厂{place}", 990 + place) for place in range(count - len(found))]]


def test_the_person_named_for_a_firm_goes_and_those_chosen_go_where_nobody_is(helped, lead, people):
    sites = firms(4)
    for site, user in ((sites[0], people[1]), (sites[1], helped.duty)):
        Membership.objects.create(
            person=user.person,
            organisation=site,
            kind=MembershipKind.HELPER,
            during=DateTimeTZRange(AT - timedelta(days=1), None),
        )
    planned = plan(sites, wish(named=True), seat=lead.seats[0], at=AT)
    assert [firm.pk for firm in planned.without] == [sites[2].pk, sites[3].pk]
    planned = plan(sites, wish(people[0], named=True), seat=lead.seats[0], at=AT)
    goes = {visit.firm.pk: visit.person for visit in planned.visits}
    assert goes == {
        sites[0].pk: people[1].person.pk,
        sites[1].pk: helped.duty.person.pk,
        sites[2].pk: people[0].person.pk,
        sites[3].pk: people[0].person.pk,
    }
    with pytest.raises(Invalid) as refused:
        give(lead, sites, wish(named=True))
    assert list(refused.value.problems) == ["people"]


def test_nobody_orders_those_of_a_wider_office(helped, people):
    site = firms(1, SECOND)[0]
    Membership.objects.create(
        person=people[0].person,
        organisation=site,
        kind=MembershipKind.HELPER,
        during=DateTimeTZRange(AT - timedelta(days=1), None),
    )
    duty = world.acting(helped.duty)
    assert plan([site], wish(named=True), seat=duty.seats[0], at=AT).without == [site]


def test_the_first_day_is_the_next_on_which_somebody_can_go(lead, people):
    evening = AT + timedelta(hours=10)
    planned = plan(firms(2), wish(people[0], a_day=1), seat=lead.seats[0], at=evening)
    assert [due.astimezone(CHINA).day for due, _count in planned.days] == [4, 5]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"title": " "}, "title"),
        ({"last": None}, "last"),
        ({"last": date(2026, 3, 2)}, "last"),
        ({"last": date(2036, 3, 2)}, "last"),
        ({"a_day": 0}, "a_day"),
        ({"a_day": 51}, "a_day"),
        ({"checklist": None}, "checklist"),
        ({"people": ()}, "people"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nobody_is_sent(lead, people, changed, place):
    given = wish(people[0])
    with pytest.raises(Invalid) as refused:
        give(lead, firms(2), Wish(**{**vars(given), **changed}))
    assert list(refused.value.problems) == [place]
    assert not Requirement.objects.filter(issuer__isnull=False).exists()


def test_a_round_without_firms_is_none(lead, people):
    with pytest.raises(Invalid) as refused:
        give(lead, [], wish(people[0]))
    assert list(refused.value.problems) == ["firms"]


def test_the_same_press_gives_it_once_and_it_can_be_a_part_of_a_directive(lead, people):
    directive = ordering.issue(Order(Kind.DIRECTIVE, "工地防控"), office=office(lead), key=uuid4(), by=lead, at=AT)
    key, sites = uuid4(), firms(3)
    for _press in range(2):
        order = give(lead, sites, wish(people[0]), key=key, part_of=directive)
    assert order.part_of_id == directive.pk
    assert Obligation.objects.filter(subject=directive.pk).count() == 3


def test_clerks_and_strangers_give_no_rounds(helped, people):
    sites = firms(1)
    for who in (helped.district.clerk, helped.district.applicant):
        with pytest.raises(NotAllowed):
            give_round(sites, wish(people[0]), office=uuid4(), key=uuid4(), by=who, at=AT)


def test_more_firms_are_added_and_those_there_stay(lead, people):
    sites = firms(3)
    order = give(lead, sites[:2], wish(people[0]))
    assert len(add_firms(order, sites, wish(people[1]), by=lead, at=AT)) == 1
    assert visit_of(order, sites[2]).owner_id == people[1].person.pk
    assert visit_of(order, sites[0]).owner_id == people[0].person.pk


def test_lines_name_firms_by_code_or_whole_name_and_the_rest_is_told(lead):
    one, two, *_others = firms(4)
    twin = world.enterprise(one.name, 801)
    text = f"{two.uscc.lower()}\n\n {two.name} \n{one.name}\n没有这家\n{world.uscc(999)}\n{twin.uscc}"
    found = choosing.of_lines(text, lead)
    assert [firm.pk for firm in found.firms] == [two.pk, twin.pk]
    assert found.unknown == ["没有这家", world.uscc(999)]
    assert found.several == [one.name]


def test_firms_of_other_areas_are_not_found(helped):
    site = firms(1, FIRST)[0]
    assert choosing.of_lines(site.name, world.acting(helped.duty)).unknown == [site.name]


def test_the_column_with_the_codes_is_found_in_a_workbook(tmp_path):
    book = Workbook()
    page = book.active
    page.append(["在建工地名单", None, None])
    page.append(["序号", "企业名称", "统一社会信用代码"])
    page.append([1, "济南虚构工地00", "A"])
    page.append([2, "济南虚构工地01", "B"])
    book.save(tmp_path / "a.xlsx")
    assert choosing.lines_of(tmp_path / "a.xlsx") == ["A", "B"]
    bare = Workbook()
    bare.active.append(["济南虚构工地00"])
    bare.save(tmp_path / "b.xlsx")
    assert choosing.lines_of(tmp_path / "b.xlsx") == ["济南虚构工地00"]


@pytest.fixture
def visited(helped, lead):
    """A visit of the firm the duty officer of the second subdistrict has to make."""
    helped.firm.area_path = Area.objects.get(pk=PARK).path
    helped.firm.save(update_fields=["area_path"])
    order = give(lead, [helped.firm], wish(helped.duty))
    return visit_of(order, helped.firm)


def test_a_visit_and_its_needs_are_kept_together_once(helped, visited):
    duty, key = world.acting(helped.duty), uuid4()
    needs = [asked("need-space"), asked("need-labour")]
    for _press in range(2):
        cases = record_visit(visited, FOUND, needs, door=Door.PHONE, key=key, by=duty, at=AT)
    assert len(cases) == 2
    assert Case.objects.count() == 2
    assert {case.door for case in cases} == {Door.PHONE}
    assert {(case.need.source, case.need.source_id) for case in cases} == {("visit", visited.pk)}
    visited.refresh_from_db()
    assert (visited.status, visited.records.count()) == (Status.KEPT, 1)
    assert queries.needs_counted([visited.pk], duty)[visited.pk] == 2
    assert [(one.opens, one.who) for one in queries.needs_of([visited.pk], duty)] == [(True, "值班员")] * 2


def test_lists_count_the_visits_and_needs_their_reader_may_see(helped, visited, lead):
    duty = world.acting(helped.duty)
    record_visit(visited, FOUND, [asked("need-space")], key=uuid4(), by=duty, at=AT)
    outsider = world.acting(world.staff("elsewhere", "approval-bureau", Role.CLERK))
    assert queries.last_visits([helped.firm.pk], duty)
    assert not queries.last_visits([helped.firm.pk], outsider)
    assert queries.needs_counted([visited.pk], duty)[visited.pk] == 1
    assert queries.needs_counted([visited.pk], outsider)[visited.pk] == 0


def test_nothing_is_kept_when_a_need_or_an_answer_is_wrong_and_all_of_it_is_said(helped, visited):
    duty = world.acting(helped.duty)
    bad = asked("need-space", title="")
    with pytest.raises(Invalid) as refused:
        record_visit(visited, {**FOUND, "staff_present": "许多"}, [bad], key=uuid4(), by=duty, at=AT)
    assert set(refused.value.problems) == {"visit-staff_present", "need-0-title"}
    with pytest.raises(Invalid):
        record_visit(visited, FOUND, [bad], key=uuid4(), by=duty, at=AT)
    visited.refresh_from_db()
    assert (visited.status, visited.records.count(), Case.objects.count()) == (Status.OPEN, 0, 0)


def test_a_visit_can_be_added_to_with_a_further_need(helped, visited):
    duty = world.acting(helped.duty)
    record_visit(visited, FOUND, key=uuid4(), by=duty, at=AT)
    record_visit(visited, FOUND, [asked("need-space")], key=uuid4(), by=duty, at=AT + timedelta(days=1))
    assert (visited.records.count(), Case.objects.count()) == (2, 1)


def test_only_whoever_has_to_go_writes_it_down(helped, visited):
    for who in (helped.helper, helped.second):
        with pytest.raises(NotAllowed):
            record_visit(visited, FOUND, key=uuid4(), by=world.acting(who), at=AT)


def test_who_was_not_reached_stays_open_with_the_tries(helped, visited):
    duty = world.acting(helped.duty)
    key = uuid4()
    for _press in range(2):
        answering.note_try(visited, note="打了两次没人接", key=key, by=duty, at=AT)
    (mine,) = queries.my_visits(duty, at=AT).week
    assert (mine.obligation.pk, mine.tries) == (visited.pk, 1)


def test_mine_are_grouped_by_day(helped, lead, people):
    sites = firms(4)
    days = [AT + timedelta(hours=1), AT + timedelta(days=2), AT + timedelta(days=8), AT + timedelta(hours=2)]
    ordering.issue(
        Order(Kind.VISIT, "走访"),
        [ordering.Asked(people[0].person.pk, due, site.pk) for site, due in zip(sites, days, strict=True)],
        office=office(lead),
        key=uuid4(),
        by=lead,
        at=AT,
    )
    mine = queries.my_visits(world.acting(people[0]), at=AT + timedelta(hours=1, minutes=30))
    counts = [len(group) for group in (mine.late, mine.today, mine.week, mine.later, mine.done)]
    assert counts == [1, 1, 1, 1, 0]
    assert queries.my_visits(world.acting(people[1]), at=AT).open == 0


def test_a_visit_is_handed_on_with_a_reason_and_both_are_told(helped, lead, people):
    order = give(lead, firms(1), wish(people[0]))
    visit = order.obligations.get()
    with pytest.raises(Invalid) as refused:
        ordering.hand_on(visit, owner=people[1].person.pk, reason=" ", by=lead, at=AT)
    assert list(refused.value.problems) == ["reason"]
    with pytest.raises(NotAllowed):
        ordering.hand_on(visit, owner=people[1].person.pk, reason="x", by=world.acting(helped.duty), at=AT)
    ordering.hand_on(visit, owner=people[1].person.pk, reason="甲请假", by=lead, at=AT)
    visit.refresh_from_db()
    assert (visit.owner_id, visit.records.get().what) == (people[1].person.pk, "handed_on")
    assert told("order_withdrawn") == ["走访甲"]
    assert "走访乙" in told("order_given")
    record_visit(visit, FOUND, key=uuid4(), by=world.acting(people[1]), at=AT)
    with pytest.raises(Stale):
        ordering.hand_on(visit, owner=people[0].person.pk, reason="再换", by=lead, at=AT)


def test_the_open_visits_of_a_leaver_go_to_the_successor(helped, lead, people):
    leaver, successor = people
    sites = firms(3)
    order = give(lead, sites, wish(leaver))
    record_visit(visit_of(order, sites[0]), FOUND, key=uuid4(), by=world.acting(leaver), at=AT)
    hand_over(leaver, to=world.acting(successor), by=lead, at=AT)
    owners = {site.pk: visit_of(order, site).owner_id for site in sites}
    assert owners[sites[0].pk] == leaver.person.pk
    assert {owners[site.pk] for site in sites[1:]} == {successor.person.pk}
    assert "走访乙" in told("orders_given")


def test_the_board_says_who_went_who_is_late_and_who_was_not_reached(helped, lead, people):
    sites = firms(6, FIRST, SECOND)
    order = give(lead, sites, wish(*people, a_day=1))
    first = visit_of(order, sites[0])
    actor = world.acting(people[0])
    record_visit(first, FOUND, key=uuid4(), by=actor, at=AT)
    answering.note_try(visit_of(order, sites[2]), note="没人", key=uuid4(), by=actor, at=AT)
    late = AT + timedelta(days=1, hours=9)
    board = queries.board_of(order, lead, at=late)
    assert (board.total.asked, board.total.done, board.total.late, board.total.unreached) == (6, 1, 3, 1)
    assert [line.asked for line in board.streets] == [3, 3]
    assert sum(line.done for line in board.people) == 1
    assert board.visits[0].obligation.is_late(late)
    assert not queries.board_of(order, world.acting(helped.second), at=late).visits


def test_the_block_shows_visits_to_those_who_may_see_them(helped, visited, lead):
    duty = world.acting(helped.duty)
    record_visit(visited, FOUND, [asked("need-space")], key=uuid4(), by=duty, at=AT)
    block = queries.block_of(helped.firm, duty, AT)
    (shown,) = block["visits"]
    assert (shown.note, shown.needs, shown.obligation.owner.name) == ("都在岗。", 1, "值班员")
    assert queries.block_of(helped.firm, world.acting(helped.second), AT)["visits"] == []
    assert queries.block_of(helped.firm, helped.district.clerk, AT) is None
    assert queries.block_of(helped.firm, helped.supervisor, AT)["visits"]


def test_one_visit_is_planned_for_one_firm_once_and_is_no_round(helped, lead):
    key = uuid4()
    for _press in range(2):
        visit = plan_visit(
            helped.firm,
            person=helped.lead.person.pk,
            day=FRIDAY,
            checklist=form().pk,
            why="了解订单",
            office=office(lead),
            key=key,
            by=lead,
            at=AT,
        )
    assert (visit.due_at, visit.about_id) == (closes(FRIDAY), helped.firm.pk)
    assert not queries.rounds(lead).exists()
    with pytest.raises(NotFound):
        queries.load_visit(visit.pk, helped.district.stranger)


def test_a_visit_keeps_its_pictures_with_its_notes_and_an_addition_keeps_its_own(helped, visited):
    going = world.acting(helped.duty)
    picture = receive(BytesIO(image()), name="车间.png", at=AT)
    paper = receive(BytesIO(pdf()), name="合同.pdf", at=AT)
    record_visit(visited, FOUND, files=[picture], key=uuid4(), by=going, at=AT)
    record_visit(visited, FOUND, files=[paper], key=uuid4(), by=going, at=AT + timedelta(minutes=5))
    assert [one.name for one in RecordFile.objects.all()] == ["车间.png", "合同.pdf"]
    assert RecordFile.objects.visible_to(world.acting(helped.second)).count() == 0
    assert RecordFile.objects.visible_to(going).count() == 2


def test_too_many_pictures_of_a_visit_are_said_beside_what_else_is_wrong_and_nothing_is_kept(helped, visited):
    going = world.acting(helped.duty)
    many = [receive(BytesIO(image(colour=(shade, 9, 9))), name="a.png", at=AT) for shade in range(MOST + 1)]
    with pytest.raises(Invalid) as refused:
        record_visit(visited, FOUND, [asked("need-labour", title="")], files=many, key=uuid4(), by=going, at=AT)
    assert {"files", "need-0-title"} <= set(refused.value.problems)
    assert not RecordFile.objects.exists()
