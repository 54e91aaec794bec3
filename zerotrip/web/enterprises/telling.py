"""One fact told in full: all that was stated of it, which of that counts, what it is worked out from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.facts.models import Fact
from zerotrip.facts.queries import day_of
from zerotrip.facts.wording import value_text
from zerotrip.facts.worth import MISSING, State, known
from zerotrip.web.enterprises import showing

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.facts.spec import FactSpec
    from zerotrip.facts.vocabulary import Vocabulary
    from zerotrip.facts.worth import Worth
    from zerotrip.parties.models import Party


def told(spec: FactSpec, party: Party, words: Vocabulary, *, at: datetime) -> dict[str, Any]:
    """What ``web/enterprises/told.html`` shows of one fact of an enterprise. One query."""
    said = list(Fact.objects.filter(party=party).select_related("recorded_by__person"))
    found = known(words, said, today=day_of(at), area_path=party.area_path, kind=str(party.kind))
    worth = found.worths.get(spec.id, MISSING)
    mine = sorted(
        (one for one in said if one.name == spec.id), key=lambda one: (one.as_of, one.recorded_at), reverse=True
    )
    return {
        "line": showing.line_of(spec, worth, words, mine),
        "said": [_one(one, spec, worth, words) for one in mine],
        "needs": [(need, words.facts[need]) for need in worth.needs if need in words.facts],
    }


def _one(one: Fact, spec: FactSpec, worth: Worth, words: Vocabulary) -> dict[str, Any]:
    among = one in worth.among
    return {
        "fact": one,
        "text": value_text(spec, one.value) if one.value is not None else _("已撤回"),
        "source": words.source_name(one.source),
        "counts": worth.state is State.KNOWN and among,
        "against": worth.state is State.CONTRADICTORY and among,
    }
