"""Setting posts up, changing and closing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import User
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import Measure, Post, Shift, Site, Turn
from zerotrip.prevention.models.posts import LONGEST_TURN
from zerotrip.prevention.posts import spec
from zerotrip.prevention.posts.rules import may_run, require_lead, require_run
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST_TURNS = 12
DAY = 24


@dataclass(frozen=True, slots=True)
class Described:
    """A post as it is typed in. ``turns``: hour it starts, hours, people."""

    name: str
    place: str
    outside: bool
    skills: Sequence[str]
    turns: Sequence[tuple[int, int, int]]
    lead: UUID | None
    site: UUID | None = None
    """The gate or place it is at, where that is one of those that are looked after."""
    gaps_meant: bool = False
    """Hours of the day nobody is wanted at are meant so."""


@transaction.atomic
def put_post(described: Described, *, area: str, key: UUID, by: Actor, at: datetime) -> Post:
    """Set a post up, or change the one of this key. Raises NotAllowed, Invalid with everything wrong by field.

    Shifts that were given stay; what changed counts for plans made from now on and for what is found uncovered.
    """
    post = Post.objects.select_for_update().filter(pk=key).first()
    area_path = post.area_path if post else area_path_of(area)
    problems = {} if post or (may_run(by, area_path) and area_path) else {"area": [_("请选择您负责的区域。")]}
    problems |= _wrong_in(described)
    lead = User.objects.filter(pk=described.lead, is_active=True).first() if described.lead else None
    if lead is None:
        problems["lead"] = [_("请选择岗位负责人。")]
    site = Site.objects.visible_to(by).filter(pk=described.site).first() if described.site else None
    if described.site and (site is None or not site.area_path.startswith(area_path)):
        problems["site"] = [_("请选择这个区域里的场所。")]
    same = Post.objects.open().filter(area_path=area_path, name=_plain(described.name)).exclude(pk=key)
    if "name" not in problems and same.exists():
        problems["name"] = [_("这个区域已有同名岗位。")]
    if problems or lead is None:
        raise Invalid(_("岗位还不能保存。"), problems)
    require_in_force(Measure.POSTS, area_path, on=at.astimezone(CHINA).date())
    made = post is None
    if post is None:
        post = Post(pk=key, area_path=area_path, made_by_id=by.account, made_at=at)
    else:
        require_lead(post, by)
        _require_open(post)
    post.name, post.place, post.outside = _plain(described.name), _plain(described.place), described.outside
    post.skills, post.lead = sorted(set(described.skills)), lead
    post.site = site
    turns = sorted(set(described.turns))
    ledger.append(post, "put" if made else "change", by=by, at=at, details={"name": post.name, "turns": turns})
    post.save(force_insert=made)
    post.turns.all().delete()
    Turn.objects.bulk_create(
        Turn(post=post, starts=start, hours=hours, people=people) for start, hours, people in turns
    )
    return post


@transaction.atomic
def close_post(post_id: UUID, *, reason: str, by: Actor, at: datetime) -> Post:
    """Man a post no longer. Raises NotFound, NotAllowed, Refused while people have shifts there still to come."""
    post = Post.objects.visible_to(by).select_for_update().filter(pk=post_id).first()
    if post is None:
        raise NotFound(_("没有这个岗位。"))
    require_run(by, post.area_path)
    if post.closed_at is not None:
        return post
    if not reason.strip():
        raise Invalid(_("还不能撤岗。"), {"reason": [_("请写明为什么撤。")]})
    if Shift.objects.told().filter(post=post, during__endswith__gt=at).exists():
        raise Refused(_("这个岗位还有已发布的班，请先调整排班。"))
    post.closed_at = at
    ledger.append(post, "close", by=by, at=at, reason=reason.strip()[:400])
    post.save()
    return post


def _require_open(post: Post) -> None:
    if post.closed_at is not None:
        raise Refused(_("这个岗位已经撤了。"))


def _wrong_in(described: Described) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not 1 < len(_plain(described.name)) <= 60:
        problems["name"] = [_("请填写岗位名称，2 到 60 个字。")]
    if not 1 < len(_plain(described.place)) <= 120:
        problems["place"] = [_("请填写在哪里，2 到 120 个字。")]
    if set(described.skills) - set(spec.rules().named()):
        problems["skills"] = [_("请从列出的技能中选择。")]
    if wrong := _wrong_turns(described):
        problems["turns"] = [wrong]
    return problems


def _wrong_turns(described: Described) -> str:
    turns = described.turns
    if not 1 <= len(turns) <= MOST_TURNS:
        return _("请填写班次，1 到 %(most)s 个。") % {"most": MOST_TURNS}
    if len({start for start, _hours, _people in turns}) < len(turns):
        return _("有两个班次同时开始，请合并。")
    for start, hours, people in turns:
        if not (0 <= start < DAY and 1 <= hours <= LONGEST_TURN and 1 <= people <= 50):
            return _("每个班次 1 到 %(most)s 小时，1 到 50 人。") % {"most": LONGEST_TURN}
    covered = {(start + hour) % DAY for start, hours, _people in turns for hour in range(hours)}
    bare = [hour for hour in range(DAY) if hour not in covered]
    if bare and not described.gaps_meant:
        named = _("、").join(f"{hour:02}:00–{(hour + 1) % DAY:02}:00" for hour in bare[:3])
        return _("这些时间没有人：%(hours)s 等 %(count)s 个小时。不是全天值守的，请勾选“不是全天值守”。") % {
            "hours": named,
            "count": len(bare),
        }
    return ""


def _plain(text: str) -> str:
    return " ".join(text.split())
