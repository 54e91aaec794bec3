"""Two people swap shifts, or one stands in for the other: both agree, and the rules or the lead confirm."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from zerotrip.channels.actions import tell
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.prevention.models import Shift, Swap, Worker
from zerotrip.prevention.posts import queries, spec
from zerotrip.prevention.posts.planning import Broken, Stretch, broken
from zerotrip.prevention.posts.rules import in_words, planning_rules, require_lead
from zerotrip.rows import Writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zerotrip.parties.access import Actor

LINK = "/my-shifts/"


@transaction.atomic
def ask_swap(
    shift_id: UUID,
    *,
    other: UUID,
    returned: UUID | None,
    reason: str,
    by: Actor,
    at: datetime,
    key: UUID | None = None,
) -> Swap:
    """Ask somebody to take one's own shift, in exchange for ``returned`` of theirs or for none. Twice is once."""
    found = Swap.objects.filter(pk=key).first() if key else None
    if found is not None:
        return found
    rows = Shift.objects.told().filter(worker__person=by.person, pk=shift_id)
    shift = rows.select_for_update(of=("self",)).select_related("worker__person", "post").first()
    if shift is None:
        raise NotFound(_("没有这个班。"))
    _require_to_come(shift, at)
    if shift.swaps.open().exists():
        raise Refused(_("这个班已经在请人换了，对方答复以后再换。"))
    who = Worker.objects.ready().filter(queries.around(shift.area_path), pk=other).select_related("person").first()
    if who is None or who.pk == shift.worker_id:
        raise Invalid(_("还不能换班。"), {"other": [_("请选择换给谁。")]})
    theirs = None
    if returned is not None:
        theirs = Shift.objects.told().filter(worker=who, pk=returned).first()
        if theirs is None:
            raise Invalid(_("还不能换班。"), {"returned": [_("对方没有这个班。")]})
        _require_to_come(theirs, at)
    swap = Swap.objects.create(
        pk=key or new_id(),
        shift=shift,
        asked_by=shift.worker,
        other=who,
        returned=theirs,
        reason=reason.strip()[:200],
        asked_at=at,
    )
    ledger.append(shift, "ask-swap", by=by, at=at, reason=swap.reason, details={"other": str(who.pk)})
    shift.save()
    context = {"who": shift.worker.person.name, "post": shift.post.name, "from": shift.starts_at}
    _tell([who.person_id], "post_swap_asked", context, swap, at=at)
    return swap


@transaction.atomic
def agree(swap_id: UUID, *, by: Actor, at: datetime) -> Swap:
    """Agree to a swap as whoever was asked: done at once where no rule is broken, else the lead decides."""
    swap, shifts = _locked(swap_id, by)
    if swap.other.person_id != by.person_id:
        raise NotFound(_("没有这个换班请求。"))
    if swap.settled_at is not None or swap.agreed_at is not None:
        return swap
    _require_standing(swap, shifts, at)
    swap.agreed_at = at
    (wrong,) = _broken([swap])
    if Broken.OVERLAP in wrong:
        raise Refused(_two_at_once())
    if wrong:
        swap.save()
        context = {"post": swap.shift.post.name, "from": swap.shift.starts_at, "rules": in_words(wrong)}
        _tell([swap.shift.post.lead.person_id], "post_swap_lead", context, swap, at=at)
        return swap
    return _exchange(swap, shifts, by=by, at=at, settled_by=None)


@transaction.atomic
def confirm(swap_id: UUID, *, reason: str, by: Actor, at: datetime) -> Swap:
    """Let two swap though a rule is broken, as whoever answers for the post, with the reason."""
    swap, shifts = _locked(swap_id, by)
    require_lead(swap.shift.post, by)
    if swap.settled_at is not None:
        return swap
    if swap.agreed_at is None:
        raise Refused(_("对方还没有同意。"))
    _require_standing(swap, shifts, at)
    (wrong,) = _broken([swap])
    if Broken.OVERLAP in wrong:
        raise Refused(_two_at_once())
    if wrong and not reason.strip():
        raise Invalid(in_words(wrong), {"reason": [_("请写明为什么可以这样换。")]})
    return _exchange(swap, shifts, by=by, at=at, settled_by=by.account, reason=reason.strip()[:200])


@transaction.atomic
def refuse(swap_id: UUID, *, by: Actor, at: datetime) -> Swap:
    """Not swap: whoever was asked, whoever asked, or whoever answers for the post. Twice is once."""
    swap, shifts = _locked(swap_id, by)
    if by.person_id not in (swap.other.person_id, swap.shift.worker.person_id):
        require_lead(swap.shift.post, by)
    if swap.settled_at is not None:
        return swap
    swap.settled_at, swap.settled_by_id = at, by.account
    swap.save()
    ledger.append(shifts[0], "refuse-swap", by=by, at=at)
    shifts[0].save()
    people = {swap.other.person_id, swap.shift.worker.person_id} - {by.person_id}
    _tell(people, "post_swap_refused", {"post": swap.shift.post.name, "from": swap.shift.starts_at}, swap, at=at)
    return swap


