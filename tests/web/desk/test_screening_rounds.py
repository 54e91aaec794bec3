"""A round at the desk: opened, the missing called and excused, closed; points, plans and frozen figures."""

from __future__ import annotations

import io
from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from tests import world
from tests.duties.standing.roster import declared, spec
from tests.prevention.emergency import declared as event
from tests.prevention.rounds.screened import person
from tests.prevention.test_population import GRID, STREET
from zerotrip.duties.models import Due, Filling, Window
from zerotrip.duties.standing import filling
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.prevention.models import Caller, Enrolment, Measure, Person, Point, PointPlan, Round, Site
from zerotrip.prevention.rounds import actions, points, tallies
from zerotrip.web.templatetags.show import moment
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture
def under_way(district):
    """A round of today with two people in it."""
    event(district, Measure.SCREENING)
    (duty,) = declared(spec("round", who="person", measure="screening", by_hand=True))
    person("张虚构"), person("李虚构")
    now = timezone.now()
    asked = actions.Asked("第一轮", "370199000000", duty.pk, now - timedelta(hours=2), now + timedelta(hours=6))
    window = actions.open_round(asked, key=new_id(), by=district.leader, at=now).window
    filling.go_on(window.pk, at=now)
    return Window.objects.get(pk=window.pk)


def client_of(actor=None) -> Client:
    """A browser in which somebody is signed in; without one, of a stranger."""
    client = Client(HTTP_HOST="localhost")
    return world.sign_in(client, User.objects.get(pk=actor.user_id)) if actor else client


def at(name: str, *args: object) -> str:
    return reverse(f"desk-{name}", args=args)


def point(name: str = "虚构采样点", **more) -> Site:
    told = {"kind_id": "sampling-point", "area_path": GRID, "risk": "medium", "opened_on": world.MORNING.date()}
    return Site.objects.create(name=name, **told | more)


def test_whoever_leads_opens_a_round_and_others_are_not_offered_it(district):
    event(district, Measure.SCREENING)
    (duty,) = declared(spec("round", who="person", measure="screening", by_hand=True))
    assert "打开这一轮" not in client_of(district.clerk).get(at("testing")).content.decode()
    client = client_of(district.leader)
    tomorrow = (timezone.now().astimezone(CHINA) + timedelta(days=1)).date().isoformat()
    sent = {
        "name": "第一轮",
        "area": "370199000000",
        "requirement": str(duty.pk),
        "first_day": tomorrow,
        "opens": "06:00",
        "last_day": tomorrow,
        "closes": "05:00",
        "key": str(new_id()),
    }
    refused = client.post(at("testing"), sent)
    assert refused.status_code == 422
    assert "第一轮" in refused.content.decode(), "what was typed stays"
    answer = client.post(at("testing"), sent | {"closes": "20:00"})
    assert answer.headers["Location"] == at("testing-round", Window.objects.get().pk)
    assert Round.objects.get().name == "第一轮"


def test_a_round_that_is_being_opened_says_how_far_it_is_and_offers_no_end(district, under_way, monkeypatch):
    monkeypatch.setattr(filling, "PART", 1)
    Due.objects.all().delete()
    Filling.objects.create(window=under_way)
    client = client_of(district.leader)
    assert "正在核对名册" in client.get(at("testing-round", under_way.pk)).content.decode()
    filling._next(under_way.pk, at=timezone.now())
    filling._next(under_way.pk, at=timezone.now())
    page = client.get(at("testing-round", under_way.pk)).content.decode()
    assert "名册上有 2 人，已生成 50%" in page
    assert 'name="step" value="close"' not in page
    assert "正在打开 50%" in client.get(at("testing")).content.decode()
    filling.go_on(under_way.pk, at=timezone.now())
    assert "正在打开" not in client.get(at("testing-round", under_way.pk)).content.decode()


