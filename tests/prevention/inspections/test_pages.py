"""Inspections and draws on their pages: from the first item to the re-check, at the desk and at the owner's."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from tests import world
from tests.prevention.inspections import looking
from tests.prevention.venues import doors
from zerotrip.files.attaching import receive
from zerotrip.ids import new_id
from zerotrip.parties.models import User
from zerotrip.prevention.inspections import actions, drawing, draws
from zerotrip.prevention.models import Draw, Inspection, InspectionItem
from zerotrip.prevention.rosters.identity import mask_name
from zerotrip.workdays.calendar import CHINA

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def ready(district, now):
    return looking.prepared(district, at=now)


def browser(actor) -> Client:
    return world.sign_in(Client(HTTP_HOST="localhost"), User.objects.get(pk=actor.user_id))


def words(page) -> str:
    return page.content.decode()


def upload(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.pdf", world.pdf(name).read(), "application/pdf")


def picture(shade: int = 0) -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("L", (40, 30), shade).save(drawn, "PNG")
    return SimpleUploadedFile("现场.png", drawn.getvalue(), "image/png")


def test_from_the_site_to_the_recheck(district, ready):
    site, second = ready
    desk, other, owner = browser(district.clerk), browser(second), browser(district.applicant)
    assert "开始检查" in words(desk.get(reverse("desk-site", args=[site.pk])))
    begun = {"checklist": "venue", "second": second.account, "key": new_id()}
    desk.post(reverse("desk-inspection-new", args=[site.pk]), begun)
    page = reverse("desk-inspection", args=[Inspection.objects.get().pk])
    found = {"found-keeper": "defect", "note-keeper": "没有人", "found-airing": "ok"}
    half = desk.post(page, {**found, "step": "sign"})
    assert half.status_code == 422
    assert "还没有填" in words(half)
    assert 'value="没有人"' in words(half)
    paper = desk.post(page, {**found, "found-goods": "none", "photo-keeper": upload("纸"), "step": "sign"})
    assert "“纸.pdf”不是照片。" in words(paper)
    both = desk.post(page, {**found, "photo-keeper": [picture(10), picture(20)], "step": "sign"})
    assert "一次最多 1 个文件" in words(both)
    assert Inspection.objects.get().signed_at is None
    desk.post(page, {**found, "found-goods": "none", "photo-keeper": picture(), "step": "sign"})
    other.post(f"{page}sign/")
    shown = words(other.get(page))
    assert "25 分" in shown
    board = words(Client(HTTP_HOST="localhost").get(reverse("site-board", args=[site.code])))
    assert "25 分" in board
    assert "1 项正在整改" in board
    assert site.name in words(owner.get(reverse("rectify")))
    mine = reverse("rectify-one", args=[Inspection.objects.get().pk])
    item = InspectionItem.objects.get(item="keeper")
    photo = owner.get(reverse("inspection-photo", args=[item.pk]))
    assert b"".join(photo.streaming_content)
    without = owner.post(mine, {"owed": item.owed_id, "note": "安排了人"})
    assert without.status_code == 422
    assert 'value="安排了人"' in words(without)
    owner.post(mine, {"owed": item.owed_id, "note": "安排了人", "key": new_id(), "files": upload("之后")})
    assert "等复查" in words(owner.get(mine))
    failed = desk.post(f"{page}defects/fail/", {"owed": item.owed_id, "note": ""})
    assert failed.status_code == 422
    desk.post(f"{page}defects/fail/", {"owed": item.owed_id, "note": "人走了"})
    again = words(owner.get(mine))
    assert "人走了" in again
    assert "<li><b>复查没有通过</b>" in words(desk.get(page))
    assert '<button class="btn">报整改情况' in again
    owner.post(mine, {"owed": item.owed_id, "note": "两人轮班", "key": new_id(), "files": upload("再后")})
    desk.post(f"{page}defects/pass/", {"owed": item.owed_id, "note": "在岗"})
    assert "已改好" in words(owner.get(mine))
    assert "没有未整改的问题" in words(Client(HTTP_HOST="localhost").get(reverse("site-board", args=[site.code])))


def test_the_pages_cost_the_same_whatever_there_is(district, ready, now, django_assert_max_num_queries):
    site, second = ready
    photo = receive(world.pdf("虚构"), name="a.pdf", at=now)
    for _time in range(3):
        made = looking.inspected(district, site, second, photo, at=now, keeper="defect", airing="defect")
    desk = browser(district.clerk)
    desk.get(reverse("desk-inspections"))
    with django_assert_max_num_queries(14):
        assert site.name in words(desk.get(reverse("desk-inspections"), {"state": "defects"}))
    with django_assert_max_num_queries(17):
        desk.get(reverse("desk-inspection", args=[made.pk]))
    visitor = Client(HTTP_HOST="localhost")
    with django_assert_max_num_queries(6):
        visitor.get(reverse("site-board", args=[site.code]))


def test_others_see_nothing_of_it(district, ready, now):
    site, second = ready
    photo = receive(world.pdf("虚构"), name="a.pdf", at=now)
    made = looking.inspected(district, site, second, photo, at=now, keeper="defect")
    other = browser(district.stranger)
    item = InspectionItem.objects.get(item="keeper")
    assert other.get(reverse("rectify-one", args=[made.pk])).status_code == 404
    assert other.get(reverse("inspection-photo", args=[item.pk])).status_code == 404
    assert other.post(reverse("rectify-one", args=[made.pk]), {"owed": item.owed_id}).status_code == 404


def verified(content: bytes, folder: Path) -> str:
    """What the program anybody can take from the page says of the file."""
    (folder / "draw.json").write_bytes(content)
    program = Path(finders.find("web/verify_draw.py")).resolve()
    done = subprocess.run(
        [sys.executable, program, folder / "draw.json"], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_drawn_site_is_inspected_by_those_it_fell_to_or_anybody_reads_why_not(district, ready, now):
    site, second = ready
    office, terms = district.leader.seats[0].department_id, draws.Terms("抽查", "370199000000", "虚构指数", 1)
    known = now - timedelta(minutes=1)
    terms = replace(terms, known_at=known, kinds=[site.kind_id])
    row = draws.freeze(terms, office=office, key=new_id(), by=district.leader, at=known - timedelta(minutes=1))
    draws.draw(row.pk, value="1", by=district.leader, at=known)
    ((_site, pair),) = Draw.objects.get().outcome
    actors = {str(one.account): one for one in (district.clerk, second, district.leader)}
    first, other = (actors[who] for who in pair)
    (spare,) = (one for who, one in actors.items() if who not in pair)
    lead, anybody = browser(first), Client(HTTP_HOST="localhost")
    address = reverse("desk-inspection-new", args=[site.pk])
    assert f"{address}?draw={row.pk}" in words(lead.get(reverse("desk-draw", args=[row.pk])))
    form = words(lead.get(f"{address}?draw={row.pk}"))
    assert f'<option value="{other.account}" selected>' in form, "with whom it fell to them"
    begun = {"checklist": "venue", "second": spare.account, "key": new_id(), "draw": row.pk}
    refused = lead.post(address, begun)
    assert refused.status_code == 422
    assert "换人请写明原因" in words(refused)
    lead.post(address, {**begun, "others_because": "一人发热请假"})
    made = Inspection.objects.get()
    assert "一人发热请假" in words(lead.get(reverse("desk-inspection", args=[made.pk])))
    photo = receive(world.pdf("虚构"), name="a.pdf", at=now)
    looking.filled(made, first, photo, at=now)
    actions.sign(made.pk, by=first, at=now)
    actions.sign(made.pk, by=spare, at=now)
    public, desk = (
        words(anybody.get(reverse("draw", args=[row.pk]))),
        words(lead.get(reverse("desk-draw", args=[row.pk]))),
    )
    assert "一人发热请假" in public
    assert mask_name(names_of(spare)) in public
    assert names_of(spare) not in public
    assert names_of(spare) in desk
    Inspection.objects.update(others_because="")
    assert "没有写明原因" in words(anybody.get(reverse("draw", args=[row.pk])))
    elsewhere = doors.site("虚构别处店", kind="small-shop")
    foreign = reverse("desk-inspection-new", args=[elsewhere.pk])
    assert lead.get(f"{foreign}?draw={row.pk}").status_code == 409
    assert lead.post(foreign, {**begun, "key": new_id()}).status_code == 409
    assert Inspection.objects.count() == 1


def names_of(actor) -> str:
    return User.objects.get(pk=actor.account).person.name


def test_a_draw_is_looked_at_frozen_drawn_and_taken_away_to_be_verified(district, ready, tmp_path):
    for number in range(4):
        doors.site(f"虚构 {number} 店", kind="small-shop")
    lead, anybody = browser(district.leader), Client(HTTP_HOST="localhost")
    tomorrow = timezone.now().astimezone(CHINA) + timedelta(days=1)
    sent = {
        "name": "三月抽查",
        "area": "370199000000",
        "count": "2",
        "source": "明天的虚构指数",
        "known_day": f"{tomorrow:%Y-%m-%d}",
        "known_hour": "15:00",
        "key": str(new_id()),
    }
    looked = words(lead.post(reverse("desk-draw-new"), {**sent, "step": "look"}))
    assert "虚构 3 店" in looked
    assert not Draw.objects.exists()
    lead.post(reverse("desk-draw-new"), {**sent, "step": "freeze"})
    row = Draw.objects.get()
    before = json.loads(words(lead.get(reverse("desk-draw-file", args=[row.pk]))))
    assert (before["secret"], before["outcome"]) == ("", None)
    public, public_file = reverse("draw", args=[row.pk]), reverse("draw-file", args=[row.pk])
    page = words(anybody.get(public))
    assert row.lists_hash in page
    assert "谁也不能填" in page
    early = lead.post(reverse("desk-draw", args=[row.pk]), {"value": "3000.01"})
    assert early.status_code == 409
    Draw.objects.filter(pk=row.pk).update(known_at=row.frozen_at)
    lead.post(reverse("desk-draw", args=[row.pk]), {"value": "3000.01"})
    drawn = words(anybody.get(public))
    assert "3000.01" in drawn
    assert "虚构 3 店" not in drawn, "the visits are not announced"
    assert anybody.get(public_file).status_code == 404
    Draw.objects.filter(pk=row.pk).update(
        frozen_at=row.frozen_at - timedelta(days=31),
        known_at=row.frozen_at - timedelta(days=31),
        drawn_at=row.frozen_at - timedelta(days=30),
    )
    shown = words(anybody.get(public))
    names = drawing.names(row.lists)
    for site, people in Draw.objects.get().outcome:
        assert names[site] in shown
        assert all(names[who] in shown and "*" in names[who] for who in people)
    assert verified(anybody.get(public_file).content, tmp_path).startswith("right: 2 of")
    put_together = draws.file_of.cache_info().misses
    assert anybody.get(public_file).status_code == 200
    assert draws.file_of.cache_info().misses == put_together, "what never changes is put together once"
    told = json.loads(words(lead.get(reverse("desk-draw-file", args=[row.pk]))))
    assert told["outcome"] == [list(one) for one in drawing.draw(told["lists"], told["secret"], told["value"])]
    shown = words(lead.get(reverse("desk-draw", args=[row.pk])))
    assert shown.count("去检查") == 2
    assert "和当时的校验码不符" not in shown
    Draw.objects.filter(pk=row.pk).update(outcome=[])
    assert "和当时的校验码不符" in words(lead.get(reverse("desk-draw", args=[row.pk])))
    assert browser(district.clerk).get(reverse("desk-draw-new")).status_code == 403
    Draw.objects.filter(pk=row.pk).update(lists=row.lists.replace("\nknown at ", "\nonce at "))
    assert anybody.get(public).status_code == 404, "of a time when nobody but staff was to see it"
