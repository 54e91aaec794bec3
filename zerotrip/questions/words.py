"""Texts in two languages, and the base of declared parts."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,59}\Z")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}\Z")]


class Part(BaseModel):
    """A part of a declaration: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, regex_engine="python-re")


class Words(Part):
    """A text in both languages; English may be missing and then reads as the Chinese."""

    zh: Text
    en: Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000)] = ""

    def __str__(self) -> str:
        return self.en if self.en and (get_language() or "").startswith("en") else self.zh
