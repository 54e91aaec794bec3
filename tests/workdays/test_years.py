"""Years of the calendar in the database: loaded, announced, and read by every process."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.db.models import F

from zerotrip.errors import Invalid
from zerotrip.ledger.queries import first_break, history
from zerotrip.parties.access import SYSTEM
from zerotrip.workdays import queries
from zerotrip.workdays.actions import announce, load_year, set_day, set_office_hours
from zerotrip.workdays.calendar import CHINA, OFFICE_HOURS
from zerotrip.workdays.limits import Unit, due
from zerotrip.workdays.models import Calendar, CalendarDay, CalendarStamp, CalendarYear
from zerotrip.workdays.queries import calendar_for, forget_calendars

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
NEW_YEAR_2030 = {
    "off": {date(2029, 12, 31): "元旦", date(2030, 1, 1): "元旦"},
    "worked": {date(2029, 12, 29): "元旦"},
}


@pytest.fixture(autouse=True)
def a_new_process():
    forget_calendars()
    yield
    forget_calendars()


def test_a_year_with_a_notice_is_official_and_names_it():
    year = load_year(2026, by=SYSTEM, at=NOW)
    assert (year.official, year.source) == (True, "国办发明电〔2025〕7号")
    assert not calendar_for("").is_provisional(date(2026, 5, 9))
    assert calendar_for("").is_working(date(2026, 5, 9))
    assert calendar_for("").special[date(2026, 5, 9)].name == "劳动节"


def test_a_year_to_come_is_a_guess():
    year = load_year(2027, by=SYSTEM, at=NOW)
    assert not year.official
    assert calendar_for("").is_provisional(date(2027, 1, 4))
    assert not calendar_for("").is_working(date(2027, 10, 1))


def test_the_end_of_a_december_belongs_to_new_year():
    load_year(2018, by=SYSTEM, at=NOW)
    assert CalendarDay.objects.get(date="2018-12-31").name == "元旦"
    assert CalendarDay.objects.get(date="2018-12-29").working


@pytest.mark.parametrize("year", [2003, 2061])
def test_years_out_of_reach_are_refused(year):
    with pytest.raises(Invalid):
        load_year(year, by=SYSTEM, at=NOW)
    with pytest.raises(Invalid):
        announce(year, off={}, worked={}, source="", by=SYSTEM, at=NOW)


@pytest.mark.parametrize("year", [2018, 2024, 2026, 2027])
def test_loading_twice_changes_nothing(year):
    load_year(year, by=SYSTEM, at=NOW)
    before = sorted(CalendarDay.objects.values_list("date", "working", "name"))
    load_year(year, by=SYSTEM, at=NOW)
    assert sorted(CalendarDay.objects.values_list("date", "working", "name")) == before
    assert {day.year for day, *_rest in before} == {year}


def test_a_notice_says_which_days_it_changed():
    load_year(2027, by=SYSTEM, at=NOW)
    before = calendar_for("")
    days = [date.fromordinal(n) for n in range(date(2027, 1, 1).toordinal(), date(2028, 1, 1).toordinal())]
    off = {day: special.name for day, special in before.special.items() if day != date(2027, 10, 5)}
    off[date(2027, 10, 6)] = "国庆节"
    changed = announce(2027, off=off, worked={date(2027, 10, 9): "国庆节"}, source="国办", by=SYSTEM, at=NOW)
    assert changed == [date(2027, 10, 5), date(2027, 10, 6), date(2027, 10, 9)]
    after = calendar_for("")
    assert changed == [day for day in days if before.is_working(day) != after.is_working(day)]
    assert not after.is_provisional(date(2027, 10, 9))


def test_a_notice_moves_what_was_a_guess():
    load_year(2026, by=SYSTEM, at=NOW)
    limit = {"start": datetime(2026, 12, 31, 9, tzinfo=CHINA), "amount": 1, "unit": Unit.WORKING_DAYS}
    guess = due(**limit, calendar=calendar_for(""))
    announce(
        2027, off={date(2027, 1, 1): "元旦", date(2027, 1, 4): "元旦"}, worked={}, source="国办", by=SYSTEM, at=NOW
    )
    known = due(**limit, calendar=calendar_for(""))
    assert (guess.provisional, known.provisional) == (True, False)
    assert (guess.at.date(), known.at.date()) == (date(2027, 1, 1), date(2027, 1, 5))


def test_a_notice_may_reach_into_the_december_before():
    load_year(2029, by=SYSTEM, at=NOW)
    kept = CalendarDay.objects.filter(date="2029-10-01").count()
    changed = announce(2030, **NEW_YEAR_2030, source="国办", by=SYSTEM, at=NOW)
    assert {date(2029, 12, 29), date(2029, 12, 31)} <= set(changed)
    assert calendar_for("").is_working(date(2029, 12, 29))
    assert CalendarDay.objects.filter(date="2029-10-01").count() == kept == 1
    assert not CalendarYear.objects.get(year=2029).official


def test_a_notice_may_be_announced_again():
    announce(2030, **NEW_YEAR_2030, source="国办", by=SYSTEM, at=NOW)
    assert announce(2030, **NEW_YEAR_2030, source="国办", by=SYSTEM, at=NOW) == []


def test_a_guess_does_not_overwrite_a_notice():
    announce(2027, off={date(2027, 1, 1): "元旦"}, worked={}, source="国办", by=SYSTEM, at=NOW)
    assert load_year(2027, by=SYSTEM, at=NOW).source == "国办"
    assert calendar_for("").is_working(date(2027, 10, 1))


@pytest.mark.parametrize(
    ("off", "worked"),
    [
        ({date(2028, 1, 1): "元旦"}, {}),
        ({date(2026, 11, 30): "元旦"}, {}),
        ({}, {date(2025, 10, 11): "国庆节"}),
        ({date(2027, 10, 1): "国庆节"}, {date(2027, 10, 1): "国庆节"}),
    ],
)
def test_days_a_notice_cannot_mean_are_refused(off, worked):
    with pytest.raises(Invalid):
        announce(2027, off=off, worked=worked, source="国办", by=SYSTEM, at=NOW)
    assert not CalendarYear.objects.exists()


def test_a_district_closes_for_itself_and_those_within_it():
    set_day(date(2026, 11, 24), working=False, name="停电", area_path="/370100/370199/", by=SYSTEM, at=NOW)
    set_day(date(2026, 11, 24), working=True, name="照常", area_path="/370100/370199/370199001/", by=SYSTEM, at=NOW)
    open_on_the_day = {
        path: calendar_for(path).is_working(date(2026, 11, 24))
        for path in ("", "/370100/", "/370100/370199/", "/370100/370199/370199002/", "/370100/370199/370199001/")
    }
    assert list(open_on_the_day.values()) == [True, True, False, False, True]


def test_a_notice_leaves_the_closures_of_districts():
    set_day(date(2027, 11, 24), working=False, name="停电", area_path="/370100/", by=SYSTEM, at=NOW)
    announce(2027, off={date(2027, 1, 1): "元旦"}, worked={}, source="国办", by=SYSTEM, at=NOW)
    assert not calendar_for("/370100/").is_working(date(2027, 11, 24))


def test_a_district_keeps_its_own_hours():
    set_office_hours([(time(9), time(16))], area_path="/370100/", by=SYSTEM, at=NOW)
    assert calendar_for("/370100/370199/").office_hours == ((time(9), time(16)),)
    assert calendar_for("/110100/").office_hours == OFFICE_HOURS


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [(time(12), time(9))],
        [(time(9), time(9))],
        [(time(9), time(12)), (time(11), time(17))],
        [(time(13), time(17)), (time(9), time(12))],
    ],
)
def test_hours_that_are_none_are_refused(hours):
    with pytest.raises(Invalid):
        set_office_hours(hours, by=SYSTEM, at=NOW)


def test_another_process_sees_a_change_at_its_next_look(monkeypatch):
    """The change is made past this process: rows and stamp, as another one would write them."""
    assert calendar_for("").is_working(date(2026, 11, 24))
    CalendarDay.objects.create(date="2026-11-24", working=False, name="停电")
    CalendarStamp.objects.get_or_create(id=1)
    CalendarStamp.objects.update(changes=F("changes") + 1)
    monkeypatch.setattr(queries, "LOOK_AFTER", 3600)
    assert calendar_for("").is_working(date(2026, 11, 24))
    monkeypatch.setattr(queries, "LOOK_AFTER", 0)
    assert not calendar_for("").is_working(date(2026, 11, 24))


def test_a_calendar_costs_no_query_between_two_looks(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(queries, "LOOK_AFTER", 3600)
    calendar_for("/370100/")
    with django_assert_num_queries(0):
        calendar_for("/370100/")
    monkeypatch.setattr(queries, "LOOK_AFTER", 0)
    with django_assert_num_queries(1):
        calendar_for("/370100/")


def test_a_calendar_read_before_a_change_is_not_kept_after_it(monkeypatch):
    build = queries._build

    def change_meanwhile(area_path):
        found = build(area_path)
        set_day(date(2026, 11, 24), working=False, name="停电", area_path="", by=SYSTEM, at=NOW)
        monkeypatch.setattr(queries, "_build", build)
        calendar_for("/110100/")
        return found

    monkeypatch.setattr(queries, "_build", change_meanwhile)
    calendar_for("")
    assert not calendar_for("").is_working(date(2026, 11, 24))


def journal(area_path: str = "") -> list[tuple[str, dict]]:
    """What the journal says of an area's calendar, whole."""
    calendar = Calendar.objects.filter(area_path=area_path).first()
    if calendar is None:
        return []
    assert first_break(calendar) is None
    assert {entry.actor_name for entry in history(calendar.pk)} <= {SYSTEM.name}
    return [(entry.action, entry.details) for entry in history(calendar.pk)]


