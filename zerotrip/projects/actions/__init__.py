"""Every write to projects and leads. One action is one step: lock, check, change, journal, in one transaction."""

from zerotrip.projects.actions.leads import Offered, land_lead, move_lead, open_lead
from zerotrip.projects.actions.money import tell_money
from zerotrip.projects.actions.owing import (
    miss,
    move_milestone,
    reach_milestone,
    set_milestone,
)
from zerotrip.projects.actions.permits import entrust, link_case, open_jointly, open_permit, remind_owner
from zerotrip.projects.actions.problems import Trouble, note_problem, problem_classes
from zerotrip.projects.actions.registering import Described, change_facts, end, hand_on, register

__all__ = [
    "Described",
    "Offered",
    "Trouble",
    "change_facts",
    "end",
    "entrust",
    "hand_on",
    "land_lead",
    "link_case",
    "miss",
    "move_lead",
    "move_milestone",
    "note_problem",
    "open_jointly",
    "open_lead",
    "open_permit",
    "problem_classes",
    "reach_milestone",
    "register",
    "remind_owner",
    "set_milestone",
    "tell_money",
]
