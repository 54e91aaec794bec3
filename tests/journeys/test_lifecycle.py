"""A licence lives on: chosen and changed by its holder, corrected and taken back at the desk by two hands."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.utils import timezone

from config import demo
from tests import world
from zerotrip.cases import actions as cases
from zerotrip.cases.models import Verdict
from zerotrip.licences import letters
from zerotrip.licences.models import Licence
from zerotrip.licences.queries import editions_of
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party, User

pytestmark = pytest.mark.django_db(transaction=True)


def acting(email: str):
    return world.acting(User.objects.get(email=email), at=timezone.now())


@pytest.fixture
def licence(demo_district) -> Licence:
    """The dealer's licence, issued a while ago."""
    account, at = User.objects.get(phone=demo.DEALER), timezone.now() - timedelta(minutes=30)
    firm, holder = Party.objects.get(members__person=account.person), world.acting(account, at=timezone.now())
    today = timezone.localdate()
    case = world.draft("pesticide-change", firm, holder, at=at, change_date=str(today - timedelta(days=3)))
    cases.submit(case, by=holder, at=at)
    cases.accept(world.open_work(case)[0], by=acting("clerk@demo.test"), at=at)
    (review,) = world.open_work(case)
    reviewer = world.acting(world.staff("reviewer-x", "agriculture", "reviewer"), at=timezone.now())
    cases.review(review, verdict=Verdict.PASS, by=reviewer, at=at)
    case = cases.grant(world.open_work(case)[0], by=acting("leader@demo.test"), at=at, reasons="符合变更条件。")
    cases.deliver(cases.issue(case, by=SYSTEM, at=at), by=SYSTEM, at=at)
    return Licence.objects.get(case=case)


def pages(content: bytes, name: str, folder: Path) -> None:
    """A PDF as pictures beside those of the screens."""
    with pypdfium2.PdfDocument(io.BytesIO(content)) as document:
        for number, page in enumerate(document):
            page.render(scale=1.4).to_pil().save(folder / f"pdf-{name}-{number}.png")


@pytest.mark.parametrize("width", [390, 1440])
def test_the_holder_changes_it_and_the_desk_corrects_and_ends_it(person, licence, artefacts, width):
    holder = person(width)
    holder.sign_in(demo.DEALER)
    holder.page.goto("/licences/")
    holder.page.locator("summary:visible", has_text="办理这份证照的事项").first.click()
    holder.look("licences")
    holder.page.locator("a:visible", has_text="农药经营许可证变更").first.click()
    holder.look("choose")
    holder.press("开始填写")
    holder.look("draft")
    number = licence.case.number
    clerk, leader = person(width), person(width)
    clerk.sign_in_as_staff("clerk@demo.test")
    leader.sign_in_as_staff("leader@demo.test")
    clerk.page.goto(f"/desk/cases/{number}/slip/")
    clerk.page.locator("textarea").first.fill("济南示范绿野现代农业服务有限责任公司")
    clerk.page.fill("#reasons", "录入时漏字，以营业执照为准。")
    clerk.look("slip")
    clerk.press("提出更正")
    leader.page.goto(f"/desk/cases/{number}/")
    leader.look("case-slip")
    leader.press("确认更正")
    clerk.page.goto(f"/desk/cases/{number}/challenge/")
    clerk.page.select_option("#kind", "review")
    clerk.page.fill("#organ", "济南市人民政府（演示）")
    clerk.page.fill("#filed_on", str(timezone.localdate()))
    clerk.look("challenge")
    clerk.press("登记")
    clerk.look("case-challenged")
    made = Licence.objects.get(case=licence.case_id)
    clerk.page.goto(f"/desk/licences/{made.pk}/")
    clerk.page.locator("summary", has_text="撤销、撤回或者吊销").click()
    clerk.page.select_option("#ground", "annul")
    clerk.page.fill(
        "#reasons",
        "经核查，申请时提交的任职文件不实，属于以欺骗手段取得许可。\n依据《行政许可法》第六十九条第二款。",
    )
    clerk.look("licence-propose")
    clerk.page.locator("button:visible", has_text="提出").click()
    leader.page.goto(f"/desk/licences/{made.pk}/")
    leader.look("licence-waiting")
    leader.press("确认撤销")
    leader.look("licence-revoked")
    leader.page.goto("/desk/licences/")
    leader.look("licences-desk")
    with leader.page.expect_navigation():
        leader.page.locator("button", has_text="English").last.evaluate("button => button.click()")
    leader.page.goto(f"/desk/licences/{made.pk}/")
    leader.look("licence-en")
    holder.page.goto(f"/cases/{number}/")
    holder.look("my-case")
    for each in editions_of(made):
        holder.page.goto(f"/v/{each.token}")
        holder.look(f"verify-{each.edition}")
    at = timezone.now()
    for kind in ("decision", "slip-1", "revocation"):
        pages(letters.draw(letters.letter_of(licence.case, kind), at=at), kind, artefacts)
    from zerotrip.files.store import open_blob

    with open_blob(made.blob_id) as file:
        pages(file.read(), "licence", artefacts)
    assert made.edition == 2
