"""The demo's sealed area: since two days ago, served by a shop; two doors ask for something. Fictitious."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.demo_prevention import GRIDS

if TYPE_CHECKING:
    from zerotrip.parties.models import Party, User

POINT = "春晖社区收发点"
ASKED = (
    ("1-101", "meal", "清真餐两份（演示）", 2),
    ("3-301", "medicine", "降压药一盒，找社区医生开（演示）", 1),
)


def load(carrier: tuple[User, Party], *, at: datetime) -> None:
    """Seal a grid, and note what two doors need."""
    from zerotrip.ids import new_id
    from zerotrip.parties.access import actor_for
    from zerotrip.parties.models import User
    from zerotrip.prevention.models import Site
    from zerotrip.prevention.sealed import actions, stepping

    leader = User.objects.filter(email="leader@demo.test").first()
    point = Site.objects.filter(name=POINT).first()
    if leader is None or point is None:  # another pack was loaded
        return
    told = actions.Described(
        name="春晖社区第一网格（演示）",
        level="sealed",
        basis="演示用，不是真实的通知",
        decided_by="示范区防控指挥部（演示）",
        starts_at=at - timedelta(days=2),
        ends_at=at + timedelta(days=5),
        points=[point.pk],
        carrier=carrier[1].uscc,
    )
    by = actor_for(leader, at=at)
    sealed = actions.seal(told, area=GRIDS[0], key=new_id(), by=by, at=at)
    stepping.bring_in_step(sealed.pk, at=at)
    for door, kind, what, persons in ASKED:
        asking = actions.Asking(door, kind, what, persons)
        actions.ask(sealed.pk, asking, key=new_id(), by=by, at=at)
