"""From plain data to a typed declaration, with every fault of shape in the pack writer's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from zerotrip.catalogue.packs.faults import Fault
from zerotrip.catalogue.packs.judging import perhaps
from zerotrip.catalogue.spec import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zerotrip.catalogue.packs.documents import Document, Place

Shape = TypeVar("Shape", bound=Part)

_REASONS = {
    "missing": gettext_lazy("缺少“%(last)s”。"),
    "extra_forbidden": gettext_lazy("没有“%(last)s”这一项，请检查拼写和缩进。"),
    "decimal_type": gettext_lazy("应为数字：100 万写 1000000，5%% 写 0.05。"),
    "decimal_parsing": gettext_lazy("应为数字：100 万写 1000000，5%% 写 0.05。"),
    "string_type": gettext_lazy("应为文字；数字和日期请加引号。"),
    "string_too_short": gettext_lazy("不能为空。"),
    "string_too_long": gettext_lazy("太长，最多 %(max_length)s 个字符。"),
    "too_short": gettext_lazy("至少要有 %(min_length)s 项。"),
    "too_long": gettext_lazy("最多 %(max_length)s 项。"),
    "literal_error": gettext_lazy("只能是 %(expected)s 之一。"),
    "enum": gettext_lazy("只能是 %(expected)s 之一。"),
    "model_type": gettext_lazy("应为若干“名称: 值”。"),
    "dict_type": gettext_lazy("应为若干“名称: 值”。"),
    "tuple_type": gettext_lazy("应为列表，每项以“- ”开头。"),
    "int_type": gettext_lazy("应为整数。"),
    "float_type": gettext_lazy("应为数字。"),
    "bool_type": gettext_lazy("应为 true、false 或条件。"),
    "greater_than_equal": gettext_lazy("不能小于 %(ge)s。"),
    "greater_than": gettext_lazy("要大于 %(gt)s。"),
    "less_than_equal": gettext_lazy("不能大于 %(le)s。"),
    "time_type": gettext_lazy('应为加引号的时间，如 "08:30"。'),
    "time_parsing": gettext_lazy('应为加引号的时间，如 "08:30"。'),
    "date_type": gettext_lazy("应为日期，如 2026-05-01。"),
    "date_from_datetime_parsing": gettext_lazy("应为日期，如 2026-05-01。"),
    "date_parsing": gettext_lazy("应为日期，如 2026-05-01。"),
}
_PATTERNS = {
    "[a-z0-9-]": gettext_lazy("只用小写字母、数字和连字符“-”，以字母开头。"),
    "[a-z0-9_]": gettext_lazy("只用小写字母、数字和下划线“_”，以字母开头。"),
    "[a-z0-9_-]": gettext_lazy("只用小写字母、数字、连字符“-”和下划线“_”，以字母或数字开头。"),
    "(-\\d\\d": gettext_lazy('写年、年月或年月日，如 "2022"、"2022-04"、"2022-04-11"。'),
    "[0-9]{12}": gettext_lazy("写 2、4、6 或 12 位行政区划代码，加引号。"),
}
"""What a pattern asks for, in words: by what it allows after the first letter."""
_VALUES = {
    "braces": gettext_lazy("编号规则的花括号不成对。"),
    "name": gettext_lazy("编号规则只能用 {year}、{month} 和 {seq}。"),
    "width": gettext_lazy("编号规则里只有 {seq} 可带位数，写作 {seq:06}，最多九位。"),
    "seq": gettext_lazy("编号规则里要有且只有一个 {seq}。"),
    "year": gettext_lazy("编号规则里要有 {year}：序号每年从头开始，没有年份会重号。"),
    "window": gettext_lazy(
        "要么写“opens”和“closes”（月日，如 03-01），要么写“field”和“before”或“after”（里面写距离）。"
    ),
    "season": gettext_lazy(
        "“opens”和“closes”都写月日（每年，如 03-01）或者都写年月日（如 2026-03-01），开始不能晚于结束。"
    ),
    "windows": gettext_lazy("有几次申报时间的写在“windows”里，不再写“opens”“closes”。"),
    "charge": gettext_lazy("按数量收的，写“of”和“rate”或“bands”；固定的只写“amount”。"),
    "bands": gettext_lazy("分档要从小到大写“up_to”，只有最后一档可以不写。"),
    "validity": gettext_lazy("“until”不能早于“since”。"),
    "computation": gettext_lazy(
        "sum、difference、product、quotient、scaled、least、greatest、whole、days、months、years、cases、total、change、"
        "holds、published、published_on、party、sector、size_class、reaches_scale 写且只写一种。"
    ),
    "announced": gettext_lazy("“until”和“confirmed”不能早于“since”。"),
    "total": gettext_lazy(
        "“periods”（最近几期）、“year”（哪一年）、“since”和“until”（从哪天到哪天）写且只写一种；“back”只和“periods”一起写。"
    ),
    "computed": gettext_lazy("sum、difference、product、quotient、rows、total、days 写且只写一种。"),
    "target": gettext_lazy("department、team、named: true 写且只写一种：这样的诉求交给谁。"),
    "named-role": gettext_lazy("named 交给企业的点对点专人，不写 role。"),
    "months": gettext_lazy("按月计的时限要是整数。"),
    "indicator-weight": gettext_lazy("rolls_up 为 mean 的要写 weight，其他的不写。"),
    "indicator-points": gettext_lazy("按百分点比较的是比率，不能相加：rolls_up 写 mean 或 none。"),
    "indicator-flow": gettext_lazy("时点数（flow: false）不累计：reported 写 period。"),
    "hours": gettext_lazy("结束时间要晚于开始时间，都按本地时间。"),
}


def shape(shape: type[Shape], document: Document, *, file: str, faults: list[Fault]) -> Shape | None:
    """The declaration in ``document``, or None with its faults added."""
    before = len(faults)
    faults += [Fault(file, line, reason) for line, reason in document.problems]
    if not document.whole:
        return None
    for place, reason in misfits(shape, document.value, document, ()):
        faults.append(Fault(file, document.line(place), reason, path=".".join(map(str, place))))
    return _strictly(shape, document.value) if len(faults) == before else None


def misfits(shape: type[Part], value: Any, document: Document, at: Place) -> list[tuple[Place, str]]:
    """Where ``value``, which stands at ``at`` in ``document``, does not have the shape, and why."""
    try:
        _strictly(shape, value)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    else:
        return []
    found: dict[Place, str] = {}
    for problem in problems:
        place = _known((*at, *problem["loc"]), document, keep_last=problem["type"] == "missing")
        # The branches of a union each say what they would have taken: the first is enough.
        found.setdefault(place, _reason(problem, place) + _hint(shape, problem))
    return list(found.items())


def _hint(shape: type[Part], problem: Any) -> str:
    """What was perhaps meant."""
    if problem["type"] == "model_type":
        names = _keys(shape, problem["loc"])
        if names == {"zh", "en"}:
            return _("这里的文字分中英文：{zh: 中文, en: English}。")
        return _("这里要写：%(names)s。") % {"names": "、".join(sorted(names))}
    return _meant(shape, problem["loc"], problem["input"]) if _unknown(problem) else ""


def _meant(shape: type[Part], loc: tuple[str | int, ...], value: object) -> str:
    """What was perhaps meant by a key there is not: a key with nothing after it is the rest of a text."""
    name = str(loc[-1])
    if near := perhaps(name, _keys(shape, loc[:-1])):
        return near
    return _("含逗号的文字写在花括号里要加引号。") if " " in name or not name.isascii() or value is None else ""


def _unknown(problem: Any) -> bool:
    return bool(problem["type"] == "extra_forbidden")


def _keys(shape: type[Part], loc: tuple[str | int, ...]) -> set[str]:
    """The keys that may stand where ``loc`` leads in a declaration of this shape."""
    shapes = {shape}
    for step in loc:
        if isinstance(step, str):
            found = [one.model_fields[step].annotation for one in shapes if step in one.model_fields]
            shapes = {part for annotation in found for part in _parts(annotation)} or shapes
    return {key for one in shapes for key in one.model_fields}


def _parts(annotation: Any) -> Iterator[type[Part]]:
    """The shapes an annotation speaks of, inside unions and lists too."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def _strictly(shape: type[Shape], value: Any) -> Shape:
    """As JSON, strictly: a text is never taken for a number, nor a number for a date."""
    return shape.model_validate_json(json.dumps(value), strict=True)


