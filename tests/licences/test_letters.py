"""Decisions and notices in writing name the case, the law, the reasons and the remedies."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.licences.conftest import AT
from zerotrip.cases.models import Correction, Decision
from zerotrip.errors import NotFound
from zerotrip.licences.letters import Item, decision_letter, draw, letter_of, notice_of_corrections

pytestmark = pytest.mark.django_db


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


@pytest.mark.parametrize(
    ("verdict", "title", "article"),
    [("refused", "不予许可决定书", "第三十八条"), ("declined", "不予受理决定书", "第三十二条")],
)
def test_a_refusal_gives_reasons_and_remedies(granted, verdict, title, article):
    case = granted()
    decision = Decision(case=case, verdict=verdict, reasons="一是缺少场所。\n二是 #人员 不足。", decided_at=AT)
    text = words(draw(decision_letter(case, decision), at=AT))
    for part in (title, article, case.number, "一是缺少场所。", "二是#人员不足。", "六十日内申请行政复议"):
        assert part in text
    assert "济南示范田园农资有限公司：" in text
    assert "二〇二六年十一月二十三日" in text


def test_a_notice_names_every_place_as_people_call_it(granted):
    case = granted()
    items = [
        {"place": "operator", "message": "与营业执照不一致"},
        {"place": "material:old", "message": "照片不清楚"},
        {"place": "gone.0.name", "message": "x"},
    ]
    letter = notice_of_corrections(case, Correction(case=case, items=items, note="尽快", requested_at=AT))
    assert letter.items[:2] == (Item("经营者名称", "与营业执照不一致"), Item("原许可证", "照片不清楚"))
    assert letter.items[2].place == "gone.0.name"
    text = words(draw(letter, at=AT))
    assert "第三十二条第一款第四项" in text
    assert "2.原许可证：照片不清楚" in text
    assert "尽快" in text


@pytest.mark.parametrize("kind", ["decision", "correction-1", "correction-x", "correction-9999", "", "correction"])
def test_a_letter_that_was_never_written_is_not_found(granted, kind):
    with pytest.raises(NotFound):
        letter_of(granted(), kind)


def test_a_letter_bears_the_seal_of_the_agency(granted):
    case = granted()
    decision = Decision(case=case, verdict="refused", reasons="缺少场所。", decided_at=AT)
    reader = PdfFileReader(io.BytesIO(draw(decision_letter(case, decision), at=AT)))
    assert len(reader.embedded_signatures) == 1
