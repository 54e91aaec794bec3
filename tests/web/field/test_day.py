"""A phone takes the day along: how much that is is told beforehand, and it is bounded."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import timedelta

import pypdfium2 as pdfium
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.gates import passing
from tests.prevention.handing_in import number
from tests.prevention.inspections import looking
from tests.prevention.leaflets import sent
from tests.prevention.screening import sampling
from tests.web.browsing import Browser
from tests.web.field.phones import Phone, record
from zerotrip.duties.standing.materialising import open_window
from zerotrip.duties.standing.schedule import Span
from zerotrip.facts.models import Standing
from zerotrip.parties import seals
from zerotrip.prevention.field import people
from zerotrip.prevention.models import InspectionItem, Person, Receipt
from zerotrip.web.field import taking

pytestmark = pytest.mark.django_db
AT_ONCE = 40
NAMES = "甲乙丙丁戊己庚辛壬"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def phone(district):
    return Phone(district.clerk)


class TestFirstSync:
    @pytest.fixture
    def point(self, district, now, monkeypatch):
        monkeypatch.setattr(people, "AT_ONCE", AT_ONCE)
        monkeypatch.setattr(taking, "AT_ONCE", AT_ONCE)
        declared(district, at=now - timedelta(days=4))
        for place, one in enumerate(sampling.people(100)):
            written = number(place + 1)
            sealed = seals.seal(written).encode()
            Person.objects.filter(pk=one.pk).update(ric_digest=seals.digest(written), ric_sealed=sealed)
        return sampling.point()

    def test_it_takes_as_many_requests_and_about_as_many_bytes_as_it_says(self, point, district, phone, now):
        gate = passing.gate()
        for serial in range(5):
            passing.came(
                gate, district.clerk, at=now - timedelta(minutes=5), plate=f"鲁A0000{serial}", goods="none"
            )
        offered = phone.client.get("/field/offered/").json()
        (area,) = [one for one in offered["points"][0]["areas"] if one["path"] == point.area_path]
        told = phone.takes("gate", "sampling", at=now, point=str(point.pk), area=point.area_path)
        assert area["people"] == told["people"] == 100
        assert len(json.dumps({"gate": told["day"]["gate"]})) == offered["bytes"]
        url, after, sizes = f"/field/take/{told['taking']}/people/", "", []
        while True:
            answer = phone.client.get(f"{url}?after={after}")
            sizes.append(len(answer.content))
            rows = answer.json()["people"]
            after = rows[-1]["id"]
            if not answer.json()["more"]:
                break
        assert len(sizes) == -(-100 // AT_ONCE)
        assert sum(sizes) == pytest.approx(area["people"] * offered["person_bytes"], rel=0.15)

    def test_what_cannot_be_done_is_not_offered(self, district, now):
        offered = Phone(district.stranger).client.get("/field/offered/").json()
        assert {offered[name] for name in ("dues", "doors", "inspections", "visits")} == {0}
        assert offered["bytes"] == len("{}")


def reported(district, now) -> None:
    """A report the firm owes now."""
    Standing.objects.create(party=district.firm, area_path=district.firm.area_path, derived_at=world.MORNING)
    duty, _leaflets = roster.declared(
        roster.spec(), roster.spec("notice-people", who="person", act="receipt", by_hand=True)
    )
    span = Span(now - timedelta(hours=1), now + timedelta(days=9))
    open_window(duty, span, area_path=world.DISTRICT, at=now - timedelta(hours=1))


def test_leaflets_nobody_has_read_take_no_place_of_reports(district, phone, now, monkeypatch):
    monkeypatch.setattr("zerotrip.web.field.day.MOST_DUES", 2)
    for name in "甲乙丙":
        sent.person(name)
    sent.sent(district, at=now - timedelta(hours=1))
    reported(district, now)
    (due,) = phone.takes("report", at=now)["day"]["report"]["dues"]
    assert due["subject"] == str(district.firm.pk)


class TestLeaflets:
    def test_they_go_to_those_who_have_not_read_them_first_to_those_without_a_phone(
        self, district, phone, now, monkeypatch
    ):
        monkeypatch.setattr("zerotrip.web.field.bringing.MOST", 2)
        by_phone, mute = sent.person("张三丰"), sent.person("李四", phone=False, household="3-201")
        sent.person("王五")
        leaflet = sent.sent(district, at=now - timedelta(hours=1))
        told = phone.takes("leaflet", at=now)["day"]["leaflet"]
        assert told["leaflets"][str(leaflet.pk)]["title"] == leaflet.title
        shown = {one["person"]: (one["name"], one["door"]) for one in told["visits"]}
        assert len(shown) == 2
        assert shown[str(mute.pk)][0] == "李*"
        assert shown[str(mute.pk)][1].endswith("3-201")
        assert "张三丰" not in str(told)
        assert by_phone.phone not in str(told)

    def test_a_receipt_is_of_the_moment_at_the_door(self, district, phone, now):
        mute = sent.person("李四", phone=False)
        leaflet = sent.sent(district, at=now - timedelta(hours=5))
        told = {"leaflet": str(leaflet.pk), "person": str(mute.pk), "name": "李 四", "on_behalf": ""}
        signed = record("receipt", told, at=now - timedelta(hours=2))
        wrong = record("receipt", told | {"name": "别人"}, at=now - timedelta(hours=3))
        refused, accepted = phone.sends(wrong, signed, at=now)["verdicts"]
        assert (refused["state"], list(refused["fields"])) == ("refused", ["name"])
        assert accepted["state"] == "accepted"
        assert phone.states(signed, at=now) == ["accepted"]
        assert abs(Receipt.objects.get().read_at - (now - timedelta(hours=2))) < timedelta(seconds=1)
        assert "leaflet" not in phone.takes("leaflet", at=now)["day"]

    def test_nobody_without_a_seat_there_takes_them_along_or_signs(self, district, now):
        mute = sent.person("李四", phone=False)
        leaflet = sent.sent(district, at=now - timedelta(hours=5))
        stranger = Phone(district.applicant)
        assert "leaflet" not in stranger.takes("leaflet", at=now)["day"]
        told = {"leaflet": str(leaflet.pk), "person": str(mute.pk), "name": "李四", "on_behalf": ""}
        assert stranger.states(record("receipt", told, at=now), at=now) == ["refused"]


def printed(who, url: str) -> str:
    """What stands on a sheet of paper."""
    answer = Browser(who).client.get(url)
    assert answer["Content-Type"] == "application/pdf", answer.status_code
    return "".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(answer.content))


class TestPaper:
    FIELDS = (
        {"id": "abnormal", "kind": "yes_no", "label": {"zh": "有没有异常"}},
        {
            "id": "where",
            "kind": "choice",
            "label": {"zh": "哪里"},
            "choices": [{"value": "door", "label": {"zh": "门口"}}],
        },
    )

    def owed(self, district, now, fields) -> str:
        """Where the sheet of what the firm owes is."""
        declared(district, at=now - timedelta(days=1))
        Standing.objects.create(party=district.firm, area_path=district.firm.area_path, derived_at=world.MORNING)
        sections = [{"id": "day", "title": {"zh": "今天"}, "fields": list(fields)}]
        (duty,) = roster.declared(roster.spec(sections=sections, photos=2))
        span = Span(now - timedelta(hours=1), now + timedelta(hours=9))
        open_window(duty, span, area_path=world.DISTRICT, at=now - timedelta(hours=1))
        return f"/field/paper/report/{district.firm.pk}/?duty={duty.pk}"

    def test_what_is_owed_again_and_again_has_a_sheet_of_its_fields(self, district, now):
        text = printed(district.clerk, self.owed(district, now, self.FIELDS))
        for part in ("核查", district.firm.name, "有没有异常", "是□ 否□", "门口□", "2 张照片"):
            assert part in text
        assert re.search(r"[2-9A-Z]{10}", text)

    def test_a_long_form_stands_field_under_field(self, district, now):
        fields = [
            {"id": f"f{place}", "kind": "text", "label": {"zh": f"问{name}"}} for place, name in enumerate(NAMES)
        ]
        text = printed(district.clerk, self.owed(district, now, fields))
        assert all(f"问{name}" in text for name in NAMES)
        assert "整张单是第" in text

    def test_a_form_that_needs_a_network_has_no_sheet(self, district, now):
        url = self.owed(district, now, [{"id": "code", "kind": "uscc", "label": {"zh": "代码"}}])
        assert Browser(district.clerk).client.get(url).status_code == 404

    def test_nobody_else_has_it(self, district, now):
        url = self.owed(district, now, self.FIELDS)
        assert Browser(district.stranger).client.get(url).status_code == 404
        assert Browser(district.clerk).client.get(url.partition("?")[0]).status_code == 404


class TestInspections:
    def test_its_checklist_is_printed_for_either_inspector(self, inspection, district):
        text = printed(district.leader, f"/field/paper/inspection/{inspection.pk}/")
        assert all(name in text for name in ("门口有人", "开窗", "物资", "不合格□", inspection.site.name))
        assert Browser(district.fire).client.get(f"/field/paper/inspection/{inspection.pk}/").status_code == 404

    @pytest.fixture
    def inspection(self, district, now):
        site, _second = looking.prepared(district, at=now - timedelta(hours=3))
        return looking.started(site, district.clerk, district.leader, at=now - timedelta(hours=3))

    def found(self, inspection, at, *, item="keeper", found="defect", note="没有人", **more):
        told = {"inspection": str(inspection.pk), "item": item, "found": found, "note": note, **more}
        return record("finding", told, at=at)

    def photo(self, phone, colour) -> str:
        """The token of a photograph that was sent ahead."""
        drawn = io.BytesIO()
        Image.new("RGB", (800, 600), colour).save(drawn, "JPEG")
        url = f"/field/photos/{hashlib.sha256(drawn.getvalue()).hexdigest()}/"
        file = SimpleUploadedFile("photo.jpg", drawn.getvalue(), "image/jpeg")
        return phone.client.post(url, {"file": file}).json()["token"]

    def test_an_inspection_goes_along_with_what_was_found_so_far(self, inspection, district, phone, now):
        phone.sends(self.found(inspection, now, item="airing", found="ok", note=""), at=now)
        (told,) = Phone(district.leader).takes("inspection", at=now)["day"]["inspection"]
        assert {one["id"]: one["found"] for one in told["items"]} == {"keeper": "", "airing": "ok", "goods": ""}
        assert "inspection" not in Phone(district.fire).takes("inspection", at=now)["day"]

    def test_a_photograph_is_stamped_with_when_and_where_it_was_taken(self, inspection, phone, now, monkeypatch):
        drawn = []
        monkeypatch.setattr("zerotrip.web.duties.stamping._fitting", lambda line, _most: drawn.append(line) or line)
        then = now - timedelta(hours=2)
        position = {"lat": 36.65, "lon": 117.12, "accuracy": 12}
        sent_in = self.found(inspection, then, position=position)
        token = self.photo(phone, (90, 120, 90))
        assert phone.states(sent_in | {"photos": [token]}, at=now) == ["accepted"]
        row = InspectionItem.objects.get()
        assert row.photo_id != row.stamped_id
        assert drawn == [
            f"{timezone.localtime(then):%Y-%m-%d %H:%M}  {inspection.site.name}",
            "36.65000, 117.12000 ±12 m",
        ]

    def test_of_two_answers_the_later_stands_and_no_photograph_is_lost(self, inspection, district, phone, now):
        token = self.photo(phone, (90, 120, 90))
        early = self.found(inspection, now - timedelta(hours=2), found="defect") | {"photos": [token]}
        late = self.found(inspection, now - timedelta(hours=1), note="后来又看")
        Phone(district.leader).sends(late, at=now)
        assert phone.states(early, at=now) == ["accepted"]
        row = InspectionItem.objects.get()
        assert row.note == "后来又看"
        assert row.photo_id

    def test_what_is_not_on_the_list_or_already_signed_is_refused_by_name(self, inspection, district, phone, now):
        told = phone.sends(
            self.found(inspection, now, item="nothing"), self.found(inspection, now, found="?"), at=now
        )["verdicts"]
        assert [one["state"] for one in told] == ["refused", "refused"]
        assert all(one["reason"] for one in told)
        assert Phone(district.fire).states(self.found(inspection, now), at=now) == ["refused"]
        assert not InspectionItem.objects.exists()
