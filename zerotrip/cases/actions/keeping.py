"""What members of staff keep for themselves at the desk: filters under a name, columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from zerotrip.cases.models import ChosenColumns, SavedView
from zerotrip.errors import Invalid, NotFound, Refused
from zerotrip.parties.models import User

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor

MOST_VIEWS = 20
LONGEST_NAME = 40
"""Characters."""


@transaction.atomic
def save_view(name: str, *, query: str, is_default: bool, by: Actor, at: datetime) -> SavedView:
    """Keep a filter under a name; the same name again is the same filter, changed.

    Raises Invalid without a name or a filter, Refused when there are many already.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid(_("请给筛选起个名字，不超过 %(most)d 字。") % {"most": LONGEST_NAME})
    if not query:
        raise Invalid(_("请先选择筛选条件，再保存。"))
    _lock(by)
    mine = SavedView.objects.visible_to(by)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise Refused(_("最多保存 %(most)d 个筛选，请先删除不用的。") % {"most": MOST_VIEWS})
    if is_default:
        mine.filter(is_default=True).update(is_default=False)
    view, _made = SavedView.objects.update_or_create(
        account_id=by.account, name=name, defaults={"query": query, "is_default": is_default, "saved_at": at}
    )
    return view


@transaction.atomic
def prefer_view(view_id: UUID, *, usual: bool, by: Actor) -> SavedView:
    """Let the worklist open with this filter, or no longer. Raises NotFound for another's."""
    _lock(by)
    mine = SavedView.objects.visible_to(by)
    view = mine.filter(pk=view_id).first()
    if view is None:
        raise NotFound(_("没有这个筛选，可能已经删除。"))
    mine.filter(is_default=True).update(is_default=False)
    view.is_default = usual
    view.save(update_fields=["is_default"])
    return view


def forget_view(view_id: UUID, *, by: Actor) -> None:
    """Forget a filter. Raises NotFound for another's."""
    deleted, _by_model = SavedView.objects.visible_to(by).filter(pk=view_id).delete()
    if not deleted:
        raise NotFound(_("没有这个筛选，可能已经删除。"))


def choose_columns(columns: Sequence[str], *, by: Actor) -> None:
    """Show these columns in the worklist from now on; with none, the usual ones."""
    if columns:
        ChosenColumns.objects.update_or_create(account_id=by.account, defaults={"columns": list(columns)})
    else:
        ChosenColumns.objects.filter(account=by.account).delete()


def _lock(by: Actor) -> None:
    """One change of an account's filters at a time."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.account)
