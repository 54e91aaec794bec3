"""What the firm adds to its need later, and the pictures and papers that go with whatever is said in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.actions.step import Work, begin
from zerotrip.cases.models import Assignment, Case, NeedFile
from zerotrip.cases.states import Step
from zerotrip.catalogue.spec import StageKind
from zerotrip.channels.actions import tell, tell_staff
from zerotrip.errors import Invalid, Refused
from zerotrip.files.attaching import Handed, each_once
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST_OF_A_NEED = 200
"""Files of one need, from its beginning to its end."""
LONGEST = 2000
"""Characters of what is said between a firm and its helpers."""


def enclose(work: Work, files: Sequence[Handed], *, assignment: Assignment | None = None) -> dict[str, Any]:
    """Bind files to what is said in a step of a need; what the journal says of them, by their contents.

    Raises Invalid at ``files`` when there are too many.
    """
    handed = each_once(files)
    if not handed:
        return {}
    there = NeedFile.objects.filter(case=work.case.pk).count()
    if there + len(handed) > MOST_OF_A_NEED:
        text = _("这件诉求已有 %(count)d 个文件，最多 %(most)d 个。") % {"count": there, "most": MOST_OF_A_NEED}
        raise Invalid(text, {"files": [text]})
    work.writes.insert(
        *(
            NeedFile(
                case_id=work.case.pk,
                step=work.step.value,
                assignment_id=assignment.pk if assignment else None,
                blob_id=one.blob.pk,
                name=one.name,
                place=place,
                by_id=work.by.user_id,
                at=work.at,
            )
            for place, one in enumerate(handed)
        )
    )
    return {"files": [one.blob.pk for one in handed]}


@transaction.atomic
def add_to_need(
    case: Case,
    *,
    text: str,
    files: Sequence[Handed] = (),
    by: Actor,
    at: datetime,
    key: str = "",
    assignment: Assignment | None = None,
) -> Case:
    """Add to a need what the firm says or hands in later; all who help are told.

    By whoever acts for the firm, or in ``assignment`` by a helper who writes down what the firm said or gave:
    then the firm is told too. Raises Invalid without a word or a file.
    """
    work = begin(
        Step.ADD, case.pk, assignment_id=assignment.pk if assignment else None, by=by, at=at, key=key, same={}
    )
    if work.replayed:
        return work.case
    if work.spec.need is None:
        raise Refused(_("只有企业诉求可以这样补充。"))
    said = text.strip()
    if not said and not files:
        missing = _("请写几句，或者加上照片、文件。")
        raise Invalid(missing, {"text": [missing]})
    if len(said) > LONGEST:
        told = _("请不要超过 %(most)d 字，现在有 %(count)d 字。") % {"most": LONGEST, "count": len(said)}
        raise Invalid(told, {"text": [told]})
    details = enclose(work, files)
    work.stay(reason=said, details=details)
    said = said or _("%(count)d 个文件") % {"count": len(details["files"])}
    _tell_helpers(work, said)
    if assignment is not None:
        work.tell_applicant("need_added", who=by.name, said=said)
    return work.done()


def _tell_helpers(work: Work, said: str) -> None:
    """Tell all who are at it but whoever wrote it down: the person, or the office where nobody has it yet."""
    for one in work.open:
        if one.kind == StageKind.HELP and one is not work.assignment:
            tell_one(work, one, "staff_need_added", who=work.by.name, said=said)


def tell_one(work: Work, helping: Assignment, template: str, **said: Any) -> None:
    """Tell whoever has a piece of help: the person, or the office where nobody in particular has it."""
    told: dict[str, Any] = {
        "template": template,
        "context": {
            "number": work.case.number,
            "service": work.spec.name.model_dump(),
            "subject": work.case.subject,
            **said,
        },
        "link": f"/desk/cases/{work.case.number}/",
        "key": f"{helping.pk}:{template}:{work.case.ledger_length}",
        "at": work.at,
    }
    if helping.assignee_id is not None:
        person = User.objects.values_list("person", flat=True).get(pk=helping.assignee_id)
        tell(work.writes, party=person, **told)
    else:
        tell_staff(
            work.writes,
            department=helping.department_id,
            area_path=helping.area_path,
            roles=(helping.role,),
            **told,
        )
