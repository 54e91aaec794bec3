"""What each kind of field takes: raw answers in, clean JSON values or a message out.

Clean values are plain JSON: text as text; numbers and money as canonical decimal strings, so that
nothing is lost to floating point; dates in ISO form; yes/no as true/false; an address as
``{"area": code, "detail": text}``; an enterprise as ``{"uscc": …, "name": …}``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from stdnum.cn import ric, uscc

from zerotrip.criteria.facts import Today, read_day
from zerotrip.questions.fields import FieldSpec, Kind

TEXT_LENGTH = 200
LONG_TEXT_LENGTH = 5_000
LARGEST = Decimal(10) ** 15
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffd]")
"""Control characters, those that turn the direction of writing, and what could not be read."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?\Z")
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})|([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_IDENTITY_NUMBER = re.compile(r"[1-9][0-9]{5}([0-9]{8})[0-9]{3}[0-9X]\Z")
_USCC = re.compile(r"[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}\Z")
_AREA = re.compile(r"[0-9]{12}(?:[0-9]{3})?\Z")
_PHONE = re.compile(r"(?:1[3-9][0-9]{9}|0[0-9]{2,3}-?[1-9][0-9]{6,7}(?:-[0-9]{1,5})?|[48]00-?[0-9]{3}-?[0-9]{4})\Z")


class Bad(Exception):
    """An answer that does not pass, with what to do about it."""


def is_blank(value: object, depth: int = 3) -> bool:
    """Whether nothing was answered: also a row, or an address in a row, of which every part is blank."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict) and depth:
        return all(is_blank(part, depth - 1) for part in value.values())
    return value is None or (isinstance(value, list) and not value)


def clean(spec: FieldSpec, value: Any, *, today: date | None) -> Any:
    """The clean value of a non-blank answer. Raises Bad."""
    return _CLEAN[spec.kind](spec, value, today)


def _text(value: object, longest: int, *, lines: bool = False) -> str:
    if not isinstance(value, str):
        raise Bad(_("请填写文字。"))
    # Composing can shorten a text, but never to less than a quarter.
    if len(value) > 4 * longest + 1000:
        raise Bad(_("最多 %(most)d 个字，现在有 %(count)d 个。") % {"most": longest, "count": len(value)})
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").strip())
    if _CONTROL.search(text) or (not lines and "\n" in text):
        raise Bad(_("含有不能识别的字符，请删除后重新填写。"))
    if len(text) > longest:
        raise Bad(_("最多 %(most)d 个字，现在有 %(count)d 个。") % {"most": longest, "count": len(text)})
    return text


def _code(value: object, longest: int = 40) -> str:
    """Text typed by hand that is really a code: full-width forms and spaces do not matter."""
    text = _text(value, 4 * longest)
    return re.sub(
        r"[\s\u2010-\u2015]+", lambda m: "-" if m[0] in "‐‑‒–—―" else "", unicodedata.normalize("NFKC", text)
    )


def _clean_text(spec: FieldSpec, value: Any, today: date | None) -> str:
    text = _text(value, spec.max_length or TEXT_LENGTH)
    if spec.pattern and not re.fullmatch(spec.pattern, text):
        raise Bad(_("格式不对，请按提示填写。"))
    return text


def _clean_long_text(spec: FieldSpec, value: Any, today: date | None) -> str:
    return _text(value, spec.max_length or LONG_TEXT_LENGTH, lines=True)


def _clean_number(spec: FieldSpec, value: Any, today: date | None) -> str:
    number = _number(value)
    if number is None:
        raise Bad(_("请填写数字，例如 %(example)s。") % {"example": "1280.5" if spec.decimals else "12"})
    if number.copy_abs() >= LARGEST:
        raise Bad(_("数字太大，请核对单位。"))
    rounded = round(number, spec.decimals)
    if rounded != number:
        raise Bad(_("最多 %(count)d 位小数。") % {"count": spec.decimals} if spec.decimals else _("请填写整数。"))
    if spec.at_least is not None and number < spec.at_least:
        raise Bad(_("不能小于 %(least)s。") % {"least": plain(spec.at_least)})
    if spec.at_most is not None and number > spec.at_most:
        raise Bad(_("不能大于 %(most)s。") % {"most": plain(spec.at_most)})
    return plain(number)


def _number(value: object) -> Decimal | None:
    """What was typed or sent as a number, exactly; None if it is none or no machine should write it out."""
    if isinstance(value, str):
        text = _code(value).replace(",", "").replace("，", "").replace("\u2212", "-")
        return Decimal(text) if _NUMBER.match(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(value) if isinstance(value, int) else Decimal(str(value))
    return number if number.is_finite() else None


def plain(number: Decimal) -> str:
    """A decimal in its shortest plain notation: ``1280.5``, never ``1.2805E+3`` or ``-0``."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _clean_date(spec: FieldSpec, value: Any, today: date | None) -> str:
    day = _day(value)
    if day is None or not 1900 <= day.year <= 2200:
        raise Bad(_("请填写日期，例如 %(example)s。") % {"example": "2026-01-31"})
    if (least := _bound(spec.not_before, today)) and day < least:
        raise Bad(_("不能早于 %(day)s。") % {"day": formats.date_format(least, "DATE_FORMAT")})
    if (most := _bound(spec.not_after, today)) and day > most:
        raise Bad(_("不能晚于 %(day)s。") % {"day": formats.date_format(most, "DATE_FORMAT")})
    return day.isoformat()


def _day(value: object) -> date | None:
    """``2026-01-31``, ``2026年1月31日``, ``2026/1/31``, ``2026.1.31`` or ``20260131``."""
    text = re.sub(r"[年月/.]", "-", _code(value)).rstrip("日") if isinstance(value, str) else ""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups() if part))
    except ValueError:
        return None


