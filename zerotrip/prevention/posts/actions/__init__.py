"""Every write to posts. One action is one step: lock, check, change, journal, in one transaction."""

from zerotrip.prevention.posts.actions.gaps import flag_gaps
from zerotrip.prevention.posts.actions.people import accept, change_worker, enlist, leave
from zerotrip.prevention.posts.actions.planning import ask_plan, drop_plan, give, publish, solve_plan, take
from zerotrip.prevention.posts.actions.posts import Described, close_post, put_post
from zerotrip.prevention.posts.actions.signing import enter_by_hand, name_absent, sign_off, sign_on
from zerotrip.prevention.posts.actions.swapping import agree, ask_swap, confirm, refuse, words_against

__all__ = [
    "Described",
    "accept",
    "agree",
    "ask_plan",
    "ask_swap",
    "change_worker",
    "close_post",
    "confirm",
    "drop_plan",
    "enlist",
    "enter_by_hand",
    "flag_gaps",
    "give",
    "leave",
    "name_absent",
    "publish",
    "put_post",
    "refuse",
    "sign_off",
    "sign_on",
    "solve_plan",
    "take",
    "words_against",
]
