"""Words for search are cut the same way in the index and in the query."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerotrip.catalogue import words


def test_chinese_is_cut_without_spaces() -> None:
    assert {"农药", "法人"} <= set(words.words_of("农药店换法人"))


def test_neighbouring_characters_stand_beside_the_listed_words() -> None:
    assert {"药店", "店换", "换法"} <= set(words.words_of("农药店换法人"))


def test_a_query_leaves_out_what_people_say_around_it() -> None:
    assert "'什么'" not in words.query("开工要办什么证")
    assert "'开工'" in words.query("开工要办什么证")


def test_a_query_of_nothing_but_such_words_still_asks() -> None:
    assert words.query("怎么办理") != ""


def test_there_is_nothing_to_ask_for_in_punctuation() -> None:
    assert words.query("？！ …") == ""


def test_english_is_asked_for_by_its_beginning() -> None:
    assert words.query("building permits") == "'building':* | 'permit':*"


@given(st.text())
def test_literals_need_no_quoting(text: str) -> None:
    for word in words.words_of(text):
        assert word.isalnum()
        assert len(word) <= words.LONGEST
