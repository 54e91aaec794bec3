"""Warnings from figures: asked of all firms at once, once of the same figures, dealt with by the firm's helper."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import yaml
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext

from tests import world
from tests.helped import FIRST, PARK, asked, pack, seat
from tests.relief.test_visits import FOUND
from zerotrip.cases.models import Assignment
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.packs.checking import check
from zerotrip.channels.models import Notice
from zerotrip.channels.notices import text
from zerotrip.duties.models import Kind, Obligation, Requirement, Status
from zerotrip.duties.queries import checklists
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.facts.actions import Statement, record
from zerotrip.facts.queries import known_of, vocabulary
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Area, Membership, MembershipKind, Role
from zerotrip.relief.visits import queries
from zerotrip.relief.visits.actions import dismiss, plan_visit, record_visit, settle_recovered, turn_all, warn_all
from zerotrip.relief.visits.declared import spec_of, standing_of, stored
from zerotrip.relief.visits.showing import figures_of
from zerotrip.relief.visits.wording import percent

pytestmark = pytest.mark.django_db

AT = world.MORNING
"""3 March 2026: February is the last month there are figures of."""
WARNINGS = """
warnings:
  - id: revenue-falls
    name: {zh: 营业收入下降三分之一以上, en: Revenue down by a third}
    when: {fact: revenue_change, at_most: "-0.3333"}
    why:
      zh: 近三个月营业收入同比下降 {revenue_change:fall}。
      en: Revenue is {revenue_change:fall} below the year before.
    within: {amount: 2, unit: working_days, basis: {zh: 自定, en: Own}}
    again_after: 60
    subject: need-labour
    checklist: visit
    follow: [orders]
