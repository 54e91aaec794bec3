"""Every write to a case. One action is one step: guard, change, journal, jobs, in one transaction."""

from zerotrip.cases.actions.applicant import correct, submit, withdraw
from zerotrip.cases.actions.calendar import recompute
from zerotrip.cases.actions.corrections import lapse, reopen, request_correction, take_back
from zerotrip.cases.actions.decisions import approve, draft_decision, grant, refuse, return_draft, terminate
from zerotrip.cases.actions.draft import attach, detach, open_case, save_draft
from zerotrip.cases.actions.extensions import ask_extension, deny_extension, extend
from zerotrip.cases.actions.outcome import deliver, issue
from zerotrip.cases.actions.procedures import resume, run_out, suspend
from zerotrip.cases.actions.reveal import reveal
from zerotrip.cases.actions.staff import accept, decline, pass_over, review

__all__ = [
    "accept",
    "approve",
    "ask_extension",
    "attach",
    "correct",
    "decline",
    "deliver",
    "deny_extension",
    "detach",
    "draft_decision",
    "extend",
    "grant",
    "issue",
    "lapse",
    "open_case",
    "pass_over",
    "recompute",
    "refuse",
    "reopen",
    "request_correction",
    "resume",
    "return_draft",
    "reveal",
    "review",
    "run_out",
    "save_draft",
    "submit",
    "suspend",
    "take_back",
    "terminate",
    "withdraw",
]
