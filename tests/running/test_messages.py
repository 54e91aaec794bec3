"""The second language: taken up, filled, checked and compiled."""

from __future__ import annotations

import gettext

import pytest

from config import messages

VIEW = """
from django.utils.translation import gettext as _, ngettext, pgettext

def page(count):
    return _("您好"), ngettext("%(count)d 件材料", "%(count)d 件材料。", count), pgettext("状态", "受理")
"""
TEMPLATE = """
{% load i18n %}<h1>{% translate "办事指南" %}</h1>
<p>{% blocktranslate with name=person.name trimmed %}
   {{ name }}，请上传材料。
{% endblocktranslate %}</p>
"""
ENGLISH = "您好\tHello\n办事指南\tService guide\n%(name)s，请上传材料。\t%(name)s, please upload.\n"
REST = "%(count)d 件材料\t%(count)d material\n%(count)d 件材料。\t%(count)d materials\n受理\tAccepted\n"


@pytest.fixture
def checkout(tmp_path):
    """A small project with one view and one template."""
    (tmp_path / "config").mkdir()
    (tmp_path / "zerotrip" / "templates").mkdir(parents=True)
    (tmp_path / "zerotrip" / "views.py").write_text(VIEW)
    (tmp_path / "zerotrip" / "templates" / "page.html").write_text(TEMPLATE)
    return tmp_path


def table(checkout, text):
    path = checkout / "en.tsv"
    path.write_text(text)
    return path


def catalogue(checkout):
    return checkout / "locale" / "en" / "LC_MESSAGES" / "django.po"


def reasons(checkout):
    return [(problem.file, problem.reason) for problem in messages.check(checkout)]


def test_texts_of_code_and_templates_are_taken_up(checkout):
    found = {message.id for message in messages.collect(checkout) if message.id}

    assert found == {
        "您好",
        ("%(count)d 件材料", "%(count)d 件材料。"),
        "受理",
        "办事指南",
        "%(name)s，请上传材料。",
    }


def test_a_text_without_english_is_named_at_its_place(checkout):
    assert messages.update(fill=[table(checkout, ENGLISH)], root=checkout) == 2

    assert reasons(checkout) == [
        ("zerotrip/views.py", "no English for “%(count)d 件材料”"),
        ("zerotrip/views.py", "no English for “受理”"),
    ]
    assert [problem.line for problem in messages.check(checkout)] == [5, 5]


def test_a_filled_catalogue_passes_and_speaks_english(checkout):
    assert messages.update(fill=[table(checkout, ENGLISH + REST)], root=checkout) == 0

    assert messages.check(checkout) == []
    assert messages.compile_changed(checkout)
    assert not messages.compile_changed(checkout)
    with catalogue(checkout).with_suffix(".mo").open("rb") as file:
        english = gettext.GNUTranslations(file)
    assert english.gettext("您好") == "Hello"
    assert english.ngettext("%(count)d 件材料", "%(count)d 件材料。", 2) == "%(count)d materials"
    assert english.pgettext("状态", "受理") == "Accepted"


def test_without_a_catalogue_every_text_is_missing(checkout):
    assert len(messages.check(checkout)) == 5


def test_an_update_keeps_what_was_translated_and_changes_nothing_twice(checkout):
    messages.update(fill=[table(checkout, ENGLISH + REST)], root=checkout)
    before = catalogue(checkout).read_bytes()

    assert messages.update(root=checkout) == 0
    assert catalogue(checkout).read_bytes() == before


def test_a_text_nobody_shows_any_more_is_named_and_then_dropped(checkout):
    messages.update(fill=[table(checkout, ENGLISH + REST)], root=checkout)
    (checkout / "zerotrip" / "templates" / "page.html").write_text("")

    assert {reason for _, reason in reasons(checkout)} == {
        "“办事指南” is shown nowhere",
        "“%(name)s，请上传材料。” is shown nowhere",
    }
    messages.update(root=checkout)
    assert messages.check(checkout) == []


@pytest.mark.parametrize("wrong", ["Upload, please.", "%(nmae)s, upload.", "%(name)s %(name)s"])
def test_a_translation_that_loses_or_invents_a_placeholder_is_named(checkout, wrong):
    messages.update(fill=[table(checkout, ENGLISH + REST)], root=checkout)
    path = catalogue(checkout)
    path.write_text(path.read_text().replace("%(name)s, please upload.", wrong))

    assert reasons(checkout) == [
        ("locale/en/LC_MESSAGES/django.po", f"“%(name)s，请上传材料。” has other placeholders than “{wrong}”")
    ]


def test_a_guess_is_not_taken_for_a_translation(checkout):
    messages.update(fill=[table(checkout, ENGLISH + REST)], root=checkout)
    path = catalogue(checkout)
    path.write_text(path.read_text().replace('msgid "您好"', '#, fuzzy\nmsgid "您好"'))

    assert reasons(checkout) == [("locale/en/LC_MESSAGES/django.po", "“您好” is marked fuzzy")]