"""


def declare(tmp_path, text: str = WARNINGS):
    """The pack of needs with these warnings, loaded."""
    import shutil

    folder = tmp_path / uuid4().hex
    shutil.copytree(pack(), folder)
    (folder / "warnings.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def warned(helped, tmp_path):
    """The firm in the second subdistrict, with warnings declared."""
    load_pack(declare(tmp_path), by=SYSTEM, at=AT)
    helped.firm.area_path = Area.objects.get(pk=PARK).path
    helped.firm.save(update_fields=["area_path"])
    return helped


def last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def figures(firm, *, until: date, now: int, before: int = 100, at=AT) -> None:
    """Three months of revenue up to one, and the same of the year before."""
    said = []
    for back in range(3):
        number = until.year * 12 + until.month - 1 - back
        for years, amount in ((0, now), (1, before)):
            day = last_day(number // 12 - years, number % 12 + 1)
            said.append(Statement("monthly_revenue", amount, day, "tax", unit="万元"))
    record(firm.pk, said, by=SYSTEM, at=at, key=uuid4())


FEBRUARY, MARCH = last_day(2026, 2), last_day(2026, 3)


def warnings(**asked) -> list[Obligation]:
    return list(Obligation.objects.filter(kind=Kind.WARNING, **asked).order_by("opened_at"))


def told(template: str) -> list[str]:
    world.tell_queued()
    return sorted(Notice.objects.filter(template=template).values_list("user__person__name", flat=True))


def plan(warning, by, *, day=date(2026, 3, 6), key=None, at=AT):
    return plan_visit(
        warning.about,
        person=by.person,
        day=day,
        checklist=checklists(Kind.VISIT)[0].pk,
        why="",
        office=by.seats[0].department_id,
        key=key or uuid4(),
        by=by,
        at=at,
        warning=warning.pk,
    )


def test_a_fall_by_more_than_a_third_lets_the_duty_office_of_the_area_decide(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    assert warn_all(at=AT) == 1
    (warning,) = warnings()
    assert warning.owner.code == "subdistrict-office"
    assert (warning.subject, warning.about_id, warning.key) == (warned.firm.pk, warned.firm.pk, "2026-02-28")
    assert warning.context["why"]["zh"] == "近三个月营业收入同比下降 40%。"
    assert warning.context["figures"] == [
        {
            "fact": "revenue_change",
            "value": "-0.4",
            "as_of": "2026-02-28",
            "source": "computed",
            "sums": ["1800000", "3000000"],
        }
    ]
    assert warning.due_at > AT
    assert told("warning_given") == ["值班员"]
    notice = Notice.objects.get(template="warning_given")
    assert notice.link == f"/desk/warnings/{warning.pk}/"


@pytest.mark.parametrize("now", [67, 100, 300])
def test_smaller_falls_warn_of_nothing(warned, now):
    figures(warned.firm, until=FEBRUARY, now=now)
    assert warn_all(at=AT) == 0


def test_what_is_not_known_warns_of_nothing(warned):
    record(
        warned.firm.pk,
        [Statement("monthly_revenue", 10, FEBRUARY, "tax", unit="万元")],
        by=SYSTEM,
        at=AT,
        key=uuid4(),
    )
    assert warn_all(at=AT) == 0


def test_the_same_figures_warn_once_and_newer_ones_not_before_their_time(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    duty = world.acting(warned.duty)
    assert (warn_all(at=AT), warn_all(at=AT)) == (1, 0)
    dismiss(warnings()[0], reason="季节性停产", by=duty, at=AT)
    assert warn_all(at=AT + timedelta(days=1)) == 0
    april = AT + timedelta(days=35)
    figures(warned.firm, until=MARCH, now=50, at=april)
    assert warn_all(at=april) == 0
    later = AT + timedelta(days=61)
    assert warn_all(at=later) == 1
    assert [one.key for one in warnings()] == ["2026-02-28", "2026-03-31"]
    dismiss(warnings()[1], reason="季节性停产", by=world.acting(warned.duty, later), at=later)
    assert warn_all(at=later + timedelta(days=61)) == 0


def test_a_new_edition_of_a_warning_knows_what_the_old_one_called_up(warned, tmp_path):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    load_pack(declare(tmp_path, WARNINGS.replace("again_after: 60", "again_after: 90")), by=SYSTEM, at=AT)
    assert warn_all(at=AT + timedelta(hours=1)) == 0
    duty = world.acting(warned.duty)
    dismiss(warnings()[0], reason="已知", by=duty, at=AT)  # what the old edition called up can still be dealt with
    assert len(standing_of()) == 1


def test_a_visit_planned_upon_a_warning_deals_with_it_and_a_further_one_leaves_it_so(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    (warning,) = warnings()
    duty, key = world.acting(warned.duty), uuid4()
    for _press in range(2):
        visit = plan(warning, duty, key=key)
    warning.refresh_from_db()
    followed = warning.records.get(what="handed_in")
    assert (warning.status, followed.details["visit"]) == (Status.HANDED_IN, str(visit.pk))
    plan(warning, duty, day=date(2026, 3, 20), at=AT + timedelta(days=7))
    assert [one.obligation.about_id for one in queries.followed(warning, duty)] == [warned.firm.pk] * 2


def test_strangers_to_a_warning_neither_see_nor_decide(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    (warning,) = warnings()
    for who in (warned.helper, warned.second):
        actor = world.acting(who)
        assert not Obligation.objects.visible_to(actor).filter(pk=warning.pk).exists()
        with pytest.raises(NotAllowed):
            dismiss(warning, reason="x", by=actor, at=AT)
        with pytest.raises(NotAllowed):
            plan(warning, actor)
    assert not Obligation.objects.filter(kind=Kind.VISIT).exists()
    assert queries.open_warnings(world.acting(warned.duty)) == [warning]


def test_not_going_needs_a_reason_and_is_said_once(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    (warning,) = warnings()
    duty = world.acting(warned.duty)
    with pytest.raises(Invalid) as refused:
        dismiss(warning, reason=" ", by=duty, at=AT)
    assert list(refused.value.problems) == ["reason"]
    dismiss(warning, reason="上月刚去过", by=duty, at=AT)
    with pytest.raises(Stale):
        dismiss(warning, reason="上月刚去过", by=duty, at=AT)
    with pytest.raises(Stale):
        plan(warning, duty)


def test_figures_that_recovered_say_so_and_are_settled_in_one_press(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    (warning,) = warnings()
    duty = world.acting(warned.duty)
    with pytest.raises(Refused):
        settle_recovered(warning, by=duty, at=AT)
    later = AT + timedelta(days=30)
    figures(warned.firm, until=MARCH, now=130, at=later)
    now = queries.now_of(warning, at=later)
    assert queries.recovered(warning, now, at=later)
    (figure,) = figures_of(warning.context, now, vocabulary())
    assert (figure.text, figure.sums, figure.now) == ("−40%", ("180 万元", "300 万元"), "30%")
    settle_recovered(warning, by=world.acting(warned.duty, later), at=later)
    warning.refresh_from_db()
    assert warning.status == Status.KEPT


def test_a_warning_that_is_followed_stands_until_the_night_finds_that_its_figures_turned(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    (warning,) = warnings()
    visit = plan(warning, world.acting(warned.duty))
    assert (turn_all(at=AT), warn_all(at=AT)) == (0, 0)
    assert [one.obligation for one in queries.followed_warnings(world.acting(warned.duty))] == [warning]
    record_visit(
        visit,
        FOUND,
        [asked("need-labour")],
        key=uuid4(),
        by=world.acting(warned.duty),
        at=AT,
    )
    later = AT + timedelta(days=30)
    figures(warned.firm, until=MARCH, now=130, at=later)
    assert (turn_all(at=later), turn_all(at=later)) == (1, 0)
    warning.refresh_from_db()
    assert (warning.status, warning.ended_at) == (Status.KEPT, later)
    turned = warning.context["turned"]
    assert turned["said"]["zh"].endswith("−40% → 30%")
    assert turned["figures"][0]["as_of"] == "2026-03-31"
    assert told("warning_turned") == ["值班员"]  # who decides, and once: the need is theirs, too
    block = queries.block_of(warned.firm, world.acting(warned.duty, later), later)
    assert [(one.turned_at, one.stands) for one in block["warnings"]] == [(later, False)]
    assert not queries.followed_warnings(world.acting(warned.duty, later))


def test_whoever_helps_with_the_need_of_the_visit_is_told_where_their_need_is(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    (warning,) = warnings()
    duty = world.acting(warned.duty)
    visit = plan(warning, duty)
    (case,) = record_visit(visit, FOUND, [asked("need-labour")], key=uuid4(), by=duty, at=AT)
    Assignment.objects.filter(case=case).update(assignee=warned.helper)
    later = AT + timedelta(days=30)
    figures(warned.firm, until=MARCH, now=130, at=later)
    turn_all(at=later)
    assert told("warning_turned") == ["值班员", "帮办员"]
    notice = Notice.objects.get(template="warning_turned", user=warned.helper)
    assert notice.link == f"/desk/cases/{case.number}/"
    assert "−40% → 30%" in text(notice.template, notice.context)


def test_a_warning_nobody_decided_on_ends_with_its_figures_too_and_unknown_ones_end_nothing(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    far = AT + timedelta(days=300)  # nobody has reported since
    assert turn_all(at=far) == 0
    later = AT + timedelta(days=30)
    figures(warned.firm, until=MARCH, now=130, at=later)
    assert turn_all(at=later) == 1
    assert warnings()[0].status == Status.KEPT


def test_a_firm_that_falls_further_is_warned_of_anew_and_the_followed_warning_gives_way(warned):
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    plan(warnings()[0], world.acting(warned.duty))
    later = AT + timedelta(days=61)
    figures(warned.firm, until=MARCH, now=40, at=later)
    assert warn_all(at=later) == 1
    first, second = warnings()
    assert (first.status, second.status) == (Status.KEPT, Status.OPEN)
    assert first.records.get(what="kept").details["again"] == str(second.pk)
    assert "turned" not in first.context


def test_all_firms_are_asked_in_one_statement(warned):
    for place in range(30):
        firm = world.enterprise(f"济南虚构厂{place}", 600 + place)
        figures(firm, until=FEBRUARY, now=100)
    figures(warned.firm, until=FEBRUARY, now=60)
    with CaptureQueriesContext(connection) as few:
        assert warn_all(at=AT) == 1
    assert len(few) < 30


def test_percentages_read_as_people_say_them():
    assert [percent(Decimal(text)) for text in ("-0.4", "0.333", "1", "-0.3333")] == [
        "−40%",
        "33.3%",
        "100%",
        "−33.3%",
    ]


def test_what_is_loaded_is_what_the_file_says(warned):
    declared = yaml.safe_load(WARNINGS)["warnings"][0]
    (spec,) = stored(standing_of()[0].pack)["warnings"].warnings
    assert (spec.id, spec.when) == ("revenue-falls", declared["when"])
    assert spec_of(Requirement.objects.get(kind=Kind.WARNING, closed_at=None)) == spec
    assert known_of(warned.firm, at=AT)


FAULTS = [
    ('at_most: "-0.3333"', "at_mots: 1", "when"),
    ("fact: revenue_change,", "fact: revenue_chang,", "revenue_change"),
    ("{revenue_change:fall}。", "{turnover}。", "turnover"),
    ("{revenue_change:fall}。", "{revenue_change:drop}。", "percent"),
    ("{revenue_change:fall}。", "{industry:fall}。", "不是数字"),
    ("amount: 2", "amount: 0", "不能是 0"),
    ("subject: need-labour", "subject: need-labur", "need-labour"),
    ("checklist: visit", "checklist: vist", "visit"),
    ("checklist: visit", "checklist: feedback", "走访表"),
    ("follow: [orders]", "follow: [order]", "orders"),
    ("again_after: 60", "again_after: 0", "again_after"),
]


@pytest.mark.parametrize(("old", "new", "says"), FAULTS)
def test_the_check_names_what_is_wrong_with_its_line(tmp_path, old, new, says):
    assert old in WARNINGS
    found = check(declare(tmp_path, WARNINGS.replace(old, new)))
    mine = [fault for fault in found if fault.file == "warnings.yaml"]
    assert mine
    assert all(fault.line for fault in mine)
    assert any(says in f"{fault.reason} {fault.path}" for fault in mine), mine


def test_a_sound_file_has_no_faults(tmp_path):
    found = check(declare(tmp_path))
    assert not [fault for fault in found if fault.file == "warnings.yaml"]


def named(firm, user, subject: str = "") -> None:
    """Somebody is named for a firm, for a subject or for all."""
    Membership.objects.create(
        person=user.person,
        organisation=firm,
        kind=MembershipKind.HELPER,
        subject=subject,
        during=DateTimeTZRange(AT - timedelta(days=1), None),
    )


def test_whoever_is_named_for_the_firm_decides_for_the_likely_subject_first(warned):
    named(warned.firm, warned.second)
    named(warned.firm, warned.helper, "need-labour")
    named(warned.firm, warned.lead, "need-space")
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    (warning,) = warnings()
    assert (warning.owner_id, warning.watcher.code) == (warned.helper.person.pk, "human-resources")
    assert told("warning_given") == ["帮办员"]


def test_somebody_named_who_has_no_seat_over_the_firm_is_passed_over(warned):
    named(warned.firm, seat("一街道的人", "subdistrict-office", Role.HELPER, area=FIRST))
    figures(warned.firm, until=FEBRUARY, now=60)
    warn_all(at=AT)
    assert warnings()[0].owner.code == "subdistrict-office"
