"""A tube is filled from phones, and its people are taken along."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.handing_in import GRID, STREET, number
from tests.prevention.screening import sampling
from tests.web.browsing import Browser
from tests.web.field.phones import Phone, record
from zerotrip.ids import new_id
from zerotrip.parties import seals
from zerotrip.parties.models import Area
from zerotrip.prevention.models import GridSlot, Measure, Person, PointPlan, Sample, Taking, Tube

pytestmark = pytest.mark.django_db
TUBE = "ZT0001"
ELSEWHERE = STREET + "370199001002/370199001002001/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def point(district, now):
    declared(district, Measure.SCREENING, at=now - timedelta(days=4))
    return sampling.point()


@pytest.fixture
def people(point):
    return sampling.people(8)


def sample(point, who, at, *, out=False, tube=TUBE, capacity=5, **more):
    told = {"person": str(who.pk)} if isinstance(who, Person) else {"written": who}
    told |= {"point": str(point.pk), "tube": tube, "capacity": capacity, "out": out}
    return record("sample", told, at=at, **more)


def seal(point, at):
    return record("seal", {"point": str(point.pk), "tube": TUBE, "capacity": 5}, at=at)


def planned(point, district, now, *grids: str) -> QuerySet[GridSlot]:
    """A confirmed plan that sends grids to a point now."""
    (duty,) = roster.declared(roster.spec())
    by, whole = district.leader.account, {"area_path": world.DISTRICT, "made_at": now, "confirmed_at": now}
    plan = PointPlan.objects.create(window=roster.opened(duty), made_by_id=by, confirmed_by_id=by, **whole)
    GridSlot.objects.bulk_create(
        GridSlot(plan=plan, area_path=grid, point=point, people=3, starts=now, ends=now + timedelta(minutes=30))
        for grid in grids
    )
    return GridSlot.objects.all()


def rows() -> tuple[set[tuple[object, bool]], tuple[int, int, bool]]:
    tube = Tube.objects.get(pk=TUBE)
    inside = set(Sample.objects.filter(tube=TUBE).values_list("person", "counts"))
    return inside, (tube.taken, tube.over, tube.sealed_at is not None)


def test_a_tube_is_filled_sealed_and_undone(point, people, district, now):
    phone = Phone(district.clerk)
    first, second, third = people[:3]
    begun = now - timedelta(hours=6)
    put = enumerate((first, second, third))
    taken = [sample(point, who, begun + timedelta(seconds=place)) for place, who in put]
    undone = sample(point, second, begun + timedelta(seconds=9), out=True)
    states = phone.states(*taken, undone, seal(point, begun + timedelta(seconds=20)), at=now)
    assert states == ["accepted"] * 5
    assert rows() == ({(first.pk, True), (second.pk, False), (third.pk, True)}, (2, 0, True))


def test_a_tube_costs_the_same_however_many_are_in_it(point, district, now, django_assert_max_num_queries):
    phone, crowd = Phone(district.clerk), sampling.people(20)
    begun = now - timedelta(hours=1)

    def filled(tube: str, who: list) -> list:
        put = [
            sample(point, one, begun + timedelta(seconds=place), tube=tube, capacity=20)
            for place, one in enumerate(who)
        ]
        closed = {"point": str(point.pk), "tube": tube, "capacity": 20}
        return [*put, record("seal", closed, at=begun + timedelta(minutes=5))]

    phone.states(*filled("ZT1000", crowd[:1]), at=now)
    with django_assert_max_num_queries(17):
        assert set(phone.states(*filled("ZT1001", crowd), at=now)) == {"accepted"}
    assert Tube.objects.get(pk="ZT1001").sealed_at


def test_one_of_a_tube_that_will_not_do_holds_up_no_other(point, people, district, now):
    phone = Phone(district.clerk)
    stranger = Person(pk=new_id())
    records = [sample(point, who, now - timedelta(hours=1)) for who in (people[0], stranger, people[1])]
    assert phone.states(*records, at=now) == ["accepted", "refused", "accepted"]
    assert rows()[1] == (2, 0, False)


def test_whoever_does_not_fit_is_named_to_be_sampled_again(point, people, district, now):
    phone, other = Phone(district.clerk), Phone(district.leader)
    phone.sends(
        *[sample(point, who, now - timedelta(minutes=9 - place)) for place, who in enumerate(people[:5])], at=now
    )
    (told,) = other.sends(sample(point, people[5], now), at=now)["verdicts"]
    assert told["state"] == "accepted"
    assert "另采一管" in told["notice"]


def test_whoever_was_taken_out_meanwhile_is_named_to_whoever_put_them_in(point, people, district, now):
    phone, other = Phone(district.clerk), Phone(district.leader)
    first, second = people[:2]
    put = [sample(point, who, now - timedelta(minutes=9)) for who in (first, second)]
    out = sample(point, first, now - timedelta(minutes=5), out=True)
    assert [one["notice"] for one in phone.sends(*put, out, at=now)["verdicts"]] == ["", "", ""], "they know"
    again = [sample(point, who, now - timedelta(minutes=7)) for who in (first, second)]
    named, known = other.sends(*again, at=now)["verdicts"]
    assert (named["state"], known["notice"]) == ("accepted", "")
    assert "撤销" in named["notice"]
    assert rows() == ({(first.pk, False), (second.pk, True)}, (1, 0, False))


class TestGivingUp:
    def aside(self, refused, at, *, why="误扫，不是采样"):
        told = {"record": refused["id"], "kind": "sample", "refused": "没有这个人", "why": why}
        return record("aside", told, at=at)

    def test_what_is_given_up_is_journalled_once_with_its_reason(self, point, district, now):
        phone = Phone(district.clerk)
        refused = sample(point, Person(pk=new_id()), now - timedelta(hours=1))
        assert phone.states(refused, at=now) == ["refused"]
        assert phone.states(self.aside(refused, now), at=now) == ["accepted"]
        assert phone.states(self.aside(refused, now), at=now) == ["already"]
        page = Browser(district.clerk).open("/field/phones/").text
        assert "采样" in page
        assert page.count("误扫，不是采样") == 1

    def test_a_busy_phone_hides_nothing_of_another_and_what_is_not_shown_is_counted(
        self, point, district, now, monkeypatch
    ):
        monkeypatch.setattr("zerotrip.prevention.field.queries.MOST_ASIDE", 2)
        quiet, busy = Phone(district.clerk), Phone(district.clerk)
        quiet.states(self.aside({"id": str(new_id())}, now, why="从前的"), at=now)
        for place in range(5):
            busy.states(self.aside({"id": str(new_id())}, now, why=f"误扫{place}"), at=now + timedelta(seconds=1))
        page = Browser(district.clerk).open("/field/phones/").text
        assert "从前的" in page
        assert [place for place in range(5) if f"误扫{place}" in page] == [3, 4]
        assert "更早的 3 条没有列出" in page

    def test_nothing_is_given_up_without_a_reason(self, point, district, now):
        refused = sample(point, Person(pk=new_id()), now)
        assert Phone(district.clerk).states(self.aside(refused, now, why=""), at=now) == ["refused"]


def test_somebody_on_no_list_is_written_down_once_on_two_phones(point, people, district, now):
    infant = {"name": "虚构婴儿", "phone": "13900008888"}
    guest = {"name": "GUEST ONE", "document": "X1234567", "document_kind": "passport"}
    for who in (infant, guest, {"name": "虚构甲", "number": number(7)}):
        for by in (district.clerk, district.leader):
            assert Phone(by).states(sample(point, who, now), at=now) == ["accepted"]
    assert Sample.objects.filter(tube=TUBE, counts=True).count() == 3
    assert Person.objects.count() == len(people) + 3


def test_nobody_from_elsewhere_puts_anybody_in(point, people, district, now):
    assert Phone(district.applicant).states(sample(point, people[0], now), at=now) == ["refused"]


class TestTaking:
    def taken(self, phone, point, now, *, status=200):
        return phone.takes("sampling", at=now, status=status, point=str(point.pk), area=point.area_path)

    def test_people_go_along_masked_and_are_found_by_digests_alone(self, point, district, now):
        (one,) = sampling.people(1)
        Person.objects.filter(pk=one.pk).update(
            ric_digest=seals.digest(number(1)), ric_sealed=seals.seal(number(1)).encode()
        )
        phone = Phone(district.clerk)
        told = self.taken(phone, point, now)
        assert told["people"] == Taking.objects.get().people == 1
        answer = phone.client.get(f"/field/take/{told['taking']}/people/")
        assert number(1) not in answer.content.decode()
        (known,) = answer.json()["people"]
        assert (known["name"], known["shown"]) == ("甲*", number(1)[-4:])
        assert not answer.json()["more"]

    def test_a_download_goes_on_behind_the_last_that_came(self, point, district, now, monkeypatch):
        monkeypatch.setattr("zerotrip.prevention.field.people.AT_ONCE", 3)
        sampling.people(5)
        phone = Phone(district.clerk)
        url = f"/field/take/{self.taken(phone, point, now)['taking']}/people/"
        first = phone.client.get(url).json()["people"]
        rest = phone.client.get(f"{url}?after={first[-1]['id']}").json()["people"]
        assert [len(first), len(rest)] == [3, 2]
        assert len({one["id"] for one in first + rest}) == 5

    def test_more_than_a_phone_may_hold_is_refused(self, point, people, district, now, monkeypatch):
        monkeypatch.setattr("zerotrip.web.field.taking.MOST", 3)
        assert "3" in self.taken(Phone(district.clerk), point, now, status=409)["reason"]

    def offered(self, district) -> list[dict]:
        (told,) = Phone(district.clerk).client.get("/field/offered/").json()["points"]
        return told["areas"]

    def test_where_too_many_live_the_areas_inside_are_offered(self, point, people, district, now, monkeypatch):
        whole = [one["path"] for one in self.offered(district)]
        assert whole == [point.area_path, world.DISTRICT]
        monkeypatch.setattr("zerotrip.web.field.sampling.MOST", len(people) - 1)
        told = {one["path"]: one["people"] for one in self.offered(district)}
        assert told[GRID] == len(people)
        community = GRID[: GRID.rstrip("/").rindex("/") + 1]
        assert list(told)[:3] == [point.area_path, community, GRID]
        assert Phone(district.clerk).takes("sampling", at=now, point=str(point.pk), area=GRID)["people"] == 8

    def test_what_is_not_offered_inside_an_area_is_counted(self, point, people, district, now, monkeypatch):
        monkeypatch.setattr("zerotrip.web.field.sampling.MOST", len(people) - 1)
        monkeypatch.setattr("zerotrip.web.field.sampling.MOST_AREAS", 1)
        (told,) = Phone(district.clerk).client.get("/field/offered/").json()["points"]
        offered = {one["path"] for one in told["areas"]}
        parents = {path[: path.rstrip("/").rindex("/") + 1] for path in offered - {point.area_path, world.DISTRICT}}
        assert told["left"] == sum(Area.objects.filter(parent__path=path).count() - 1 for path in parents) > 0

    def test_the_grids_a_confirmed_plan_sends_there_today_go_along_first(self, point, people, district, now):
        other = sampling.people(3, area=ELSEWHERE)
        slots = planned(point, district, now, GRID, ELSEWHERE)
        (first, *_rest) = self.offered(district)
        assert (first["path"], first["people"]) == ("planned", len(people) + len(other))
        phone = Phone(district.clerk)
        told = phone.takes("sampling", at=now, point=str(point.pk), area="planned")
        answer = phone.client.get(f"/field/take/{told['taking']}/people/").json()
        assert {one["id"] for one in answer["people"]} == {str(one.pk) for one in [*people, *other]}
        slots.update(starts=now - timedelta(days=3), ends=now - timedelta(days=2))
        assert [one["path"] for one in self.offered(district)] == [point.area_path, world.DISTRICT]
        phone.takes("sampling", at=now, status=403, point=str(point.pk), area="planned")

    def test_a_plan_nobody_confirmed_sends_nobody(self, point, people, district, now):
        planned(point, district, now, GRID)
        PointPlan.objects.update(confirmed_at=None, confirmed_by=None)
        assert "planned" not in [one["path"] for one in self.offered(district)]

    def test_nobody_else_reads_what_went_along(self, point, people, district, now):
        told = self.taken(Phone(district.clerk), point, now)
        assert Phone(district.leader).client.get(f"/field/take/{told['taking']}/people/").status_code == 404

    def test_another_area_is_not_to_be_had_at_a_point(self, point, people, district, now):
        point.area_path = "/370100000000/"
        assert self.taken(Phone(district.clerk), point, now, status=403)
