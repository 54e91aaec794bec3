"""Whoever comes to a gate is logged once, let in or refused by the district's rules, and out again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.gates import passing
from tests.prevention.posts import duty
from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.prevention.events import purging
from zerotrip.prevention.gates import actions, queries
from zerotrip.prevention.gates.plates import is_odd, normal
from zerotrip.prevention.gates.purging import turn_days
from zerotrip.prevention.gates.spec import rules
from zerotrip.prevention.models import Block, Event, Measure, Passage
from zerotrip.prevention.posts import actions as posts
from zerotrip.prevention.posts.codes import code_of

NOW = world.MORNING
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("typed", "plate", "odd"),
    [
        ("鲁A12345", "鲁A12345", False),
        (" 鲁ａ·123 45 ", "鲁A12345", False),
        ("鲁-b.c12d3", "鲁BC12D3", False),
        ("鲁AD12345", "鲁AD12345", False),
        ("鲁A12345D", "鲁A12345D", False),
        ("鲁A1234挂", "鲁A1234挂", False),
        ("使123456", "使123456", False),
        ("鲁AO1234", "鲁AO1234", True),
        ("AB-123-CD", "AB123CD", True),
        ("临鲁A1234567", "临鲁A1234567", True),
        ("鲁A🚚123", "鲁A123", True),
        ("ש123", "ש123", True),
    ],
)
def test_a_plate_is_brought_into_one_form_and_an_odd_one_is_kept(typed, plate, odd):
    assert normal(typed) == plate
    assert is_odd(plate) is odd


@given(st.text(max_size=60))
def test_any_plate_has_one_form(typed):
    assert normal(normal(typed)) == normal(typed)
    assert len(normal(typed)) <= 20
    assert isinstance(is_odd(normal(typed)), bool)


@given(st.integers(-(10**6), 10**6), st.integers(0, 4 * 24 * 60))
def test_a_wrong_clock_tells_how_long_ago_it_was_all_the_same(wrong, ago):
    """Whatever the device's clock shows, what counts is how much of its time passed until it was sent."""
    clock = NOW + wrong * MINUTE
    found = actions.moment_of(clock, clock + ago * MINUTE, NOW)
    assert found == (NOW - ago * MINUTE if ago <= 3 * 24 * 60 else NOW)
    assert actions.moment_of(clock, clock - MINUTE, NOW) == NOW


@pytest.fixture
def ready(district):
    declared(district, days=3)
    return district


