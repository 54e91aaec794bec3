"""Identity numbers at rest."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from zerotrip.errors import Refused
from zerotrip.parties.seals import digest, mask, seal, unseal

NUMBER = "370199199001010015"


@given(st.text(max_size=60))
def test_what_is_sealed_can_be_read_again_and_looks_different_each_time(number):
    first, second = seal(number), seal(number)
    assert unseal(first) == unseal(second) == number
    assert first != second


def test_a_new_key_seals_and_the_old_one_still_opens(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SEAL_KEYS = [old]
    sealed = seal(NUMBER)
    settings.SEAL_KEYS = [new, old]
    assert unseal(sealed) == NUMBER
    fresh = seal(NUMBER)
    settings.SEAL_KEYS = [new]
    assert unseal(fresh) == NUMBER
    with pytest.raises(Refused):
        unseal(sealed)


def test_a_seal_somebody_touched_does_not_open():
    sealed = seal(NUMBER)
    with pytest.raises(Refused):
        unseal(sealed[:-6] + "AAAAA=")


def test_the_digest_is_stable_tells_numbers_apart_and_needs_the_key(settings):
    first = digest(NUMBER)
    assert (len(first), digest(NUMBER)) == (32, first)
    assert digest(NUMBER[:-1] + "X") != first
    settings.DIGEST_KEY = "another"
    assert digest(NUMBER) != first


@given(st.text(max_size=40))
def test_a_mask_keeps_the_length_and_at_most_eight_characters(number):
    masked = mask(number)
    assert len(masked) == len(number)
    if len(number) > 8:
        assert masked[4:-4] == "*" * (len(number) - 8)
    else:
        assert set(masked) <= {"*"}


def test_a_masked_identity_number_shows_neither_birthday_nor_order():
    assert mask(NUMBER) == "3701**********0015"
