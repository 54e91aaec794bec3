"""Whoever comes to a door is let in or turned away by the district's rules, and noted once without a name."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from tests.prevention.emergency import declared
from tests.prevention.handing_in import number
from tests.prevention.posts import duty
from tests.prevention.venues import doors
from zerotrip.errors import NotAllowed, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.parties import seals
from zerotrip.prevention.events import purging
from zerotrip.prevention.models import HealthColour, Measure, Outcome, Post, ToldBy, TurnedAway, VenueScan
from zerotrip.prevention.posts import actions as posts
from zerotrip.prevention.posts.codes import code_of
from zerotrip.prevention.venues import actions
from zerotrip.prevention.venues.purging import turn_days
from zerotrip.prevention.venues.rules import judged
from zerotrip.prevention.venues.spec import VenuesSpec, Without

NOW = world.MORNING
MINUTE = timedelta(minutes=1)


class TestRules:
    @pytest.mark.parametrize(
        ("seen", "outcome", "reasons"),
        [
            ({}, "in", ()),
            ({"temperature": Decimal("37.3")}, "away", ("fever",)),
            ({"temperature": Decimal("37.2")}, "in", ()),
            ({"temperature": None}, "in", ()),
            ({"colour": "red"}, "away", ("colour",)),
            ({"colour": "yellow", "told_by": "down"}, "away", ("colour",)),
            ({"mask": False}, "away", ("mask",)),
            ({"mask": False, "temperature": Decimal("39")}, "away", ("fever", "mask")),
            ({"colour": "none"}, "registered", ("no_code",)),
            ({"told_by": "down"}, "registered", ("down",)),
        ],
    )
    def test_what_the_district_says_holds(self, seen, outcome, reasons):
        usual = {"colour": "green", "told_by": "service", "temperature": Decimal("36.5"), "mask": True}
        verdict = judged(VenuesSpec(), **{**usual, **seen})
        assert (verdict.outcome, verdict.reasons) == (outcome, reasons)

    @pytest.mark.parametrize(
        ("rule", "report", "outcome", "reasons"),
        [
            (Without.REGISTER, False, "registered", ("down",)),
            (Without.REFUSE, True, "away", ("down",)),
            (Without.REPORT, True, "registered", ("down",)),
            (Without.REPORT, False, "away", ("down", "report")),
        ],
    )
    def test_while_the_service_is_down_the_district_decides(self, rule, report, outcome, reasons):
        spec = VenuesSpec(down=rule)
        seen = {"colour": "green", "told_by": "down", "temperature": None, "mask": True, "report": report}
        verdict = judged(spec, **seen)
        assert (verdict.outcome, verdict.reasons) == (outcome, reasons)

    @given(
        st.sampled_from(HealthColour.values),
        st.sampled_from(["service", "eye", "down"]),
        st.none() | st.decimals(30, 45, places=1),
        st.booleans(),
        st.booleans(),
        st.sampled_from(list(Without)),
        st.sampled_from(list(Without)),
    )
    def test_nobody_with_fever_a_refused_code_or_no_mask_comes_in(
        self, colour, told_by, degrees, mask, report, down, no_code
    ):
        spec = VenuesSpec(down=down, no_code=no_code)
        seen = {"colour": colour, "told_by": told_by, "temperature": degrees, "mask": mask, "report": report}
        verdict = judged(spec, **seen)
        kept_out = colour in ("yellow", "red") or not mask or (degrees is not None and degrees >= Decimal("37.3"))
        assert not (kept_out and verdict.let_in)
        assert bool(verdict.reasons) == (verdict.outcome != Outcome.IN)
        fine = colour == "green" and told_by != "down"
        assert kept_out or not fine or verdict.outcome == Outcome.IN


@pytest.mark.django_db
class TestChecking:
    def test_a_check_keeps_a_digest_and_no_number(self, district):
        declared(district)
        ric = number(1)
        row = doors.came(doors.site(), district.clerk, number=f" {ric[:6]} {ric[6:]} ")
        assert bytes(row.person) == seals.digest(ric)
        assert (row.outcome, row.reasons, row.by_id) == ("in", [], district.clerk.account)

    def test_sent_again_it_is_answered_as_it_was_kept(self, district):
        declared(district)
        site, one = doors.site(), doors.checked(colour="red")
        first = actions.check([one], site=site.pk, by=district.clerk, at=NOW)
        again = doors.checked(id=one.id, colour="green")
        assert actions.check([again], site=site.pk, by=district.clerk, at=NOW + MINUTE) == first
        assert first[0].outcome == "away"
        assert VenueScan.objects.count() == 1

    def test_of_a_batch_the_faulty_one_is_named_and_the_others_are_kept(self, district):
        declared(district)
        good, bad = doors.checked(), doors.checked(temperature=Decimal("99.9"), number="一二三")
        twice = doors.checked(id=good.id, colour="red")
        answers = actions.check([good, bad, twice], site=doors.site().pk, by=district.clerk, at=NOW)
        assert [one.id for one in answers] == [good.id, bad.id, good.id]
        assert [one.outcome for one in answers] == ["in", "", "in"]
        assert set(answers[1].problems) == {"temperature", "number"}
        assert VenueScan.objects.count() == 1

    def test_a_wrong_clock_is_put_right(self, district):
        declared(district)
        ahead = NOW + timedelta(minutes=9)
        one = doors.checked(at=ahead - timedelta(minutes=30))
        actions.check([one], site=doors.site().pk, by=district.clerk, at=NOW, device_now=ahead)
        assert VenueScan.objects.get().at == NOW - timedelta(minutes=30)

    def test_nothing_is_kept_of_a_day_without_an_event(self, district):
        site = doors.site()
        (answer,) = actions.check([doors.checked()], site=site.pk, by=district.clerk, at=NOW)
        assert set(answer.problems) == {"at"}
        declared(district, Measure.GATES)
        (answer,) = actions.check([doors.checked()], site=site.pk, by=district.clerk, at=NOW)
        assert set(answer.problems) == {"at"}
        assert not VenueScan.objects.exists()

    def test_whose_site_it_is_checks_and_others_do_not(self, district):
        declared(district)
        theirs = doors.site(owner=district.firm)
        assert doors.came(theirs, district.applicant).outcome == "in"
        for other in (district.stranger, district.supervisor):
            with pytest.raises(NotAllowed):
                actions.check([doors.checked()], site=theirs.pk, by=other, at=NOW)
        with pytest.raises(NotAllowed):
            actions.check([doors.checked()], site=doors.site("虚构超市").pk, by=district.applicant, at=NOW)
        with pytest.raises(NotFound):
            actions.check([doors.checked()], site=new_id(), by=district.clerk, at=NOW)

    def test_whoever_is_signed_on_there_checks(self, district):
        declared(district)
        site = doors.site(area="/370100000000/370199000000/")
        duty.worker(district, "虚构守门人")
        post = duty.post(district, turns=((8, 8, 1),), gaps_meant=True)
        Post.objects.filter(pk=post.pk).update(site=site)
        shift = duty.first_shift(duty.published(district, post, days=1))
        by, at = duty.owner(shift), shift.starts_at
        with pytest.raises(NotAllowed):
            doors.came(site, by, at=at)
        posts.sign_on(shift.pk, code=code_of(shift.post.secret, at), by=by, at=at)
        assert doors.came(site, by, at=at).outcome == "in"

    def test_a_batch_costs_as_many_queries_as_one(self, district, django_assert_num_queries):
        declared(district)
        site = doors.site()
        for many in (1, 40):
            batch = [doors.checked() for _one in range(many)]
            with django_assert_num_queries(8):  # of which two are the transaction
                actions.check(batch, site=site.pk, by=district.clerk, at=NOW)

    def test_too_many_at_once_are_refused(self, district):
        site, batch = doors.site(), [doors.checked()] * (actions.MOST + 1)
        with pytest.raises(Refused):
            actions.check(batch, site=site.pk, by=district.clerk, at=NOW)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"outcome": Outcome.AWAY, "reasons": []},
            {"outcome": Outcome.ENTERED},
            {"told_by": ToldBy.NOBODY},
            {"temperature": Decimal("47.0")},
        ],
    )
    def test_the_database_refuses_what_cannot_be(self, district, wrong):
        told = {
            "site": doors.site(),
            "area_path": doors.STREET,
            "outcome": Outcome.AWAY,
            "reasons": [TurnedAway.MASK],
            "colour": "green",
            "told_by": ToldBy.EYE,
            "mask": False,
            "at": NOW,
            "received_at": NOW,
            "by_id": district.clerk.account,
        }
        VenueScan.objects.create(**told)
        with pytest.raises(IntegrityError), transaction.atomic():
            VenueScan.objects.create(**{**told, **wrong})


@pytest.mark.django_db
class TestEntering:
    def test_a_scan_of_the_poster_is_two_queries(self, district, django_assert_num_queries):
        declared(district)
        site = doors.site()
        with django_assert_num_queries(2):
            actions.enter(site.code, scan=new_id(), person=None, at=NOW)
        row = VenueScan.objects.get()
        assert (row.outcome, row.person, row.by, row.site) == ("entered", None, None, site)

    def test_tapped_twice_it_is_one_visit_and_tomorrow_another(self, district):
        declared(district)
        site, key = doors.site(), new_id()
        at = actions.made_at(key)
        event_day = at  # the id is of now, so the event has to be
        declared(district, at=event_day)
        for moment in (at, at + MINUTE):
            actions.enter(site.code, scan=key, person=None, at=moment)
        assert VenueScan.objects.count() == 1
        actions.enter(site.code, scan=key, person=None, at=at + timedelta(days=1))
        assert VenueScan.objects.count() == 2

    def test_it_takes_no_scan_without_an_event_there(self, district):
        site = doors.site(area=doors.OTHER)
        with pytest.raises(Refused):
            actions.enter(site.code, scan=new_id(), person=None, at=NOW)
        declared(district, area="370199001000")
        with pytest.raises(Refused):
            actions.enter(site.code, scan=new_id(), person=None, at=NOW)
        with pytest.raises(NotFound):
            actions.enter("2" * 16, scan=new_id(), person=None, at=NOW)

    def test_a_closed_site_takes_none(self, district):
        declared(district)
        site = doors.site()
        type(site).objects.filter(pk=site.pk).update(closed_on=date(2026, 3, 1))
        with pytest.raises(NotFound):
            actions.enter(site.code, scan=new_id(), person=None, at=NOW)


@pytest.mark.django_db
class TestDays:
    def test_scans_go_with_their_event(self, district):
        event = declared(district, days=2)
        doors.came(doors.site(), district.clerk)
        gone = purging.purge(event.pk, at=NOW + timedelta(days=200))
        assert gone["prevention.VenueScan"] == 1
        assert not VenueScan.objects.exists()

    def test_the_days_ahead_are_ready_and_empty_ones_go(self, district):
        turn_days(date(2030, 1, 1), keep=2)
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('prevention_venuescan_2030_01_15')")
            assert cursor.fetchone()[0] is not None
        assert turn_days(date(2030, 2, 1), keep=2) >= 15
