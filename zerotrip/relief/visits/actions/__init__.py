"""Every write to visits and warnings."""

from zerotrip.relief.visits.actions.rounds import give_round, plan_visit
from zerotrip.relief.visits.actions.turning import turn_all
from zerotrip.relief.visits.actions.visiting import record_visit
from zerotrip.relief.visits.actions.warning import dismiss, settle_recovered, warn_all

__all__ = ["dismiss", "give_round", "plan_visit", "record_visit", "settle_recovered", "turn_all", "warn_all"]