def test_the_missing_are_masked_and_only_the_caller_sees_name_and_phone(district, under_way):
    clerk, leader = client_of(district.clerk), client_of(district.leader)
    page = clerk.get(at("testing-missing", under_way.pk)).content.decode()
    assert "张*构" in page
    assert "张虚构" not in page
    taken = clerk.post(at("testing-missing", under_way.pk), {"step": "take", "area": GRID})
    held = Caller.objects.get()
    assert taken.headers["Location"] == at("testing-call", held.pk)
    mine, seen = clerk.get(at("testing-call", held.pk)).content.decode(), leader.get(at("testing-call", held.pk))
    assert "tel:138" in mine
    assert "tel:138" not in seen.content.decode()
    assert client_of(district.supervisor).get(at("testing-call", held.pk)).status_code == 404


def test_a_round_is_called_through_excused_and_closed(district, under_way):
    clerk, leader = client_of(district.clerk), client_of(district.leader)
    everybody = {"step": "give", "area": STREET, "caller": str(district.clerk.account)}
    clerk.post(at("testing-missing", under_way.pk), everybody)
    first, second = Caller.objects.order_by("pk")
    refused = clerk.post(at("testing-call", first.pk), {"outcome": "proven", "key": str(new_id())})
    assert refused.status_code == 422
    assert "请写明情况" in refused.content.decode()
    answer = clerk.post(at("testing-call", first.pk), {"outcome": "away", "key": str(new_id())})
    assert answer.headers["Location"] == at("testing-call", second.pk), "the next one follows"
    not_yet = leader.post(at("testing-act", under_way.pk), {"step": "close"})
    assert not_yet.status_code == 409
    clerk.post(at("testing-call", second.pk), {"outcome": "ill", "note": "发热就诊", "key": str(new_id())})
    leader.post(at("testing-act", under_way.pk), {"step": "close"})
    under_way.refresh_from_db()
    assert under_way.closed_at is not None
    leader.post(at("testing-act", under_way.pk), {"step": "reopen", "reason": "漏了一户"})
    under_way.refresh_from_db()
    assert under_way.closed_at is None


def test_the_missing_are_shared_out_evenly_and_the_round_says_how_many_nobody_calls(district, under_way):
    leader, missing = client_of(district.leader), at("testing-missing", under_way.pk)
    shown = leader.get(at("testing-round", under_way.pk)).content.decode()
    assert "2 人还没有人联系" in shown
    assert "whose=nobody" in shown
    nobody = leader.post(missing, {"step": "evenly", "area": STREET})
    assert nobody.status_code == 422
    assert "请选择在这个区域工作的人员" in nobody.content.decode()
    both = [str(district.clerk.account), str(district.leader.account)]
    leader.post(missing, {"step": "evenly", "area": STREET, "caller": both})
    assert set(Caller.objects.values_list("caller", flat=True)) == {district.clerk.account, district.leader.account}
    assert "都有人联系" in leader.get(at("testing-round", under_way.pk)).content.decode()
    again = leader.post(missing, {"step": "near", "area": STREET}, follow=True)
    assert "没有可分配的人" in again.content.decode()


def test_what_is_past_recall_says_where_to_go_on(district, under_way):
    clerk = client_of(district.clerk)
    clerk.post(at("testing-missing", under_way.pk), {"step": "take", "area": GRID})
    call, now = at("testing-call", Caller.objects.get().pk), timezone.now()
    for ended, words, status in ((1, "登记的是当时没来的原因", 302), (15, "名单不再变动", 409)):
        Window.objects.update(starts=now - timedelta(days=16), ends=now - timedelta(days=ended))
        assert words in clerk.get(call).content.decode()
        assert "时间已到" in clerk.get(at("testing-missing", under_way.pk)).content.decode()
        assert clerk.post(call, {"outcome": "silent", "key": str(new_id())}).status_code == status
    assert (
        "列在名单里，不再变动" in client_of(district.leader).get(at("testing-round", under_way.pk)).content.decode()
    )


