"""A guide says everything its pack declares, in the reader's language and in the reader's words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

import pytest

from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.catalogue.models import Service
from zerotrip.catalogue.queries import form_of, shown_district
from zerotrip.criteria import parse
from zerotrip.parties.access import SYSTEM
from zerotrip.questions import Part, Words
from zerotrip.web.portal.services.guide import condition, guide_of

SERVICES = ["construction-permit", "investment-filing", "pesticide-change"]


def words_in(value) -> Iterator[Words]:
    """Every bilingual text of a declaration."""
    if isinstance(value, Words):
        yield value
    elif isinstance(value, Part):
        for name in type(value).model_fields:
            yield from words_in(getattr(value, name))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from words_in(part)


@pytest.mark.parametrize("slug", SERVICES)
def test_nothing_a_pack_declares_is_left_out(client, offered, language, slug):
    page = client.get(f"/services/{slug}/").content.decode()
    spec = Service.objects.get(pk=slug).current.spec
    shown = [
        spec.name, spec.summary, spec.depth, spec.channels, spec.fee, spec.conditions, spec.legal_basis,
        spec.process, spec.particulars, spec.consult, spec.remedies, spec.questions, spec.notes,
        spec.commitments, spec.statutory, spec.promised, spec.outcome.name,
    ]  # fmt: skip
    texts = [escape(words.en if language == "en" else words.zh) for words in words_in(shown)]
    texts += [escape(text) for material in spec.materials for text in [str(getattr(material.name, language[:2]))]]
    texts += [escape(source) for source in spec.sources] + list(spec.codes.values())
    assert len(texts) > 30
    assert [text for text in texts if text not in page] == []


def test_the_number_of_materials_is_that_of_what_everybody_needs(client, offered):
    page = client.get("/services/construction-permit/").content.decode()
    assert "您需要准备 5 件材料" in page
    assert "另有 3 件视情况需要" in page
    assert "“是否需要拆迁”选“是”时需要" in page
    assert "不用准备材料，填表就行" in client.get("/services/investment-filing/").content.decode()


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"fact": "planning_needed", "is": True}, "“依法是否应当办理建设工程规划许可证”选“是”"),
        ({"fact": "use", "is_not": "other"}, "“工程类型”不选“其他”"),
        ({"fact": "use", "in": ["public", "industrial"]}, "“工程类型”选“公共建筑或工业建筑”"),
        ({"fact": "floor_area", "more_than": "300"}, "“建筑面积”超过 300"),
        (
            {"all": [{"fact": "demolition", "is": False}, {"not": {"fact": "supervised", "is": True}}]},
            "“是否需要拆迁”选“否”，并且并非“是否委托监理”选“是”",
        ),
    ],
)
def test_a_condition_reads_as_the_questions_and_answers_it_hangs_on(offered, tree, expected):
    form = form_of(Service.objects.get(pk="construction-permit").current_id)
    assert condition(parse(tree, vocabulary=form.vocabulary()), form) == expected


def test_the_limit_is_counted_from_now_and_explains_itself(offered):
    version = Service.objects.get(pk="construction-permit").current
    friday_evening = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
    guide = guide_of(version, shown_district(), at=friday_evening)
    assert guide.example.at == datetime(2026, 3, 10, 9, 0, tzinfo=UTC), "Monday counts as the day of the event"
    assert [line.code for line in guide.example.lines][:2] == ["start", "opens"]


def test_parallel_stages_say_so(offered):
    guide = guide_of(
        Service.objects.get(pk="construction-permit").current, shown_district(), at=datetime(2026, 3, 6, tzinfo=UTC)
    )
    assert [line.alongside for line in guide.stages] == [False, True, True, True, False]


def test_the_only_solid_button_is_to_apply(client, offered):
    page = client.get("/services/construction-permit/").content.decode()
    assert page.count('class="btn"') == page.count('href="/services/construction-permit/apply/"') == 2


def test_a_text_without_english_says_it_is_chinese(client, offered):
    client.post("/language", {"language": "en"})
    page = client.get("/services/construction-permit/").content.decode()
    assert '<html lang="en"' in page
    assert '<span class="sub" lang="zh-Hans">主席令第二十九号，2019-04-23 修正</span>' in page


@pytest.mark.parametrize("path", ["/services/no-such-service/", "/services/UPPER/", "/services/a b/"])
def test_a_service_that_is_not_there_leads_to_all_services(client, offered, path):
    page = client.get(path)
    assert page.status_code == 404
    assert 'href="/services/"' in page.content.decode()


def test_a_guide_costs_five_queries(client, offered, django_assert_num_queries):
    client.get("/services/construction-permit/")
    with django_assert_num_queries(5):  # service with version, ratings, district, themes, area
        client.get("/services/construction-permit/")


def test_a_service_that_is_not_open_promises_no_day_and_no_form(client, offered, tmp_path):
    pack = shutil.copytree(world.PACK, tmp_path / "pack")
    service = pack / "services" / "construction-permit.yaml"
    open_text = service.read_text(encoding="utf-8")
    page = client.get("/services/construction-permit/").content.decode()
    assert "现在受理的话" in page
    assert "填写内容会自动保存" in page
    reason = "incomplete: {zh: 来源没有写全。, en: The source does not say all.}\n"
    service.write_text(open_text.replace("category:", reason + "category:", 1), encoding="utf-8")
    (pack / "scenarios" / "construction-permit.yaml").unlink()
    load_pack(pack, by=SYSTEM, at=world.MORNING)
    page = client.get("/services/construction-permit/").content.decode()
    assert "来源没有写全。" in page
    assert "现在受理的话" not in page
    assert "填写内容会自动保存" not in page
    assert "在线申报" not in page
