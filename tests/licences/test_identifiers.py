"""E-licence identifiers end in the check character that published ones carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zerotrip.licences.identifiers import ALPHABET, check_character, identifier, is_identifier, new_serial


@pytest.mark.parametrize(
    ("kind", "issuer", "serial", "version", "check"),
    [
        ("11100000000013338W011", "11430000006122244L", "20230000403", "001", "U"),
        ("11100000000013338W009", "11330105002500287C", "2025052201", "002", "0"),
        ("11100000MB03271699022", "340100", "000000016", "001", "9"),
    ],
)
def test_published_identifiers_agree(kind, issuer, serial, version, check):
    assert check_character(kind + issuer + serial + version) == check
    written = identifier(kind=kind, issuer=issuer, serial=serial, version=version)
    assert written == f"1.2.156.3005.2.{kind}.{issuer}.{serial}.{version}.{check}"
    assert is_identifier(written)


def test_the_published_annotation_that_does_not_check_is_no_identifier():
    """Printed with M in the documentation of an interface; it was never of a licence."""
    body = "11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001"
    assert check_character(body.replace(".", "")) == "D"
    assert not is_identifier(f"1.2.156.3005.2.{body}.M")
    assert check_character("11100000000013338W05091610800064834709T2023000001001") == "2", "printed as a blank"


bodies = some.text(alphabet=ALPHABET, min_size=1, max_size=60)


@given(bodies, some.data())
def test_every_single_slip_is_noticed(body, data):
    where = data.draw(some.integers(0, len(body) - 1))
    other = data.draw(some.sampled_from([c for c in ALPHABET if c != body[where]]))
    assert check_character(body[:where] + other + body[where + 1 :]) != check_character(body)


def test_nearly_every_swap_of_neighbours_is_noticed():
    """ISO 7064 says of its hybrid systems: all single slips, almost all swaps."""
    pairs = [(a, b) for a in ALPHABET for b in ALPHABET if a < b]
    missed = [(a, b) for a, b in pairs if check_character(a + b) == check_character(b + a)]
    assert missed == [("I", "J")]


@given(some.text(max_size=80))
def test_anything_may_be_asked(text):
    assert is_identifier(text) in (True, False)


def test_serials_are_twenty_digits_and_capitals_and_do_not_repeat():
    serials = {new_serial() for _time in range(100)}
    assert len(serials) == 100
    assert all(len(serial) == 20 and set(serial) <= set(ALPHABET) for serial in serials)
