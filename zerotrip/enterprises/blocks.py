"""Blocks on the record of an enterprise: the apps above hang theirs in here, as outcomes of cases do.

An app registers its block at start-up. The page shows a place for it, which is filled when somebody comes to see
it, so that the record costs the same however many blocks there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.parties.models import Party

Read = Callable[["Party", "Actor", datetime], Mapping[str, Any] | None]
"""What a block shows somebody of an enterprise at a moment; None: nothing for them to see, not even its place."""


@dataclass(frozen=True)
class Block:
    """One block: its own reading, through the ``visible_to`` of its own models, and its own template."""

    name: str
    """In its address: a slug."""
    title: Any
    """In the language of the page."""
    read: Read
    template: str
    """Gets ``party``, ``actor``, ``now`` and what ``read`` returned; it shows what stands inside the card."""
    order: int = 100
    """Lower stands further up."""
    at_desk: bool = True
    at_portal: bool = True


_blocks: dict[str, Block] = {}


def register(block: Block) -> None:
    """Add a block to the record. Raises ImproperlyConfigured for another one of the same name."""
    if _blocks.get(block.name, block) != block:
        raise ImproperlyConfigured(f"Two apps show a block {block.name} on the record of an enterprise.")
    _blocks[block.name] = block


def registered(*, at_desk: bool) -> list[Block]:
    """The blocks of one face, as they stand on the page."""
    shown = [block for block in _blocks.values() if (block.at_desk if at_desk else block.at_portal)]
    return sorted(shown, key=lambda block: (block.order, block.name))


def of_name(name: str, *, at_desk: bool) -> Block | None:
    """The block of this name, where this face has it."""
    return next((block for block in registered(at_desk=at_desk) if block.name == name), None)
