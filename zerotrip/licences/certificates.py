"""What a certificate says, and the certificate itself."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from zerotrip.cases.models import Assignment, Submission
from zerotrip.cases.queries import found_in
from zerotrip.catalogue.models import ServiceVersion
from zerotrip.catalogue.queries import spec_of, whole_form_of
from zerotrip.catalogue.tariffs import work_out
from zerotrip.licences import keys
from zerotrip.licences.lettering import han_number, han_year
from zerotrip.licences.printing import qr_code, render
from zerotrip.parties.models import Area
from zerotrip.questions import Kind
from zerotrip.questions.kinds import display

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from zerotrip.cases.models import Case
    from zerotrip.catalogue.spec import Outcome
    from zerotrip.licences.models import Licence
    from zerotrip.questions import Form
    from zerotrip.questions.fields import FieldSpec


def answers_of(case: Case) -> dict[str, Any]:
    """What the applicant last submitted: what was granted."""
    submitted = Submission.objects.filter(case=case, submitted_at__isnull=False)
    answers: dict[str, Any] = submitted.order_by("-round").values_list("answers", flat=True)[0]
    return answers


def facts_of(case: Case, answers: Mapping[str, Any]) -> dict[str, str]:
    """The texts of the certificate: name of the fact → what it says, in Chinese.

    A fact that nothing is known of is left out; the template shows a dash.
    """
    outcome = case.spec.outcome
    with translation.override("zh-hans"):
        texts = _Texts(case, answers)
        told = {fact: next(filter(None, map(texts.at, outcome.paths(fact))), "") for fact in outcome.facts}
    return {fact: text for fact, text in told.items() if text}


class _Texts:
    """What can be said of a case, by path, as a reader sees it."""

    def __init__(self, case: Case, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.fields = whole_form_of(case.version_id).fields
        self.found = found_in(Assignment.objects.filter(case=case))
        self.area_name = cache(area_name)
        self.known = {
            "applicant.name": case.applicant.name,
            "applicant.uscc": case.applicant.uscc,
            "department.name": case.department.name,
            "case.number": case.number,
            "case.subject": case.subject,
            **self._amounts(case),
        }

    def at(self, path: str) -> str:
        """The text at ``path``, or nothing."""
        if path in self.known:
            return self.known[path]
        root, _dot, name = path.partition(".")
        if name not in self.fields:
            return ""
        spec, value = self.fields[name].spec, (self.found if root == "found" else self.answers).get(name)
        if spec.kind is Kind.ENTERPRISE and isinstance(value, dict):
            return str(value.get("name") or "")
        if spec.kind is Kind.GROUP and isinstance(value, list):
            return "\n".join(self._row(spec, row) for row in value if isinstance(row, dict))
        return display(spec, value, area_name=self.area_name)

    def _row(self, spec: FieldSpec, row: Mapping[str, Any]) -> str:
        """A row of a table as one line."""
        told = ((part, display(part, row.get(part.id), area_name=self.area_name)) for part in spec.fields)
        return "；".join(f"{part.label} {text}" for part, text in told if text)

    def _amounts(self, case: Case) -> dict[str, str]:
        """What the service costs and pays, as its answers have it."""
        form, values = whole_form_of(case.version_id), {**self.answers, **self.found}
        tariffs = {"case.fee": case.spec.tariff, "case.pays": case.spec.pays}
        return {path: str(work_out(each, form, values)) for path, each in tariffs.items() if each is not None}


def area_name(code: str) -> str:
    """The full name of an area, widest first, or nothing when there is none of this code."""
    area = Area.objects.filter(pk=code).first()
    if area is None:
        return ""
    codes = [part for part in area.path.split("/") if part]
    names = dict(Area.objects.filter(pk__in=codes).values_list("code", "name"))
    return "".join(names[part] for part in codes)


def outcome_of(licence: Licence) -> Outcome:
    """What the service declared of this certificate: for the variant its case was, where it came of one.

    An edition that is printed as the one before has the case of that one on its way back.
    """
    edition: Licence | None = licence
    while edition is not None:
        if edition.case is not None and edition.case.version_id == licence.version_id:
            return edition.case.spec.outcome
        edition = edition.replaces
    return spec_of(licence.version_id).outcome


def labels_of(licence: Licence) -> list[list[str]]:
    """Name and label of each fact of a certificate, in the order declared: for templates that list them all.

    A fact is called what the field is called that it is taken from first. What an earlier edition said and
    a change did not touch is called as it was there.
    """
    labels: list[list[str]] = []
    edition: Licence | None = licence
    while edition is not None and not set(licence.facts) <= {name for name, _label in labels}:
        known = {name for name, _label in labels}
        labels += [line for line in _declared(edition) if line[0] not in known]
        edition = edition.replaces
    return labels


def _declared(licence: Licence) -> list[list[str]]:
    outcome, form = outcome_of(licence), whole_form_of(licence.version_id)
    with translation.override("zh-hans"):
        return [[fact, _label(outcome.paths(fact)[0], form)] for fact in outcome.facts]


def _label(path: str, form: Form) -> str:
    root, _dot, name = path.partition(".")
    field = form.fields.get(name) if root in ("answers", "found") else None
    return str(field.spec.label) if field is not None else str(_KNOWN.get(path, path))


_KNOWN = {
    "applicant.name": gettext_lazy("申请人"),
    "applicant.uscc": gettext_lazy("统一社会信用代码"),
    "department.name": gettext_lazy("承办部门"),
    "case.number": gettext_lazy("办件编号"),
    "case.subject": gettext_lazy("办理事项"),
    "case.fee": gettext_lazy("收费"),
    "case.pays": gettext_lazy("补贴金额"),
}


def date_in(answers: Mapping[str, Any], path: str) -> date | None:
    """The date an answer gives, or None when it gives none."""
    try:
        return date.fromisoformat(str(answers.get(path.partition(".")[2])))
    except ValueError:
        return None


def han_date(day: date) -> str:
    """A date in Chinese numerals: 二〇二六年十一月二十三日."""
    return f"{han_year(day.year)}年{han_number(day.month)}月{han_number(day.day)}日"


def draw(licence: Licence, *, at: datetime) -> bytes:
    """The signed PDF of a licence, dated ``at``."""
    from zerotrip.licences.signing import sign  # a second to load: only for what signs

    return sign(printed(licence, at=at), at=at)


def printed(licence: Licence, *, at: datetime) -> bytes:
    """The PDF of a licence from the template of its service version, not signed yet."""
    data = {
        "title": licence.title,
        "number": licence.number,
        "identifier": licence.identifier,
        "holder": licence.holder.name,
        "issuer": licence.issuer.name,
        "issued_on": han_date(timezone.localtime(at).date()),
        "valid_until": han_date(licence.valid_until) if licence.valid_until else "",
        "facts": licence.facts,
        "labels": labels_of(licence),
        "sheets": [[sheet.name.zh, list(sheet.facts)] for sheet in outcome_of(licence).sheets],
        "edition": "" if licence.edition == 1 else f"第 {licence.edition} 版（{_origin(licence)}）",
        "url": licence.url,
        "specimen": keys.is_demonstration(),
    }
    pictures = {"qr": qr_code(licence.url)}
    main, files = template_of(licence)
    return render(files, main, data, at=at, pictures=pictures)


def _origin(licence: Licence) -> str:
    with translation.override("zh-hans"):
        return str(licence.get_origin_display())


def template_of(licence: Licence) -> tuple[str, dict[str, str]]:
    """The template of a licence by name, and all texts that belong to it. Raises ``LookupError`` when its
    service version declares none."""
    main = outcome_of(licence).template
    files: dict[str, str] = ServiceVersion.objects.values_list("files", flat=True).get(pk=licence.version_id)
    if main is None or main not in files:
        raise LookupError(f"service version {licence.version_id} has no template")
    return main, files
