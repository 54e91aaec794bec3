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
    approve,
    check_list,
    fetch,
    finish,
    lines_of,
    make_list,
    pay_again,
    reference_of,
    send_back,
    settle_found,
)
from zerotrip.policies.unasked.actions.settling import (
    drop,
    fetch_faults,
    hand_in,
    purge,
    record_results,
    return_one,
    take_answer,
)
from zerotrip.policies.unasked.actions.telling import hush, match, tell_matches
from zerotrip.policies.unasked.answers import Settled

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
    "drop",
    "fetch",
    "fetch_faults",
    "finish",
    "go_on",
    "hand_in",
    "hush",
    "lines_of",
    "make_list",
    "match",
    "object_to",
    "pay_again",
    "purge",
    "record_results",
    "reference_of",
    "remind",
    "remind_due",
    "return_one",
    "send_back",
    "settle_found",
    "take_answer",
    "take_up_case",
    "tell_matches",
    "withhold",
]
