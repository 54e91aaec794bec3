"""Leaflets reach people by link or at their door, each once, and the silent are named when the time is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from tests import world
from tests.prevention import emergency
from tests.prevention.leaflets.sent import duty, made, person, receipt, sent
from tests.prevention.test_population import GRID, TODAY, left_out, site
from zerotrip.channels import actions as channels
from zerotrip.channels.models import Message, Notice
from zerotrip.duties.models import Due, Window
from zerotrip.duties.standing import filling, queries, reminding, turning
from zerotrip.duties.standing.materialising import reconcile
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.prevention.events import purging
from zerotrip.prevention.leaflets import actions, sending
from zerotrip.prevention.leaflets.audience import Audience, Reach, reach
from zerotrip.prevention.leaflets.links import receipt_of, token_of
from zerotrip.prevention.models import Enrolment, Leaflet, Person, Receipt
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db

MORNING = world.MORNING
LATER = MORNING + timedelta(hours=1)
TOO_LATE = MORNING + timedelta(days=5)


def left(leaflet: Leaflet, district, at=LATER) -> set:
    """Who is missing."""
    return set(queries.missing(leaflet.window, district.clerk, at=at).values_list("subject", flat=True))


def doors(leaflet: Leaflet) -> set:
    """To whom it has to be brought."""
    return set(sending.for_the_door(leaflet, at=LATER).values_list("subject", flat=True))


def told_to(people) -> list[str]:
    return list(Message.objects.filter(address__in=[one.phone for one in people]).values_list("address", flat=True))


def test_whoever_has_a_phone_is_sent_a_link_and_the_others_are_left_for_the_door(district):
    by_phone, at_door = person("甲"), person("乙", phone=False)
    leaflet = sent(district)
    assert told_to([by_phone]) == [by_phone.phone]
    message = Message.objects.get(address=by_phone.phone)
    assert f"/n/{token_of(receipt(leaflet, by_phone).pk)}/" in message.body
    assert message.purge_at == MORNING + timedelta(days=2)
    channels.purge(at=message.purge_at)
    message.refresh_from_db()
    assert message.address == message.body == "", "whose phone it was stays on the roster alone"
    assert doors(leaflet) == {at_door.pk}


def test_what_was_sent_is_not_sent_again_and_whoever_came_since_is_sent_it_alone(district):
    first = person("甲")
    leaflet = sent(district)
    assert sending.work(leaflet.pk, at=LATER) == 0
    second = person("乙")
    assert sending.sweep(at=LATER) == 0
    an_hour_later = LATER + timedelta(hours=1)
    reconcile(leaflet.window_id, at=an_hour_later)
    assert sending.sweep(at=an_hour_later) == 1
    assert sorted(told_to([first, second])) == sorted([first.phone, second.phone])


def test_a_worker_killed_between_two_batches_is_gone_on_with(district, monkeypatch):
    people = [person(name) for name in "甲乙丙丁戊"]
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    duty()
    emergency.declared(district)
    leaflet = made(district)
    filling.go_on(sending._begun(leaflet.pk, at=MORNING).window_id, at=MORNING)
    told, after = sending._batch(leaflet.pk, None, at=MORNING)
    assert (told, after is None) == (2, False)
    assert Leaflet.objects.get(pk=leaflet.pk).sent_at is None
    assert sending.work(leaflet.pk, at=LATER) == 3
    assert sorted(told_to(people)) == sorted(one.phone for one in people)


def test_eleven_thousand_people_are_sent_it_in_batches_and_each_once(district):
    rows = [
        Person(id=new_id(), name=f"虚{n}", name_key=f"虚{n}", phone=f"139{n:08}", created_at=MORNING)
        for n in range(11_000)
    ]
    Person.objects.bulk_create(rows, batch_size=4000)
    during = DateRange(TODAY, None)
    Enrolment.objects.bulk_create(
        [Enrolment(person=row, kind="resident", area_path=GRID, during=during) for row in rows], batch_size=4000
    )
    leaflet = sent(district)
    assert Receipt.objects.filter(leaflet=leaflet).count() == 11_000
    assert Message.objects.filter(address__startswith="139").values("address").distinct().count() == 11_000
    assert sending.work(leaflet.pk, at=LATER) == 0
    assert Message.objects.filter(address__startswith="139").count() == 11_000


def test_one_is_for_a_household_a_site_an_employer_or_a_criterion(district):
    home, other = person("甲", household="9-901"), person("乙", household="9-902")
    dorm = site()
    lodger, worker = person("丙", kind="lodger", site=dorm), person("丁", kind="worker", employer=district.firm)
    everybody = {home.pk, other.pk, lodger.pk, worker.pk}
    duty()
    emergency.declared(district)
    for minute, (to, expected) in enumerate(
        (
            ({}, everybody),
            ({"household": "9-901"}, {home.pk}),
            ({"site": dorm.pk}, {lodger.pk}),
            ({"employer": district.firm.uscc}, {worker.pk}),
            ({"kinds": ["lodger", "worker"]}, {lodger.pk, worker.pk}),
            ({"age_from": "60"}, set()),
        )
    ):
        leaflet = made(district, to=to, at=MORNING + timedelta(minutes=minute))
        sending.work(leaflet.pk, at=leaflet.made_at)
        leaflet.refresh_from_db()
        assert left(leaflet, district) == expected
        assert reach("person", leaflet.area_path, leaflet.where, at=MORNING).count == len(expected)


def test_two_at_a_time_are_read_apart(district):
    somebody = person()
    one = sent(district)
    two = made(district, title="另一份", at=MORNING + timedelta(minutes=1))
    sending.work(two.pk, at=two.made_at)
    two.refresh_from_db()
    actions.read(token_of(receipt(one, somebody).pk), "甲", at=LATER)
    assert left(one, district) == set()
    assert left(two, district) == {somebody.pk}


def test_reading_is_kept_once_and_signed_with_the_name_on_the_roster(district):
    reader = person("买买提·艾力")
    leaflet = sent(district)
    link = token_of(receipt(leaflet, reader).pk)
    for wrong in ("", "张三"):
        with pytest.raises(Invalid):
            actions.read(link, wrong, at=LATER)
    assert left(leaflet, district) == {reader.pk}
    actions.read(link, "买买提 艾力", at=LATER)
    again = actions.read(link, "别人", at=LATER + timedelta(hours=1))
    assert (again.read_at, again.how, again.signature) == (LATER, "link", "买买提 艾力")
    assert left(leaflet, district) == set()
    assert Due.objects.get(subject=reader.pk).kept_at == LATER


def test_a_link_is_locked_after_five_names_that_are_not_theirs_and_the_door_stays(district):
    reader, careful = person(), person("乙")
    leaflet = sent(district)
    link = token_of(receipt(leaflet, reader).pk)
    for wrong in ("", " ", *"丙丁戊己"):
        with pytest.raises(Invalid):
            actions.read(link, wrong, at=LATER)
    assert not receipt(leaflet, reader).is_locked, "what is empty is no try"
    with pytest.raises(Invalid, match="还没有签收") as fifth:
        actions.read(link, "庚", at=LATER)
    assert "不能再签收" in fifth.value.problems["name"][0]
    with pytest.raises(Refused):
        actions.read(link, "甲", at=LATER)
    assert doors(leaflet) == {reader.pk}
    assert sending.remind(leaflet.window, 1, LATER) == 1, "the other one alone"
    assert actions.read(token_of(receipt(leaflet, careful).pk), "乙", at=LATER).read_at == LATER
    actions.bring(leaflet.pk, reader.pk, actions.Brought("甲"), by=district.clerk, at=LATER)
    assert left(leaflet, district) == set()


def test_the_database_counts_no_sixth_try(district):
    reader = person()
    leaflet = sent(district)
    with pytest.raises(IntegrityError), transaction.atomic():
        Receipt.objects.filter(pk=receipt(leaflet, reader).pk).update(tries=6)


def test_one_that_wants_no_signature_is_read_without_a_name(district):
    reader = person()
    leaflet = sent(district, signed=False)
    row = actions.read(token_of(receipt(leaflet, reader).pk), "", at=LATER)
    assert (row.read_at, row.signature) == (LATER, "")


def test_a_link_is_nobody_elses_and_says_nothing_and_ends(district):
    reader = person()
    leaflet = sent(district)
    key = receipt(leaflet, reader).pk
    link = token_of(key)
    assert receipt_of(link) == key
    assert str(reader.pk) not in link
    for wrong in (link[:-1], "B" + link[1:], "", "好", token_of(new_id())):
        with pytest.raises(NotFound):
            actions.opened(wrong)
    with pytest.raises(Refused):
        actions.read(link, "甲", at=TOO_LATE)


def test_it_is_brought_to_the_door_by_whoever_works_there(district):
    old, other = person("甲", phone=False), person("乙", phone=False)
    leaflet = sent(district)
    bring = {"by": district.clerk, "at": LATER}
    with pytest.raises(Invalid):
        actions.bring(leaflet.pk, old.pk, actions.Brought("别人"), **bring)
    row = actions.bring(leaflet.pk, old.pk, actions.Brought("甲"), **bring)
    assert (row.how, row.by_id, row.sent_at) == ("door", district.clerk.user_id, None)
    child = actions.bring(leaflet.pk, other.pk, actions.Brought("乙小", "女儿"), **bring)
    assert (child.signature, child.on_behalf) == ("乙小", "女儿")
    assert left(leaflet, district) == set()
    third = person("丙", phone=False)
    with pytest.raises(NotFound):
        actions.bring(leaflet.pk, third.pk, actions.Brought("丙"), **bring)
    with pytest.raises(NotAllowed):
        actions.bring(leaflet.pk, old.pk, actions.Brought("甲"), by=district.supervisor, at=LATER)


def test_its_words_stay_and_other_words_are_another_edition(district):
    reader, quick = person(), person("乙")
    leaflet = sent(district)
    actions.read(token_of(receipt(leaflet, quick).pk), "乙", at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Leaflet.objects.filter(pk=leaflet.pk).update(text="改了")
    second = made(district, at=LATER, text="新的一版。", replaces=leaflet.pk)
    sending.work(second.pk, at=LATER)
    second.refresh_from_db()
    leaflet.refresh_from_db()
    assert (second.edition, second.replaces, leaflet.withdrawn_at) == (2, leaflet.pk, LATER)
    assert left(leaflet, district) == set()
    assert left(second, district) == {reader.pk, quick.pk}
    with pytest.raises(Refused):
        actions.read(token_of(receipt(leaflet, reader).pk), "甲", at=LATER)


def test_one_that_was_withdrawn_is_owed_by_nobody_and_goes_to_nobody(district):
    reader, quick = person(), person("乙")
    leaflet = sent(district)
    actions.read(token_of(receipt(leaflet, quick).pk), "乙", at=LATER)
    with pytest.raises(Invalid):
        actions.withdraw(leaflet.pk, " ", by=district.clerk, at=LATER)
    with pytest.raises(NotAllowed):
        actions.withdraw(leaflet.pk, "发错了", by=district.supervisor, at=LATER)
    actions.withdraw(leaflet.pk, "发错了", by=district.clerk, at=LATER)
    assert actions.withdraw(leaflet.pk, "又一次", by=district.clerk, at=TOO_LATE).because == "发错了"
    row = queries.total(leaflet.window, district.clerk, at=LATER + timedelta(minutes=1))
    assert (row.kept, row.excused, row.missing) == (1, 1, 0)
    person("丙")
    reconcile(leaflet.window_id, at=TOO_LATE)
    assert sending.work(leaflet.pk, at=LATER) == 0
    assert sending.sweep(at=TOO_LATE) == 0
    assert reader.pk not in left(leaflet, district, at=LATER + timedelta(minutes=1))


def test_it_is_neither_signed_nor_reminded_of_once_the_event_ended(district):
    reader = person()
    duty(remind=[60])
    event = emergency.declared(district, days=1)
    leaflet = made(district)
    sending.work(leaflet.pk, at=MORNING)
    leaflet.refresh_from_db()
    tomorrow = MORNING + timedelta(days=1)
    assert event.ends_on < tomorrow.date()
    with pytest.raises(Refused, match="防控已经结束"):
        actions.read(token_of(receipt(leaflet, reader).pk), "甲", at=tomorrow)
    with pytest.raises(Refused):
        actions.bring(leaflet.pk, reader.pk, actions.Brought("甲"), by=district.clerk, at=tomorrow)
    assert reminding.remind(at=leaflet.ends - timedelta(minutes=30)) == 0
    assert sending.name_silent(leaflet.pk, at=TOO_LATE) == 0
    assert told_to([reader]) == [reader.phone]


def test_one_whose_criteria_do_not_read_says_why_and_stops_no_other(district, monkeypatch):
    reader = person()
    duty()
    emergency.declared(district)
    with monkeypatch.context() as patch:
        chosen = actions.chosen
        odd = {"fact": "shoe_size", "is": "9"}
        patch.setattr(actions, "chosen", lambda audience, by: replace(chosen(audience, by=by), where=odd))
        broken = made(district)
    other = made(district, at=MORNING + timedelta(minutes=1))
    assert sending.sweep(at=LATER) == 2
    broken.refresh_from_db()
    assert "shoe_size" in broken.trouble
    assert list(Receipt.objects.values_list("leaflet", "subject")) == [(other.pk, reader.pk)]


def test_a_window_whose_criteria_do_not_read_stops_no_other_from_agreeing(district):
    leaflet = sent(district)
    other = made(district, at=MORNING + timedelta(minutes=1))
    sending.work(other.pk, at=other.made_at)
    Window.objects.filter(pk=leaflet.window_id).update(where={"fact": "shoe_size", "is": "9"})
    late = person()
    other.refresh_from_db()
    assert turning.agree(at=LATER) == 1
    assert left(other, district) == {late.pk}


def test_whoever_is_brought_it_while_it_is_sent_is_not_sent_it_too(district, monkeypatch):
    quick, other = person(), person("乙")
    duty()
    emergency.declared(district)
    leaflet = made(district)
    look = sending.addresses

    def brought_meanwhile(*given, **more):
        actions.bring(leaflet.pk, quick.pk, actions.Brought("甲"), by=district.clerk, at=MORNING)
        return look(*given, **more)

    monkeypatch.setattr(sending, "addresses", brought_meanwhile)
    assert sending.work(leaflet.pk, at=MORNING) == 1
    assert told_to([quick, other]) == [other.phone]
    assert receipt(leaflet, quick).how == "door"


def test_those_it_is_for_are_written_part_by_part_and_none_once_it_is_withdrawn(district, monkeypatch):
    monkeypatch.setattr(filling, "PART", 2)
    people = [person(name) for name in "甲乙丙丁戊"]
    duty()
    emergency.declared(district)
    leaflet, other = made(district), made(district, at=MORNING + timedelta(minutes=1))
    sending.work(leaflet.pk, at=MORNING)
    leaflet.refresh_from_db()
    assert left(leaflet, district) == {one.pk for one in people}
    begun = sending._begun(other.pk, at=LATER)
    filling._next(begun.window_id, at=LATER)
    filling._next(begun.window_id, at=LATER)
    actions.withdraw(other.pk, "发错了", by=district.clerk, at=LATER)
    filling.go_on(begun.window_id, at=LATER)
    row = queries.total(begun.window, district.clerk, at=LATER)
    assert (row.asked, row.excused, row.missing) == (2, 2, 0)


def test_how_many_it_is_for_heeds_what_the_duty_itself_says(district):
    person(), person("乙", phone=False)
    duty(where={"fact": "has_phone", "is": True})
    emergency.declared(district)
    leaflet = made(district)
    assert reach("person", leaflet.area_path, leaflet.where, at=MORNING) == Reach(1, 1)


def test_whoever_is_left_out_is_not_sent_it(district):
    away = person()
    left_out(away, district)
    leaflet = sent(district)
    assert not Receipt.objects.filter(leaflet=leaflet).exists()
    assert left(leaflet, district) == set()


def test_the_silent_are_reminded_as_the_duty_says_each_once(district, monkeypatch):
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    people = [person(name) for name in "甲乙丙丁"]
    duty(remind=[60])
    emergency.declared(district)
    leaflet = made(district)
    sending.work(leaflet.pk, at=MORNING)
    actions.read(token_of(receipt(leaflet, people[0]).pk), "甲", at=LATER)
    leaflet.refresh_from_db()
    before_the_end = leaflet.ends - timedelta(minutes=30)
    assert reminding.remind(at=before_the_end) == 3
    assert reminding.remind(at=before_the_end) == 0
    assert len(told_to(people[:1])) == 1
    assert sorted(told_to(people[1:])) == sorted(one.phone for one in people[1:] for _time in range(2))


def test_the_silent_are_named_to_their_grid_when_the_time_is_over_once(district):
    silent = person()
    leaflet = sent(district)
    assert sending.sweep(at=TOO_LATE) == 1
    assert sending.sweep(at=TOO_LATE) == 0
    world.tell_queued()
    told = Notice.objects.filter(template="staff_leaflet_silent")
    assert {row.user_id for row in told} == {district.clerk.user_id, district.leader.user_id}
    assert told[0].context["count"] == 1
    assert left(leaflet, district, at=TOO_LATE) == {silent.pk}


def test_what_is_wrong_is_said_by_field_and_nothing_is_sent(district):
    duty()
    emergency.declared(district)
    with pytest.raises(Invalid) as refused:
        made(
            district,
            title="",
            text="",
            title_en="Only a title",
            until=None,
            kind="poster",
            to={"area": "", "employer": "x", "age_from": "old", "kinds": ["cat"], "site": new_id()},
        )
    assert set(refused.value.problems) == {
        *("title", "text", "text_en", "until", "kind", "area", "employer", "age_from", "kinds", "site")
    }
    assert not Leaflet.objects.exists()
    with pytest.raises(Invalid):
        made(district, to={"area": "370199999999"})


def test_without_an_event_or_a_duty_nothing_is_sent(district):
    with pytest.raises(Refused):
        made(district)
    duty()
    with pytest.raises(Refused):
        made(district)


def test_the_same_page_sends_once(district):
    duty()
    emergency.declared(district)
    key = new_id()
    until = MORNING.astimezone(CHINA).date()
    written = actions.Written("notice", "标题", "正文", until=until)
    for _time in range(2):
        actions.send(written, Audience("370199000000"), key=key, by=district.clerk, at=MORNING)
    assert Leaflet.objects.count() == 1


def test_it_goes_with_the_event(district):
    person()
    duty()
    event = emergency.declared(district, days=3)
    leaflet = made(district)
    sending.work(leaflet.pk, at=MORNING)
    window = Leaflet.objects.get().window_id
    assert Due.objects.filter(window=window).exists()
    purging.purge(event.pk, at=MORNING + timedelta(days=400))
    assert not Leaflet.objects.exists()
    assert not Receipt.objects.exists()
    assert not Due.objects.filter(window=window).exists()
    assert not Window.objects.filter(pk=window).exists(), "whom it was for goes too"


def test_of_two_who_write_a_new_edition_at_once_one_is_told(district):
    person()
    leaflet = sent(district)
    made(district, at=LATER, replaces=leaflet.pk)
    with pytest.raises(Invalid) as refused:
        made(district, at=LATER, replaces=leaflet.pk)
    assert "title" in refused.value.problems
    assert Leaflet.objects.standing(LATER).count() == 1
