"""What the answers of an application make of its service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerotrip import criteria

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zerotrip.catalogue.spec import ServiceSpec
    from zerotrip.questions import Form


def terms(spec: ServiceSpec, form: Form, values: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The first variant whose condition holds, or nothing, and the stages whose condition does not.

    While what a condition hangs on is not answered, a variant does not hold and a stage is there: nothing
    is left out that might have to be looked at.
    """
    vocabulary = form.vocabulary()

    def truth(tree: dict[str, Any]) -> criteria.Truth:
        return criteria.parse(tree, vocabulary=vocabulary).explain(values).truth

    variant = next((each.id for each in spec.variants if truth(each.when) is criteria.Truth.YES), "")
    left_out = [
        stage.id for stage in spec.stages if stage.when is not None and truth(stage.when) is criteria.Truth.NO
    ]
    return variant, left_out
