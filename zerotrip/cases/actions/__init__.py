"""Every write to a case. One action is one step: guard, change, journal, jobs, in one transaction."""

from zerotrip.cases.actions.applicant import correct, submit, withdraw
from zerotrip.cases.actions.calendar import recompute
from zerotrip.cases.actions.draft import attach, detach, open_case, save_draft
from zerotrip.cases.actions.outcome import deliver, issue
from zerotrip.cases.actions.reveal import reveal
from zerotrip.cases.actions.staff import accept, decline, grant, refuse, request_correction, review

__all__ = [
    "accept",
    "attach",
    "correct",
    "decline",
    "deliver",
    "detach",
    "grant",
    "issue",
    "open_case",
    "recompute",
    "refuse",
    "request_correction",
    "reveal",
    "review",
    "save_draft",
    "submit",
    "withdraw",
]
