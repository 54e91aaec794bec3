"""Routing rules: the first that fits counts; one whose person left stops itself; nothing goes round in a circle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest

from tests import world
from tests.helped import AT, FIRST, PARK, SECOND, help_of, raised, rule_to, seat, with_facts
from zerotrip import criteria
from zerotrip.cases import actions as cases
from zerotrip.catalogue.actions import load_pack
from zerotrip.channels.models import Notice
from zerotrip.criteria import FactKind, FactType
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.facts.actions import Statement, record
from zerotrip.ledger.models import Entry
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.actions import appoint, declare_team, end_staff
from zerotrip.parties.models import Absence, Party, Role
from zerotrip.relief.models import RoutingRule
from zerotrip.relief.routing.actions import Wish, move_rule, put_rule, remove_rule, see_to_rules, switch_rule
from zerotrip.relief.routing.declared import stored
from zerotrip.relief.routing.table import Line, Table

LATER = AT + timedelta(hours=1)
NAMES = UUID("00000000-0000-4000-8000-000000000000")


WORDS = {
    "industry": FactType(FactKind.TREE, "行业", key=str),
    "size": FactType(FactKind.CHOICE, "规模", frozenset({"large", "small", "micro"})),
    "above_scale": FactType(FactKind.BOOLEAN, "规上"),
    "foreign_invested": FactType(FactKind.BOOLEAN, "外资"),
}


def line(number: int, *, subjects=(), areas=(), when=None) -> Line:
    rule = criteria.parse(when, vocabulary=WORDS) if when else None
    return Line(uuid5(NAMES, str(number)), (number, ""), frozenset(subjects), frozenset(areas), rule)


def matched(lines: list[Line], subject="space", areas=(SECOND, PARK), **known) -> list[int]:
    return [one.order[0] for one in Table(lines).matches(subject, areas, known)]


def test_lines_fit_by_subject_area_and_what_is_known_in_their_order():
    lines = [
        line(5),
        line(1, subjects=["labour"]),
        line(2, areas=[FIRST]),
        line(3, areas=[SECOND], subjects=["space", "labour"]),
        line(4, when={"fact": "industry", "within": "C"}),
        line(6, when={"all": [{"fact": "size", "in": ["small", "micro"]}, {"fact": "above_scale", "is": False}]}),
    ]
    assert matched(lines) == [3, 5]
    assert matched(lines, industry="C39", size="small", above_scale=False) == [3, 4, 5, 6]
    assert matched(lines, industry="F51", size="large", above_scale=False) == [3, 5]


def test_what_is_not_known_fits_nothing_that_asks_for_it():
    assert matched([line(1, when={"not": {"fact": "foreign_invested", "is": True}})]) == []
    assert matched([line(1, when={"not": {"fact": "foreign_invested", "is": True}})], foreign_invested=False) == [1]


def test_a_line_filed_under_several_keys_comes_once():
    assert matched([line(1, areas=[SECOND, PARK]), line(2, subjects=["space"], areas=[PARK])]) == [1, 2]


@dataclass
class Plain:
    """The rules looked through one by one: what the table has to agree with."""

    lines: list[Line] = field(default_factory=list)

    def matches(self, subject, areas, known) -> list[int]:
        fits = [one for one in self.lines if one.fits(subject, frozenset(areas), known)]
        return [one.order[0] for one in sorted(fits, key=lambda one: one.order)]


def test_the_table_finds_what_looking_through_all_rules_finds():
    subjects, places = ["space", "labour", "testing"], [FIRST, SECOND, PARK]
    whens = [None, {"fact": "industry", "within": "C13"}, {"fact": "size", "is": "small"}]
    lines = [
        line(
            n,
            subjects=subjects[: n % 4] if n % 3 else [],
            areas=[places[n % 3]] if n % 2 else [],
            when=whens[n % 7 % 3],
        )
        for n in range(500)
    ]
    table, plain = Table(lines), Plain(lines)
    for subject in [*subjects, "tax"]:
        for areas in ([FIRST], [SECOND, PARK], []):
            for known in ({}, {"industry": "C1311", "size": "small"}, {"industry": "C39"}):
                found = [one.order[0] for one in table.matches(subject, areas, known)]
                assert found == plain.matches(subject, areas, known)


def test_the_first_rule_that_fits_counts_and_moving_them_changes_which(helped):
    rule_to(helped, helped.helper, name="甲")
    second = rule_to(helped, helped.second, name="乙", subjects=["need-testing"])
    assert help_of(raised(helped)).assignee_id == helped.helper.pk
    move_rule(second, before=1, by=world.acting(helped.administrator), at=LATER)
    assert help_of(raised(helped)).assignee_id == helped.second.pk
    assert list(RoutingRule.objects.values_list("name", "order")) == [("乙", 1), ("甲", 2)]


def test_rules_of_a_place_fit_what_lies_in_it(helped):
    rule_to(helped, helped.helper, areas=[SECOND])
    assert help_of(raised(helped)).assignee_id == helped.helper.pk
    elsewhere = {"area": "370199001001", "detail": "一街道"}
    assert help_of(raised(helped, site=elsewhere)).assignee_id != helped.helper.pk


def test_a_rule_whose_person_left_stops_itself_and_says_so(helped):
    rule = rule_to(helped, helped.helper)
    end_staff(helped.helper, by=SYSTEM, at=LATER)
    case = raised(helped, at=LATER)  # before anybody noticed
    assert help_of(case).assignee_id == helped.duty.pk
    passed = Entry.objects.get(subject=case.pk, action="route").details["passed"]
    assert len(passed) == 1
    assert passed[0].startswith("规则：")
    assert see_to_rules(at=LATER) == 1
    assert see_to_rules(at=LATER) == 0
    rule.refresh_from_db()
    assert (rule.stopped, rule.stopped_at) == ("left", LATER)
    world.tell_queued()
    told = Notice.objects.filter(template="staff_rule_stopped")
    assert set(told.values_list("user", flat=True)) == {helped.administrator.pk, helped.supervisor.user_id}
    assert "passed" not in Entry.objects.get(subject=raised(helped, at=LATER).pk, action="route").details


def test_a_rule_whose_person_is_away_without_a_stand_in_stops_and_is_followed_again_when_they_are_back(helped):
    rule = rule_to(helped, helped.helper)
    Absence.objects.create(
        person=helped.helper.person,
        stand_in=helped.second.person,  # of another office: cannot do their work
        during=world.period("2026-03-03", "2026-03-06"),
        recorded_at=AT,
    )
    see_to_rules(at=LATER)
    rule.refresh_from_db()
    assert rule.stopped == "absent"
    assert help_of(raised(helped)).assignee_id == helped.duty.pk
    see_to_rules(at=AT + timedelta(days=4))
    rule.refresh_from_db()
    assert rule.stopped == ""


def test_a_rule_whose_person_is_away_with_a_stand_in_is_followed(helped):
    rule_to(helped, helped.helper)
    colleague = seat("人社同事", "human-resources", Role.HELPER)
    Absence.objects.create(
        person=helped.helper.person,
        stand_in=colleague.person,
        during=world.period("2026-03-03", "2026-03-06"),
        recorded_at=AT,
    )
    assert see_to_rules(at=LATER) == 0
    work = help_of(raised(helped))
    assert work.assignee_id == helped.helper.pk
    cases.answer_need(work, text="我代班。", by=world.acting(colleague, LATER), at=LATER)


def test_a_rule_that_asks_about_the_firm_is_followed_once_that_is_known(helped):
    rule_to(helped, helped.second, when={"all": [{"fact": "industry", "within": "C"}]}, name="制造业")
    assert help_of(raised(helped)).assignee_id == helped.duty.pk
    told = [Statement("industry", "C3921", date(2026, 1, 1), "registry")]
    record(helped.firm.pk, told, by=SYSTEM, at=AT, key=NAMES)
    assert help_of(raised(helped, at=LATER)).assignee_id == helped.second.pk


def test_whoever_acts_for_the_firm_is_passed_over(helped):
    rule_to(helped, helped.helper)
    world.agent(helped.helper, helped.firm)
    assert help_of(raised(helped)).assignee_id == helped.duty.pk


def team(code: str, *people, area="370199000000") -> Party:
    made = declare_team(code=code, name=f"专班{code}", area=area, by=SYSTEM, at=AT)
    for user in people:
        appoint(user.person, department=made, role=Role.HELPER, by=SYSTEM, at=AT)
    return made


def test_a_need_goes_to_a_team_and_whoever_of_it_takes_it(helped):
    made = team("testing-team", helped.second)
    rule_to(helped, office=made.pk, at=LATER)
    case = raised(helped, at=LATER)
    work = help_of(case)
    assert (work.department_id, work.assignee_id) == (made.pk, None)
    cases.take(work, by=world.acting(helped.second, LATER), at=LATER)
    assert help_of(case).assignee_id == helped.second.pk


def test_what_goes_to_a_team_with_a_list_goes_on_by_it(helped):
    made = team("testing-team", helped.second)
    rule_to(helped, office=made.pk, at=LATER)
    rule_to(helped, helped.helper, team=made.pk, subjects=["need-testing"], at=LATER)
    assert help_of(raised(helped, at=LATER)).assignee_id == helped.helper.pk
    assert help_of(raised(helped, "need-space", at=LATER)).department_id == made.pk


def test_a_rule_that_would_close_a_circle_of_teams_is_refused_with_the_circle(helped):
    one, two, three = (team(code, helped.second) for code in ("one", "two", "three"))
    rule_to(helped, team=one.pk, office=two.pk, at=LATER)
    rule_to(helped, team=two.pk, office=three.pk, at=LATER)
    with pytest.raises(Refused) as circle:
        rule_to(helped, team=three.pk, office=one.pk, at=LATER)
    assert circle.value.message == "这条规则会让诉求绕圈：专班three → 专班one → 专班two → 专班three。"
    with pytest.raises(Refused):
        rule_to(helped, team=one.pk, office=one.pk, at=LATER)


def test_rules_that_went_round_all_the_same_end_with_the_duty_officer(helped):
    one, two = (team(code, helped.second) for code in ("one", "two"))
    rule_to(helped, office=one.pk, name="一", at=LATER)
    rule_to(helped, team=one.pk, office=two.pk, name="二", at=LATER)
    back = rule_to(helped, team=two.pk, office=helped_health(), name="三", at=LATER)
    RoutingRule.objects.filter(pk=back.pk).update(office=one)  # past every guard
    RoutingRule.objects.filter(pk=back.pk).update(revision=99)
    case = raised(helped, at=LATER)
    assert help_of(case).department_id == two.pk  # the last of them that is not a circle
    details = Entry.objects.get(subject=case.pk, action="route").details
    assert details["passed"] == ["绕成了圈：一 → 二 → 三"]


def helped_health() -> UUID:
    return Party.objects.get(code="health").pk


def test_only_administrators_change_rules_and_what_is_wrong_is_said_at_its_place(helped):
    with pytest.raises(NotAllowed):
        put_rule(Wish("规则", person=helped.helper.pk), by=world.acting(helped.lead), at=AT)
    wish = Wish("", subjects=["investment-filing"], areas=["000000000000"], when={"fact": "colour", "is": "red"})
    with pytest.raises(Invalid) as refused:
        put_rule(wish, by=world.acting(helped.administrator), at=AT)
    assert set(refused.value.problems) == {"name", "subjects", "areas", "target", "when"}
    assert not RoutingRule.objects.exists()


def test_a_rule_stopped_by_hand_is_left_alone_and_one_taken_away_is_gone(helped):
    keeper = world.acting(helped.administrator)
    rule = rule_to(helped, helped.helper)
    switch_rule(rule, on=False, by=keeper, at=AT)
    assert help_of(raised(helped)).assignee_id == helped.duty.pk
    assert see_to_rules(at=LATER) == 0
    switch_rule(rule, on=True, by=keeper, at=AT)
    assert help_of(raised(helped)).assignee_id == helped.helper.pk
    remove_rule(rule, by=keeper, at=AT)
    assert help_of(raised(helped)).assignee_id == helped.duty.pk


RULES = """
teams:
  - {code: testing-team, area: "370199000000", name: {zh: 上门采样专班, en: On-site sampling}}
