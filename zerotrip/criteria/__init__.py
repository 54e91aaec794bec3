"""Three-valued criteria: a tree of all / any / not over typed, sourced, dated facts.

One parse, two back ends: ``Rule.explain`` in Python says why and what is missing; ``select`` in SQL
finds every row for which the rule holds. Both follow Kleene's strong three-valued logic, which is
also what SQL does with NULL.
"""

from zerotrip.criteria.explain import Fact, Reason, Truth, Verdict
from zerotrip.criteria.facts import FactKind, FactType
from zerotrip.criteria.rule import All, Any_, Fault, Faults, Leaf, Not, Operator, Rule, Some, parse
from zerotrip.criteria.select import select

__all__ = [
    "All",
    "Any_",
    "Fact",
    "FactKind",
    "FactType",
    "Fault",
    "Faults",
    "Leaf",
    "Not",
    "Operator",
    "Reason",
    "Rule",
    "Some",
    "Truth",
    "Verdict",
    "parse",
    "select",
]
