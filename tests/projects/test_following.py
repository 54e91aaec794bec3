"""What a project is followed by: money, milestones, problems, its steward; who sees and moves it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests import world
from tests.projects.site import FACTS
from zerotrip.cases import actions as case_actions
from zerotrip.cases.actions.sweeping import sweep as sweep_cases
from zerotrip.cases.models import Assignment, Case, Grade, RatingDoor
from zerotrip.channels.models import Notice
from zerotrip.duties.actions import remind
from zerotrip.duties.models import Kind, Obligation
from zerotrip.errors import Invalid, NotAllowed, Refused, Stale
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break
from zerotrip.parties.models import Membership, User
from zerotrip.projects import actions, queries
from zerotrip.projects.models import Investment, Lead, Project
from zerotrip.projects.queries import Light
from zerotrip.projects.states import TRANSITIONS, Stage
from zerotrip.projects.tasks import sweep

NOW = world.MORNING
DAY = timedelta(days=1)
TODAY = NOW.date()


def money(project, at=NOW + 300 * DAY):
    return queries.money_of([project.pk], at=at).get(project.pk)


def tell(place, project, month, planned, done="", at=NOW):
    return actions.tell_money(project, month=month, planned=planned, done=done, by=place.steward, at=at)


def milestone(place, project, on=date(2026, 3, 20), name="主体封顶"):
    return actions.set_milestone(project, name=name, on=on, key=uuid4(), by=place.steward, at=NOW)


def lights(project, at) -> list[str]:
    return [row.light.value for row in queries.milestones_of([project.pk], at=at).get(project.pk, [])]


def trouble(words="增资登记找谁办？第二笔要补什么材料。", **told) -> actions.Trouble:
    return actions.Trouble(words, **{"contact": "林知远", "phone": "13800000001"} | told)


def problem(place, project, at=NOW, key=None, **told):
    return actions.note_problem(project, trouble(**told), key=key or uuid4(), by=place.steward, at=at)


def helping(case) -> Assignment:
    """The open work of whoever helps with a problem."""
    return Assignment.objects.select_related("department").get(case=case, kind="help", status="open")


def settled(case, by, *, of, at):
    """The problem is settled, and its firm says so."""
    case_actions.resolve_need(helping(case), outcome="已安排专人", by=by, at=at)
    case_actions.rate(case.pk, grade=Grade.GOOD, door=RatingDoor.PORTAL, comment="", by=of, at=at)


class TestMoney:
    def test_months_add_up_and_the_latest_word_on_a_month_counts(self, place, project):
        tell(place, project, "2026-01", "100", "80")
        tell(place, project, "2026-02", "200.5", "150")
        tell(place, project, "2026-02", "200.5", "160", at=NOW + DAY)
        tell(place, project, "2026-04", "300", at=NOW + DAY)
        told = money(project)
        assert [(m.planned_so_far, m.done_so_far) for m in told.months] == [
            (Decimal("100"), Decimal("80")),
            (Decimal("300.5"), Decimal("240")),
            (Decimal("600.5"), Decimal("240")),
        ]
        assert told.planned_by(date(2026, 3, 3)) == Decimal("300.5")

    def test_what_was_told_before_stays_for_earlier_reports(self, place, project):
        tell(place, project, "2026-02", "200", "150")
        tell(place, project, "2026-02", "200", "10", at=NOW + DAY)
        assert money(project, at=NOW).done == Decimal(150)
        assert money(project, at=NOW + DAY).done == Decimal(10)
        assert Investment.objects.count() == 2

    @pytest.mark.parametrize(
        ("month", "planned", "done", "place_of_it"),
        [
            ("2026-13", "1", "", "month"),
            ("", "1", "", "month"),
            ("2025-12", "1", "", "month"),
            ("2026-02", "", "", "planned"),
            ("2026-02", "-1", "", "planned"),
            ("2026-02", "一百", "", "planned"),
            ("2026-02", "1.234", "", "planned"),
            ("2026-02", "NaN", "", "planned"),
            ("2026-02", "1e30", "", "planned"),
            ("2026-02", "1", "x", "done"),
            ("2026-04", "1", "1", "done"),
        ],
    )
    def test_what_is_wrong_is_named_at_its_place_and_nothing_is_kept(
        self, place, project, month, planned, done, place_of_it
    ):
        with pytest.raises(Invalid) as refused:
            tell(place, project, month, planned, done)
        assert set(refused.value.problems) == {place_of_it}
        assert not Investment.objects.exists()

    def test_the_database_refuses_what_is_negative(self, place, project):
        with pytest.raises(IntegrityError), transaction.atomic():
            Investment.objects.create(
                project=project, month=date(2026, 3, 1), planned=-1, at=NOW, by_id=place.steward.user_id
            )


class TestMilestones:
    def test_one_in_time_is_kept_one_overdue_is_late_and_once_reached_recovered(self, place, project):
        owed = milestone(place, project)
        assert lights(project, NOW) == ["open"]
        assert lights(project, NOW + 18 * DAY) == ["late"]
        actions.reach_milestone(owed, note="", by=place.steward, at=NOW + 20 * DAY)
        assert lights(project, NOW + 21 * DAY) == ["recovered"]
        assert lights(project, NOW + 18 * DAY) == ["late"], "as it was then"

    def test_reached_in_time_it_is_kept(self, place, project):
        actions.reach_milestone(milestone(place, project), note="", by=place.steward, at=NOW + 2 * DAY)
        assert lights(project, NOW + 60 * DAY) == [Light.KEPT]

    def test_it_ends_on_its_day_and_a_day_off_counts_as_the_next_that_is_worked(self, place, project):
        owed = milestone(place, project, on=date(2026, 3, 21))  # a Saturday
        assert queries.day_of(owed.due_at) == date(2026, 3, 23)

    def test_moved_it_is_owed_anew_and_the_old_day_stays_on_record(self, place, project):
        owed = milestone(place, project)
        with pytest.raises(Invalid):
            actions.move_milestone(owed, on=date(2026, 4, 1), reason=" ", by=place.steward, at=NOW + DAY)
        actions.move_milestone(owed, on=date(2026, 4, 1), reason="连续降雨", by=place.steward, at=NOW + DAY)
        assert lights(project, NOW + 18 * DAY) == ["open"]
        assert Obligation.objects.filter(kind=Kind.MILESTONE, status="dropped").count() == 1
        with pytest.raises(Stale):
            actions.reach_milestone(owed, note="", by=place.steward, at=NOW + DAY)

    def test_the_owner_is_reminded_and_the_steward_told_once_when_it_is_overdue(self, place, project, monkeypatch):
        owed = milestone(place, project)
        assert remind(owed.pk, at=owed.remind_at)
        late = NOW + 19 * DAY
        monkeypatch.setattr("zerotrip.projects.tasks.timezone.now", lambda: late)
        sweep(0)
        sweep(0)
        world.tell_queued()
        assert Notice.objects.filter(user=place.owner.user_id, template="milestone_reminder").count() == 1
        assert Notice.objects.filter(user=place.steward.user_id, template="staff_project_late").count() == 1

    @pytest.mark.parametrize("on", [None, NOW.date(), date(2026, 1, 1), date(2050, 1, 1)])
    def test_its_day_is_to_come(self, place, project, on):
        with pytest.raises(Invalid):
            milestone(place, project, on=on)


class TestProblems:
    def test_of_a_foreign_invested_project_they_go_to_the_department_in_charge(self, place, project):
        actions.change_facts(project, {**FACTS, "foreign_invested": True}, by=place.steward, at=NOW + DAY)
        case = problem(place, project, at=NOW + 2 * DAY)
        assert (case.version.service_id, helping(case).department.code) == ("need-trade", "commerce")
        assert queries.load(project.pk, place.commerce).pk == project.pk
        world.tell_queued()
        assert Notice.objects.filter(user=place.commerce.user_id, template="staff_need").count() == 1
        assert Notice.objects.filter(user=place.owner.user_id, template="need_noted").count() == 1

    def test_of_a_foreign_trade_firm_too(self, place, project):
        actions.change_facts(project, {**FACTS, "foreign_trade": True}, by=place.steward, at=NOW + DAY)
        assert helping(problem(place, project, at=NOW + 2 * DAY)).department.code == "commerce"

    def test_others_go_where_the_pack_says_or_where_the_steward_puts_them(self, place, project):
        assert helping(problem(place, project)).department.code == "housing"
        assert helping(problem(place, project, what="other")).department.code == "approval-bureau"

    def test_where_nobody_of_the_department_sits_the_rules_of_needs_find_somebody(self, place, project):
        Membership.objects.filter(person=place.housing.person_id).delete()
        assert helping(problem(place, project)).department.code != "housing"

    def test_it_is_a_need_with_its_words_its_place_and_whom_to_call(self, place, project):
        case = problem(place, project, permit="施工许可")
        said = case.submissions.get().answers
        assert (case.subject, case.need.source, case.need.source_id) == ("增资登记找谁办", "project", project.pk)
        assert said["detail"].startswith("重点项目“虚构装备二期”：增资登记找谁办？")
        assert said["detail"].endswith("关系到的许可：施工许可")
        assert (said["contact_name"], said["contact_phone"]) == ("林知远", "13800000001")
        assert case.area_path == project.area_path
        assert {clock.name for clock in case.clocks.all()} == {"answer", "plan", "promised"}

    @pytest.mark.parametrize(
        ("told", "place_of_it"),
        [
            ({"words": " "}, "words"),
            ({"words": "长" * 801}, "words"),
            ({"contact": ""}, "contact"),
            ({"phone": "1"}, "phone"),
            ({"what": "foreign-investment"}, "what"),
        ],
    )
    def test_what_is_wrong_is_named_at_its_place_and_nothing_is_raised(self, place, project, told, place_of_it):
        with pytest.raises(Invalid) as refused:
            problem(place, project, **told)
        assert set(refused.value.problems) == {place_of_it}
        assert not Case.objects.exists()

    def test_pressed_twice_it_is_raised_once(self, place, project):
        key = uuid4()
        assert problem(place, project, key=key) == problem(place, project, key=key)
        assert len(queries.problems_of([project.pk], at=NOW)[project.pk]) == 1

    def test_it_ends_when_the_firm_says_so_and_the_steward_is_told(self, place, project):
        case = problem(place, project)
        with pytest.raises(NotAllowed):
            case_actions.resolve_need(helping(case), outcome="已办", by=place.commerce, at=NOW + DAY)
        case_actions.resolve_need(helping(case), outcome="已安排专人", by=place.housing, at=NOW + DAY)
        assert [row.ended_on for row in queries.problems_of([project.pk], at=NOW + 2 * DAY)[project.pk]] == [None]
        case_actions.rate(
            case.pk, grade=Grade.GOOD, door=RatingDoor.PORTAL, comment="", by=place.owner, at=NOW + 2 * DAY
        )
        for at, ended in ((NOW + DAY, None), (NOW + 3 * DAY, (NOW + 2 * DAY).date())):
            assert [row.ended_on for row in queries.problems_of([project.pk], at=at)[project.pk]] == [ended]
        world.tell_queued()
        assert Notice.objects.filter(user=place.steward.user_id, template="staff_project_answered").count() == 1

    def test_opened_again_it_had_ended_then_and_has_not_now(self, place, project):
        case = problem(place, project)
        case_actions.resolve_need(helping(case), outcome="已安排专人", by=place.housing, at=NOW + DAY)
        sweep_cases(at=NOW + 12 * DAY)  # nobody said anything for five working days
        case_actions.rate(
            case.pk, grade=Grade.BAD, door=RatingDoor.PORTAL, comment="没有人来", by=place.owner, at=NOW + 13 * DAY
        )
        for days, open_ones in ((11, 1), (12, 0), (13, 1)):
            rows = queries.problems_of([project.pk], at=NOW + days * DAY)[project.pk]
            assert sum(row.ended_on is None for row in rows) == open_ones

    def test_a_department_that_was_never_asked_does_not_see_the_project(self, place, project):
        assert not Project.objects.visible_to(place.housing).exists()
        problem(place, project)
        assert Project.objects.visible_to(place.housing).exists()
        assert not Project.objects.visible_to(place.agriculture).exists()


class TestHands:
    def test_who_sees_a_project(self, place, project):
        seen = {
            name
            for name in ("owner", "stranger", "steward", "colleague", "leader", "commerce", "supervisor", "clerk")
            if Project.objects.visible_to(getattr(place, name)).exists()
        }
        assert seen == {"owner", "steward", "colleague", "leader", "supervisor", "clerk"}

    def test_only_the_steward_and_who_leads_the_department_move_it(self, place, project):
        for who in (place.owner, place.colleague, place.commerce, place.supervisor, place.stranger):
            with pytest.raises(NotAllowed):
                actions.tell_money(project, month="2026-02", planned="1", done="", by=who, at=NOW)
        actions.tell_money(project, month="2026-02", planned="1", done="", by=place.leader, at=NOW)

    def test_handed_on_the_new_steward_moves_it_and_the_old_one_does_not(self, place, project):
        with pytest.raises(Invalid):
            actions.hand_on(project, to=place.commerce.user_id, reason="调岗", by=place.steward, at=NOW)
        with pytest.raises(Invalid):
            actions.hand_on(project, to=place.colleague.user_id, reason="", by=place.steward, at=NOW)
        actions.hand_on(project, to=place.colleague.user_id, reason="调岗", by=place.steward, at=NOW)
        actions.tell_money(project, month="2026-02", planned="1", done="", by=place.colleague, at=NOW)
        with pytest.raises(NotAllowed):
            actions.tell_money(project, month="2026-02", planned="2", done="", by=place.steward, at=NOW)

    def test_every_step_is_in_a_journal_that_is_whole(self, place, project):
        tell(place, project, "2026-02", "1")
        milestone(place, project)
        problem(place, project)
        project.refresh_from_db()
        assert project.ledger_length == 4
        assert first_break(project) is None

    def test_nobody_registers_a_project_of_a_firm_they_act_for(self, place):
        user = User.objects.get(pk=place.colleague.user_id)
        both = world.acting(world.agent(user, place.firm))
        described = actions.Described("x项目", "industry", place.firm.name, place.firm.uscc, NOW.date())
        with pytest.raises(Invalid) as refused:
            actions.register(described, FACTS, department=place.office.pk, key=new_id(), by=both, at=NOW)
        assert "owner_uscc" in refused.value.problems

    def test_everything_wrong_with_a_project_is_named_at_once(self, place):
        described = actions.Described("", "castle", "x", "1", None, "长" * 121)
        answers = {"site": {"area": "370100000000", "detail": "x"}, "floor_area": "很大", "builds": True}
        with pytest.raises(Invalid) as refused:
            actions.register(described, answers, department=place.office.pk, key=new_id(), by=place.steward, at=NOW)
        wanted = {"name", "kind", "owner_name", "owner_uscc", "begun_on", "carrier", "site", "floor_area"}
        assert set(refused.value.problems) == wanted
        assert not Project.objects.exists()


def lead(place, **changed) -> Lead:
    told = {
        "investor": "虚构精密仪器有限公司",
        "matter": "装配线",
        "kind": "industry",
        "amount": "12,000",
        "capital": "domestic",
        "foreign": False,
        "contact": "",
        "on": NOW.date() - 20 * DAY,
    } | changed
    offered = actions.Offered(**told)
    return actions.open_lead(offered, department=place.office.pk, key=new_id(), by=place.steward, at=NOW)


def move(place, row, to, *, on=TODAY, note="谈妥", at=NOW):
    return actions.move_lead(row, to, on=on, note=note, by=place.steward, at=at)


class TestLeads:
    def test_from_the_first_contact_to_a_project(self, place):
        row = lead(place)
        move(place, row, "negotiating", on=NOW.date() - 5 * DAY)
        move(place, row, "signed")
        described = actions.Described("装配线项目", "industry", place.firm.name, place.firm.uscc, NOW.date())
        project = actions.land_lead(row, described, FACTS, key=new_id(), by=place.steward, at=NOW + DAY)
        row.refresh_from_db()
        assert (row.stage, row.project_id) == (Stage.LANDED, project.pk)
        assert [step.stage for step in row.steps.all()] == ["contact", "negotiating", "signed", "landed"]
        again = actions.land_lead(row, described, FACTS, key=new_id(), by=place.steward, at=NOW + DAY)
        assert again == project
        assert first_break(row) is None

    @pytest.mark.parametrize("source", list(Stage))
    @pytest.mark.parametrize("target", list(Stage))
    def test_no_step_is_taken_that_does_not_follow(self, place, source, target):
        row = lead(place)
        if source in (Stage.LANDED,):
            assert TRANSITIONS[source] == frozenset()
            return
        Lead.objects.filter(pk=row.pk).update(stage=source)
        row.refresh_from_db()
        if target in TRANSITIONS[source] and target is not Stage.LANDED:
            assert move(place, row, target).stage == target
        else:
            with pytest.raises(Refused):
                move(place, row, target)

    def test_one_is_lost_with_a_reason_only(self, place):
        row = lead(place)
        with pytest.raises(Invalid):
            move(place, row, "lost", note="")
        assert move(place, row, "lost", note="选址改到外区").stage == Stage.LOST

    def test_days_go_forward_and_not_past_today(self, place):
        row = lead(place)
        for on in (None, NOW.date() + DAY, NOW.date() - 21 * DAY):
            with pytest.raises(Invalid) as refused:
                move(place, row, "negotiating", on=on)
            assert "on" in refused.value.problems

    def test_only_a_signed_one_lands(self, place):
        described = actions.Described("装配线项目", "industry", place.firm.name, place.firm.uscc, NOW.date())
        with pytest.raises(Refused):
            actions.land_lead(lead(place), described, FACTS, key=new_id(), by=place.steward, at=NOW)
        assert not Project.objects.exists()

    def test_what_is_wrong_is_named_at_once(self, place):
        with pytest.raises(Invalid) as refused:
            lead(place, investor="", matter="", kind="x", capital="x", amount="许多", on=None)
        assert set(refused.value.problems) == {"investor", "matter", "kind", "capital", "amount", "on"}

    def test_who_sees_a_lead(self, place):
        lead(place)
        names = ("owner", "stranger", "steward", "colleague", "leader", "commerce", "supervisor")
        assert {name for name in names if Lead.objects.visible_to(getattr(place, name)).exists()} == {
            "steward",
            "colleague",
            "leader",
            "supervisor",
        }
        with pytest.raises(NotAllowed):
            actions.move_lead(Lead.objects.get(), "signed", on=NOW.date(), note="x", by=place.colleague, at=NOW)


def test_a_moment_is_read_in_china(project):
    assert queries.end_of(date(2026, 3, 8)) == datetime.fromisoformat("2026-03-09T00:00+08:00")
