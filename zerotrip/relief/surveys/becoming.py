"""Answers of surveys and daily checks that become needs: each has its own person and clock, as any other."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from django.utils.translation import gettext as _

from zerotrip.cases.actions import needs
from zerotrip.cases.models import Door, Need
from zerotrip.cases.states import Status
from zerotrip.catalogue.models import Service
from zerotrip.errors import Invalid
from zerotrip.parties.models import Party
from zerotrip.parties.queries import phones_of

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.duties.standing.becoming import Answered
    from zerotrip.duties.standing.spec import BecomesSpec
    from zerotrip.parties.access import Actor

SOURCE = "report"
LONGEST_TITLE = 60
ALONG = ("site", "contact_name", "contact_phone")
"""Fields that go along, where the form of the report has them too."""


def raise_need(spec: BecomesSpec, answered: Answered, by: Actor, at: datetime) -> None:
    """Raise what a firm said it needs, once for each report, those that put it right among them.

    The same words, said again while the need is open, are the same need. Raises Invalid.
    """
    if answered.value is None:
        return
    text = " ".join(str(answered.value).split())
    same = uuid5(answered.party, f"{answered.duty}:{answered.field}:{text}")
    request = uuid5(answered.root, answered.field)
    known = Need.objects.filter(request=request, case__applicant=answered.party)
    said = Need.objects.filter(source=SOURCE, source_id=same).exclude(case__status=Status.CLOSED)
    if known.exists() or said.exists():
        return
    service = Service.objects.select_related("current").filter(pk=spec.subject_in(answered.answers)).first()
    if service is None or service.current is None:
        raise Invalid(_("这类诉求现在不受理，请另行提出。"), {})
    firm = Party.objects.get(pk=answered.party)
    asked = needs.Asked(service, _answers(service, firm, text, answered, by=by, at=at))
    door = Door.PORTAL if firm.pk in by.acts_for else Door.PHONE
    try:
        needs.raise_needs(
            [asked], applicant=firm, request=request, by=by, at=at, door=door, source=needs.Source(SOURCE, same)
        )
    except Invalid as wrong:
        lacking = {name.removeprefix(needs.prefix_of(0)) for name in wrong.problems}
        if lacking & {"contact_name", "contact_phone"}:
            text = _("要帮办，先要知道找谁：请在企业档案里补上联系人和电话。")
            raise Invalid(text, {"contact": [text]}) from None
        raise


def _answers(
    service: Service, firm: Party, text: str, answered: Answered, *, by: Actor, at: datetime
) -> dict[str, Any]:
    along = {name: answered.answers[name] for name in ALONG if answered.answers.get(name)}
    begun = needs.begun_answers(service, firm, by=by, at=at)
    if not begun.get("contact_name"):
        along.setdefault("contact_name", firm.name[:40])
    if not begun.get("contact_phone") and (phone := phones_of([firm.pk], at=at).get(firm.pk)):
        along.setdefault("contact_phone", phone)
    detail = f"{answered.name}：{answered.label}\n{answered.value}"
    return {"title": text[:LONGEST_TITLE], "detail": detail[:1000], **along}


def judge(spec: BecomesSpec, pack: Pack) -> str:
    """A subject that is no need of the pack."""
    for subject in (spec.need or "", *spec.needs.values()):
        service = pack.services.get(subject)
        if service is None or service.need is None:
            return _("服务包里没有诉求主题“%(name)s”。") % {"name": subject}
    return ""