def _bound(written: str | None, today: date | None) -> date | None:
    day = read_day(written)
    if isinstance(day, Today):
        return day.on(today) if today else None
    return day


def _clean_choice(spec: FieldSpec, value: Any, today: date | None) -> str:
    if value not in [choice.value for choice in spec.choices]:
        raise Bad(_("请从所列选项中选择。"))
    return str(value)


def _clean_multi_choice(spec: FieldSpec, value: Any, today: date | None) -> list[str]:
    offered = [choice.value for choice in spec.choices]
    if not isinstance(value, list) or any(item not in offered for item in value):
        raise Bad(_("请从所列选项中选择。"))
    return [item for item in offered if item in value]


def _clean_yes_no(spec: FieldSpec, value: Any, today: date | None) -> bool:
    if not isinstance(value, bool):
        raise Bad(_("请选择“是”或“否”。"))
    return value


def _clean_uscc(spec: FieldSpec, value: Any, today: date | None) -> str:
    code = _code(value).upper()
    if len(code) != 18:
        raise Bad(_("统一社会信用代码是 18 位，现在有 %(count)d 位。") % {"count": len(code)})
    if not is_uscc(code):
        raise Bad(_("统一社会信用代码的校验码不符，请对照营业执照逐位核对。"))
    return code


def is_uscc(code: str) -> bool:
    """Whether this is a unified social credit code (GB 32100-2015) with the right check character.

    Letters may stand first: rural collectives (N) and others (Y) have codes too.
    """
    return bool(_USCC.match(code)) and uscc.calc_check_digit(code) == code[-1]


def _clean_identity_number(spec: FieldSpec, value: Any, today: date | None) -> Any:
    if is_protected(value):
        return value
    number = _code(value).upper()
    if len(number) != 18 or not number.isascii():
        raise Bad(_("身份证号码是 18 位，现在有 %(count)d 位。") % {"count": len(number)})
    if not is_identity_number(number):
        raise Bad(_("身份证号码的校验码不符，请对照证件逐位核对。"))
    return number


def is_protected(value: object) -> bool:
    """Whether this is an identity number already sealed by ``Form.protect``."""
    return (
        isinstance(value, dict)
        and set(value) == {"masked", "sealed"}
        and all(isinstance(part, str) and part for part in value.values())
    )


def is_identity_number(number: str) -> bool:
    """Whether this is a resident identity number (GB 11643-1999): a day that exists, the right check digit.

    The area is not compared with the year of birth: numbers were given out from 1985 on, by the areas
    of the day they were given.
    """
    match = _IDENTITY_NUMBER.match(number)
    return bool(match and _day(match[1]) and ric.calc_check_digit(number) == number[-1])


