"""What the counter prints: the receipt with its code, and the application for the applicant to sign."""

from __future__ import annotations

import base64
import hmac
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from zerotrip.cases.models import Case, Door
from zerotrip.cases.states import Status
from zerotrip.catalogue.queries import form_of
from zerotrip.errors import NotFound
from zerotrip.licences import keys
from zerotrip.licences.certificates import han_date
from zerotrip.licences.printing import qr_code, render
from zerotrip.parties import seals
from zerotrip.parties.queries import area_names

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.cases.models import Submission

Paper = Literal["a5", "a4", "80mm"]
PAPERS: tuple[Paper, ...] = ("a5", "a4", "80mm")
"""What receipts are printed on; 80 mm is the roll of a receipt printer."""
CODE_BYTES = 9


def status_code(case: Case) -> str:
    """The part of a receipt's address nobody can guess. Always the same for a case."""
    return base64.urlsafe_b64encode(seals.digest(f"receipt:{case.pk}")[:CODE_BYTES]).decode()


def status_url(case: Case) -> str:
    """Where the code on a receipt leads: the status, for whoever can name the phone."""
    return f"{settings.SITE_URL}/s/{case.number}/{status_code(case)}/"


def rate_url(case: Case) -> str:
    """Where the second code on the receipt of a closed case leads: its rating, for whoever can name the phone."""
    return f"{status_url(case)}?rate"


def case_of_receipt(number: str, code: str) -> Case:
    """The case of the receipt with this address. Raises NotFound for any other address."""
    case = Case.objects.select_related("version", "applicant").filter(number=number).first()
    if case is None or not hmac.compare_digest(status_code(case).encode(), code.encode()):
        raise NotFound(_("没有找到这张回执。请重新扫描，或核对地址。"))
    return case


def receipt(case: Case, *, paper: Paper, at: datetime) -> bytes:
    """The receipt of what was handed in last (《行政许可法》第三十二条第二款): number, materials, by when.

    Printed of a closed case it has a second code, to rate it by.

    Raises NotFound before anything was handed in.
    """
    handed_in = case.submissions.filter(submitted_at__isnull=False).order_by("-round").first()
    if handed_in is None or handed_in.submitted_at is None:
        raise NotFound(_("办件还没有提交，没有回执。"))
    with translation.override("zh-hans"):
        data = {
            "paper": paper,
            "number": case.number,
            "service": case.spec.name.zh,
            "subject": case.subject,
            "applicant": case.applicant.name,
            "office": case.department.name,
            "door": str(Door(handed_in.door).label),
            "handed_in": _moment(handed_in.submitted_at),
            "due": _moment(case.due_at) if case.due_at else "",
            "materials": _materials(handed_in),
            "later": _later(handed_in),
            "closed": case.status == Status.CLOSED,
            "printed": _moment(at),
            "specimen": keys.is_demonstration(),
        }
    codes = {"qr": qr_code(status_url(case)), "rate": qr_code(rate_url(case))}
    return render(_template("receipt.typ"), "receipt.typ", data, at=at, pictures=codes)


def application(case: Case, *, at: datetime) -> bytes:
    """The application as it stands now, for the applicant to read and sign."""
    submission = case.submissions.order_by("-round").first()
    if submission is None:
        raise NotFound(_("这个办件还没有内容。"))
    form = form_of(case.version_id)
    with translation.override("zh-hans"):
        areas = _areas(submission.answers)
        shown = form.show(submission.answers, area_name=lambda code: areas.get(code, code))
        data = {
            "number": case.number,
            "service": case.spec.name.zh,
            "applicant": case.applicant.name,
            "office": case.department.name,
            "sections": [
                {
                    "title": str(section.title),
                    "lines": [[str(field.spec.label), text] for _at, field, text in lines],
                }
                for section, lines in shown
                if lines
            ],
            "materials": _materials(submission),
            "later": _later(submission),
            "printed": _moment(at),
            "date": han_date(timezone.localtime(at).date()),
            "specimen": keys.is_demonstration(),
        }
    return render(_template("application.typ"), "application.typ", data, at=at)


def _areas(answers: dict[str, Any]) -> dict[str, str]:
    codes = {value["area"] for value in answers.values() if isinstance(value, dict) and value.get("area")}
    return area_names(codes)


def _materials(submission: Submission) -> list[list[str]]:
    """What was handed in, by name, with how many files of it."""
    names = {material.id: material.name.zh for material in submission.case.spec.materials}
    counted: dict[str, int] = {}
    for key in submission.materials.values_list("key", flat=True):
        counted[key] = counted.get(key, 0) + 1
    return [[names.get(key, key), str(count)] for key, count in counted.items()]


def _later(submission: Submission) -> list[str]:
    names = {material.id: material.name.zh for material in submission.case.spec.materials}
    return [names.get(key, key) for key in submission.owed]


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.year} 年 {local.month} 月 {local.day} 日 {local:%H:%M}"


@cache
def _template(name: str) -> dict[str, str]:
    return {name: (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")}
