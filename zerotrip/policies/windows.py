"""When one may apply for a policy: now, from which day on, or no more. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from zerotrip.catalogue.windows import closing, is_open, last_closing, next_opening
from zerotrip.criteria import Truth

if TYPE_CHECKING:
    from zerotrip.criteria import Rule
    from zerotrip.policies.evaluating import Policy
    from zerotrip.policies.spec import PolicySpec, Season

EVER = date.max


@dataclass(frozen=True)
class Opening:
    """How it stands with the time to apply on a day."""

    truth: Truth
    """Whether one may apply; unknown where that hangs on a fact that is."""
    closes: date | None = None
    """The last day of the time under way, if it has one."""
    again: date | None = None
    """The day the next time begins, if one does."""

    @property
    def over(self) -> bool:
        """Whether there is no time to apply any more."""
        return self.truth is Truth.NO and self.again is None


def last_day(spec: PolicySpec) -> date | None:
    """The last day something can be had: the end of the policy, or of the last time to apply if that is earlier."""
    until, apply = spec.valid.until, spec.apply
    ends = [until, apply.closes if apply else None]
    if apply and apply.windows:
        closings = [last_closing(each, until) for each in apply.windows]
        ends.append(None if None in closings else max(each for each in closings if each is not None))
    return min((end for end in ends if end), default=None)


def opening(
    spec: PolicySpec, day: date, *, policy: Policy | None = None, facts: Mapping[str, object] | None = None
) -> Opening | None:
    """The time to apply, for everybody or on the facts of somebody; None where none is declared for them.

    A time that begins only after the policy has ended does not count.
    """
    apply = spec.apply
    if apply is None or not (apply.windows or apply.opens or apply.closes):
        return None
    if not apply.windows:
        return _single(apply.opens or date.min, apply.closes or EVER, day)
    seasons = _meant(spec, policy, facts)
    return _of_several(seasons, day, spec.valid.until or EVER) if seasons else None


def _single(opens: date, closes: date, day: date) -> Opening:
    if day < opens:
        return Opening(Truth.NO, again=opens)
    if day > closes:
        return Opening(Truth.NO)
    return Opening(Truth.YES, None if closes == EVER else closes)


def _meant(
    spec: PolicySpec, policy: Policy | None, facts: Mapping[str, object] | None
) -> list[tuple[Season, Truth]]:
    """The times to apply, each with whether it is for this somebody."""
    windows = spec.apply.windows if spec.apply else ()
    rules: Sequence[Rule | None] = policy.windows if policy else [None] * len(windows)
    if facts is None:
        return [(each, Truth.UNKNOWN if each.when else Truth.YES) for each in windows]
    found = [
        (each, rule.explain(facts).truth if rule else Truth.YES) for each, rule in zip(windows, rules, strict=True)
    ]
    return [(each, truth) for each, truth in found if truth is not Truth.NO]


def _of_several(seasons: Sequence[tuple[Season, Truth]], day: date, until: date) -> Opening:
    again = min(
        (begins for each, _truth in seasons if (begins := next_opening(each, day)) and begins <= until),
        default=None,
    )
    under_way = [(each, truth) for each, truth in seasons if is_open(each, day) and day <= until]
    sure = [each for each, truth in under_way if truth is Truth.YES]
    open_now = sure or [each for each, _truth in under_way]
    if not open_now:
        return Opening(Truth.NO, again=again)
    closes = min(max(closing(each, day) for each in open_now), until)
    return Opening(Truth.YES if sure else Truth.UNKNOWN, closes, again)
