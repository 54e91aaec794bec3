"""An enterprise says yes, and where the money is to go; or no."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Stale
from zerotrip.parties import seals
from zerotrip.policies.unasked.actions.drafting import Held, held_grant, note
from zerotrip.policies.unasked.models import Agreed, Grant, GrantStatus, RunStatus

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from zerotrip.parties.access import Actor


@dataclass(frozen=True)
class Account:
    """A bank account, as somebody typed it."""

    holder: str
    bank: str
    number: str

    @classmethod
    def checked(cls, *, holder: str, bank: str, number: str, party_name: str) -> Account:
        """Raises Invalid with the messages by control."""
        digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number))
        problems: dict[str, list[str]] = {}
        if holder.strip() != party_name:
            problems["holder"] = [_("户名要和企业名称一致：%(name)s。") % {"name": party_name}]
        if not 2 <= len(bank.strip()) <= 80:
            problems["bank"] = [_("请填写开户银行，写到支行。")]
        if not re.fullmatch(r"[0-9]{8,30}", digits):
            problems["number"] = [_("账号应为 8 到 30 位数字，请核对。")]
        if problems:
            raise Invalid(_("有 %(count)d 处需要修改。") % {"count": len(problems)}, problems)
        return cls(holder.strip(), bank.strip(), digits)

    @property
    def sealed(self) -> str:
        """As it is kept."""
        return seals.seal(json.dumps(asdict(self), ensure_ascii=False))

    @classmethod
    def unsealed(cls, sealed: str) -> Account:
        """The account again; whoever asks journals why."""
        return cls(**json.loads(seals.unseal(sealed)))


def _own(grant_id: UUID, by: Actor) -> Held:
    """A grant, locked, for those who act for its enterprise. Raises NotFound."""
    held = held_grant(grant_id)
    shown = held.run.status in (RunStatus.ANNOUNCED, RunStatus.CLOSED, RunStatus.PAID)
    if held.grant.party_id not in by.acts_for or not shown:
        raise NotFound(_("没有找到这笔补贴。"))
    return held


@transaction.atomic
def agree(grant_id: UUID, *, holder: str, bank: str, number: str, by: Actor, at: datetime) -> Grant:
    """Say yes, and name the account. Until it is on a list to be paid, the account can be changed so.

    Raises Invalid at the controls, Stale for a grant that is over.
    """
    held = _own(grant_id, by)
    grant = held.grant
    if grant.status not in (GrantStatus.PROPOSED, GrantStatus.AGREED) or held.run.status == RunStatus.PAID:
        raise Stale(_("这笔补贴是“%(status)s”，不用再确认。") % {"status": grant.get_status_display()})
    account = Account.checked(holder=holder, bank=bank, number=number, party_name=grant.party.name)
    again = grant.agreed == Agreed.SAID
    grant.status, grant.agreed, grant.agreed_at, grant.agreed_by_id = (
        GrantStatus.AGREED,
        Agreed.SAID,
        at,
        by.account,
    )
    grant.account_sealed, grant.account_tail = account.sealed, account.number[-4:]
    names = ("status", "agreed", "agreed_at", "agreed_by", "account_sealed", "account_tail")
    note(grant, "account" if again else "agree", *names, by=by, at=at, account=grant.account_tail)
    return grant


@transaction.atomic
def decline(grant_id: UUID, *, reason: str, by: Actor, at: datetime) -> Grant:
    """Say no. Raises Stale for a grant that is paid, on a list, or over."""
    grant = _own(grant_id, by).grant
    if grant.status == GrantStatus.DECLINED:
        return grant
    if grant.status not in (GrantStatus.PROPOSED, GrantStatus.AGREED):
        raise Stale(_("这笔补贴是“%(status)s”，不能再放弃。") % {"status": grant.get_status_display()})
    grant.status, grant.reason = GrantStatus.DECLINED, reason.strip()
    note(grant, "decline", "status", "reason", by=by, at=at, reason=grant.reason)
    return grant
