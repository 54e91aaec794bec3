"""Answers of a survey become facts on the enterprise's record and needs with an owner: once, and put right once."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from tests.duties.standing import roster
from tests.facts.words import SPEC
from tests.helped import AT, helped  # noqa: F401
from zerotrip.cases.models import Assignment, Case, Need
from zerotrip.duties.models import Due, Report, Requirement
from zerotrip.duties.standing import reporting
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.errors import Invalid
from zerotrip.facts.actions import Statement, declare, record
from zerotrip.facts.models import Fact, Standing
from zerotrip.facts.queries import vocabulary
from zerotrip.facts.worth import known
from zerotrip.ids import new_id
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.queries import area_path_of
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

WORDS = {
    "who": "enterprise",
    "by_hand": True,
    "becomes": {"staff": {"fact": "staff", "source": "statistics"}, "testing": {"need": "need-testing"}},
    "sections": [
        {
            "id": "all",
            "title": {"zh": "摸排"},
            "fields": [
                {"id": "staff", "kind": "number", "decimals": 0, "required": False, "label": {"zh": "从业人员"}},
                {"id": "testing", "kind": "long_text", "required": False, "label": {"zh": "检测上的困难"}},
            ],
        }
    ],
}


@pytest.fixture
def survey(helped) -> Requirement:  # noqa: F811
    """A survey the firm owes."""
    declare("tests", SPEC, at=AT)
    firm = helped.firm
    firm.area_path = area_path_of("370199002001")
    firm.save(update_fields=["area_path"])
    Standing.objects.update_or_create(party=firm, defaults={"area_path": firm.area_path, "derived_at": AT})
    (duty,) = roster.declared(roster.spec("survey", **WORDS))
    midnight = datetime.combine(AT.astimezone(CHINA).date(), time(), CHINA)
    span = Span(midnight, midnight + timedelta(days=3))
    open_window(duty, span, area_path="/370100000000/370199000000/", at=midnight)
    return duty


def reported(helped, survey, key=None, corrects=None, at=AT, **answers) -> Report:  # noqa: F811
    """What the firm's agent says."""
    firm = helped.firm
    done = reporting.Done(firm.pk, firm.pk, firm.area_path, at, answers, corrects=corrects)
    return reporting.report(survey, done, key=key or new_id(), by=helped.applicant, at=at)


def staff_of(firm, at=AT):
    stated = list(Fact.objects.filter(party=firm))
    return known(vocabulary(), stated, today=at.date(), area_path=firm.area_path).worths["staff"]


def test_a_number_becomes_a_fact_dated_and_with_its_source(helped, survey):  # noqa: F811
    reported(helped, survey, staff="12")
    fact = Fact.objects.get(name="staff")
    assert (fact.source, fact.as_of, fact.note) == ("self", AT.astimezone(CHINA).date(), "核查")
    assert staff_of(helped.firm).value == "12"
    assert Due.objects.get(subject=helped.firm.pk).kept_at is not None


def test_a_better_source_still_counts_and_the_difference_is_shown(helped, survey):  # noqa: F811
    told = [Statement("staff", "40", AT.date() - timedelta(days=9), "tax")]
    record(helped.firm.pk, told, by=SYSTEM, at=AT, key=new_id())
    reported(helped, survey, staff="12")
    worth = staff_of(helped.firm)
    assert worth.value == "40"
    assert [one.value for one in worth.differing] == ["12"]


def test_a_difficulty_becomes_a_need_with_an_owner(helped, survey):  # noqa: F811
    reported(helped, survey, testing="四十名员工要在周五前检测")
    case = Case.objects.get(need__source="report")
    assert case.version.service_id == "need-testing"
    assert case.subject == "四十名员工要在周五前检测"
    assert Assignment.objects.filter(case=case, done_at=None).exists()


@pytest.mark.parametrize(
    ("about", "subject"), [("space", "need-space"), ("other", "need-testing"), (None, "need-testing")]
)
def test_a_field_of_the_form_says_which_subject_it_is(helped, survey, about, subject):  # noqa: F811
    chosen = {"id": "about", "kind": "text", "required": False, "label": {"zh": "哪方面"}}
    fields = [*WORDS["sections"][0]["fields"], chosen]
    becomes = {"testing": {"need": "need-testing", "by": "about", "needs": {"space": "need-space"}}}
    said = {**WORDS, "becomes": becomes, "sections": [{**WORDS["sections"][0], "fields": fields}]}
    (duty,) = roster.declared(roster.spec("daily", **said))
    reported(helped, duty, testing="缺一样东西", **({"about": about} if about else {}))
    assert Case.objects.get(need__source="report").version.service_id == subject


def test_the_subjects_by_a_field_are_of_a_need_and_go_with_the_field():
    for wrong in ({"by": "about"}, {"needs": {"a": "need-b"}}):
        with pytest.raises(ValueError, match="by goes with needs"):
            roster.spec("survey", **{**WORDS, "becomes": {"testing": {"need": "need-testing", **wrong}}})


def test_the_same_report_sent_again_makes_nothing_anew(helped, survey):  # noqa: F811
    key = new_id()
    for _again in range(2):
        reported(helped, survey, key=key, staff="12", testing="要检测")
    assert Fact.objects.filter(name="staff").count() == 1
    assert Need.objects.filter(source="report").count() == 1


def test_the_same_words_the_next_day_are_the_same_need_while_it_is_open(helped, survey):  # noqa: F811
    reported(helped, survey, testing="要检测")
    reported(helped, survey, testing=" 要检测\n", at=AT + timedelta(days=1))
    assert Need.objects.filter(source="report").count() == 1
    reported(helped, survey, testing="要口罩", at=AT + timedelta(days=1))
    assert Need.objects.filter(source="report").count() == 2


def test_a_report_put_right_corrects_the_fact_and_never_doubles_the_need(helped, survey):  # noqa: F811
    first = reported(helped, survey, staff="12", testing="要检测")
    second = reported(
        helped, survey, corrects=first.pk, at=AT + timedelta(days=1), staff="21", testing="要检测，周五前"
    )
    assert staff_of(helped.firm).value == "21"
    assert {fact.as_of for fact in Fact.objects.filter(name="staff")} == {AT.astimezone(CHINA).date()}
    assert Need.objects.filter(source="report").count() == 1
    reported(helped, survey, corrects=second.pk, at=AT + timedelta(days=1, hours=1), testing="要检测，周五前")
    assert staff_of(helped.firm, AT + timedelta(days=2)).value is None


def test_what_no_fact_can_be_is_said_at_its_field_and_nothing_is_kept(helped, survey):  # noqa: F811
    with pytest.raises(Invalid) as refused:
        reported(helped, survey, staff="999999999", testing="要检测")
    assert set(refused.value.problems) == {"staff"}


def test_answers_of_sites_become_nothing():
    with pytest.raises(ValueError, match="enterprises"):
        roster.spec("survey", **{**WORDS, "who": "site"})
