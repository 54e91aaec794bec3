"""Numbers on certificates follow the pack's scheme."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.catalogue.numbers import fault_in, write


def test_a_number_is_written_by_its_scheme() -> None:
    assert write("济示备〔{year}〕{seq:05} 号", day=date(2026, 3, 9), seq=27) == "济示备〔2026〕00027 号"
    assert write("3701{year}{month}{seq}", day=date(2026, 3, 9), seq=27) == "370120260327"


@pytest.mark.parametrize(
    ("scheme", "fault"),
    [
        ("{year}", "seq"),
        ("{seq}", "year"),
        ("{year}{seq}{seq}", "seq"),
        ("{year}{seq:6}", "width"),
        ("{year:04}{seq}", "width"),
        ("{year}{seq:{year}}", "width"),
        ("{year}{area}{seq}", "name"),
        ("{year}{seq.real}", "name"),
        ("{year}{seq!r}", "name"),
        ("{}{year}{seq}", "name"),
        ("{year}{seq", "braces"),
    ],
)
def test_a_scheme_that_could_repeat_or_break_is_refused(scheme: str, fault: str) -> None:
    assert fault_in(scheme) == fault


@given(st.text(alphabet="{}seqyarmonth:0123!.[]% 号", max_size=30), st.integers(1, 999_999))
def test_a_scheme_without_fault_always_writes(scheme: str, seq: int) -> None:
    if not fault_in(scheme):
        assert write(scheme, day=date(2026, 1, 1), seq=seq) != write(scheme, day=date(2026, 1, 1), seq=seq + 1)
