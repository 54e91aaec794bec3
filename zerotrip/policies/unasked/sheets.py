"""Payment lists as files for the bank."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext as _
from openpyxl import Workbook

from zerotrip.enterprises.sheets.writing import defused
from zerotrip.policies.queries import spec_of
from zerotrip.policies.unasked.actions.paying import lines_of
from zerotrip.policies.unasked.periods import period_words

if TYPE_CHECKING:
    from zerotrip.policies.unasked.models import PaymentList


def file_of(payment: PaymentList) -> IO[bytes]:
    """A list as a workbook, row by row in bounded memory."""
    file = TemporaryFile()  # noqa: SIM115  whoever asked closes it
    book = Workbook(write_only=True)
    sheet = book.create_sheet(payment.number)
    sheet.freeze_panes = "A2"
    for row in rows_of(payment):
        sheet.append(row)
    book.save(file)
    file.seek(0)
    return file


def rows_of(payment: PaymentList) -> Iterator[list[str]]:
    """A list, as it is read: the heading, a row for each grant, its sums and digest at the end."""
    heading = [
        _("支付编号"),
        _("单位名称"),
        _("统一社会信用代码"),
        _("户名"),
        _("开户银行"),
        _("账号"),
        _("金额（元）"),
        _("用途"),
    ]
    purpose = f"{spec_of(payment.run.version_id).name} {period_words(payment.run.period)}"
    total = _("合计 %(count)d 笔") % {"count": payment.count}
    digest = _("校验码 %s") % payment.digest[:16]
    last = [payment.number, total, "", "", "", "", f"{payment.total:.2f}", digest]
    return chain([heading], _rows(payment, purpose), [last])


def _rows(payment: PaymentList, purpose: str) -> Iterator[list[str]]:
    for line in lines_of(payment):
        account = line.account
        found = [line.reference, line.name, line.uscc]
        found += [account.holder, account.bank, account.number] if account else ["", "", ""]
        yield [defused(cell) for cell in [*found, f"{line.amount:.2f}", purpose]]
