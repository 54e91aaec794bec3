"""What a list was asked to show, read from its address. What nobody offers filters nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext_lazy as _

from zerotrip.cases.queries import Search, Wish
from zerotrip.cases.states import Status
from zerotrip.web.requests import storable

KINDS = {
    "intake": _("收件受理"),
    "review": _("审查"),
    "decision": _("决定"),
    "approval": _("延期审批"),
    "make_up": _("核对后补材料"),
    "check": _("事后核查"),
    "call_back": _("差评回访"),
    "help": _("企业诉求"),
}
"""The kinds of work by the word in the address."""
LIGHTS = {"red": _("红灯（超期）"), "yellow": _("黄灯（快到期）"), "green": _("绿灯")}
PEOPLE = {"mine": _("分给我的"), "free": _("待领的"), "all": _("全部门的")}
LONGEST = 80
"""Characters of a search that are looked at, and of a name in the address."""


def wish_of(given: Mapping[str, str]) -> Wish:
    """Which open work the address asks for."""
    kind = given.get("kind", "")
    return Wish(
        kind=kind if kind in KINDS or kind == "waiting" else "",
        service=storable(given.get("service", "")).strip()[:LONGEST],
        area=_code(given.get("area", "")),
        light=given.get("light", "") if given.get("light") in LIGHTS else "",
        who=given.get("who", "") if given.get("who") in PEOPLE else "",
        green=given.get("green") == "1",
    )


def search_of(given: Mapping[str, str]) -> Search:
    """Which cases the address asks for."""
    status = given.get("status", "")
    return Search(
        text=storable(given.get("q", "")).strip()[:LONGEST],
        status=status if status in Status.values else "",
        service=storable(given.get("service", "")).strip()[:LONGEST],
        area=_code(given.get("area", "")),
        green=given.get("green") == "1",
    )


def _code(written: str) -> str:
    return written if written.isascii() and written.isdigit() and len(written) <= 15 else ""


def query_of(looked_for: Wish | Search) -> str:
    """The query string that asks for the same again."""
    names = {"text": "q", "green": "green"}
    kept = {name: value for name, value in asdict(looked_for).items() if value}
    return urlencode({names.get(name, name): "1" if value is True else value for name, value in kept.items()})


def cleaned(query: str) -> str:
    """A query string of the worklist as far as it means something: what can be saved."""
    return query_of(wish_of(dict(parse_qsl(query[:1000]))))
