"""The acts of the desk: what was typed and what was wrong, at the control it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from zerotrip.files.attaching import PLACE
from zerotrip.web.attaching import Attaching

if TYPE_CHECKING:
    from zerotrip.web.desk.acts import Act, Control

register = template.Library()


@register.simple_tag
def problems_of(work: dict[str, Any], opened: str, act: Act, control: Control) -> list[str]:
    """What was wrong with a control of the act that was refused."""
    refused = work.get("refused")
    return list(refused.problems.get(control.name, [])) if refused and opened == act.path else []


@register.simple_tag
def files_of(work: dict[str, Any], opened: str, act: Act) -> Attaching:
    """The files an act holds on to: those sent before a refusal, else none."""
    files: Attaching | None = work.get("files") if opened == act.path else None
    return files or Attaching(PLACE)


@register.simple_tag
def typed_in(work: dict[str, Any], opened: str, act: Act, control: Control) -> str:
    """What a control holds: what was typed before a refusal, else what it begins with."""
    if work.get("refused") and opened == act.path:
        return str(work["typed"].get(control.name, ""))
    return control.value
