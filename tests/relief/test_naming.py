"""One person named for an enterprise and a subject: by whom, for whom, how it ends, and what it does to routing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from tests import world
from tests.cases.test_two_hands import together
from tests.helped import AT, FIRST, SECOND, help_of, raised, rule_to, seat
from zerotrip.cases import actions as cases
from zerotrip.channels.models import Notice
from zerotrip.enterprises.actions import merge, unmerge
from zerotrip.enterprises.queries import Search, find
from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.facts.queries import vocabulary
from zerotrip.ledger.models import Entry
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.actions import add_agent, end_staff
from zerotrip.parties.models import Absence, Membership, MembershipKind, Party, Role, User
from zerotrip.relief.naming.actions import end_helper, foresee, name_for_all, name_helper
from zerotrip.relief.naming.queries import helpers_of

LATER = AT + timedelta(hours=1)
LATEST = AT + timedelta(hours=2)
TESTING, LABOUR = "need-testing", "need-labour"


def name(helped, person: User, subject: str = "", *, at=AT, by=None, firm: Party | None = None) -> Membership:
    return name_helper(
        (firm or helped.firm).pk,
        account=person.pk,
        subject=subject,
        by=by or world.acting(helped.lead, at),
        at=at,
    )


def named(firm: Party) -> dict[str, str]:
    """Who is named for a firm, by subject."""
    rows = Membership.objects.named().filter(organisation=firm)
    return dict(rows.values_list("subject", "person__name"))


def away(person: User, stand_in: User, first: str = "2026-03-03", last: str = "2026-03-06") -> None:
    Absence.objects.create(
        person=person.person, stand_in=stand_in.person, during=world.period(first, last), recorded_at=AT
    )


def test_one_person_is_named_for_each_subject_and_one_for_all_others(helped):
    name(helped, helped.helper)
    name(helped, helped.second, TESTING)
    assert named(helped.firm) == {"": "帮办员", TESTING: "协办员"}
    name(helped, helped.helper, TESTING, at=LATER)
    assert named(helped.firm) == {"": "帮办员", TESTING: "帮办员"}
    before = Membership.objects.get(kind=MembershipKind.HELPER, person=helped.second.person)
    assert (before.during.lower, before.during.upper) == (AT, LATER), "the history stays"


def test_it_is_journalled_on_the_enterprise_and_the_same_again_changes_nothing(helped):
    first = name(helped, helped.helper, TESTING)
    assert name(helped, helped.helper, TESTING, at=LATER) == first
    end_helper(helped.firm.pk, subject=TESTING, by=world.acting(helped.lead), at=LATEST)
    assert not end_helper(helped.firm.pk, subject=TESTING, by=world.acting(helped.lead), at=LATEST)
    told = [entry for entry in history(helped.firm.pk) if entry.action.startswith("helper")]
    assert [(one.action, one.actor_name, one.details["subject"]) for one in told] == [
        ("helper_named", "牵头人", TESTING), ("helper_ends", "牵头人", TESTING),
    ]  # fmt: skip
    assert first_break(Party.objects.get(pk=helped.firm.pk)) is None


def test_the_new_helper_and_the_firm_are_told_once_and_the_firm_of_the_end(helped):
    name(helped, helped.helper)
    name(helped, helped.helper, at=LATER)
    end_helper(helped.firm.pk, subject="", by=world.acting(helped.lead), at=LATEST)
    world.tell_queued()
    told = Notice.objects.filter(template__in=("helper_named", "helper_ended", "staff_named_for"))
    assert sorted(told.values_list("template", "user")) == sorted([
        ("helper_named", helped.applicant.user_id), ("helper_ended", helped.applicant.user_id),
        ("staff_named_for", helped.helper.pk),
    ])  # fmt: skip
    assert Notice.objects.get(template="helper_named").context["who"]["zh"] == (
        "帮办员（济南市示范区人力资源和社会保障局）"
    )


def test_only_who_leads_or_has_the_duty_over_its_area_names(helped):
    for who in (helped.helper, helped.administrator, User.objects.get(pk=helped.applicant.user_id)):
        with pytest.raises(NotAllowed):
            name(helped, helped.helper, by=world.acting(who))
        with pytest.raises(NotAllowed):
            end_helper(helped.firm.pk, subject="", by=world.acting(who), at=AT)
    with pytest.raises(NotAllowed):  # the duty of the second subdistrict, and a firm of the whole district
        name(helped, helped.helper, by=world.acting(helped.duty))
    inside(helped, SECOND)
    name(helped, helped.helper, by=world.acting(helped.duty))
    assert named(helped.firm) == {"": "帮办员"}


def inside(helped, street: str) -> None:
    Party.objects.filter(pk=helped.firm.pk).update(area_path=f"{world.DISTRICT}{street}/")


def test_whoever_has_no_seat_over_the_firm_or_acts_for_it_is_not_named(helped):
    inside(helped, FIRST)
    with pytest.raises(Refused, match="没有管辖这家企业"):
        name(helped, helped.duty)
    with pytest.raises(Refused, match="没有管辖这家企业"):
        name(helped, helped.administrator)  # a seat that does no work of cases
    world.agent(helped.helper, helped.firm)
    with pytest.raises(Refused, match="应当回避"):
        name(helped, helped.helper)
    with pytest.raises(Invalid):
        name(helped, helped.second, "need-moon")
    with pytest.raises(Invalid):
        name(helped, helped.second, "investment-filing")
    assert named(helped.firm) == {}


def test_a_named_helper_gets_no_right_of_the_firm(helped):
    name(helped, helped.helper)
    actor = world.acting(helped.helper, LATER)
    assert helped.firm.pk not in actor.acts_for
    assert len(actor.seats) == 1
    case = raised(helped)
    assert case.pk not in {one.pk for one in type(case).objects.applied_by(actor)}


def test_a_helper_who_becomes_an_agent_helps_no_more(helped):
    name(helped, helped.helper)
    add_agent(helped.firm.pk, by=helped.applicant, at=LATER, email=helped.helper.email)
    assert named(helped.firm) == {}
    assert history(helped.firm.pk)[len(history(helped.firm.pk)) - 2].action == "helper_ends"


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "helper", "role": "helper"},
        {"kind": "helper", "area_path": world.DISTRICT},
        {"kind": "agent", "subject": TESTING},
        {"kind": "staff", "role": "clerk", "area_path": world.DISTRICT, "subject": TESTING},
    ],
)
def test_the_database_keeps_what_a_naming_is(helped, row):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            person=helped.helper.person, organisation=helped.firm, during=DateTimeTZRange(AT, None), **row
        )


def test_the_database_keeps_one_at_a_time(helped):
    row = {"organisation": helped.firm, "kind": MembershipKind.HELPER, "subject": TESTING}
    Membership.objects.create(person=helped.helper.person, during=world.period("2026-01-01", "2026-02-01"), **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            person=helped.second.person, during=world.period("2026-01-20", "2026-03-01"), **row
        )
    Membership.objects.create(person=helped.second.person, during=world.period("2026-02-01", "2026-03-01"), **row)


@pytest.mark.django_db(transaction=True)
def test_named_by_two_hands_in_the_same_moment_one_is_named_after_the_other(helped):
    lead = world.acting(helped.lead)
    hands = [
        lambda who=who: name_helper(helped.firm.pk, account=who.pk, subject="", by=lead, at=LATER)
        for who in (helped.helper, helped.second)
    ]
    assert all(isinstance(one, Membership) for one in together(*hands))
    assert Membership.objects.named().filter(organisation=helped.firm).count() == 1
    told = [entry for entry in history(helped.firm.pk) if entry.action == "helper_named"]
    assert len(told) == 2
    assert told[1].details["before"] == told[0].details["person"]
    assert first_break(Party.objects.get(pk=helped.firm.pk)) is None


def firms(*streets: str) -> list[Party]:
    made = []
    for serial, street in enumerate(streets, start=700):
        firm = world.enterprise(f"济南虚构{serial}有限公司", serial)
        firm.area_path = f"{world.DISTRICT}{street}/"
        firm.save()
        made.append(firm)
    return made


def test_many_at_once_are_foreseen_and_done_alike_and_again_changes_nothing(helped):
    first, second, third, mine = firms(SECOND, SECOND, FIRST, SECOND)
    name(helped, helped.helper, firm=second)
    street = seat("街道负责人", "subdistrict-office", Role.LEADER, area=SECOND)
    world.agent(helped.duty, mine)
    keys = [one.pk for one in (first, second, third, mine)]
    told = {"account": helped.duty.pk, "subject": "", "at": LATER}
    seen = foresee(keys, replace=False, by=world.acting(street), **told)
    assert ([one.pk for one in seen.fresh], [one.pk for one in seen.kept]) == ([first.pk], [second.pk])
    assert ([one.pk for one in seen.barred], [one.pk for one in seen.own]) == ([third.pk], [mine.pk])
    lead = world.acting(helped.lead)
    done = name_for_all(keys, replace=True, by=lead, **told)
    assert [one.pk for one in done.unreached] == [third.pk]
    assert {one.pk for one in done.changes} == {first.pk, second.pk}
    assert (named(first), named(second), named(third)) == ({"": "值班员"}, {"": "值班员"}, {})
    again = name_for_all(keys, replace=True, by=lead, **told)
    assert not again.changes
    assert len(again.same) == 2
    world.tell_queued()
    assert Notice.objects.get(template="staff_named_for_many").context["count"] == 2
    assert first_break(Party.objects.get(pk=second.pk)) is None


def test_hundreds_cost_no_more_statements_than_a_few(helped, django_assert_max_num_queries):
    made = Party.objects.bulk_create(
        Party(
            kind="enterprise",
            name=f"济南虚构{serial}有限公司",
            uscc=world.uscc(serial),
            area_path=world.DISTRICT,
            created_at=AT,
        )
        for serial in range(2000, 2400)
    )
    keys = [one.pk for one in made]
    told = {"subject": LABOUR, "replace": True, "by": world.acting(helped.lead)}
    with django_assert_max_num_queries(24):
        name_for_all(keys, account=helped.helper.pk, at=LATER, **told)
    with django_assert_max_num_queries(24):
        name_for_all(keys, account=helped.second.pk, at=LATEST, **told)
    rows = Membership.objects.filter(organisation__in=keys, kind=MembershipKind.HELPER)
    assert rows.filter(during__upper_inf=True, person=helped.second.person).count() == 400
    assert rows.filter(during=DateTimeTZRange(LATER, LATEST), person=helped.helper.person).count() == 400
    with pytest.raises(Invalid, match="一次最多"):
        name_for_all(keys * 20, account=helped.second.pk, at=LATEST, **told)


def test_a_leavers_firms_go_to_the_successor_with_the_work(helped):
    other = seat("接手人", "human-resources", Role.HELPER)
    name(helped, helped.helper)
    name(helped, helped.helper, LABOUR)
    leaver = world.acting(helped.helper, LATER)
    cases.hand_over(helped.helper, to=world.acting(other), by=leaver, at=LATER)
    assert named(helped.firm) == {"": "接手人", LABOUR: "接手人"}
    cases.hand_over(helped.helper, to=world.acting(other), by=leaver, at=LATEST)
    entries = [one.actor_name for one in history(helped.firm.pk) if one.details.get("name") == "接手人"]
    assert entries == ["帮办员", "帮办员"]


def test_what_the_successor_does_not_reach_stays_and_a_stranger_hands_nothing_over(helped):
    inside(helped, FIRST)
    name(helped, helped.helper)
    leaver = world.acting(helped.helper, LATER)
    cases.hand_over(helped.helper, to=world.acting(helped.duty), by=leaver, at=LATER)
    cases.hand_over(helped.helper, to=world.acting(helped.second), by=world.acting(helped.duty), at=LATER)
    assert named(helped.firm) == {"": "帮办员"}


def test_whoever_left_or_is_away_without_a_stand_in_is_shown_as_to_be_replaced(helped):
    name(helped, helped.helper)
    name(helped, helped.second, TESTING)
    away(helped.second, helped.helper)  # of another office: cannot do their work
    end_staff(helped.helper, by=SYSTEM, at=LATER)
    shown = {one.membership.subject: one.trouble for one in helpers_of(helped.firm, at=LATER)}
    assert shown == {"": "已离岗，请另派", TESTING: "外出无人代班，请另派"}


def passed(case) -> list[str]:
    return list(Entry.objects.get(subject=case.pk, action="route").details.get("passed", []))


def test_a_need_goes_to_the_one_named_for_its_subject_else_to_the_one_for_all(helped):
    rule_to(helped, named=True, name="专人")
    name(helped, helped.helper)
    assert help_of(raised(helped)).assignee_id == helped.helper.pk
    name(helped, helped.second, TESTING)
    assert help_of(raised(helped)).assignee_id == helped.second.pk
    assert help_of(raised(helped, "need-space")).assignee_id == helped.helper.pk


def test_the_rule_says_nothing_where_nobody_is_named_and_why_where_nobody_named_can_be_reached(helped):
    rule_to(helped, named=True, name="专人")
    rule_to(helped, helped.second, name="其他")
    case = raised(helped)
    assert help_of(case).assignee_id == helped.second.pk
    assert passed(case) == []
    name(helped, helped.helper)
    away(helped.helper, helped.second)
    case = raised(helped)
    assert help_of(case).assignee_id == helped.second.pk
    assert "外出" in passed(case)[0]
    Absence.objects.all().delete()
    end_staff(helped.helper, by=SYSTEM, at=LATER)
    case = raised(helped, at=LATER)
    assert help_of(case).assignee_id == helped.second.pk
    assert "没有管辖这里的岗位" in passed(case)[0]


def test_where_the_one_of_the_subject_is_away_the_one_for_all_takes_it(helped):
    rule_to(helped, named=True)
    name(helped, helped.helper)
    name(helped, helped.second, TESTING)
    away(helped.second, helped.helper)
    assert help_of(raised(helped)).assignee_id == helped.helper.pk


def test_a_stand_in_takes_what_comes_for_a_named_helper_who_is_away(helped):
    rule_to(helped, named=True)
    other = seat("同事", "human-resources", Role.HELPER)
    name(helped, helped.helper)
    away(helped.helper, other)
    assert help_of(raised(helped)).assignee_id == helped.helper.pk
    assert [one.trouble for one in helpers_of(helped.firm, at=AT)] == [""]


def test_two_records_of_one_firm_keep_one_helper_for_each_subject_and_part_again(helped):
    other = world.enterprise("济南虚构材料有限公司（旧登记）", serial=977)
    name(helped, helped.helper)
    name(helped, helped.second, firm=other)
    name(helped, helped.second, TESTING, firm=other)
    lead = world.acting(helped.lead, LATER)
    merger = merge(helped.firm.pk, other.pk, reason="同一家", by=lead, at=LATER)
    assert named(helped.firm) == {"": "帮办员", TESTING: "协办员"}
    unmerge(merger.pk, by=lead, at=LATEST)
    assert named(helped.firm) == {"": "帮办员"}
    assert named(other) == {"": "协办员", TESTING: "协办员"}


def test_an_agent_of_the_one_record_does_not_help_the_other_when_they_are_one(helped):
    other = world.enterprise("济南虚构材料有限公司（旧登记）", serial=977)
    world.agent(helped.helper, other)
    name(helped, helped.helper)
    lead = world.acting(helped.lead, LATER)
    merger = merge(helped.firm.pk, other.pk, reason="同一家", by=lead, at=LATER)
    assert named(helped.firm) == {}
    assert Membership.objects.named().count() == 0
    unmerge(merger.pk, by=lead, at=LATEST)
    assert named(helped.firm) == {"": "帮办员"}


def test_the_list_of_enterprises_narrows_to_ones_own_and_to_those_without_anybody(helped):
    first, second = firms(SECOND, SECOND)
    name(helped, helped.helper, firm=first)
    actor = world.acting(helped.helper)

    def found(which: str, who=actor) -> set:
        return {one.pk for one in find(who, Search(named=which), vocabulary())}

    assert found("mine") == {first.pk}
    assert found("none") == {second.pk, helped.firm.pk}
    assert found("none", world.acting(helped.duty)) == {second.pk}, "never more than one may see"
    assert found("lost") == set()
    name(helped, helped.duty, firm=second)
    Party.objects.filter(pk=second.pk).update(area_path=f"{world.DISTRICT}{FIRST}/")
    assert found("lost") == {second.pk}, "its helper has the duty of another subdistrict"
    end_staff(helped.helper, by=SYSTEM, at=LATER)
    assert found("lost", world.acting(helped.lead)) == {first.pk, second.pk}
