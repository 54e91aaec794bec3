"""Who somebody is, as it is written: read, put in one form, and told where it will not do."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.parties import seals
from zerotrip.prevention.models import DocumentKind
from zerotrip.questions.kinds import is_identity_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

NAME, NUMBER, DOCUMENT_KIND, DOCUMENT, PHONE, BORN = "name", "number", "document_kind", "document", "phone", "born"
OLDEST = 130
"""Years; nobody is older."""
_DOTS = re.compile(r"[\s·•・‧∙.．。]+")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")
_OTHER_PHONE = re.compile(r"(?:0[0-9]{2,3}[1-9][0-9]{6,7}|\+[1-9][0-9]{6,14})\Z")
_DOCUMENT = re.compile(r"[0-9A-Z]{4,30}\Z")
_LOST = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+\Z|[0-9]{15}000\Z", re.IGNORECASE)
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:年|[-./]?[0-9]{1,2}|\Z)")


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, in one form."""

    name: str
    number: str = ""
    """Resident identity number (GB 11643)."""
    document_kind: str = ""
    document: str = ""
    phone: str = ""
    birth_year: int | None = None

    @property
    def key(self) -> str:
        """What of the name is compared."""
        return name_key(self.name)

    @property
    def number_digest(self) -> bytes | None:
        """What finds the number again."""
        return seals.digest(self.number) if self.number else None

    @property
    def document_digest(self) -> bytes | None:
        """What finds the document again: a passport is not the permit of the same number."""
        return seals.digest(f"{self.document_kind}:{self.document}") if self.document else None

    @property
    def shown(self) -> str:
        """What is shown of the number, or of the document."""
        return seals.mask(self.number or self.document)


def name_key(name: str) -> str:
    """What of a name is compared: without its width, its case, spaces and dots (``买买提·艾力``)."""
    return _DOTS.sub("", unicodedata.normalize("NFKC", name)).casefold()


def phone_of(text: str) -> str:
    """A phone number as it is kept; empty for one that is none."""
    plain = re.sub(r"[\s()（）-]+", "", unicodedata.normalize("NFKC", text))
    if plain.startswith(("+86", "0086")) or (plain.startswith("86") and len(plain) == 13):
        plain = plain[plain.index("86") + 2 :]
    return plain if _MOBILE.match(plain) or _OTHER_PHONE.match(plain) else ""


def mask_name(name: str) -> str:
    """What is shown of a name: the first character and the last, of two the first (张*三, 李*)."""
    if len(name) < 3:
        return name[:1] + "*"
    return name[0] + "*" * min(len(name) - 2, 4) + name[-1]


def mask_phone(phone: str) -> str:
    """What is shown of a phone number: the first three and the last four digits."""
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}" if len(phone) > 7 else "*" * len(phone)


def read(written: Mapping[str, str], *, today: date) -> tuple[Identity | None, list[tuple[str, str]]]:
    """Who is meant by what is written, by name of the field; or what is wrong, field and reason.

    Somebody has to be known by something: a number, a document, or a phone with the name.
    """
    reading = _Reading({name: unicodedata.normalize("NFKC", text).strip() for name, text in written.items()}, today)
    found = reading.identity()
    return (None, reading.faults) if reading.faults else (found, [])


class _Reading:
    def __init__(self, written: Mapping[str, str], today: date) -> None:
        self.written, self.today = written, today
        self.faults: list[tuple[str, str]] = []

    def given(self, name: str) -> str:
        return self.written.get(name, "")

    def identity(self) -> Identity:
        number, (kind, document), phone = self.number(), self.document(), self.phone()
        if not (number or document or phone or self.faults):
            self.faults.append((NUMBER, _("身份证号、其他证件号、手机号至少填一个。")))
        return Identity(self.name(), number, kind, document, phone, self.born(number))

    def name(self) -> str:
        name = _BETWEEN_HAN.sub("", " ".join(self.given(NAME).split()))
        if not name_key(name):
            self.faults.append((NAME, _("请填写姓名。")))
        elif len(name) > 120 or not name.isprintable():
            self.faults.append((NAME, _("姓名太长，或有不能识别的字符。")))
        return name

    def number(self) -> str:
        number = re.sub(r"[\s-]+", "", self.given(NUMBER)).upper()
        if not number or is_identity_number(number):
            return number
        if _LOST.match(number):
            reason = _("号码被存成了数字，后几位已经丢失。请把这一列设为文本后重新填写。")
        elif len(number) != 18:
            reason = _("身份证号应为 18 位，这里有 %(count)d 位。") % {"count": len(number)}
        else:
            reason = _("身份证号校验不符，请对照证件逐位核对。")
        self.faults.append((NUMBER, reason))
        return ""

    def document(self) -> tuple[str, str]:
        number = re.sub(r"[\s-]+", "", self.given(DOCUMENT)).upper()
        if not number:
            return "", ""
        kind = kind_of(self.given(DOCUMENT_KIND))
        if kind is None:
            self.faults.append((DOCUMENT_KIND, _("没有这种证件，请填写护照、居住证、通行证、出生医学证明等。")))
        if not _DOCUMENT.match(number):
            self.faults.append((DOCUMENT, _("证件号应为 4 到 30 位字母和数字。")))
        return kind or "", number

    def phone(self) -> str:
        text = self.given(PHONE)
        phone = phone_of(text)
        if text and not phone:
            self.faults.append((PHONE, _("请填写 11 位手机号，或带区号的固定电话；国外号码以 + 和国家代码开头。")))
        return phone

    def born(self, number: str) -> int | None:
        if number:
            return int(number[6:10])
        text = self.given(BORN)
        year = int(found[1]) if (found := _YEAR.match(text)) else None
        if text and (year is None or not self.today.year - OLDEST <= year <= self.today.year):
            self.faults.append((BORN, _("请填写四位出生年份，如 1980。")))
        return year


_KINDS = {
    "护照": DocumentKind.PASSPORT,
    "外国护照": DocumentKind.PASSPORT,
    "外国人永久居留身份证": DocumentKind.RESIDENCE,
    "永久居留证": DocumentKind.RESIDENCE,
    "港澳台居民居住证": DocumentKind.RESIDENT_PERMIT,
    "居住证": DocumentKind.RESIDENT_PERMIT,
    "港澳居民来往内地通行证": DocumentKind.TRAVEL_PERMIT,
    "台湾居民来往大陆通行证": DocumentKind.TRAVEL_PERMIT,
    "港澳台居民来往内地通行证": DocumentKind.TRAVEL_PERMIT,
    "通行证": DocumentKind.TRAVEL_PERMIT,
    "回乡证": DocumentKind.TRAVEL_PERMIT,
    "台胞证": DocumentKind.TRAVEL_PERMIT,
    "出生医学证明": DocumentKind.BIRTH,
    "出生证": DocumentKind.BIRTH,
    "其他": DocumentKind.OTHER,
    "其他证件": DocumentKind.OTHER,
}
"""What people call documents."""


def kind_of(text: str) -> str | None:
    """The kind of a document as it is written, by its name or its key; ``other`` where nothing is."""
    text = text.strip()
    if not text:
        return DocumentKind.OTHER
    if text.lower() in DocumentKind.values:
        return text.lower()
    return _KINDS.get(text)
