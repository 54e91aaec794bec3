"""Leaflets reach sites by the phone of who is in charge and the accounts of whose they are, else at the door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import world
from tests.prevention import emergency
from tests.prevention.leaflets.sent import duty, made, person, receipt, sent
from tests.prevention.test_population import site
from zerotrip.channels.models import Message, Notice
from zerotrip.duties.standing import queries, reminding
from zerotrip.errors import Invalid
from zerotrip.prevention.leaflets import actions, sending
from zerotrip.prevention.leaflets.audience import Reach, reach
from zerotrip.prevention.leaflets.links import token_of
from zerotrip.prevention.models import Leaflet

pytestmark = pytest.mark.django_db

MORNING = world.MORNING
LATER = MORNING + timedelta(hours=1)
TOO_LATE = MORNING + timedelta(days=5)
TO = {"who": "site"}


@pytest.fixture
def shops(district):
    """One with a mobile number, one of an enterprise with an account and a landline, one with nothing."""
    return (
        site("small-shop", name="虚构便利店", phone="13900000001"),
        site("small-shop", name="虚构分店", phone="0531-00000000", owner=district.firm),
        site("small-shop", name="虚构小店", contact="虚构店主"),
    )


def left(leaflet: Leaflet, district, at=LATER) -> set:
    return set(queries.missing(leaflet.window, district.clerk, at=at).values_list("subject", flat=True))


def test_a_link_goes_to_who_is_in_charge_or_to_whose_it_is_and_the_others_wait_at_the_door(district, shops):
    mobile, owned, neither = shops
    person("甲")
    leaflet = sent(district, to=TO)
    assert left(leaflet, district) == {row.pk for row in shops}, "no people among them"
    assert reach("site", leaflet.area_path, leaflet.where, at=MORNING) == Reach(3, 2)
    message = Message.objects.get(address=mobile.phone)
    assert mobile.name in message.body
    assert f"/n/{token_of(receipt(leaflet, mobile).pk)}/" in message.body
    world.tell_queued()
    told = Notice.objects.get(template="site_leaflet")
    assert (told.user_id, told.link) == (
        district.applicant.user_id,
        f"/n/{token_of(receipt(leaflet, owned).pk)}/",
    )
    assert {due.subject for due in sending.for_the_door(leaflet, at=LATER)} == {neither.pk}
    doors = Notice.objects.filter(template="staff_site_leaflet_doors")
    assert {row.context["count"] for row in doors} == {1}


def test_whoever_is_in_charge_signs_with_their_name_and_what_they_are(district, shops):
    mobile, owned, neither = shops
    leaflet = sent(district, to=TO)
    with pytest.raises(Invalid):
        actions.read(token_of(receipt(leaflet, mobile).pk), " ", at=LATER)
    row = actions.read(token_of(receipt(leaflet, mobile).pk), "虚构店长", position="店长", at=LATER)
    assert (row.signature, row.on_behalf, row.tries) == ("虚构店长", "店长", 0)
    with pytest.raises(Invalid):
        actions.bring(leaflet.pk, neither.pk, actions.Brought("", "店主"), by=district.clerk, at=LATER)
    actions.bring(leaflet.pk, neither.pk, actions.Brought("虚构店主"), by=district.clerk, at=LATER)
    assert left(leaflet, district) == {owned.pk}


def test_several_at_a_time_to_kinds_of_site_are_signed_apart(district, shops):
    dormitory = site("dormitory", name="虚构宿舍")
    every = sent(district, to=TO)
    some = made(district, to=TO | {"kinds": ["dormitory"]}, at=MORNING + timedelta(minutes=1))
    sending.work(some.pk, at=some.made_at)
    some.refresh_from_db()
    assert left(some, district) == {dormitory.pk}
    actions.bring(some.pk, dormitory.pk, actions.Brought("虚构管理员"), by=district.clerk, at=LATER)
    assert left(some, district) == set()
    assert dormitory.pk in left(every, district)
    with pytest.raises(Invalid) as refused:
        made(district, to=TO | {"kinds": ["castle"]})
    assert "kinds" in refused.value.problems


def test_the_silent_are_reminded_and_named_when_the_time_is_over(district, shops):
    duty(remind=[60])
    emergency.declared(district)
    leaflet = made(district, to=TO)
    sending.work(leaflet.pk, at=MORNING)
    leaflet.refresh_from_db()
    assert reminding.remind(at=leaflet.ends - timedelta(minutes=30)) == 2
    assert sending.sweep(at=TOO_LATE) == 1
    world.tell_queued()
    assert Notice.objects.filter(template="site_leaflet_reminder").count() == 1
    silent = Notice.objects.filter(template="staff_site_leaflet_silent", user=district.clerk.user_id)
    assert [row.context["count"] for row in silent] == [3]
    assert left(leaflet, district, at=TOO_LATE) == {row.pk for row in shops}
