"""Bringing together: proposals, the agreement of both sides, taking it back, saying no."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, Refused
from zerotrip.ids import new_id
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.relief.matching.access import own_side, require_side, works_over
from zerotrip.relief.matching.actions.steps import (
    end_meeting,
    journal,
    let_go,
    lock_entries,
    locked_meeting,
    other_side,
    rematch,
    require_move,
    tell_owner,
    tell_side,
)
from zerotrip.relief.matching.finding import find
from zerotrip.relief.matching.judging import Places, judge, places_of
from zerotrip.relief.matching.kinds import SIDES, other
from zerotrip.relief.matching.queries import kind_of
from zerotrip.relief.matching.states import Move
from zerotrip.relief.models import Introduction, Meeting, Resource, ResourceStatus

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.relief.matching.kinds import Kind
    from zerotrip.relief.matching.spec import Side


@transaction.atomic
def match(resource: Resource, *, at: datetime) -> list[Introduction]:
    """Propose to an entry the closest that match it and were never brought together with it; both sides are told.

    At entry, and whenever there may be more; run twice it proposes nothing twice. Returns the new ones.
    """
    side: Side = resource.stands
    kind = kind_of(resource.kind, withdrawn=True)
    waiting = Introduction.objects.filter(**{side: resource}, status=Meeting.PROPOSED).count()
    room = kind.spec.proposals - waiting
    found = dict(find(resource, kind, limit=room)) if room > 0 else {}
    if not found:
        return []
    rows = lock_entries(resource.pk, *found)
    mine = rows.get(resource.pk)
    if mine is None or not _available(mine):
        return []
    met = set(Introduction.objects.filter(**{side: mine}).values_list(f"{other(side)}_id", flat=True))
    fresh = [rows[key] for key in found if key in rows and key not in met and _available(rows[key])]
    places = places_of(mine, *fresh)
    tried = (_propose(kind, *_pair(mine, across), by=SYSTEM, at=at, places=places) for across in fresh)
    made = [row for row in tried if row is not None]
    for row in made:
        tell_side(row, other(side), "match_new", key="proposed", at=at, kind=kind.spec.name.model_dump())
    if made:
        _tell_found(mine, made, at=at)
    return made


def _pair(one: Resource, another: Resource) -> tuple[Resource, Resource]:
    """The offer, then the want."""
    return (one, another) if one.side == "offer" else (another, one)


def _available(row: Resource) -> bool:
    return row.status == ResourceStatus.OPEN and row.quantity > row.reserved + row.used


def _tell_found(mine: Resource, made: list[Introduction], *, at: datetime) -> None:
    link = f"/resources/{mine.pk}/"
    tell_owner(mine, "match_found", link=link, key=f"{made[0].pk}:found", at=at, count=str(len(made)))


def _propose(
    kind: Kind,
    offer: Resource,
    want: Resource,
    *,
    by: Actor,
    at: datetime,
    places: Places | None = None,
    by_hand: bool = False,
    note: str = "",
) -> Introduction | None:
    """A new introduction of two locked entries; None where the rules, looked at once more, do not hold."""
    verdict = judge(kind, offer, want, places)
    if not verdict.matches and not by_hand:
        return None
    row = Introduction(
        id=new_id(),
        kind=kind.id,
        offer=offer,
        want=want,
        offer_party_id=offer.party_id,
        want_party_id=want.party_id,
        offer_area=offer.area_path,
        want_area=want.area_path,
        score=verdict.score,
        reasons=verdict.reasons,
        by_hand=by_hand,
        note=note,
        proposed_at=at,
        answer_by=at + timedelta(days=kind.spec.periods.answer_days),
    )
    details = {"offer": str(offer.pk), "want": str(want.pk), "score": verdict.score}
    ledger.append(row, "propose", by=by, at=at, reason=note, details=details)
    row.save(force_insert=True)
    return row


@transaction.atomic
def introduce(offer: Resource, want: Resource, *, note: str = "", by: Actor, at: datetime) -> Introduction:
    """Bring two together by hand: staff of either place, or a party that has seen an offer and wants it.

    Hard rules may be open: what does not fit is said in the reasons. A pair that met before is that introduction.
    Raises NotAllowed, and Refused for entries of two kinds, of one party, or no longer to be had.
    """
    rows = lock_entries(offer.pk, want.pk)
    offer, want = rows[offer.pk], rows[want.pk]
    _require_may_introduce(offer, want, by)
    found = Introduction.objects.filter(offer=offer, want=want).first()
    if found is not None:
        return found
    if (offer.kind, offer.side, want.side) != (want.kind, "offer", "want") or offer.party_id == want.party_id:
        raise Refused(_("只能把不同单位的同类供给和需求牵在一起。"))
    if not _available(offer) or not _available(want):
        raise Refused(_("有一方已经落实、撤下或正在预留中，请刷新后再看。"))
    kind = kind_of(offer.kind, withdrawn=True)
    row = _propose(kind, offer, want, by=by, at=at, by_hand=True, note=note.strip()[:500])
    assert row is not None  # noqa: S101  by hand always makes one
    own = own_side(row, by)
    told = {"kind": kind.spec.name.model_dump()}
    for side in SIDES:
        if side != own:
            tell_side(row, side, "match_new", key="proposed", at=at, **told)
    return row


def _require_may_introduce(offer: Resource, want: Resource, by: Actor) -> None:
    staff = works_over(by, offer.area_path) or works_over(by, want.area_path)
    if not (by.is_system or want.party_id in by.acts_for or offer.party_id in by.acts_for or staff):
        raise NotAllowed(_("只有供需双方和所在地的工作人员可以牵线。"))


@transaction.atomic
def agree(introduction: Introduction, side: Side, *, how: str = "", by: Actor, at: datetime) -> Introduction:
    """One side agrees; once both have, each is shown how to reach the other. Agreed twice is agreed once.

    Staff say ``how`` the party agreed. Raises NotAllowed, Invalid for staff who do not say, Refused where it is
    over or an entry is no longer to be had.
    """
    row = locked_meeting(introduction)
    require_side(row, side, by)
    if getattr(row, f"{side}_agreed_at") is not None and row.status in (Meeting.PROPOSED, Meeting.INTRODUCED):
        return row
    _require_how(row, how, by)
    require_move(row, Move.AGREE)
    if not (_live(row.offer) and _live(row.want)):
        raise Refused(_("有一方已经落实、撤下或正在预留中，请刷新后再看。"))
    setattr(row, f"{side}_agreed_at", at)
    setattr(row, f"{side}_agreed_by_id", by.user_id)
    row.status, row.ended_at = Meeting.PROPOSED, None
    row.answer_by = at + timedelta(days=kind_of(row.kind, withdrawn=True).spec.periods.answer_days)
    both = row.offer_agreed_at is not None and row.want_agreed_at is not None
    if both:
        row.status, row.introduced_at = Meeting.INTRODUCED, at
    journal(row, "agree", by=by, at=at, reason=how.strip()[:500], details={"side": side})
    row.save()
    stamp = at.isoformat()
    if both:
        for one in SIDES:
            tell_side(row, one, "match_introduced", key=f"both:{stamp}", at=at)
    else:
        tell_side(row, other_side(side), "match_agreed", key=f"agreed:{side}:{stamp}", at=at)
    return row


def _live(row: Resource) -> bool:
    """Not ended: one that is set aside may still be agreed to, for when it is free again."""
    return row.status in (ResourceStatus.OPEN, ResourceStatus.ASLEEP) and row.quantity > row.used


def _require_how(row: Introduction, how: str, by: Actor) -> None:
    if own_side(row, by) is None and not by.is_system and not how.strip():
        text = _("代企业操作的，请写明企业怎么说的，例如“3 月 3 日电话同意”。")
        raise Invalid(text, {"how": [text]})


@transaction.atomic
def take_back(introduction: Introduction, side: Side, *, how: str = "", by: Actor, at: datetime) -> Introduction:
    """One side takes its agreement back: contacts are no longer shown and what was set aside is free.

    Raises NotAllowed, Refused where it is over, Invalid for staff who do not say how.
    """
    row = locked_meeting(introduction)
    require_side(row, side, by)
    if getattr(row, f"{side}_agreed_at") is None and row.status == Meeting.PROPOSED:
        return row
    _require_how(row, how, by)
    require_move(row, Move.TAKE_BACK)
    setattr(row, f"{side}_agreed_at", None)
    setattr(row, f"{side}_agreed_by_id", None)
    row.status, row.introduced_at = Meeting.PROPOSED, None
    row.answer_by = at + timedelta(days=kind_of(row.kind, withdrawn=True).spec.periods.answer_days)
    freed = let_go(row, at=at)
    journal(row, "take_back", by=by, at=at, reason=how.strip()[:500], details={"side": side})
    row.save()
    tell_side(row, other_side(side), "match_taken_back", key=f"back:{side}:{at.isoformat()}", at=at)
    if freed:
        rematch(row.offer)
    return row


@transaction.atomic
def refuse(introduction: Introduction, side: Side, *, because: str, by: Actor, at: datetime) -> Introduction:
    """One side says no, with the reason: this pair is not proposed again. The other is told, and shown others.

    Raises NotAllowed, Invalid without a reason, Refused where it is over.
    """
    row = locked_meeting(introduction)
    require_side(row, side, by)
    if row.status == Meeting.REFUSED and row.refused_by_side == side:
        return row
    because = because.strip()[:200]
    if not because:
        text = _("请选择或写明为什么不考虑。")
        raise Invalid(text, {"because": [text]})
    row.refused_by_side, row.refused_because = side, because
    end_meeting(row, Move.REFUSE, by=by, at=at, reason=because)
    tell_side(row, other_side(side), "match_refused", key="refused", at=at, reason=because)
    rematch(row.offer)
    rematch(row.want)
    return row


def drop_unfit(entry: Resource, *, by: Actor, at: datetime) -> None:
    """End the proposals of a locked entry that nobody has answered and that the rules no longer make."""
    side: Side = entry.stands
    kind = kind_of(entry.kind, withdrawn=True)
    waiting = Introduction.objects.filter(
        **{side: entry},
        status=Meeting.PROPOSED,
        offer_agreed_at=None,
        want_agreed_at=None,
        by_hand=False,
    ).select_related("offer", "want")
    for row in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        setattr(row, side, entry)
        if not judge(kind, row.offer, row.want).matches:
            end_meeting(row, Move.DROP, by=by, at=at)
