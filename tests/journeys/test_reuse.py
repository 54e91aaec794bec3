"""Nothing is asked for twice: a licence stands in for a paper, the registry is asked, and it may be down."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config import demo
from tests import world
from tests.licences.reuse.conftest import FACTS, MORE, kept
from zerotrip.cases import actions
from zerotrip.cases.models import Case
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.models import Service
from zerotrip.licences.registries import Unanswered
from zerotrip.licences.registries.demo import Demo
from zerotrip.licences.reuse import tasks
from zerotrip.licences.reuse.models import Grant
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dealer(demo_district, tmp_path):
    """The pesticide dealer of the demo, in a district with a small eatery to register too."""
    folder = shutil.copytree(world.PACK, tmp_path / "wider")
    for part in ("services", "samples", "scenarios"):
        for service in MORE:
            shutil.copy(world.WHOLE / part / f"{service}.yaml", folder / part)
    load_pack(folder, by=SYSTEM, at=timezone.now())
    account = User.objects.get(phone=demo.DEALER)
    return account, Party.objects.get(members__person=account.person)


def drafted(service: str, dealer) -> Case:
    """A draft without papers."""
    account, firm = dealer
    by, now = world.acting(account, timezone.now()), timezone.now()
    case = actions.open_case(service=Service.objects.get(pk=service), applicant=firm, by=by, at=now)
    sample = world.plain(demo._sample(service))
    actions.save_draft(case, sample, edit=0, by=by, at=now)
    return case


def upload_all(page, but: str) -> None:
    """A paper for every material but one."""
    for control in page.locator("input[type=file]").all():
        if (name := control.get_attribute("name")) != but:
            control.set_input_files(
                {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": world.pdf().read()}
            )
    page.get_by_role("button", name="上传所选文件").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_licence_held_here_stands_in_for_the_paper(person, dealer, width):
    licence = kept(dealer[1])
    applicant = person(width)
    applicant.sign_in(demo.DEALER)
    page = applicant.page
    page.goto("/services/pesticide-change/")
    expect(page.locator("text=1 件不用交")).to_be_visible()
    applicant.look("guide")
    case = drafted("pesticide-change", dealer)
    page.goto(f"/cases/{case.number}/materials/")
    expect(page.locator("text=已有电子证照，不用上传")).to_be_visible()
    expect(page.locator("input[name=licence_copy]")).to_have_count(0)
    applicant.look("offered")
    page.get_by_role("button", name="使用这份证照").click()
    expect(page.locator("text=请先勾选同意")).to_be_visible()
    page.locator("#material-licence_copy input[name=agree]").check()
    page.get_by_role("button", name="使用这份证照").click()
    page.wait_for_selector("text=电子证照代替")
    applicant.look("used")
    upload_all(page, "licence_copy")
    page.goto(f"/cases/{case.number}/form/operator/")
    expect(page.locator("output#licence_number")).to_have_text(licence.number)
    expect(page.locator("output#licence_representative")).to_have_text(FACTS["representative"])
    applicant.look("read-only")
    page.goto(f"/cases/{case.number}/check/")
    applicant.look("check")
    applicant.press("提交")
    page.wait_for_url("**/submitted/")
    page.goto(f"/cases/{case.number}/")
    applicant.look("case")

    clerk = person(width)
    clerk.sign_in_as_staff("clerk@demo.test")
    clerk.page.goto(f"/desk/cases/{case.number}/")
    expect(clerk.page.locator("text=电子证照代替的材料")).to_be_visible()
    clerk.look("desk")

    kept(dealer[1], valid_until=timezone.localdate() + timedelta(days=30), title="临时占用道路许可证")
    kept(dealer[1], status="suspended", stopped_at=timezone.now(), stopped_because="虚构")
    page.goto("/licences/")
    page.get_by_text("使用记录 1 次").click()
    expect(page.locator(f"text={case.number}")).to_be_visible()
    applicant.look("wallet")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_registry_is_asked_and_may_be_down(person, dealer, settings, monkeypatch, width):
    settings.LICENCE_REGISTRY = "zerotrip.licences.registries.demo.Demo"
    case = drafted("small-catering", dealer)
    applicant = person(width)
    applicant.sign_in(demo.DEALER)
    page = applicant.page
    page.goto(f"/cases/{case.number}/materials/")
    applicant.look("to-fetch")

    def down(*_asked: object, **_at: object) -> None:
        raise Unanswered("down")

    with monkeypatch.context() as broken:
        broken.setattr(Demo, "find", down)
        page.locator("#material-licence input[name=agree]").check()
        page.get_by_role("button", name="同意调取").click()
        page.wait_for_selector("text=证照库暂时没有应答，可以先办")
        applicant.look("down")
        page.fill("#number-licence", dealer[1].uscc)
        page.locator("#material-licence input[name=agree]").check()
        page.get_by_role("button", name="先办，稍后核验").click()
        page.wait_for_selector("text=待核验")
        applicant.look("provisional")
    Grant.objects.update(ask_at=timezone.now())
    tasks.verify_uses(0)
    page.reload()
    page.wait_for_selector("text=电子证照代替")
    applicant.look("verified")
