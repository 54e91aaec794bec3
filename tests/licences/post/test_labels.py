"""Labels and sheets on paper: read back as a scanner and as a person would."""

from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp

from tests.licences.post.conftest import later, number_of
from zerotrip.licences.post import actions
from zerotrip.licences.post.labels import code_128, draw_labels, draw_sheet

pytestmark = pytest.mark.django_db

MILLIMETRE = 72 / 25.4


def pages(content: bytes) -> list[tuple[tuple[int, int], str, list[str]]]:
    """Of each page: its size in millimetres, its words, and the barcodes on it."""
    with pypdfium2.PdfDocument(content) as document:
        return [
            (
                tuple(round(side / MILLIMETRE) for side in page.get_size()),
                "".join(page.get_textpage().get_text_range().replace("\u200b", "").split()),
                [found.text for found in zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil())],
            )
            for page in document
        ]


def test_each_label_is_a_page_of_its_own_with_its_barcode(district, parcel):
    shipments = [parcel(), parcel(recipient="王小明", phone="0531-88888888")]
    batch = actions.make_batch([one.pk for one in shipments], by=district.clerk, at=later())
    found = pages(draw_labels(batch, at=later()))
    assert [size for size, _words, _codes in found] == [(100, 150)] * 2
    for shipment, (_size, words, codes) in zip(shipments, found, strict=True):
        assert codes == [number_of(shipment)]
        delivery = shipment.case.delivery
        for part in (delivery.recipient, delivery.phone, delivery.address, shipment.case.number, batch.number):
            assert "".join(part.split()) in words
        assert shipment.department.name in words


def test_the_longest_address_still_has_one_page(district, parcel):
    shipment = parcel(recipient="A" * 60, address="长" * 100 + "W" * 100)
    batch = actions.make_batch([shipment.pk], by=district.clerk, at=later())
    ((_size, words, codes),) = pages(draw_labels(batch, at=later()))
    assert codes == [number_of(shipment)]
    assert "长" * 100 in words
    assert words.count("W") >= 100
    assert "签收人" in words


def test_what_people_write_is_text_and_nothing_else(district, parcel):
    shipment = parcel(recipient="#panic()", address='*粗* $x$ #read("/etc/passwd") 1 号')
    batch = actions.make_batch([shipment.pk], by=district.clerk, at=later())
    ((_size, words, _codes),) = pages(draw_labels(batch, at=later()))
    assert "#panic()" in words
    assert '*粗*$x$#read("/etc/passwd")1号' in words


def test_the_sheet_names_every_parcel_and_what_was_missing(district, parcel):
    shipments = [parcel() for _one in range(3)]
    batch = actions.make_batch([one.pk for one in shipments], by=district.clerk, at=later())
    numbers = sorted(map(number_of, shipments))
    ((_size, words, codes),) = pages(draw_sheet(batch, at=later()))
    assert codes == [batch.number]
    assert all(number in words for number in numbers)
    for code in numbers[:2]:
        actions.hand_over(batch, code, by=district.clerk, at=later(minutes=1))
    batch = actions.close_batch(batch, missing=1, by=district.clerk, at=later(minutes=2))
    ((_size, words, _codes),) = pages(draw_sheet(batch, at=later()))
    assert f"未交寄1件：{numbers[2]}" in words
    assert words.count("09:31") == 2


def test_a_barcode_has_its_quiet_zones():
    drawn = code_128("ZT202600000001")
    assert 'd="M10,0h1v1h-1z' in drawn
    assert drawn.count("h1v1h-1z") > 40
