"""What offices ask of an enterprise, at the portal: notices signed, reports filed, by whoever acts for it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.files.samples import image
from tests.web.browsing import Browser, chinese_words, cost
from zerotrip.duties.actions import answering, ordering
from zerotrip.duties.actions.ordering import Asked, Order
from zerotrip.duties.models import Kind, Obligation, RecordFile, Status

FORM = [
    {
        "id": "work",
        "title": {"zh": "情况"},
        "fields": [
            {"id": "present", "kind": "number", "label": {"zh": "到岗人数", "en": "At work"}, "decimals": 0},
            {"id": "short", "kind": "text", "label": {"zh": "缺什么", "en": "Lacking"}, "required": False},
        ],
    }
]


def asked(district, kind, *, due=timedelta(days=3), **said) -> Obligation:
    """Something the bureau asks of the firm."""
    seat = district.leader.seats[0]
    order = ordering.issue(
        Order(kind, "致企业的一封信", text="请做好防护。", **said),
        [Asked(district.firm.pk, timezone.now() + due)],
        office=seat.department_id,
        key=uuid4(),
        by=district.leader,
        at=timezone.now() - timedelta(hours=1),
    )
    return order.obligations.get()


def test_a_notice_waits_on_the_home_page_and_is_signed_by_name(district):
    owed = asked(district, Kind.RECEIPT)
    firm = Browser(district.applicant)
    for url in ("/", "/cases/"):
        assert "有 1 件通知或填报等您处理" in firm.open(url).text
    assert "待签收" in firm.open("/asked/").text
    page = firm.open(f"/asked/{owed.pk}/")
    assert "请做好防护。" in page.text
    signed = page.form().press("我已阅读").follow()
    assert "已签收 林知远" in signed.text
    assert not any("我已阅读" in button["words"] for form in signed.forms for button in form.buttons)
    assert "通知或填报等您处理" not in firm.open("/").text
    owed.refresh_from_db()
    assert owed.status == Status.KEPT


def test_a_report_is_filed_anew_until_it_is_found_good(district):
    owed = asked(district, Kind.REPORT, form=FORM, checked=True)
    firm = Browser(district.applicant)
    wrong = (
        firm.open(f"/asked/{owed.pk}/").form().press("提交", status=422, **{"a-present": "x", "a-short": "口罩"})
    )
    assert wrong.form().values["a-short"] == ["口罩"]
    wrong.form().press("提交", **{"a-present": "12"})
    assert "已提交，核对中" in firm.open(f"/asked/{owed.pk}/").text
    answering.return_answer(owed, reason="请写全员", due_at=None, by=district.leader, at=timezone.now())
    again = firm.open(f"/asked/{owed.pk}/")
    assert "请写全员" in again.text
    again.form().press("提交", **{"a-present": "15"})
    answering.accept(owed, by=district.leader, at=timezone.now())
    done = firm.open(f"/asked/{owed.pk}/")
    assert "15" in done.text
    assert "a-present" not in done.html


def test_a_report_is_filed_with_files_and_one_that_is_refused_loses_nothing(district):
    owed = asked(district, Kind.REPORT, form=FORM, checked=True)
    firm = Browser(district.applicant)
    form = firm.open(f"/asked/{owed.pk}/").form()
    bad = SimpleUploadedFile("清单.xlsx", b"PK\x03\x04 no picture")
    good = SimpleUploadedFile("名单.png", image())
    refused = form.press("提交", status=422, **{"a-present": "12", "files": [good, bad]})
    assert "清单.xlsx：只收 PDF" in refused.text
    assert refused.form().values["a-present"] == ["12"]
    refused.form().press("提交", files="")
    assert "名单.png" in firm.open(f"/asked/{owed.pk}/").text
    (one,) = RecordFile.objects.all()
    firm.open(f"/files/answers/{one.pk}/pages/1/")
    Browser(district.leader).open(f"/files/answers/{one.pk}/pages/1/")
    Browser(district.stranger).open(f"/files/answers/{one.pk}/pages/1/", status=404)


def test_others_learn_nothing_and_what_was_withdrawn_says_so(district):
    owed = asked(district, Kind.RECEIPT)
    Browser(district.stranger).open(f"/asked/{owed.pk}/", status=404)
    Browser(district.leader).open(f"/asked/{owed.pk}/", status=404)
    assert "没有通知和填报" in Browser(district.stranger).open("/asked/").text
    ordering.withdraw(owed, reason="发错了", by=district.leader, at=timezone.now())
    page = Browser(district.applicant).open(f"/asked/{owed.pk}/")
    assert "已经撤销，不用再办" in page.text
    assert "致企业的一封信" not in Browser(district.applicant).open("/asked/").text


def test_what_was_typed_stays_when_it_was_withdrawn_meanwhile(district):
    owed = asked(district, Kind.REPORT, form=FORM)
    form = Browser(district.applicant).open(f"/asked/{owed.pk}/").form()
    ordering.withdraw(owed, reason="发错了", by=district.leader, at=timezone.now())
    page = form.press("提交", status=409, **{"a-present": "12", "a-short": "缺口罩"})
    assert "缺口罩" in page.html
    assert "您填写的内容还在下面。" in page.text


def test_a_page_in_english_says_all_of_its_own_words_in_english(district):
    owed = asked(district, Kind.REPORT, form=FORM)
    page = Browser(district.applicant, language="en").open(f"/asked/{owed.pk}/")
    own = {district.firm.name, "致企业的一封信", "请做好防护。", "林知远"}
    assert [word for word in chinese_words(page) if not any(word in name or name in word for name in own)] == []


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_the_same_however_long_it_is(district, count):
    for _each in range(count):
        asked(district, Kind.RECEIPT)
    assert cost(Browser(district.applicant), "/asked/") == 9
