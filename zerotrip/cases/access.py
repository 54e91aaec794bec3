"""Which side of a case somebody stands on: the applicant's, under which mandate, or apart from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.catalogue.queries import spec_of
from zerotrip.errors import NotAllowed
from zerotrip.parties.models import MandateKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from zerotrip.cases.models import Case
    from zerotrip.parties.access import Actor, Power
    from zerotrip.parties.models import Deed, Role


def power_in(case: Case, actor: Actor, deed: Deed | None = None) -> Power | None:
    """The mandate under which ``actor`` may do ``deed``, or anything, in a case; None on one's own side."""
    if case.applicant_id in actor.acts_for or not actor.powers:
        return None
    return actor.power(deed, party=case.applicant_id, service=spec_of(case.version_id).id, case=case.pk)


def is_on_applicants_side(case: Case, actor: Actor) -> bool:
    """Whether ``actor`` sees a case as its applicant does: as they, for them, or helping them."""
    return case.applicant_id in actor.acts_for or power_in(case, actor) is not None


def may_act(case: Case, actor: Actor, deed: Deed) -> bool:
    """Whether ``actor`` may do ``deed`` for the applicant of a case."""
    return case.applicant_id in actor.acts_for or power_in(case, actor, deed) is not None


def require_may_act(case: Case, actor: Actor, deed: Deed) -> None:
    """Raise NotAllowed unless ``may_act``, saying whether a mandate falls short or there is none."""
    if may_act(case, actor, deed):
        return
    if power_in(case, actor) is not None:
        raise NotAllowed(_("您的授权不包括“%(deed)s”，请由申请人本人办理。") % {"deed": deed.label})
    raise NotAllowed(_("只有申请人或其经办人可以这样做。"))


def why_keep_out(case: Case, actor: Actor) -> str:
    """Why ``actor`` may do no staff work on a case at all, or nothing: theirs, or filed by them (回避)."""
    if case.applicant_id in actor.acts_for:
        return _("您是申请人或其经办人，应当回避，请交由他人办理。")
    power = power_in(case, actor)
    delegated = power is not None and not power.assists
    if delegated or has_helped(case, actor, MandateKind.DELEGATED):
        return _("这个办件由您代办，应当回避，请交由他人办理。")
    return ""


def works_on(case: Case, actor: Actor, roles: Collection[Role]) -> bool:
    """Whether ``actor`` has one of these roles in the department of a case, and keeps out for no reason."""
    sits = actor.sits(department_id=case.department_id, area_path=case.area_path, roles=roles)
    return sits and not why_keep_out(case, actor)


def has_helped(case: Case, actor: Actor, kind: MandateKind) -> bool:
    """Whether ``actor`` typed some round of a case under a mandate of this kind, however long ago."""
    return any(one.account_id == actor.user_id and one.kind == kind for one in case.helpers)