def _locked(swap_id: UUID, by: Actor) -> tuple[Swap, list[Shift]]:
    """A swap and its shifts, locked in the order of their keys; the shift that is given away is the first.

    The two it is between first of all, as giving a shift by hand locks whoever gets it: of two that would change
    somebody's shifts at once, the second sees what the first did.
    """
    known = Swap.objects.visible_to(by).filter(pk=swap_id).first()
    if known is None:
        raise NotFound(_("没有这个换班请求。"))
    both = (
        Worker.objects.select_for_update(no_key=True)
        .filter(pk__in=[known.asked_by_id, known.other_id])
        .order_by("pk")
    )
    keys = [key for key in (known.shift_id, known.returned_id) if key is not None]
    list(both.values_list("pk"))
    rows = Shift.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    locked = {row.pk: row for row in rows}
    found = Swap.objects.select_for_update(of=("self",)).select_related(
        "other__person", "shift__worker__person", "shift__post__lead", "returned"
    )
    return found.get(pk=swap_id), [locked[key] for key in keys]


def words_against(swaps: Sequence[Swap]) -> list[str]:
    """The rules each swap would break for either of its two, in words; empty: none. One query for all of them."""
    return [in_words(wrong) for wrong in _broken(swaps)]


def _broken(swaps: Sequence[Swap]) -> list[list[Broken]]:
    """What each would break for either of its two, as if it alone were done."""
    rules = planning_rules(spec.rules())
    given = [_given(swap) for swap in swaps]
    near = queries.shifts_near([each for both in given for each in both])
    found = []
    for swap, both in zip(swaps, given, strict=True):
        away = {swap.shift_id, swap.returned_id}
        wrong = {
            rule
            for worker, stretch in both
            for rule in broken(queries.hand_of(worker), stretch, near.of(worker, stretch, without=away), rules)
        }
        found.append([rule for rule in Broken if rule in wrong])
    return found


def _given(swap: Swap) -> list[tuple[Worker, Stretch]]:
    """Who would get which stretch of time."""
    shifts = [(swap.other, swap.shift), (swap.shift.worker, swap.returned)]
    return [(worker, (shift.starts_at, shift.ends_at)) for worker, shift in shifts if shift is not None]


def _exchange(
    swap: Swap, shifts: list[Shift], *, by: Actor, at: datetime, settled_by: UUID | None, reason: str = ""
) -> Swap:
    """Both change hands in one statement: between two nobody would stand at two posts."""
    giver, taker = swap.shift.worker_id, swap.other_id
    for shift in shifts:
        ledger.append(shift, "swap", by=by, at=at, reason=reason or swap.reason, details={"swap": str(swap.pk)})
        shift.save(update_fields=["ledger_length", "ledger_head"])
    hands = Case(When(worker=giver, then=Value(taker)), default=Value(giver))
    changed = {"override": reason} if reason else {}
    try:
        with transaction.atomic():
            Shift.objects.filter(pk__in=[shift.pk for shift in shifts]).update(
                worker=hands, missed_at=None, **changed
            )
    except IntegrityError as error:  # a plan that was just made gave one of them a shift
        raise Refused(_two_at_once()) from error
    swap.done, swap.settled_at, swap.settled_by_id = True, at, settled_by
    swap.save()
    context = {"post": swap.shift.post.name, "from": swap.shift.starts_at, "who": swap.other.person.name}
    people = [swap.other.person_id, swap.shift.worker.person_id, swap.shift.post.lead.person_id]
    _tell(people, "post_swap_done", context, swap, at=at)
    return swap


def _two_at_once() -> str:
    return _("换了以后有人同一时间有两个班，不能换。")


def _require_to_come(shift: Shift, at: datetime) -> None:
    if shift.starts_at <= at:
        raise Refused(_("这个班已经开始，不能再换。"))


def _require_standing(swap: Swap, shifts: Iterable[Shift], at: datetime) -> None:
    for shift, worker in zip(shifts, (swap.asked_by_id, swap.other_id), strict=False):
        if shift.worker_id != worker:
            raise Refused(_("这个班已经换给别人了。"))
        if shift.dropped_at is not None:
            raise Refused(_("这个班已经取消。"))
        _require_to_come(shift, at)


def _tell(people: Iterable[UUID], template: str, context: dict[str, object], swap: Swap, *, at: datetime) -> None:
    writes = Writes()
    for person in dict.fromkeys(people):
        tell(
            writes, party=person, template=template, context=context, link=LINK, key=f"{template}:{swap.pk}", at=at
        )
    writes.send()
