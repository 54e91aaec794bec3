"""A name is kept for the reader and never believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zerotrip.files.naming import LONGEST, clean_name


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("施工合同.pdf", "施工合同.pdf"),
        ("合同.PDF", "合同.pdf"),
        ("C:\\temp\\合同.pdf", "合同.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("evil\0.pdf", "evil .pdf"),
        ("photo\u202egnp.exe", "photo gnp.exe.pdf"),
        ("page.html", "page.html.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("", "-.pdf"),
        ("a\r\nSet-Cookie: x", "a Set-Cookie: x.pdf"),
    ],
)
def test_names_are_made_fit_to_show(name, clean):
    assert clean_name(name, "application/pdf") == clean


@given(some.text(max_size=400))
def test_any_name_becomes_a_short_printable_one_with_the_right_ending(name):
    clean = clean_name(name, "image/png")
    assert clean.endswith(".png")
    assert len(clean) <= LONGEST
    assert clean.isprintable()
    assert not set(clean) & set("/\\\0")
