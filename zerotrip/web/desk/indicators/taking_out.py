"""The figures of a board as a file: every area, a line for each figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from openpyxl import Workbook

from zerotrip.enterprises.sheets.writing import defused
from zerotrip.indicators.rules import exact
from zerotrip.web.desk.indicators.telling import published, told
from zerotrip.web.workbooks import as_csv, workbook

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from zerotrip.indicators.figures import Book
    from zerotrip.web.desk.indicators.asking import Question

FORMS = ("csv", "xlsx")


def file(form: str, question: Question, book: Book) -> HttpResponseBase:
    """What the page shows and all areas inside, as ``csv`` or ``xlsx``."""
    name = _("指标-%(area)s-%(period)s.%(form)s") % {
        "area": book.places[question.path].name,
        "period": question.period.key,
        "form": form,
    }
    if form == "csv":
        return as_csv(name, [titles(), *lines(question, book)])
    book_out = Workbook(write_only=True)
    sheet = book_out.create_sheet(_("指标"))
    sheet.freeze_panes = "A2"
    sheet.append(titles())
    for line in lines(question, book):
        sheet.append([defused(cell) if isinstance(cell, str) else cell for cell in line])
    return workbook(name, book_out)


def titles() -> list[str]:
    """The heading."""
    return [
        _("区划代码"),
        _("区域"),
        _("指标"),
        _("单位"),
        _("报告期"),
        _("本期"),
        _("去年同期（可比）"),
        _("同比 %"),
        _("同比说明"),
        _("公布增速"),
        _("年度目标"),
        _("完成目标 %"),
        _("数据来源"),
    ]


def lines(question: Question, book: Book) -> Iterator[list[str | float]]:
    """A line for each figure there is, areas in the order of their codes; what cannot be worked out is empty."""
    for path in sorted(book.places):
        for spec in question.shown.values():
            value = book.value(spec.id, path, question.period)
            if value is None:
                continue
            change = book.change(spec.id, path, question.period)
            row = book.row(spec.id, path, question.period)
            words = told(spec, change, book.places)
            stated = published(row, change)
            aim = book.target(spec.id, path, question.period.year)
            reached = book.reached(spec.id, path, question.period)
            yield [
                book.places[path].code,
                book.places[path].name,
                str(spec.name),
                str(spec.unit),
                question.period.name(cumulative=spec.cumulative),
                float(exact(value.amount)),
                "" if change is None or change.base is None else float(exact(change.base)),
                "" if change is None or change.amount is None else round(float(change.amount), 4),
                words.note if words.known else words.text,
                stated.text if stated else "",
                "" if aim is None else float(exact(aim)),
                "" if reached is None else round(float(reached), 4),
                (row.source if row else _("下级合计")) or str(spec.source),
            ]
