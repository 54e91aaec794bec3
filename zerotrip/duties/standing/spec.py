"""The shape of ``duties/<id>.yaml``: what is owed again and again, by whom, how often, and what counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from zerotrip.questions.words import Name, Part, Slug, Words

Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z|^24:00\Z")]
"""A time of day in China, to the minute."""


_FREE = frozenset({"text", "long_text", "identity_number", "phone", "address", "group"})
"""Kinds of field in which somebody may be named."""


def _is_free(field: Mapping[str, Any]) -> bool:
    return field.get("kind") in _FREE


class TimesSpec(Part):
    """A part of a day within which something is owed."""

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _takes_time(self) -> TimesSpec:
        if self.start >= self.end:
            raise ValueError("end must be later than start")
        return self


class SpacingSpec(Part):
    """What lies between two records that both count."""

    hours: Annotated[int, Field(ge=1, le=240)] | None = None
    distinct_days: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> SpacingSpec:
        if (self.hours is None) is not self.distinct_days:
            raise ValueError("give hours or distinct_days, one of them")
        return self


class BecomesSpec(Part):
    """What an answer becomes on the record of the enterprise: a fact, or a need with an owner."""

    fact: Name | None = None
    source: Name | None = None
    """Of a fact, who states it where staff fill the form in; where the enterprise does, it is its own statement."""
    need: Slug | None = None
    """The subject of the need: a service of the category ``need``."""
    by: Name | None = None
    """The field of the form whose answer says which subject it is."""
    needs: dict[str, Slug] = Field(default_factory=dict, max_length=30)
    """With ``by``: the subject for each of its answers; ``need`` for any other, and for none."""

    @model_validator(mode="after")
    def _one_way(self) -> BecomesSpec:
        if (self.fact is None) is (self.need is None):
            raise ValueError("give fact or need, one of them")
        if (self.source is None) is not (self.fact is None):
            raise ValueError("source goes with fact")
        if (self.by is None) is not (not self.needs) or (self.by is not None and self.need is None):
            raise ValueError("by goes with needs, both of a need")
        return self

    def subject_in(self, answers: Mapping[str, Any]) -> str | None:
        """The subject of the need, given what was answered; None for a fact."""
        return self.needs.get(str(answers.get(self.by)), self.need) if self.by else self.need


class DutySpec(Part):
    """A standing duty."""

    id: Slug
    name: Words
    about: Words | None = None
    source: Words | None = None
    """Where the rule comes from; without it it is the district's own."""
    measure: Name | None = None
    """The measure of an event that brings it up; None: it always stands."""
    who: Literal["person", "site", "enterprise", "shift"]
    where: dict[str, Any] | None = None
    """Criteria over the facts of who owes it; None: everybody on the roster. What is unknown owes."""
    act: Slug = "report"
    """What counts: ``report`` is the form below; other words are those of whoever keeps such records."""
    sections: Annotated[tuple[dict[str, Any], ...], Field(max_length=20)] = ()
    """The form of a report."""
    keeps: Annotated[tuple[Name, ...], Field(max_length=30)] = ()
    """Fields for words that say nothing of anybody: they stay when what reports say of people is purged."""
    photos: Annotated[int, Field(ge=0, le=9)] = 0
    """Photographs a report has at least."""
    becomes: dict[Name, BecomesSpec] = Field(default_factory=dict, max_length=30)
    """What answers become, by the field of the form: of enterprises."""
    visited: bool = False
    """Staff who go there fill it in, and not whoever owes it."""
    receipt: bool = False
    """Whoever receives it confirms: by the code of the place for the day, or by a photograph of a signed paper."""
    records: Annotated[int, Field(ge=1, le=60)] = 1
    """How many are owed within a window."""
    days: Annotated[int, Field(ge=1, le=60)] = 1
    """Length of a window, from the day the event began; with ``times`` it is one."""
    times: Annotated[tuple[TimesSpec, ...], Field(max_length=24)] = ()
    """Several windows a day; none: the whole day."""
    working_days: bool = False
    """Only days that are worked."""
    by_hand: bool = False
    """Windows are opened by somebody, such as a round over a whole area, and not by the calendar."""
    spacing: SpacingSpec | None = None
    remind: Annotated[tuple[Annotated[int, Field(ge=5, le=10_080)], ...], Field(max_length=4)] = ()
    """Minutes before the end at which those are reminded who still owe it."""
    remind_whom: Literal["owner", "office"] | None = None
    """Whom: the enterprise itself or the owner of the site, or those who work in the area where it is owed. None:
    the owner, and the office for what has none."""
    family: Slug | None = None
    """Of several duties of a family the strictest applies alone to whom more than one is about."""
    beside: bool = False
    """It applies beside the others of its family: it yields to none, and none yields to it."""

    @model_validator(mode="after")
    def _agrees(self) -> DutySpec:
        if self.times and self.days != 1:
            raise ValueError("times of day go with windows of one day")
        if self.working_days and self.days != 1:
            raise ValueError("working_days goes with windows of one day")
        if self.by_hand and (self.times or self.working_days):
            raise ValueError("windows opened by hand have no times or working days")
        if self.act == "report" and not self.sections and not self.photos:
            raise ValueError("a report needs sections or photos")
        if self.act != "report" and (self.sections or self.photos or self.receipt):
            raise ValueError("sections, photos and receipts belong to reports")
        if self.becomes and self.who != "enterprise":
            raise ValueError("answers become facts and needs of enterprises")
        if not all(self.label_of(field) for field in self.keeps):
            raise ValueError("keeps names fields of the form")
        if self.receipt and self.who != "site":
            raise ValueError("a receipt is given at a site")
        if self.remind_whom and not self.remind:
            raise ValueError("remind_whom goes with remind")
        if self.remind_whom == "owner" and not self.has_owner:
            raise ValueError("only what enterprises and sites do themselves has an owner to remind: give office")
        if self.spacing and self.spacing.distinct_days and self.records > self.days:
            raise ValueError("there are not so many days in the window")
        return self

    def label_of(self, field: str) -> str:
        """What a field of the form is called, in the reader's language; empty for none."""
        for section in self.sections:
            for each in section.get("fields", ()):
                if each.get("id") == field:
                    return str(Words.model_validate(each["label"]))
        return ""

    @property
    def in_words(self) -> frozenset[str]:
        """The fields of the form that are filled in freely, and so may say something of somebody."""
        free = {str(each["id"]) for part in self.sections for each in part.get("fields", ()) if _is_free(each)}
        return frozenset(free - set(self.keeps))

    @property
    def has_owner(self) -> bool:
        """Whether somebody with an account may answer for it: not of people or shifts, nor where staff go there."""
        return self.who in ("enterprise", "site") and not self.visited

    @property
    def strictness(self) -> float:
        """Records owed a day: of two duties the one that asks for more is the stricter."""
        return self.records * max(1, len(self.times)) / self.days