def _known(loc: tuple[str | int, ...], document: Document, *, keep_last: bool) -> Place:
    """The part of ``loc`` that is in the file: pydantic also names the branches of a union."""
    end = len(loc)
    while end and tuple(loc[:end]) not in document.lines:
        end -= 1
    return (*loc[:end], loc[-1]) if keep_last and end < len(loc) else tuple(loc[:end])


def _reason(problem: Any, place: Place) -> str:
    context: dict[str, Any] = {"last": str(place[-1])[:60] if place else "", **problem.get("ctx", {})}
    if problem["type"] == "value_error":
        code = str(context.get("error"))
        return str(_VALUES.get(code) or _("值不对。"))
    if problem["type"] == "string_pattern_mismatch":
        asked = (words for part, words in _PATTERNS.items() if part in context["pattern"])
        return _("写法不对：%(asked)s") % {"asked": next(asked, context["pattern"])}
    template = _REASONS.get(problem["type"])
    return str(template) % _said(context) if template else _("值不对：%(reason)s。") % {"reason": problem["msg"]}


def _said(context: dict[str, Any]) -> dict[str, Any]:
    """Pydantic lists what it expected in English."""
    return {name: value.replace(" or ", "、") if name == "expected" else value for name, value in context.items()}


def untranslated(part: Part, place: Place = ()) -> Iterator[Place]:
    """Where English is missing in a declaration."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        for index, item in enumerate(value) if isinstance(value, tuple) else ((None, value),):
            here = (*place, name) if index is None else (*place, name, index)
            if isinstance(item, Part):
                if not getattr(item, "en", "-"):
                    yield here
                yield from untranslated(item, here)
