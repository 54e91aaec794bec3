"""Turns nobody covers: told to the lead of the post a day before, and when it gets worse; ended when filled."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.prevention.events.rules import scopes
from zerotrip.prevention.models import Gap, Measure, Post
from zerotrip.prevention.posts import queries, spec
from zerotrip.prevention.posts.planning import Uncovered, day_of, short_of
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zerotrip.prevention.models.posts import PostQuerySet
    from zerotrip.prevention.posts.planning import Slot

DAY = timedelta(days=1)
Place = tuple[UUID, datetime]
"""A post, and when its turn begins."""


def flag_gaps(*, at: datetime) -> int:
    """Tell the lead of each open post which turns of the next hours are not staffed; how many were told of.

    Each once, and again when more people or other skills are missing than was told, or when one that was filled is
    open again. Whoever is only on a draft does not know of it, and fills nothing.
    """
    found = _uncovered(Post.objects.open(), at=at)
    known = {(gap.post_id, gap.starts_at): gap for gap in Gap.objects.filter(ends_at__gt=at)}
    _end(known, found)
    worse = [one for key, one in found.items() if key not in known or _differs(known[key], one)]
    return sum(_flag(one, at=at) for one in sorted(worse, key=lambda one: (one.slot.starts_at, str(one.slot.post))))


def end_filled(posts: Iterable[UUID], *, at: datetime) -> None:
    """Somebody was told of shifts at posts: what they fill is no gap any more. What is still missing waits for
    ``flag_gaps``."""
    known = {(gap.post_id, gap.starts_at): gap for gap in Gap.objects.filter(post__in=posts, ends_at__gt=at)}
    if known:
        _end(known, _uncovered(Post.objects.open().filter(pk__in={post for post, _starts in known}), at=at))


def _end(known: Mapping[Place, Gap], found: Mapping[Place, Uncovered]) -> None:
    Gap.objects.filter(pk__in=[gap.pk for key, gap in known.items() if key not in found]).delete()


def _uncovered(posts: PostQuerySet, *, at: datetime) -> dict[Place, Uncovered]:
    """The turns at posts, under way or of the next hours, that those who were told do not staff."""
    turns = _turns(posts, at=at)
    shifts = queries.told_at({turn.post for turn in turns}, turns)
    skilled = {row.worker_id: row.worker.skills for row in shifts if row.worker.accepted_at is not None}
    on: dict[Slot, set[UUID]] = defaultdict(set)
    for turn, worker in queries.given_to(turns, shifts):
        on[turn].add(worker)
    short = {turn: short_of(turn, on[turn], skilled) for turn in turns}
    return {
        (turn.post, turn.starts_at): Uncovered(turn, missing, lacking)
        for turn, (missing, lacking) in short.items()
        if missing or lacking
    }


def _turns(posts: PostQuerySet, *, at: datetime) -> list[Slot]:
    """Those that are not over and begin within the hours told ahead, on days on which posts are asked for there."""
    until = at + timedelta(hours=spec.rules().flag_hours)
    rows = {post.pk: post for post in posts.prefetch_related("turns")}
    every = queries.slots(rows.values(), day_of(at) - DAY, day_of(until))
    turns = [turn for turn in every if turn.starts_at <= until and at < turn.ends_at]
    held = {day: _held(day) for day in {day_of(turn.starts_at) for turn in turns}}
    return [turn for turn in turns if rows[turn.post].area_path.startswith(held[day_of(turn.starts_at)])]


def _held(day: date) -> tuple[str, ...]:
    """The areas in which posts are asked for on a day."""
    return tuple(scope.area_path for scope in scopes(Measure.POSTS, queries.beginning(day)))


def _skills(one: Uncovered) -> list[str]:
    """The skills that are missing though the people are there: who is still to come may have them."""
    return [] if one.missing else list(one.skills)


def _differs(gap: Gap, one: Uncovered) -> bool:
    return (gap.missing, gap.skills, gap.ends_at) != (one.missing, _skills(one), one.slot.ends_at)


@transaction.atomic
def _flag(one: Uncovered, *, at: datetime) -> int:
    post = Post.objects.select_related("lead").select_for_update(of=("self",)).get(pk=one.slot.post)
    starts_at, skills = one.slot.starts_at, _skills(one)
    gap = Gap.objects.filter(post=post, starts_at=starts_at).first() or Gap(
        post=post, starts_at=starts_at, missing=0
    )
    is_worse = one.missing > gap.missing or bool(set(skills) - set(gap.skills))
    gap.area_path, gap.ends_at, gap.missing, gap.skills = post.area_path, one.slot.ends_at, one.missing, skills
    if is_worse:
        gap.flagged_at = at
        _tell(post, gap, at=at)
    gap.save()
    return int(is_worse)


def _tell(post: Post, gap: Gap, *, at: datetime) -> None:
    names = spec.rules().named()
    lacking = _("、").join(names.get(skill, skill) for skill in gap.skills)
    writes = Writes()
    tell(
        writes,
        party=post.lead.person_id,
        template="post_gap" if gap.missing else "post_gap_skill",
        context={"post": post.name, "from": gap.starts_at, "missing": gap.missing, "skills": lacking},
        link=f"/desk/prevention/posts/{post.pk}/",
        key=f"post-gap:{post.pk}:{gap.starts_at:%Y%m%d%H}:{at:%Y%m%d%H%M}",
        at=at,
    )
    writes.send()