def test_a_queue_told_at_the_point_is_what_people_read(district, under_way):
    site = point()
    clerk = client_of(district.clerk)
    hours = {f"{edge}_{day}": hour for day in range(6) for edge, hour in (("opens", "08:00"), ("closes", "20:00"))}
    numbers = {"windows": 2, "per_hour": 90, "samplers": 4, "registrars": 2, "keepers": 5}
    assert clerk.post(at("point", site.pk), numbers | hours).status_code == 302
    assert Point.objects.get().openings.count() == 6
    assert clerk.post(at("point", site.pk), numbers | {"windows": 0}).status_code == 422
    clerk.post(at("point-queue", site.pk), {"queue": "200"})
    page = client_of().get(reverse("sampling-points")).content.decode()
    assert "虚构采样点" in page
    assert "请去别处" in page
    supervisor = client_of(district.supervisor)
    assert supervisor.post(at("point-queue", site.pk), {"queue": "1"}).status_code == 403


def test_people_read_where_their_grid_goes_once_the_plan_is_confirmed(district, under_way):
    point()
    public = f"{reverse('sampling-points')}?grid=370199001001001"
    points.plan(under_way.pk, time(0), time(23, 59), by=district.leader, at=timezone.now())
    assert "您的网格" not in client_of().get(public).content.decode()
    leader = client_of(district.leader)
    leader.post(at("testing-plan", under_way.pk), {"step": "confirm"})
    assert "您的网格" in client_of().get(public).content.decode()
    slot = PointPlan.objects.get().slots.get()
    moved = {"step": "slot", "slot": slot.pk, "point": str(slot.point_id), "day": "2026-03-03"}
    refused = leader.post(at("testing-plan", under_way.pk), moved | {"starts": "09:00", "ends": "10:00"})
    assert refused.status_code == 409, "what is confirmed is taken back first"
    assert leader.get(at("testing-plan-file", under_way.pk)).status_code == 200


def test_a_plan_says_what_is_lacking_and_whoever_is_signed_in_when_their_household_comes(district, under_way):
    site, now = point(), timezone.now()
    Point.objects.create(site=site, per_hour=1)
    one = Person.objects.get(name="张虚构")
    one.party_id = district.applicant.person_id
    one.save(update_fields=["party"])
    Enrolment.objects.filter(person=one).update(household="2-101")
    Enrolment.objects.exclude(person=one).update(household="1-101")
    points.plan(under_way.pk, time(0), time(23, 59), by=district.leader, at=now)
    page = client_of(district.leader).get(at("testing-plan", under_way.pk)).content.decode()
    assert "缺 1 名采样人员" in page
    assert "分 2 批" in page
    points.confirm(under_way.pk, confirmed=True, by=district.leader, at=now)
    slot = PointPlan.objects.get().slots.get()
    own = points.steps_of(slot)[1]
    assert (own.first, own.last) == ("2-101", "2-101")
    mine = client_of(district.applicant).get(reverse("sampling-points")).content.decode()
    assert f"您家请 {moment(own.starts)} 到" in mine
    assert "您家请" not in client_of().get(f"{reverse('sampling-points')}?grid=370199001001001").content.decode()
    book = load_workbook(io.BytesIO(client_of(district.leader).get(at("testing-plan-file", under_way.pk)).content))
    assert [[row[3], row[6]] for row in book["分时段"].iter_rows(min_row=2, values_only=True)] == [
        ["1-101", 1],
        ["2-101", 1],
    ]


def test_figures_are_shown_and_taken_out(district, under_way):
    client = client_of(district.leader)
    assert "还没有统计" in client.get(at("testing-figures", under_way.pk)).content.decode()
    tally = tallies.freeze(under_way, timezone.now(), at=timezone.now())
    assert "不再改动" in client.get(at("testing-figures", under_way.pk)).content.decode()
    assert client.get(at("testing-figures-file", under_way.pk, tally.pk)).status_code == 200


def test_without_screening_there_is_no_public_page(district):
    event(district, Measure.GATES)
    assert client_of().get(reverse("sampling-points")).status_code == 404


def test_the_pages_ask_so_many_questions_however_many_are_missing(
    district, under_way, django_assert_max_num_queries
):
    client = client_of(district.leader)
    client.get(at("testing"))
    for name, most in (("testing-round", 26), ("testing-missing", 30)):
        with django_assert_max_num_queries(most):
            client.get(at(name, under_way.pk))
