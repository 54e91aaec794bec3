"""People go with the event that brought them, and no table of prevention is forgotten."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from tests import world
from tests.duties.standing.roster import declared as duties
from tests.duties.standing.roster import spec
from tests.prevention.emergency import declared
from tests.prevention.gates import passing
from tests.prevention.handing_in import GRID, number, row, taken
from zerotrip import prevention
from zerotrip.channels.models import Message, Notice
from zerotrip.channels.notices import NOTICES
from zerotrip.duties.models import Report, ReportFile
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.models import User
from zerotrip.prevention.events import purging, telling
from zerotrip.prevention.events.purging import Expiry
from zerotrip.prevention.gates import actions as gates
from zerotrip.prevention.models import (
    Block,
    Enrolment,
    Event,
    Exclusion,
    Finding,
    Measure,
    Passage,
    Person,
    Phone,
    RosterFile,
    RosterRow,
)
from zerotrip.prevention.rosters.owed import purge as purge_owed

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 3)
NOT_OF_PEOPLE = {
    "Event": "the event itself: which measures, where, by which office",
    "SiteKind": "what a pack declares",
    "RosterFile": "counts of a file; its name, its faults and its rows go",
    "ResultFile": "counts of a file of results; of a tube it has the code at most",
    "Item": "what a pack declares",
    "Holder": "where goods lie",
    "Recall": "about goods",
    "Lot": "goods",
    "Balance": "goods",
    "Arrival": "that goods arrived, and how much of them",
    "Level": "goods",
    "SupplyRequest": "what a site or an office asks for",
    "GoodsSheet": "counts of a file of goods",
    "Declared": "what a pack declares",
    "Taking": "how many people went along for what, without saying who",
    "InspectionItem": "the state of a place",
    "Post": "where somebody has to stand",
    "SealedArea": "that a place was sealed, by whom and why; its doors go",
    "Turn": "how many people a post takes at which hours",
    "Round": "what a round is called, and who opened it",
    "Point": "what a sampling point has, and how many are waiting",
    "Opening": "when a point is open",
    "Tally": "figures",
    "TallyLine": "figures",
}
"""Tables without anybody's name, health or movements, and why. Staff stand in them as by whom it was done."""
OTHERS = {"duties.Due", "duties.Report", "duties.ReportFile", "channels.Notice", "channels.Message"}
"""Tables of other apps that hold something of people while an event is held."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
OF_PEOPLE = {
    *("driver", "phone", "handler", "handler_phone", "plate", "temperature", "colour", "signature", "contact"),
    *("person", "worker", "ric_digest", "door", "birth_year", "who_disinfected"),
}
"""Columns that only somebody has."""


def test_every_table_of_prevention_is_in_the_register_or_holds_nothing_of_people():
    tables = {model._meta.label for model in apps.get_app_config("prevention").get_models()}
    told = {one.table for one in purging.register_of()}
    assert tables - told == {f"prevention.{name}" for name in NOT_OF_PEOPLE}
    assert told - tables == OTHERS


def test_no_table_without_people_has_a_column_only_people_have():
    for name in NOT_OF_PEOPLE:
        fields = apps.get_model("prevention", name)._meta.get_fields()
        assert not {field.name for field in fields if field.related_model is not Phone} & OF_PEOPLE, name


def test_whatever_goes_by_date_is_purged_and_the_register_says_how():
    stays = {one.table for one in purging.register_of() if one.expiry in (Expiry.STAYS, Expiry.LEAVES)}
    assert stays == {f"prevention.{name}" for name in ("Site", "Exporter", "Phone", "Inspection", "Draw", "Worker")}
    assert set(purging.registered()) >= {"passages", "tubes", "owed", "said", "notices", "prevention.Person"}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            for one in purging.register_of():
                words = (one.what, one.purpose, one.basis.label, one.expiry.label, one.how)
                assert all(str(each) for each in words), one.table
                assert language != "en" or not any(CHINESE.search(str(each)) for each in words), one.table


def test_an_event_shows_what_its_measures_hold_and_nothing_of_others():
    shown = {one.table for one in purging.register_of([Measure.GATES])}
    assert "prevention.Passage" in shown
    assert "prevention.Person" in shown, "rosters serve every measure"
    assert "prevention.Sample" not in shown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_an_event_shows_the_register_in_both_languages(district, language):
    event = declared(district, Measure.GATES)
    desk = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = desk.get(reverse("desk-event", args=[event.pk])).content.decode()
    with translation.override(language):
        assert all(escape(str(one.what)) in page for one in purging.register_of([Measure.GATES]))
        assert escape(str(purging.Basis.HEALTH.label)) in page
    assert event.basis in page


def test_every_notice_of_prevention_goes_with_its_event():
    """Whatever its code names of the templates of notices, but goods: their trace is kept for two years."""
    folder = Path(prevention.__file__).parent
    said: set[str] = set()
    for path in (path for path in folder.rglob("*.py") if path.name != "telling.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        said |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    others = {"goods_recalled", "goods_sent", "supply_answered", "standing_reminder"} | {"refused"}  # a plain word
    made = {f"tube_{found}" for found in Finding.values} | {"site_leaflet", "site_leaflet_reminder"}
    made |= {f"{to}_{each}" for to in ("staff", "staff_site") for each in ("leaflet_doors", "leaflet_silent")}
    named = ((said | made) & set(NOTICES)) - others
    assert named <= telling.KINDS
    assert set(NOTICES) >= telling.KINDS


def enrolled(name: str, area: str = GRID, *, first: date = TODAY, after: date | None = None) -> Person:
    person = Person.objects.create(name=name, name_key=name, phone="13900000001", created_at=world.MORNING)
    Enrolment.objects.create(person=person, kind="resident", area_path=area, during=DateRange(first, after))
    return person


def purged(event) -> None:
    assert purging.purge(event.pk, at=world.MORNING + timedelta(days=400)) is not None


def test_people_go_with_the_only_event_and_their_exclusions_and_files_too(district):
    event = declared(district, days=2)
    taken([row("甲虚构", ric=number(1)), row("乙虚构", phone="13900000002")], district.clerk)
    Exclusion.objects.create(
        person=Person.objects.first(),
        reason="away",
        during=DateRange(TODAY, TODAY + timedelta(days=1)),
        recorded_by_id=district.clerk.account,
        recorded_at=world.MORNING,
    )
    purged(event)
    assert not any(model.objects.exists() for model in (Person, Enrolment, Exclusion, RosterRow))
    assert set(RosterFile.objects.values_list("purged", "name")) == {(True, "")}


def test_whoever_another_event_still_holds_stays(district):
    ended = declared(district, days=3)
    later = world.MORNING + timedelta(days=1)
    declared(district, area="370199001000", at=later)
    here = enrolled("甲")
    enrolled("乙", "/370100000000/370199000000/370199002000/")
    enrolled("丙", after=TODAY + timedelta(days=1))
    purged(ended)
    assert list(Person.objects.all()) == [here]


def test_two_events_whose_days_are_long_over_go_one_after_the_other(district):
    """The other one is still there, and holds no day any more."""
    events = [declared(district, days=2), declared(district, area="370199001000", days=3)]
    enrolled("甲")
    passing.came(passing.gate(), district.clerk)
    for event in events:
        purged(event)
    assert not Person.objects.exists()
    assert not Passage.objects.exists()


def test_whoever_is_on_a_roster_of_another_area_stays_with_that_alone(district):
    ended = declared(district, area="370199001000", days=3)
    declared(district, area="370199002000")
    person = enrolled("甲")
    away = Enrolment.objects.create(
        person=person,
        kind="lodger",
        area_path="/370100000000/370199000000/370199002000/",
        site=world_site(),
        during=DateRange(TODAY, None),
    )
    purged(ended)
    assert list(Enrolment.objects.all()) == [away]
    assert Person.objects.get() == person


def world_site():
    from zerotrip.prevention.models import Site

    return Site.objects.create(kind_id="dormitory", name="宿舍", area_path=GRID, risk="high", opened_on=TODAY)


def later(days: int):
    return world.MORNING + timedelta(days=days)


def gone(event, days: int) -> dict[str, int] | None:
    return purging.purge_back(event.pk, at=later(days))


class TestWhileAnEventRunsOn:
    """Its last day may never be known: what lies back long enough goes, what is under way stays."""

    def test_a_record_goes_so_many_days_after_its_own(self, district):
        event, gate = declared(district), passing.gate()
        passing.came(gate, district.clerk)
        passing.came(gate, district.clerk, plate="鲁C11111", at=later(10))
        assert gone(event, 30) is None, "thirty days are not over"
        assert purging.due_back(on=later(30).date()) == []
        assert purging.due_back(on=later(31).date()) == [event.pk]
        assert gone(event, 31)["passages"] == 1
        assert gone(event, 31) is None
        assert Passage.objects.get().plate == "鲁C11111"
        event.refresh_from_db()
        assert (event.kept_from, event.purged_at) == (date(2026, 3, 4), None)
        assert history(event.pk).last().details["before"] == "2026-03-04"
        assert first_break(event) is None

    def test_two_weeks_are_kept_whatever_the_event_says(self, district):
        event = declared(district, keep=0)
        passing.came(passing.gate(), district.clerk)
        assert gone(event, 14) is None
        assert gone(event, 15)["passages"] == 1

    def test_whoever_is_on_a_roster_stays_and_who_left_goes(self, district):
        event = declared(district)
        here = enrolled("甲")
        enrolled("乙", after=TODAY + timedelta(days=1))
        left = enrolled("丙", after=TODAY + timedelta(days=20))
        for person, last in ((here, 3), (left, 3)):
            Exclusion.objects.create(
                person=person,
                reason="medical",
                during=DateRange(TODAY, TODAY + timedelta(days=last)),
                recorded_by_id=district.clerk.account,
                recorded_at=world.MORNING,
            )
        gone(event, 40)
        assert set(Person.objects.all()) == {here, left}
        assert not Exclusion.objects.exists(), "why somebody was not tested forty days ago"

    def test_who_is_not_let_in_stays_on_the_list_until_that_is_over(self, district):
        event = declared(district)
        told = {"phone": "", "reason": "虚构", "area_path": passing.STREET, "by": district.clerk}
        for plate, days in (("鲁A1", 3), ("鲁A2", 90)):
            until = TODAY + timedelta(days=days)
            gates.block(plate=plate, until=until, key=new_id(), at=world.MORNING, **told)
        assert gone(event, 60)["blocks"] == 1
        assert Block.objects.get().plate == "鲁A2"

    def test_what_a_window_that_is_open_counts_stays(self, district):
        from zerotrip.duties.standing import turning

        event = declared(district, keep=0)
        duties(spec("sixty", who="person", measure="checks", days=60, records=2))
        enrolled("甲")
        turning.turn(at=world.MORNING)
        passing.came(passing.gate(), district.clerk)
        assert gone(event, 40) is None
        assert gone(event, 75)["passages"] == 1

    def test_what_is_owed_in_a_window_that_ends_later_stays_however_early_it_was_written(self, district):
        from zerotrip.duties.models import Due
        from zerotrip.duties.standing import turning

        event = declared(district, keep=0)
        duties(spec("sixty", who="person", measure="checks", days=60, records=2))
        enrolled("甲")
        turning.turn(at=world.MORNING)
        assert Due.objects.exists()
        Due.objects.update(since=world.MORNING)
        ended = {"area_path": event.area_path, "starts_at": later(-1), "running": True, "others": ()}
        purge_owed(purging.Ended(ends_at=later(20), **ended))
        assert Due.objects.exists()
        purge_owed(purging.Ended(ends_at=later(70), **ended))
        assert not Due.objects.exists()

    def test_another_event_holds_on_to_it_for_as_long_as_its_own_days(self, district):
        event = declared(district)
        declared(district, area="370199001000", keep=100)
        passing.came(passing.gate(), district.clerk)
        gone(event, 40)
        assert Passage.objects.exists()
        gone(Event.objects.get(keep_days=100), 101)
        assert not Passage.objects.exists()


FORM = [
    {
        "id": "today",
        "title": {"zh": "今天", "en": "Today"},
        "fields": [
            {"id": "present", "kind": "number", "label": {"zh": "在岗人数", "en": "At work"}},
            {"id": "told", "kind": "long_text", "required": False, "label": {"zh": "异常", "en": "What"}},
            {"id": "agent", "kind": "text", "required": False, "label": {"zh": "消毒剂", "en": "Agent"}},
        ],
    }
]


def said(district, duty: str = "check", **answers) -> Report:
    """What the firm reported of a day, standing where it did."""
    return Report.objects.create(
        duty=f"tests:{duty}",
        subject=district.firm.pk,
        owner=district.firm.pk,
        area_path=GRID,
        at=world.MORNING,
        received_at=world.MORNING,
        answers=answers,
        position={"latitude": 36.6, "longitude": 117.0},
    )


class TestWhatIsSaidOfPeople:
    def test_reports_of_firms_lose_their_words_and_keep_their_numbers(self, district):
        event = declared(district, days=2)
        duties(spec(measure="checks", sections=FORM, keeps=["agent"]))
        report = said(district, present=12, told="虚构员工发热", agent="次氯酸")
        assert purging.purge(event.pk, at=later(400))["said"] == 1
        report.refresh_from_db()
        assert (report.answers, report.position) == ({"present": 12, "agent": "次氯酸"}, None)

    def test_papers_that_were_signed_go_and_photographs_of_places_stay(self, district):
        event = declared(district, days=2)
        duties(
            spec(who="site", measure="checks", receipt=True, sections=FORM),
            spec("clean", who="site", measure="checks"),
        )
        files = []
        for duty in ("check", "clean"):
            report = said(district, duty=duty)
            blob = receive(world.pdf(duty), name="signed.pdf", at=world.MORNING).blob
            files.append(ReportFile.objects.create(report=report.pk, blob=blob, name="signed.pdf", place=0))
        purging.purge(event.pk, at=later(400))
        assert list(ReportFile.objects.all()) == files[1:]

    def test_the_database_lets_nothing_else_of_a_report_change(self, district):
        said(district, present=12)
        for change in ({"answers": {"present": 1}}, {"at": later(1)}, {"answers": {}, "duty": "tests:other"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                Report.objects.update(**change)

    def test_notices_of_an_event_go_with_their_messages_and_others_stay(self, district):
        event = declared(district)
        told = {"user_id": district.clerk.user_id, "context": {"who": "虚构志愿者", "phone": "13900000009"}}
        for key, template, day in (("a", "post_missed", 1), ("b", "post_missed", 30), ("c", "submitted", 1)):
            notice = Notice.objects.create(key=key, template=template, at=later(day), **told)
            Message.objects.create(
                notice=notice, transport="sms", address="13900000008", body="虚构志愿者", queued_at=later(day)
            )
        assert gone(event, 40)["notices"] == 1
        assert sorted(Notice.objects.values_list("key", flat=True)) == ["b", "c"]
        assert Message.objects.count() == 2