@pytest.mark.django_db
class TestPassing:
    def test_nothing_is_logged_where_gates_are_not_asked_for(self, district):
        with pytest.raises(Refused):
            passing.came(passing.gate(), district.clerk)
        declared(district, Measure.POSTS)
        with pytest.raises(Refused):
            passing.came(passing.gate("虚构南卡口"), district.clerk)

    def test_what_is_sent_twice_is_logged_once_and_as_it_was_first(self, ready):
        key, site = new_id(), passing.gate()
        for plate in ("鲁A12345", "鲁B99999"):
            actions.log_in(key, passing.logged(plate), gate=site.pk, by=ready.clerk, at=NOW)
        passage = Passage.objects.get()
        assert (passage.plate, passage.to, passage.to_name) == ("鲁A12345", ready.firm, "")
        for minutes in (30, 90):
            actions.log_out(key, by=ready.clerk, at=NOW + minutes * MINUTE)
        passage.refresh_from_db()
        assert passage.left_at == NOW + 30 * MINUTE

    def test_what_was_kept_by_a_phone_without_a_network_has_its_own_moment(self, ready):
        wrong = NOW + 9 * MINUTE
        passage = actions.log_in(
            new_id(),
            passing.logged(),
            gate=passing.gate().pk,
            by=ready.clerk,
            at=NOW,
            device_at=wrong - 60 * MINUTE,
            device_now=wrong,
        )
        assert (passage.entered_at, passage.received_at) == (NOW - 60 * MINUTE, NOW)
        assert passage.device_at == wrong - 60 * MINUTE

    def test_the_picture_of_the_plate_is_kept_with_it(self, ready):
        picture = receive(world.pdf("鲁A12345"), name="plate.pdf", at=NOW)
        passage = actions.log_in(
            new_id(), passing.logged(), gate=passing.gate().pk, by=ready.clerk, at=NOW, picture=picture
        )
        assert passage.picture == picture.blob

    @pytest.mark.parametrize(
        ("changed", "place"),
        [
            ({"plate": "1"}, "plate"),
            ({"driver": " "}, "driver"),
            ({"phone": "abc"}, "phone"),
            ({"origin": ""}, "origin"),
            ({"goods": "ghosts"}, "goods"),
            ({"temperature": None}, "temperature"),
            ({"temperature": Decimal(50)}, "temperature"),
            ({"colour": "blue"}, "colour"),
            ({"to_name": "长" * 121}, "to_name"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_wrong_is_said_at_its_place(self, ready, changed, place):
        with pytest.raises(Invalid) as refused:
            actions.log_in(new_id(), passing.logged(**changed), gate=passing.gate().pk, by=ready.clerk, at=NOW)
        assert set(refused.value.problems) == {place}
        assert not Passage.objects.exists()

    @pytest.mark.parametrize(
        "changed",
        [{"temperature": Decimal("37.3")}, {"colour": "red"}, {"goods": "frozen"}],
        ids=["fever", "red", "not disinfected"],
    )
    def test_who_does_not_pass_the_check_is_logged_only_as_refused(self, ready, changed):
        site = passing.gate()
        with pytest.raises(Invalid) as refused:
            passing.came(site, ready.clerk, **changed)
        assert set(refused.value.problems) == {"refused"}
        passage = passing.came(site, ready.clerk, refused="虚构：劝返", **changed)
        assert passage.refused
        with pytest.raises(Refused):
            actions.log_out(passage.pk, by=ready.clerk, at=NOW)

    def test_frozen_goods_that_were_disinfected_come_in(self, ready):
        assert passing.came(passing.gate(), ready.clerk, goods="frozen", disinfected=True).disinfected

    def test_a_blocked_plate_and_a_blocked_driver_come_in_at_no_gate_of_the_area(self, ready):
        until, site = date(2026, 3, 5), passing.gate()
        told = {"reason": "虚构：密接", "until": until, "area_path": passing.STREET, "by": ready.clerk, "at": NOW}
        row = actions.block(plate="鲁a·12345", phone="", key=new_id(), **told)
        actions.block(plate="", phone="139 0000 2222", key=new_id(), **told)
        with pytest.raises(Refused):
            actions.block(plate="鲁A12345", phone="", key=new_id(), **told)
        for extra in ({}, {"plate": "鲁C11111", "phone": "13900002222"}):
            with pytest.raises(Invalid):
                passing.came(site, ready.clerk, **extra)
        passing.came(passing.gate("虚构南卡口", area=passing.OTHER), ready.clerk)
        passing.came(site, ready.clerk, plate="鲁C11111")
        with pytest.raises(Invalid):
            actions.lift(row.pk, reason="", by=ready.clerk, at=NOW)
        actions.lift(row.pk, reason="虚构：解除", by=ready.clerk, at=NOW)
        passing.came(site, ready.clerk)
        assert Block.objects.in_force(NOW + timedelta(days=4)).count() == 0

    @pytest.mark.parametrize(
        ("changed", "place"),
        [
            ({"plate": ""}, "plate"),
            ({"phone": "13900002222"}, "plate"),
            ({"reason": ""}, "reason"),
            ({"until": None}, "until"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_wrong_with_a_block_is_said_at_its_place(self, ready, changed, place):
        told = {"plate": "鲁A12345", "phone": "", "reason": "虚构", "until": date(2026, 3, 5)}
        with pytest.raises(Invalid) as refused:
            actions.block(**{**told, **changed}, area_path=passing.STREET, key=new_id(), by=ready.clerk, at=NOW)
        assert set(refused.value.problems) == {place}

    def test_staff_log_in_their_area_and_whoever_is_signed_on_at_the_gate(self, ready):
        site = passing.gate(area="/370100000000/370199000000/")
        for actor in (ready.supervisor, ready.stranger):
            with pytest.raises(NotAllowed):
                passing.came(site, actor)
        duty.worker(ready, "虚构守门人")
        plan = duty.published(ready, duty.post(ready, site=site.pk, turns=((8, 8, 1),), gaps_meant=True), days=1)
        shift = duty.first_shift(plan)
        by = duty.owner(shift)
        with pytest.raises(NotAllowed):
            passing.came(site, by, at=shift.starts_at)
        posts.sign_on(shift.pk, code=code_of(shift.post.secret, shift.starts_at), by=by, at=shift.starts_at)
        passing.came(site, by, at=shift.starts_at)
        assert queries.gates_of(by, on=NOW.date()) == [site]

    @pytest.mark.parametrize("is_within", [True, False])
    def test_any_gate_of_a_place_lets_out_what_another_let_in_and_no_gate_elsewhere(self, ready, is_within):
        park = passing.gate("虚构园区", kind="carrier") if is_within else None
        north, south = (passing.gate(name, within=park) for name in ("虚构北卡口", "虚构南卡口"))
        elsewhere = passing.gate("虚构别处", area=passing.STREET if is_within else passing.OTHER)
        duty.worker(ready, "虚构守门人")
        plan = duty.published(ready, duty.post(ready, site=south.pk, turns=((8, 8, 1),), gaps_meant=True), days=1)
        shift = duty.first_shift(plan)
        by, at = duty.owner(shift), shift.starts_at
        came, other = (passing.came(site, ready.clerk, at=at - MINUTE) for site in (north, elsewhere))
        with pytest.raises(NotAllowed):
            actions.log_out(came.pk, by=by, at=at)
        posts.sign_on(shift.pk, code=code_of(shift.post.secret, at), by=by, at=at)
        assert actions.log_out(came.pk, by=by, at=at).left_by_id == by.user_id
        with pytest.raises(NotAllowed):
            actions.log_out(other.pk, by=by, at=at)
        with pytest.raises(NotAllowed):
            passing.came(north, by, at=at)

    def test_a_place_that_is_no_gate_logs_nothing(self, ready):
        with pytest.raises(NotFound):
            passing.came(passing.gate("虚构执勤点", kind="post"), ready.clerk)

    def test_the_lists_count_what_they_show_and_name_who_has_not_left(self, ready):
        spec, site, other = rules(), passing.gate(), passing.gate("虚构南卡口")
        first = passing.came(site, ready.clerk)
        passing.came(site, ready.clerk, plate="鲁C11111", at=NOW + 13 * 60 * MINUTE)
        passing.came(other, ready.clerk, plate="鲁D11111", refused="虚构")
        gone = passing.came(other, ready.clerk, plate="鲁E11111")
        actions.log_out(gone.pk, by=ready.clerk, at=NOW + MINUTE)
        at = NOW + 13 * 60 * MINUTE
        rows = queries.passages(queries.Search(day=date(2026, 3, 3)), by=ready.clerk, at=at, spec=spec)
        assert queries.counts(rows, at=at, spec=spec) == {"came": 4, "turned_away": 1, "inside": 2, "overdue": 1}
        for state, count in (("inside", 2), ("overdue", 1), ("refused", 1)):
            assert queries.passages(queries.Search(state=state), by=ready.clerk, at=at, spec=spec).count() == count
        assert {row["gate__name"]: (row["came"], row["turned_away"]) for row in queries.by_gate(rows)} == {
            site.name: (2, 0),
            other.name: (2, 1),
        }
        found = queries.passages(queries.Search(text="鲁a·123"), by=ready.clerk, at=at, spec=spec)
        assert list(found) == [first]
        assert queries.last_of("鲁A 12345", area_paths=[passing.STREET]) == [first]
        lines = list(queries.lines(rows, spec))
        assert len(lines) == 5
        assert all("13800001111" not in line for line in lines), "numbers are hidden in files too"
        assert not queries.passages(queries.Search(), by=ready.stranger, at=at, spec=spec).exists()

    def test_the_log_is_partitioned_by_day_and_empty_days_go(self, ready):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_partition_tree('prevention_passage') WHERE isleaf")
            before = cursor.fetchone()[0]
            assert before >= 15
            last = date.today() + timedelta(days=40)
            assert turn_days(last, keep=2) >= 15
            cursor.execute("SELECT count(*) FROM pg_partition_tree('prevention_passage') WHERE isleaf")
            assert cursor.fetchone()[0] == 1 + 15

    def test_the_log_and_the_list_go_with_the_event(self, ready):
        passing.came(passing.gate(), ready.clerk)
        actions.block(
            plate="鲁A1",
            phone="",
            reason="虚构",
            until=date(2026, 3, 5),
            area_path=passing.STREET,
            key=new_id(),
            by=ready.clerk,
            at=NOW,
        )
        gone = purging.purge(Event.objects.get().pk, at=NOW + timedelta(days=34))
        assert gone is not None
        assert (gone["passages"], gone["blocks"]) == (1, 1)
        assert not Passage.objects.exists()
