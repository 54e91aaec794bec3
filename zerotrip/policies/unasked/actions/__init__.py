"""Every write to runs, grants, objections, payment lists and matches."""

from zerotrip.policies.unasked.actions.announcing import (
    announce,
    answer_objection,
    close,
    close_due,
    object_to,
    remind,
    remind_due,
)
from zerotrip.policies.unasked.actions.consenting import Account, agree, decline
from zerotrip.policies.unasked.actions.drafting import abandon, draft, go_on, withhold
from zerotrip.policies.unasked.actions.outside import take_up_case
from zerotrip.policies.unasked.actions.paying import (
    Settled,
    approve,
    check_list,
    fetch,
    finish,
    lines_of,
    make_list,
    pay_again,
    record_results,
    reference_of,
    return_one,
    send_back,
    settle_found,
)
from zerotrip.policies.unasked.actions.telling import hush, match, tell_matches

__all__ = [
    "Account",
    "Settled",
    "abandon",
    "agree",
    "announce",
    "answer_objection",
    "approve",
    "check_list",
    "close",
    "close_due",
    "decline",
    "draft",
    "fetch",
    "finish",
    "go_on",
    "hush",
    "lines_of",
    "make_list",
    "match",
    "object_to",
    "pay_again",
    "record_results",
    "reference_of",
    "remind",
    "remind_due",
    "return_one",
    "send_back",
    "settle_found",
    "take_up_case",
    "tell_matches",
    "withhold",
]