rules:
  - id: testing
    name: {zh: 检测交专班, en: Testing to the team}
    subjects: [need-testing]
    team: testing-team
  - id: space
    name: {zh: 场地交街道, en: Space to the subdistrict}
    subjects: [need-space]
    department: subdistrict-office
"""


@pytest.fixture
def with_rules():
    folder = with_facts()

    def write(text: str):
        (folder / "relief.yaml").write_text(text, encoding="utf-8")
        return folder

    return write


def test_a_pack_brings_its_teams_and_rules_one_for_each_subdistrict_and_twice_changes_nothing(helped, with_rules):
    folder = with_rules(RULES)
    report = load_pack(folder, by=SYSTEM, at=AT)
    assert len(report.parts["relief"].made) == 4
    assert not load_pack(folder, by=SYSTEM, at=LATER).parts["relief"].any
    assert RoutingRule.objects.get(key="testing").stopped == "empty"  # nobody is in the team yet
    work = help_of(raised(helped, "need-space"))
    assert (work.department.area_path.rstrip("/").rpartition("/")[2], work.role) == (SECOND, Role.DUTY)
    assert len(stored("jinan")["relief"].rules) == 2


def test_what_was_changed_at_the_desk_stays_and_what_a_pack_drops_goes(helped, with_rules):
    load_pack(with_rules(RULES), by=SYSTEM, at=AT)
    rule = RoutingRule.objects.get(key="testing")
    wish = Wish("检测找人", subjects=["need-testing"], person=helped.second.pk)
    put_rule(wish, by=world.acting(helped.administrator), at=LATER, rule_id=rule.pk)
    load_pack(with_rules("rules: []\n"), by=SYSTEM, at=LATER)
    assert list(RoutingRule.objects.standing().values_list("name", flat=True)) == ["检测找人"]


def test_a_pack_sends_to_whoever_is_named_and_says_so_again_without_a_change(helped, with_rules):
    told = RULES.replace("    team: testing-team", "    named: true")
    load_pack(with_rules(told), by=SYSTEM, at=AT)
    rule = RoutingRule.objects.get(key="testing")
    assert (rule.named, rule.office, rule.person, rule.stopped) == (True, None, None, "")
    assert not load_pack(with_rules(told), by=SYSTEM, at=LATER).parts["relief"].any
    load_pack(with_rules(RULES), by=SYSTEM, at=LATER)
    rule.refresh_from_db()
    assert (rule.named, rule.office.code) == (False, "testing-team")


BAD = {
    "写且只写一种": RULES.replace("    team: testing-team", "    team: testing-team\n    named: true"),
    "不写 role": RULES.replace("    team: testing-team", "    named: true\n    role: helper"),
    "没有诉求主题": RULES.replace("need-space", "need-moon"),
    "没有专班": RULES.replace("    team: testing-team", "    team: moon"),
    "没有部门": RULES.replace("subdistrict-office", "moon"),
    "绕圈": RULES.replace("    team: testing-team", "    team: testing-team\n    list: testing-team"),
    "没有“colour”": RULES.replace(
        "    team: testing-team", "    team: testing-team\n    when: {fact: colour, is: a}"
    ),
}


@pytest.mark.parametrize("told", BAD)
def test_the_check_of_a_pack_names_what_is_wrong_with_its_rules(told, with_rules):
    from zerotrip.catalogue import packs

    faults = [fault for fault in packs.check(with_rules(BAD[told])) if fault.file == "relief.yaml"]
    assert len(faults) == 1
    assert told in faults[0].reason
    assert faults[0].line > 1
