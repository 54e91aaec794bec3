"""Lists of people leave by named hands alone, for a reason that stays with the event."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import world
from tests.prevention.emergency import declared
from zerotrip import web
from zerotrip.errors import Invalid, NotAllowed
from zerotrip.ledger.queries import history
from zerotrip.parties.models import User
from zerotrip.prevention.events import exporting
from zerotrip.prevention.models import Exporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def event(district, now):
    return declared(district, at=now)


def named(event, district, now, *, days: int = 3, email: str = "clerk@example.test"):
    until = timezone.localdate(now) + timedelta(days=days)
    return exporting.name(event.pk, email=email, until=until, by=district.leader, at=now)


def test_nobody_exports_who_was_not_named(district, event, now):
    with pytest.raises(NotAllowed):
        exporting.note("名单", "核对", by=district.leader, at=now)
    named(event, district, now)
    exporting.note("名单", "核对", by=district.clerk, at=now)
    entry = history(event.pk).get(action="export")
    assert (entry.reason, entry.details["what"], entry.actor_name) == ("核对", "名单", district.clerk.name)


def test_no_list_leaves_without_a_reason(district, event, now):
    named(event, district, now)
    with pytest.raises(Invalid) as refused:
        exporting.note("名单", " ", by=district.clerk, at=now)
    assert list(refused.value.problems) == ["why"]


def test_the_right_ends_with_its_day_and_when_it_is_taken_back(district, event, now):
    row = named(event, district, now)
    with pytest.raises(NotAllowed):
        exporting.note("名单", "核对", by=district.clerk, at=now + timedelta(days=4))
    exporting.end(row.pk, by=district.leader, at=now)
    exporting.end(row.pk, by=district.leader, at=now)
    with pytest.raises(NotAllowed):
        exporting.note("名单", "核对", by=district.clerk, at=now)
    assert history(event.pk).filter(action="end_exporter").count() == 1


def test_named_again_it_is_the_same_right_until_another_day(district, event, now):
    named(event, district, now)
    assert named(event, district, now, days=9).until == timezone.localdate(now) + timedelta(days=9)
    row = Exporter.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Exporter.objects.create(
            event=event, user=row.user, until=row.until, named_by=row.named_by, named_at=row.named_at
        )


@pytest.mark.parametrize(
    ("email", "days", "field"),
    [("nobody@example.test", 3, "email"), ("", 3, "email"), ("clerk@example.test", -1, "until")],
)
def test_what_is_wrong_with_a_naming_is_said_by_field(district, event, now, email, days, field):
    with pytest.raises(Invalid) as refused:
        named(event, district, now, email=email, days=days)
    assert list(refused.value.problems) == [field]


def test_only_who_answers_for_the_event_names_anybody(district, event, now):
    until = timezone.localdate(now)
    with pytest.raises(NotAllowed):
        exporting.name(event.pk, email="clerk@example.test", until=until, by=district.clerk, at=now)


def test_the_page_asks_why_and_then_the_list_goes_out(district, event, now):
    desk = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))
    address = reverse("desk-gates-export")
    assert desk.get(address).status_code == 403
    assert desk.post(address, {"why": "核对"}).status_code == 403
    named(event, district, now)
    assert "导出做什么用" in desk.get(address).content.decode()
    assert desk.post(address, {"why": ""}).status_code == 422
    answer = desk.post(address, {"why": "给疾控核对"})
    assert answer["Content-Type"].startswith("text/csv")
    assert history(event.pk).get(action="export").reason == "给疾控核对"


def test_whoever_answers_for_the_event_reads_who_took_lists_out_and_why(district, event, now):
    named(event, district, now)
    exporting.note("卡口登记", "给疾控核对", by=district.clerk, at=now)
    clerk, leader = (
        world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=one.user_id))
        for one in (district.clerk, district.leader)
    )
    address = reverse("desk-event", args=[event.pk])
    page = leader.get(address).content.decode()
    assert "导出“卡口登记”" in page
    assert "给疾控核对" in page
    assert "给疾控核对" not in clerk.get(address).content.decode()


def test_who_cannot_be_named_is_said_at_its_place_with_what_was_typed(district, event, now):
    desk = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.leader.user_id))
    until = (timezone.localdate(now) + timedelta(days=3)).isoformat()
    page = desk.post(reverse("desk-exporter", args=[event.pk]), {"email": "nobody@example.test", "until": until})
    assert page.status_code == 422
    text = page.content.decode()
    assert 'id="email-problem"' in text
    assert 'value="nobody@example.test"' in text
    assert f'value="{until}"' in text
    assert not event.exporters.exists()


def test_taking_the_right_back_leads_to_its_event(district, event, now):
    row = named(event, district, now)
    desk = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.leader.user_id))
    answer = desk.post(reverse("desk-exporter-end", args=[row.pk]))
    assert answer.headers["Location"] == reverse("desk-event", args=[event.pk])


@pytest.mark.parametrize("page", ["desk-gates-export", "desk-sites-export"])
def test_lists_with_names_leave_by_named_hands_for_a_reason(district, event, now, page):
    desk = world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=district.clerk.user_id))
    assert desk.get(reverse(page)).status_code == 403
    named(event, district, now)
    assert "attachment" not in desk.get(reverse(page)).get("Content-Disposition", "")
    assert desk.post(reverse(page), {"why": "核对"})["Content-Disposition"].startswith("attachment")
    assert history(event.pk).filter(action="export").count() == 1


WAYS_OUT = {"as_csv", "as_file", "workbook", "printed"}
WITHOUT_NAMES = {
    "desk/prevention/draws.py:file": "a draw, inspectors hidden: anybody may check it",
    "portal/draws.py:file": "the same",
    "portal/draws.py:as_file": "the same",
    "desk/prevention/figures.py:as_workbook": "counts, by area, kind of site and employer",
    "desk/prevention/figures.py:on_paper": "the same",
    "desk/prevention/picture.py:on_paper": "counts, by area",
    "desk/prevention/paper.py:printed": "draws what the two above hand it",
    "desk/prevention/points.py:plan_file": "from which door to which one comes when; nobody's name",
    "desk/prevention/posters.py:_on_paper": "the codes of sites, to be put up",
    "desk/prevention/roster_files.py:template": "an empty sheet",
    "field/paper.py:paper": "empty sheets",
    "goods/sheets.py:template": "an empty sheet",
    "goods/tracing.py:as_workbook": "movements of goods, people hidden",
    "goods/tracing.py:on_paper": "the same",
    "sealed/sheet.py:on_paper": "what a carrier works by: points, doors and what they want; no resident by name",
}
"""What leaves as a file for whoever may see the page, and why it may."""


def test_whatever_else_leaves_as_a_file_names_nobody():
    """Every function of the pages of prevention that answers with a file asks why, or is told of here."""
    folder = Path(web.__file__).parent
    found = set()
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "prevention" not in source:
            continue
        for function in (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)):
            nodes = list(ast.walk(function))
            calls = [node.func for node in nodes if isinstance(node, ast.Call)]
            called = {getattr(each, "id", "") or getattr(each, "attr", "") for each in calls}
            told = {node.value for node in nodes if isinstance(node, ast.Constant)}
            if (called & WAYS_OUT or "Content-Disposition" in told) and "asked_why" not in called:
                found.add(f"{path.relative_to(folder).as_posix()}:{function.name}")
    assert found == set(WITHOUT_NAMES)
