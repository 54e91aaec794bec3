"""Records of phones come in once each, judged one by one; nothing is lost and nothing doubled."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest.mock import Mock

import pypdfium2 as pdfium
import pytest
from django.utils import timezone

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.gates import passing
from tests.prevention.venues import doors
from tests.web.browsing import Browser
from tests.web.field.phones import FIRST_PAGE, Phone, record
from zerotrip.duties.models import Due, Report
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.facts.models import Standing
from zerotrip.ids import new_id
from zerotrip.ledger.queries import history
from zerotrip.prevention.field import actions
from zerotrip.prevention.models import Measure, Passage, VenueScan
from zerotrip.prevention.models import Phone as Kept
from zerotrip.web.field import sync
from zerotrip.web.field.kinds import Sent
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def gate(district, now):
    declared(district, Measure.GATES, at=now - timedelta(days=4))
    return passing.gate()


@pytest.fixture
def phone(district):
    return Phone(district.clerk)


def came(gate, at, **more):
    return record("passage", FIRST_PAGE["passage"] | {"gate": str(gate.pk), **more}, at=at)


class TestPassages:
    def test_come_in_with_the_time_when_they_were_and_a_replay_changes_nothing(self, gate, phone, now):
        earlier = now - timedelta(hours=7)
        batch = [came(gate, earlier)]
        assert phone.states(*batch, at=now) == ["accepted"]
        assert phone.states(*batch, at=now) == ["already"]
        passage = Passage.objects.get()
        assert abs(passage.entered_at - earlier) < timedelta(seconds=30)

    def test_a_clock_nine_minutes_slow_is_put_right_and_noted_once(self, gate, phone, now):
        slow = timedelta(minutes=9)
        true = now - timedelta(hours=2)
        phone.sends({**came(gate, true - slow), "off": 540_000}, at=now - slow)
        phone.sends(at=now - slow)
        passage = Passage.objects.get()
        assert abs(passage.entered_at - true) < timedelta(seconds=30)
        assert abs(passage.device_at - (true - slow)) < timedelta(seconds=1)
        noted = history(Kept.objects.get().pk).filter(action="clock")
        assert [abs(entry.details["seconds"] - 540) < 30 for entry in noted] == [True]

    def test_one_that_is_wrong_is_named_with_its_reason_and_holds_up_no_other(self, gate, phone, now):
        ill = came(gate, now, temperature="38.4")
        told = phone.sends(came(gate, now), ill, {"id": "?", "kind": 3}, came(gate, now), at=now)["verdicts"]
        assert [verdict["state"] for verdict in told] == ["accepted", "refused", "refused", "accepted"]
        assert "38.4" in told[1]["fields"]["refused"][0]
        assert Passage.objects.count() == 2

    def test_one_left_is_taken_after_it_came_whichever_is_sent_first(self, gate, phone, now):
        arrived = came(gate, now - timedelta(hours=1))
        left = record("leaving", {"passage": arrived["id"]}, at=now)
        assert phone.states(left, at=now) == ["later"]
        assert phone.states(arrived, left, left, at=now) == ["accepted", "accepted", "already"]
        assert Passage.objects.get().left_at is not None

    def test_what_is_older_than_three_days_is_refused_by_name(self, gate, phone, now):
        (told,) = phone.sends(came(gate, now - timedelta(days=3, hours=1)), at=now)["verdicts"]
        assert told["state"] == "refused"
        assert "三天" in told["reason"]

    def test_whoever_stood_at_the_gate_hands_in_after_the_shift(self, gate, district, now, monkeypatch):
        monkeypatch.setattr("zerotrip.prevention.gates.rules.stood_at", lambda actor, site, *, at: at < now)
        volunteer = Phone(district.stranger)
        assert volunteer.states(came(gate, now - timedelta(hours=1)), at=now) == ["accepted"]

    def test_an_id_that_was_not_made_these_days_is_refused(self, gate, phone, now):
        odd = {**came(gate, now), "id": "00000000-0000-4000-8000-000000000000"}
        assert phone.states(odd, at=now) == ["refused"]


class TestOlderAndNewerPages:
    @pytest.mark.parametrize("kind", FIRST_PAGE)
    def test_what_the_first_page_wrote_down_is_still_read(self, kind, phone, now):
        (told,) = phone.sends(record(kind, FIRST_PAGE[kind], at=now), at=now)["verdicts"]
        assert not told.get("fields"), told
        assert "不完整" not in told.get("reason", "")

    def test_what_only_a_newer_page_knows_waits_and_holds_up_no_other(self, gate, phone, now):
        newer = record("of-next-year", {}, at=now)
        told = phone.sends(newer, came(gate, now), at=now)["verdicts"]
        assert [one["state"] for one in told] == ["later", "accepted"]
        assert "服务器更新后" in told[0]["reason"]


class TestReports:
    @pytest.fixture
    def due(self, district, now):
        firm = district.firm
        Standing.objects.create(party=firm, area_path=firm.area_path, derived_at=world.MORNING)
        asked = {"id": "told", "kind": "text", "label": {"zh": "说明"}}
        form = [{"id": "day", "title": {"zh": "今天"}, "fields": [asked]}]
        (duty,) = roster.declared(roster.spec(sections=form))
        span = Span(now - timedelta(hours=1), now + timedelta(hours=3))
        window = open_window(duty, span, area_path=world.DISTRICT, at=now - timedelta(hours=1))
        return Due.objects.get(window=window, subject=firm.pk)

    def of(self, due, at, **answers):
        told = {"window": due.window_id, "subject": str(due.subject), "answers": answers}
        return record("report", told, at=at)

    def test_a_report_counts_once_however_often_it_comes(self, due, district, now):
        phone = Phone(district.applicant)
        sent = self.of(due, now - timedelta(minutes=20), told="都好")
        assert phone.states(sent, sent, at=now) == ["accepted", "already"]
        assert Report.objects.get().answers == {"told": "都好"}
        assert Due.objects.get(window=due.window_id).done == 1

    def test_what_is_missing_is_said_at_its_field(self, due, district, now):
        (told,) = Phone(district.applicant).sends(self.of(due, now), at=now)["verdicts"]
        assert (told["state"], list(told["fields"])) == ("refused", ["told"])

    def test_others_may_not_report_of_a_firm(self, due, district, now):
        assert Phone(district.stranger).states(self.of(due, now, told="x"), at=now) == ["refused"]
        assert not Report.objects.exists()


class TestPhones:
    def test_nobody_signed_in_keeps_what_they_have(self, gate, district, now):
        phone = Phone(district.clerk)
        phone.client.logout()
        told = phone.sends(came(gate, now), at=now, status=403)
        assert told["state"] == "sign-in"

    def test_records_of_another_account_wait_for_it(self, gate, phone, district, now):
        told = phone.sends(came(gate, now), at=now, status=409, account=str(district.leader.user_id))
        assert told["state"] == "another"
        assert not Passage.objects.exists()

    def test_a_revoked_phone_gives_and_gets_nothing_until_it_is_restored(self, gate, phone, district, now):
        phone.sends(at=now)
        actions.revoke(Kept.objects.get().pk, by=district.clerk, at=now)
        assert phone.sends(came(gate, now), at=now, status=409)["state"] == "revoked"
        assert phone.client.get(f"/field/hello/?phone={phone.number}").json()["state"] == "revoked"
        actions.restore(Kept.objects.get().pk, by=district.clerk, at=now)
        assert phone.states(came(gate, now), at=now) == ["accepted"]

    def test_a_batch_too_large_is_refused_whole(self, gate, phone, now):
        assert "state" in phone.sends(*[came(gate, now)] * 51, at=now, status=422)
        assert not Passage.objects.exists()


class TestTaking:
    def test_the_day_goes_along_with_what_the_task_needs_and_is_journalled(self, gate, phone, district, now):
        passing.came(gate, district.clerk, at=now - timedelta(minutes=5), goods="none")
        offered = phone.client.get("/field/offered/").json()
        assert [one["name"] for one in offered["gates"]] == [gate.name]
        told = phone.takes("gate", at=now)
        assert told["day"]["gate"]["inside"][0]["plate"] == "鲁A12345"
        assert told["expires"] - told["now"] == 12 * 3_600_000
        assert history(Kept.objects.get().pk).filter(action="take").exists()

    def test_numbers_and_plates_that_are_only_compared_go_as_digests(self, gate, phone, district, now):
        from zerotrip.prevention.gates import actions as gates

        day = now.astimezone(CHINA).date()
        told = {"plate": "鲁B99999", "phone": "", "reason": "虚构", "until": day, "area_path": gate.area_path}
        gates.block(**told, key=new_id(), by=district.clerk, at=now - timedelta(minutes=1))
        told = phone.takes("gate", at=now)
        (block,) = told["day"]["gate"]["blocks"]
        assert "99999" not in str(told)
        assert len(block["plate"]) == 64


class TestDoors:
    @pytest.fixture
    def door(self, district, now):
        declared(district, Measure.VENUES, at=now - timedelta(days=4))
        return doors.site(owner=district.firm)

    def of(self, door, at, **more):
        told = {"site": str(door.pk), "colour": "green", "temperature": "36.5", "mask": True, **more}
        return record("door", told, at=at)

    def test_checks_come_in_once_with_what_the_door_did(self, door, district, now):
        phone = Phone(district.applicant)
        sent = [
            self.of(door, now - timedelta(hours=2)),
            self.of(door, now, temperature="38.1", number="13900000001"),
        ]
        assert phone.states(*sent, *sent, at=now) == ["accepted"] * 4
        assert sorted(VenueScan.objects.values_list("outcome", flat=True)) == ["away", "in"]

    def test_a_number_that_is_none_is_named(self, door, district, now):
        (told,) = Phone(district.applicant).sends(self.of(door, now, number="x"), at=now)["verdicts"]
        assert (told["state"], list(told["fields"])) == ("refused", ["number"])

    def test_whoever_stood_there_hands_in_after_the_shift_and_others_do_not(self, door, district, now, monkeypatch):
        monkeypatch.setattr("zerotrip.prevention.venues.rules.stood_at", lambda actor, site, *, at: at < now)
        stranger = Phone(district.stranger)
        assert stranger.states(self.of(door, now - timedelta(hours=1)), at=now) == ["accepted"]
        monkeypatch.undo()
        assert stranger.states(self.of(door, now), at=now) == ["refused"]

    def test_doors_go_along_with_the_rules_of_the_district(self, door, district, now):
        told = Phone(district.applicant).takes("door", at=now)["day"]["door"]
        assert [one["name"] for one in told["doors"]] == [door.name]
        assert (told["fever"], told["masks"]) == (37.3, True)


class TestListOfPhones:
    def test_a_lost_phone_is_revoked_by_whose_it_is(self, gate, phone, district, now):
        phone.sends(at=now)
        page = Browser(district.clerk)
        (form,) = [one for one in page.open("/field/phones/").forms if "revoke" in one.action]
        page.send(form.action, form.values)
        assert Kept.objects.get().revoked_at is not None
        assert "已停用" in page.open("/field/phones/").text

    def test_others_do_not_see_it(self, gate, phone, district, now):
        phone.sends(at=now)
        assert "还没有手机" in Browser(district.stranger).open("/field/phones/").text

    def test_the_list_asks_no_more_for_more_phones(self, gate, district, now, django_assert_max_num_queries):
        for _number in range(4):
            Phone(district.clerk).sends(at=now)
        browser = Browser(district.clerk)
        browser.open("/field/phones/")
        with django_assert_max_num_queries(16):
            browser.open("/field/phones/")


class TestPaper:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_sheets_are_printed_each_with_a_code_of_its_own(self, gate, district, now, language):
        browser = Browser(district.clerk, language=language)
        answer = browser.client.get(f"/field/paper/gate/{gate.pk}/?count=2")
        assert answer["Content-Type"] == "application/pdf"
        pages = pdfium.PdfDocument(answer.content)
        texts = [page.get_textpage().get_text_range() for page in pages]
        assert len(texts) == 2
        assert all(gate.name in text for text in texts)
        codes = {found for text in texts for found in re.findall(r"\b[2-9A-Z]{10}\b", text)}
        assert len(codes) == 2

    def test_sheets_of_other_places_are_not_to_be_had(self, gate, district):
        assert Browser(district.applicant).client.get(f"/field/paper/gate/{gate.pk}/").status_code == 404
        assert Browser(district.clerk).client.get(f"/field/paper/door/{gate.pk}/").status_code == 404

    def test_a_line_typed_in_on_two_phones_is_there_once(self, gate, district, now):
        line = came(gate, now - timedelta(hours=3))
        assert Phone(district.clerk).states(line, at=now) == ["accepted"]
        assert Phone(district.leader).states(line, at=now) == ["already"]
        assert Passage.objects.count() == 1


def test_photographs_beyond_those_of_one_request_come_with_the_next(now):
    def ready(photos: int) -> sync._Ready:
        return sync._Ready({}, Sent(new_id(), "report", now, now, {}, [Mock()] * photos))

    taken = sync._at_most([ready(9), ready(9), ready(9), ready(0)])
    assert [one["state"] if isinstance(one, dict) else "taken" for one in taken] == [
        "taken",
        "taken",
        "later",
        "taken",
    ]