def test_a_loaded_year_is_journalled_once():
    for _time in range(2):
        load_year(2027, by=SYSTEM, at=NOW)
        load_year(2026, by=SYSTEM, at=NOW)
    (first, guess), (second, official) = journal()
    assert (first, second) == ("load_year", "load_year")
    assert (guess["year"], guess["official"]) == (2027, False)
    assert (official["year"], official["source"]) == (2026, "国办发明电〔2025〕7号")
    assert "2026-05-09" in official["worked"]
    assert "2026-10-01" in official["off"]


def test_a_notice_is_journalled_with_its_days_and_those_it_changed():
    load_year(2029, by=SYSTEM, at=NOW)
    announce(2030, **NEW_YEAR_2030, source="国办", by=SYSTEM, at=NOW)
    assert journal()[-1] == (
        "announce",
        {
            "year": 2030,
            "source": "国办",
            "off": ["2029-12-31", "2030-01-01"],
            "worked": ["2029-12-29"],
            "changed": ["2029-12-29", "2029-12-31", "2030-01-01"],
        },
    )


def test_closures_and_hours_are_journalled_in_their_area_and_only_when_new():
    day, path = date(2026, 11, 24), "/370100/"
    for working in (False, False, True):
        set_day(day, working=working, name="停电", area_path=path, by=SYSTEM, at=NOW)
    for _time in range(2):
        set_office_hours([(time(9), time(16))], area_path=path, by=SYSTEM, at=NOW)
    assert journal(path) == [
        ("set_day", {"day": "2026-11-24", "working": False, "name": "停电"}),
        ("set_day", {"day": "2026-11-24", "working": True, "name": "停电"}),
        ("set_office_hours", {"hours": [["09:00", "16:00"]]}),
    ]
    assert journal() == []


def test_what_is_refused_is_not_journalled():
    with pytest.raises(Invalid):
        announce(2027, off={date(2025, 10, 1): "国庆节"}, worked={}, source="国办", by=SYSTEM, at=NOW)
    with pytest.raises(Invalid):
        set_office_hours([], by=SYSTEM, at=NOW)
    assert journal() == []


def test_what_changes_nothing_lets_other_processes_keep_their_calendars():
    set_day(date(2026, 11, 24), working=False, name="停电", area_path="", by=SYSTEM, at=NOW)
    before = CalendarStamp.objects.get().changes
    set_day(date(2026, 11, 24), working=False, name="停电", area_path="", by=SYSTEM, at=NOW)
    assert CalendarStamp.objects.get().changes == before
