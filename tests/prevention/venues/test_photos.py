"""Photographs of what was done have time and place on them; the original stays, and whoever may sees both."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from tests import world
from tests.duties.standing import roster
from tests.prevention.emergency import declared
from tests.prevention.venues import doors
from zerotrip.duties.models import Report, ReportFile, Window
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.web.duties.stamping import LARGEST
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture
def check(district) -> str:
    """The address at which the firm reports for its site today."""
    now = timezone.now()
    declared(district, at=now)
    site = doors.site(owner=district.firm)
    (duty,) = roster.declared(roster.spec("disinfection", who="site", photos=1))
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    window: Window = roster.opened(duty, at=midnight)
    return reverse("check", args=[window.pk, site.pk])


def browser(actor) -> Client:
    return world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=actor.user_id))


def photograph(size=(3000, 2000)) -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", size, (20, 120, 60)).save(drawn, "JPEG")
    return SimpleUploadedFile("消杀.jpg", drawn.getvalue(), "image/jpeg")


def seen(client: Client, row: ReportFile, **asked) -> Image.Image:
    answer = client.get(reverse("report-photo", args=[row.pk]), asked)
    return Image.open(io.BytesIO(b"".join(answer.streaming_content)))


def test_time_and_place_are_drawn_and_the_original_stays(district, check):
    owner = browser(district.applicant)
    place = {"lat": "36.681234567", "lon": "117.5", "accuracy": "12.4"}
    owner.post(check, {"key": new_id(), "files": photograph(), **place})
    row = ReportFile.objects.get()
    assert Report.objects.get().position == {"lat": 36.681235, "lon": 117.5, "accuracy": 12.4}
    shown, original = seen(owner, row), seen(owner, row, original="")
    assert original.size == (3000, 2000)
    assert max(shown.size) == LARGEST
    foot = shown.crop((0, shown.height - 60, shown.width, shown.height)).convert("L")
    dark, bright = foot.getextrema()
    assert bright > 200 > 60 > dark  # white letters on a shade
    assert shown.getpixel((5, 5))[1] > 100  # the rest is as it was


@pytest.mark.parametrize(
    "place",
    [{}, {"lat": "x", "lon": "1", "accuracy": "1"}, {"lat": "91", "lon": "1", "accuracy": "1"}, {"lat": "nan"}],
)
def test_without_a_place_it_is_taken_all_the_same(district, check, place):
    browser(district.applicant).post(check, {"key": new_id(), "files": photograph((640, 480)), **place})
    assert Report.objects.get().position is None
    assert ReportFile.objects.get().stamped is not None


def test_a_paper_is_not_drawn_upon(district, check):
    paper = SimpleUploadedFile("a.pdf", world.pdf("虚构").read(), "application/pdf")
    browser(district.applicant).post(check, {"key": new_id(), "files": paper})
    assert ReportFile.objects.get().stamped is None


def test_staff_of_the_area_see_it_with_the_site_and_strangers_do_not(district, check):
    browser(district.applicant).post(check, {"key": new_id(), "files": photograph((640, 480))})
    row = ReportFile.objects.get()
    desk = browser(district.clerk)
    page = desk.get(reverse("desk-site", args=[Report.objects.get().subject])).content.decode()
    assert reverse("report-photo", args=[row.pk]) in page
    assert seen(desk, row).size == (640, 480)
    assert browser(district.stranger).get(reverse("report-photo", args=[row.pk])).status_code == 404