def _clean_phone(spec: FieldSpec, value: Any, today: date | None) -> str:
    number = _code(value).replace("(", "").replace(")", "-").removeprefix("+86").removeprefix("-")
    if not _PHONE.match(number):
        raise Bad(_("请填写 11 位手机号，或带区号的固定电话，例如 0531-80000000。"))
    return number


def _clean_address(spec: FieldSpec, value: Any, today: date | None) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Bad(_("请选择所在地，并填写详细地址。"))
    area = value.get("area")
    if not isinstance(area, str) or not _AREA.match(area):
        raise Bad(_("请选择所在的街道或社区。"))
    if is_blank(value.get("detail")):
        raise Bad(_("请填写详细地址，如路名和门牌号。"))
    return {"area": area, "detail": _text(value.get("detail"), TEXT_LENGTH)}


def _clean_enterprise(spec: FieldSpec, value: Any, today: date | None) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Bad(_("请填写企业名称和统一社会信用代码。"))
    if is_blank(value.get("name")):
        raise Bad(_("请填写企业名称。"))
    if is_blank(value.get("uscc")):
        raise Bad(_("请填写统一社会信用代码。"))
    return {"uscc": _clean_uscc(spec, value["uscc"], today), "name": _text(value["name"], 120)}


_CLEAN: dict[Kind, Callable[[FieldSpec, Any, date | None], Any]] = {
    Kind.TEXT: _clean_text,
    Kind.LONG_TEXT: _clean_long_text,
    Kind.NUMBER: _clean_number,
    Kind.MONEY: _clean_number,
    Kind.DATE: _clean_date,
    Kind.CHOICE: _clean_choice,
    Kind.MULTI_CHOICE: _clean_multi_choice,
    Kind.YES_NO: _clean_yes_no,
    Kind.USCC: _clean_uscc,
    Kind.IDENTITY_NUMBER: _clean_identity_number,
    Kind.PHONE: _clean_phone,
    Kind.ADDRESS: _clean_address,
    Kind.ENTERPRISE: _clean_enterprise,
}


def display(spec: FieldSpec, value: Any, *, area_name: Callable[[str], str] = str) -> str:
    """A clean value as a reader sees it; identity numbers stay masked. Unclean drafts show as typed."""
    if is_blank(value):
        return ""
    labels = {choice.value: str(choice.label) for choice in spec.choices}
    if spec.kind in (Kind.NUMBER, Kind.MONEY):
        return _display_number(spec, value)
    if spec.kind is Kind.DATE:
        day = read_day(value)
        return formats.date_format(day, "DATE_FORMAT") if isinstance(day, date) else as_typed(value)
    if spec.kind is Kind.CHOICE and isinstance(value, str):
        return labels.get(value, value)
    if spec.kind is Kind.MULTI_CHOICE and isinstance(value, list):
        return _("、").join(labels.get(item, item) for item in value if isinstance(item, str))
    if spec.kind is Kind.YES_NO and isinstance(value, bool):
        return _("是") if value else _("否")
    if spec.kind is Kind.IDENTITY_NUMBER:
        return str(value["masked"]) if is_protected(value) else "*" * len(as_typed(value))
    if spec.kind is Kind.ADDRESS and isinstance(value, dict):
        return _display_address(area_name(as_typed(value.get("area"))), as_typed(value.get("detail")))
    if spec.kind is Kind.ENTERPRISE and isinstance(value, dict):
        parts = {"name": as_typed(value.get("name")), "uscc": as_typed(value.get("uscc"))}
        return _("%(name)s（%(uscc)s）") % parts
    return as_typed(value)


def _display_address(area: str, detail: str) -> str:
    """From the widest to the narrowest in Chinese, the other way round in English."""
    return _("%(area)s%(detail)s") % {"area": area, "detail": detail} if area and detail else area or detail


def as_typed(value: object) -> str:
    """A text as typed, a number in plain notation; nothing for what no control can hold."""
    if isinstance(value, str):
        return value
    number = _number(value)
    return "" if number is None or number.copy_abs() >= LARGEST else plain(number)


def _display_number(spec: FieldSpec, value: Any) -> str:
    try:
        number = _number(value)
    except Bad:
        number = None
    if number is None or number.copy_abs() >= LARGEST:
        return as_typed(value)
    text = f"{number:,f}"
    unit = str(spec.unit) if spec.unit else _("元") if spec.kind is Kind.MONEY else ""
    return f"{text} {unit}" if unit else text
