"""Which licences prove something, until when they have to hold, and what has to be waited for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerotrip.cases.states import Status as CaseStatus
from zerotrip.catalogue.queries import spec_of
from zerotrip.licences.queries import current_of
from zerotrip.licences.reuse.models import Fault, Grant, Proven
from zerotrip.licences.states import Standing
from zerotrip.workdays.limits import due
from zerotrip.workdays.queries import calendar_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.cases.models import Case
    from zerotrip.catalogue.spec import Material, Reuse, ServiceSpec
    from zerotrip.licences.models import Licence

FRESH = timedelta(days=3)
"""An answer of the registry no older than this can carry a decision. It is asked again every day."""


def needed_until(spec: ServiceSpec, reuse: Reuse, *, area_path: str, at: datetime) -> date:
    """The day a licence has to hold to, if the case is handed in at ``at``.

    So many days as the pack says, else the statutory end of the case as if it were accepted at once: a
    licence that ends before the decision has to be taken proves nothing by then.
    """
    today = timezone.localtime(at).date()
    if reuse.days is not None:
        return today + timedelta(days=reuse.days)
    limit = spec.statutory
    ends = due(start=at, amount=limit.amount, unit=limit.unit, calendar=calendar_for(area_path)).at
    return timezone.localtime(ends).date() if ends else today


def too_short(valid_until: date | None, until: date) -> bool:
    """Whether a licence ends before the day it has to hold to."""
    return valid_until is not None and valid_until < until


def why_not(licence: Licence, *, until: date, at: datetime) -> str:
    """Why a licence held here proves nothing at ``at``; nothing if it does. Suspended, revoked, expired and
    expiring ones never do."""
    standing = licence.standing(at)
    if standing != Standing.VALID:
        words = {"number": licence.number, "standing": licence.standing_said(at)}
        return _("证照 %(number)s %(standing)s，不能代替材料。") % words
    return ends_too_early(licence.valid_until, until)


def ends_too_early(valid_until: date | None, until: date) -> str:
    """What to say of a licence that ends before the day it has to hold to; nothing if it does not."""
    if valid_until is None or valid_until >= until:
        return ""
    days = {
        "end": formats.date_format(valid_until, "DATE_FORMAT"),
        "until": formats.date_format(until, "DATE_FORMAT"),
    }
    return _("证照 %(end)s到期，要有效到 %(until)s才能代替材料。请先办理延续，或者上传材料。") % days


def held_to(case: Case, material: str, *, at: datetime) -> date:
    """The day a licence has to hold to in this case: counted from handing in, once it was."""
    spec = case.spec
    reuse = spec.material(material).licence
    if reuse is None:
        raise AssertionError("a licence is used where the pack says so")
    open_ = case.submitted_at is None or case.status in (CaseStatus.DRAFT, CaseStatus.CORRECTING)
    start = at if open_ or case.submitted_at is None else case.submitted_at
    return needed_until(spec, reuse, area_path=case.area_path, at=start)


def trouble(grant: Grant, *, at: datetime) -> str:
    """Why a use does not prove its material at ``at``, in the reader's words; nothing if it does.

    Of a licence that was changed or renewed meanwhile, its present edition counts.
    """
    if grant.status == Proven.FAILED:
        return _("%(fault)s，请改为上传材料。") % {"fault": grant.get_fault_display()}
    until = held_to(grant.case, grant.material, at=at)
    if grant.licence is not None:
        return why_not(current_of(grant.licence), until=until, at=at)
    if grant.valid_until is not None and grant.valid_until < timezone.localtime(at).date():
        return _("证照 %(number)s 已过期，不能代替材料。") % {"number": grant.number}
    return ends_too_early(grant.valid_until, until)


def fault_of(grant: Grant, *, at: datetime) -> Fault:
    """What stands against a use of a licence that does not prove its material any more."""
    until = held_to(grant.case, grant.material, at=at)
    present = current_of(grant.licence) if grant.licence is not None else None
    if present is not None and present.standing(at) != Standing.VALID:
        return Fault.NOT_VALID
    ends = present.valid_until if present is not None else grant.valid_until
    if ends is not None and ends < timezone.localtime(at).date():
        return Fault.NOT_VALID
    return Fault.ENDS if too_short(ends, until) else Fault.NONE


def waiting(grant: Grant, *, at: datetime) -> str:
    """Why nothing can be granted on a use yet; nothing if something can."""
    if grant.licence_id is not None or grant.status == Proven.FAILED:
        return ""
    if grant.status == Proven.PROVISIONAL:
        return _("证照库还没有核验，核验后才能准予。系统会自动再查，也可以通知申请人补交原件。")
    if grant.verified_at is None or at - grant.verified_at > FRESH:
        return _("证照库上次核验已经过了三天，重新核验后才能准予。系统会自动再查。")
    return ""


def consent_of(
    case: Case, material: Material, title: Mapping[str, str] | None = None, number: str = ""
) -> dict[str, str]:
    """The sentence that is agreed to, in both languages: who reads what, for which matter, instead of what.

    ``title`` and ``number`` are of a licence held here; without them the registry is asked.
    """
    spec, said = spec_of(case.version_id), {}
    for language, key in (("zh-hans", "zh"), ("en", "en")):
        with translation.override(language):
            words = {
                "office": (case.department.name_en if key == "en" else "") or case.department.name,
                "title": (title.get(key) or title["zh"]) if title else "",
                "number": number,
                "service": spec.name,
                "material": material.name,
            }
            said[key] = (_HERE if title else _THERE) % words
    return said


_HERE = gettext_lazy(
    "同意%(office)s为办理“%(service)s”读取%(title)s（%(number)s）的登记内容，代替“%(material)s”。"
    "只用于这个办件，每次使用都有记录。"
)
_THERE = gettext_lazy(
    "同意%(office)s为办理“%(service)s”向证照库调取“%(material)s”的登记内容，不用上传。"
    "只用于这个办件，每次使用都有记录。"
)
