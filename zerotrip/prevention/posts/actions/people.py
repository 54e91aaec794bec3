"""Enlisting to stand at posts, being accepted, changing wishes, leaving."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ledger import actions as ledger
from zerotrip.parties.models import Party, PartyKind
from zerotrip.parties.queries import area_path_of
from zerotrip.prevention.events.rules import require_in_force
from zerotrip.prevention.models import Measure, Shift, Worker, WorkerKind
from zerotrip.prevention.posts import spec
from zerotrip.prevention.posts.rules import require_run
from zerotrip.rows import Writes
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

_PHONE = re.compile(r"^\+?[0-9][0-9 -]{4,18}$")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody brings and wishes, as it is typed in."""

    kind: str
    phone: str
    unit: str = ""
    skills: Sequence[str] = ()
    weekdays: Sequence[int] = ()
    no_nights: bool = False
    most_a_week: int | None = 5


@transaction.atomic
def enlist(wishes: Wishes, *, area: str, key: UUID, by: Actor, at: datetime, person: UUID | None = None) -> Worker:
    """Enlist oneself, or with ``person`` a colleague by whoever runs the posts of the area. Twice is once.

    Oneself one enlists as a volunteer or pioneer, and waits to be accepted; a member of staff is put in by an
    office, and ready at once. Raises Refused where posts are not in force, NotAllowed, Invalid by field.
    """
    area_path = area_path_of(area)
    whose = person or by.person
    found = Worker.objects.enlisted().filter(person=whose).select_for_update().first()
    if found is not None:
        return found
    problems = _wrong_in(wishes, by_office=person is not None)
    if not area_path:
        problems["area"] = [_("请选择区域。")]
    if problems:
        raise Invalid(_("还不能报名。"), problems)
    require_in_force(Measure.POSTS, area_path, on=at.astimezone(CHINA).date())
    if person is not None:
        require_run(by, area_path)
        if not Party.objects.live().filter(pk=person, kind=PartyKind.PERSON).exists():
            raise NotFound(_("没有这个人。"))
    worker = Worker(pk=key, person_id=whose, kind=wishes.kind, area_path=area_path, enlisted_at=at)
    if person is not None:
        worker.accepted_at, worker.accepted_by_id = at, by.account
    _write(worker, wishes)
    ledger.append(worker, "enlist", by=by, at=at, details={"kind": worker.kind, "skills": worker.skills})
    worker.save(force_insert=True)
    return worker


@transaction.atomic
def change_worker(worker_id: UUID, wishes: Wishes, *, by: Actor, at: datetime) -> Worker:
    """Change what somebody brings and wishes: themselves, or whoever runs the posts. Shifts given stay.

    Raises NotFound, NotAllowed, Invalid by field.
    """
    worker = _load(worker_id, by)
    if worker.person_id != by.person_id:
        require_run(by, worker.area_path)
    problems = _wrong_in(wishes, by_office=worker.kind == WorkerKind.STAFF)
    if problems:
        raise Invalid(_("还不能保存。"), problems)
    # A skill is checked when somebody is accepted: a new one is looked at once more.
    new = set(wishes.skills) - set(worker.skills)
    if new and worker.person_id == by.person_id and worker.kind != WorkerKind.STAFF:
        worker.accepted_at = worker.accepted_by = None
    if WorkerKind.STAFF in (worker.kind, wishes.kind):
        wishes = replace(wishes, kind=worker.kind)
    _write(worker, wishes)
    ledger.append(worker, "change", by=by, at=at, details={"skills": worker.skills})
    worker.save()
    return worker


@transaction.atomic
def accept(worker_id: UUID, *, by: Actor, at: datetime) -> Worker:
    """Accept somebody who enlisted: from now on they are given shifts, and told so. Twice is once."""
    worker = _load(worker_id, by)
    require_run(by, worker.area_path)
    if worker.accepted_at is not None:
        return worker
    worker.accepted_at, worker.accepted_by_id = at, by.account
    ledger.append(worker, "accept", by=by, at=at)
    worker.save()
    writes = Writes()
    tell(
        writes,
        party=worker.person_id,
        template="post_accepted",
        context={},
        link="/my-shifts/",
        key=f"post-accepted:{worker.pk}:{at:%Y%m%d%H%M}",
        at=at,
    )
    writes.send()
    return worker


@transaction.atomic
def leave(worker_id: UUID, *, reason: str, by: Actor, at: datetime) -> Worker:
    """Stand at posts no longer; an office that takes somebody off says why. Refused while shifts are to come."""
    worker = _load(worker_id, by)
    own = worker.person_id == by.person_id
    if not own:
        require_run(by, worker.area_path)
        if not reason.strip():
            raise Invalid(_("还不能移出。"), {"reason": [_("请写明原因。")]})
    if Shift.objects.told().filter(worker=worker, during__endswith__gt=at, signed_off_at=None).exists():
        raise Refused(_("还有已发布的班没有上，请先换班或请岗位负责人调整。"))
    Shift.objects.standing().filter(worker=worker, published_at=None).update(dropped_at=at)
    worker.left_at, worker.phone, worker.unit = at, "", ""
    ledger.append(worker, "leave", by=by, at=at, reason=reason.strip()[:200])
    worker.save()
    return worker


def _load(worker_id: UUID, by: Actor) -> Worker:
    rows = Worker.objects.enlisted().visible_to(by).select_for_update(of=("self",))
    worker = rows.select_related("person").filter(pk=worker_id).first()
    if worker is None:
        raise NotFound(_("没有这个人。"))
    return worker


def _write(worker: Worker, wishes: Wishes) -> None:
    worker.kind = wishes.kind
    worker.phone, worker.unit = wishes.phone.strip(), " ".join(wishes.unit.split())
    worker.skills, worker.weekdays = sorted(set(wishes.skills)), sorted(set(wishes.weekdays))
    worker.no_nights, worker.most_a_week = wishes.no_nights, wishes.most_a_week or 1


def _wrong_in(wishes: Wishes, *, by_office: bool) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    kinds = WorkerKind.values if by_office else [WorkerKind.PIONEER, WorkerKind.VOLUNTEER]
    if wishes.kind not in kinds:
        problems["kind"] = [_("请选择身份。")]
    if not _PHONE.match(wishes.phone.strip()):
        problems["phone"] = [_("请填写能联系到的电话。")]
    if len(wishes.unit) > 80:
        problems["unit"] = [_("单位最多 80 个字。")]
    if set(wishes.skills) - set(spec.rules().named()):
        problems["skills"] = [_("请从列出的技能中选择。")]
    if set(wishes.weekdays) - set(range(7)):
        problems["weekdays"] = [_("请选择星期几能来。")]
    if wishes.most_a_week is None or not 1 <= wishes.most_a_week <= 7:
        problems["most_a_week"] = [_("每周最多几个班，请填 1 到 7。")]
    return problems
