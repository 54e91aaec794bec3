"""Enterprise relief: by which rules needs find whoever helps, and what there is to help with."""

from zerotrip.relief.models.routing import Declaration, RoutingRule, RoutingRuleQuerySet, Stopped

__all__ = ["Declaration", "RoutingRule", "RoutingRuleQuerySet", "Stopped"]
