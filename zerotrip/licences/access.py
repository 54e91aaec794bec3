"""Who may see a licence, and who may stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zerotrip.errors import NotAllowed, NotFound
from zerotrip.licences.models import Licence
from zerotrip.parties.models import Role

if TYPE_CHECKING:
    from uuid import UUID

    from zerotrip.parties.access import Actor


def load(licence_id: UUID, actor: Actor) -> Licence:
    """The licence, if ``actor`` may see it. Raises NotFound alike for both reasons."""
    licence = (
        Licence.objects.visible_to(actor)
        .select_related("holder", "issuer", "blob", "case")
        .filter(pk=licence_id)
        .first()
    )
    if licence is None:
        raise NotFound(_("没有找到这份证照。"))
    return licence


def may_stop(licence: Licence, actor: Actor) -> bool:
    """Whether ``actor`` may suspend, resume or revoke: a leader of the issuer, over its area."""
    return actor.sits(department_id=licence.issuer_id, area_path=licence.area_path, roles=[Role.LEADER])


def require_may_stop(licence: Licence, actor: Actor) -> None:
    """Refuse unless ``may_stop``."""
    if not may_stop(licence, actor):
        raise NotAllowed(_("只有发证机关的负责人可以暂停、恢复或者撤销证照。"))
