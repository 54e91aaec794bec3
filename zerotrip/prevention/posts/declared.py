"""``posts.yaml`` of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.prevention.declared import part_of
from zerotrip.prevention.posts.spec import PostsSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.judging import Judge


def judge(spec: PostsSpec, judge: Judge) -> None:
    """Each skill once; nobody is missed before being late."""
    judge.unique((skill.id for skill in spec.skills), ("skills",), "id")
    if spec.missed_minutes < spec.late_minutes:
        judge.fault(("missed_minutes",), _("算缺岗不能早于算迟到（%(late)s 分钟）。") % {"late": spec.late_minutes})


PART = part_of("posts", PostsSpec, judge)
