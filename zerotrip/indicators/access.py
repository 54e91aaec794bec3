"""Who may enter figures and set targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zerotrip.parties.models import WORKING_ROLES, Party

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zerotrip.indicators.spec import IndicatorSpec
    from zerotrip.parties.access import Actor


@dataclass(frozen=True)
class Entering:
    """What somebody may enter, from the seats they hold: departments by their code in packs, and areas."""

    seats: frozenset[tuple[str, str]]
    """Code of a department, path of the area one works over there."""

    def may_enter(self, spec: IndicatorSpec, area_path: str) -> bool:
        """Whether they may enter and correct the figures of an area."""
        among = {spec.department, *spec.entered_by}
        return any(code in among and area_path.startswith(path) for code, path in self.seats)

    def may_aim(self, spec: IndicatorSpec, area_path: str) -> bool:
        """Whether they may set its targets: the department in charge alone."""
        return any(code == spec.department and area_path.startswith(path) for code, path in self.seats)

    def entered(self, specs: Iterable[IndicatorSpec]) -> list[IndicatorSpec]:
        """The indicators they may enter somewhere."""
        return [spec for spec in specs if any(self.may_enter(spec, path) for _code, path in self.seats)]

    def aimed(self, specs: Iterable[IndicatorSpec]) -> list[IndicatorSpec]:
        """The indicators whose targets they may set somewhere."""
        return [spec for spec in specs if any(self.may_aim(spec, path) for _code, path in self.seats)]

    def paths(self, spec: IndicatorSpec) -> list[str]:
        """The areas over which they enter an indicator."""
        return sorted({path for code, path in self.seats if code in {spec.department, *spec.entered_by}})


def entering(actor: Actor) -> Entering:
    """What somebody may enter. Whoever supervises or administers reads, and enters nothing."""
    seats = actor.seats_as(*WORKING_ROLES)
    offices = {seat.department_id for seat in seats}
    codes = dict(Party.objects.filter(pk__in=offices).values_list("pk", "code")) if offices else {}
    return Entering(frozenset((codes[seat.department_id], seat.area_path) for seat in seats))
