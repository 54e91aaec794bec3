"""Every write to a case. One action is one step: guard, change, journal, jobs, in one transaction."""

from zerotrip.cases.actions.applicant import correct, submit, withdraw
from zerotrip.cases.actions.assigning import (
    assign,
    assign_all,
    give_back,
    give_back_all,
    give_back_everything,
    hand_over,
    take,
    take_all,
)
from zerotrip.cases.actions.bars import lift_bar, may_lift
from zerotrip.cases.actions.batches import grant_together
from zerotrip.cases.actions.calendar import recompute
from zerotrip.cases.actions.challenges import may_note, move_challenge, note_challenge
from zerotrip.cases.actions.commitments import barred_until, check, commit, take_commitment_back
from zerotrip.cases.actions.concerned import forget_concerned, record_concerned, tell_concerned
from zerotrip.cases.actions.confirming import (
    ask_code,
    ask_mandate_code,
    confirm_by_code,
    confirm_on_paper,
    refuse_reading,
)
from zerotrip.cases.actions.consulting import purge_consultations, record_consultation, send_guide
from zerotrip.cases.actions.corrections import lapse, reopen, request_correction, take_back
from zerotrip.cases.actions.counter import admit, confirm_signature, open_at_counter, record_mandate, take_over
from zerotrip.cases.actions.decisions import approve, deem, draft_decision, grant, refuse, return_draft, terminate
from zerotrip.cases.actions.draft import attach, attach_pages, detach, open_case, save_draft
from zerotrip.cases.actions.enclosing import add_to_need
from zerotrip.cases.actions.exporting import ask_export, fetch_export, purge_exports, run_export
from zerotrip.cases.actions.extensions import ask_extension, deny_extension, extend
from zerotrip.cases.actions.hearing import (
    add_scan,
    answer,
    answer_as_concerned,
    ask_recusal,
    call_hearing,
    keep_minutes,
    note_answer,
    note_recusal,
    settle_recusal,
    tell_right,
)
from zerotrip.cases.actions.helping import (
    answer_need,
    ask_helper,
    cannot_resolve,
    decline_help,
    hand_on,
    move_need,
    plan_need,
    report_need,
    resolve_need,
)
from zerotrip.cases.actions.keeping import choose_columns, forget_view, prefer_view, save_view
from zerotrip.cases.actions.mail import (
    accept_mailed,
    answer_mail,
    dismiss_mail,
    place_file,
    purge_mail,
    receive_mail,
)
from zerotrip.cases.actions.needs import find_owner, raise_needs, split_need
from zerotrip.cases.actions.outcome import deliver, issue
from zerotrip.cases.actions.owed import check_make_up, draw_consequence, make_up, owe_later
from zerotrip.cases.actions.priority import put_in_green, take_out_of_green
from zerotrip.cases.actions.procedures import resume, run_out, suspend
from zerotrip.cases.actions.rating import call_back, rate, supplement
from zerotrip.cases.actions.rehearsals import complete_materials, conclude, formalise, rehearse
from zerotrip.cases.actions.reminding import remind_helpers
from zerotrip.cases.actions.reveal import reveal
from zerotrip.cases.actions.staff import accept, confirm_review, decline, pass_over, review, send_back

__all__ = [
    "accept",
    "accept_mailed",
    "add_scan",
    "add_to_need",
    "admit",
    "answer",
    "answer_as_concerned",
    "answer_mail",
    "answer_need",
    "approve",
    "ask_code",
    "ask_export",
    "ask_extension",
    "ask_helper",
    "ask_mandate_code",
    "ask_recusal",
    "assign",
    "assign_all",
    "attach",
    "attach_pages",
    "barred_until",
    "call_back",
    "call_hearing",
    "cannot_resolve",
    "check",
    "check_make_up",
    "choose_columns",
    "commit",
    "complete_materials",
    "conclude",
    "confirm_by_code",
    "confirm_on_paper",
    "confirm_review",
    "confirm_signature",
    "correct",
    "decline",
    "decline_help",
    "deem",
    "deliver",
    "deny_extension",
    "detach",
    "dismiss_mail",
    "draft_decision",
    "draw_consequence",
    "extend",
    "fetch_export",
    "find_owner",
    "forget_concerned",
    "forget_view",
    "formalise",
    "give_back",
    "give_back_all",
    "give_back_everything",
    "grant",
    "grant_together",
    "hand_on",
    "hand_over",
    "issue",
    "keep_minutes",
    "lapse",
    "lift_bar",
    "make_up",
    "may_lift",
    "may_note",
    "move_challenge",
    "move_need",
    "note_answer",
    "note_challenge",
    "note_recusal",
    "open_at_counter",
    "open_case",
    "owe_later",
    "pass_over",
    "place_file",
    "plan_need",
    "prefer_view",
    "purge_consultations",
    "purge_exports",
    "purge_mail",
    "put_in_green",
    "raise_needs",
    "rate",
    "receive_mail",
    "recompute",
    "record_concerned",
    "record_consultation",
    "record_mandate",
    "refuse",
    "refuse_reading",
    "rehearse",
    "remind_helpers",
    "reopen",
    "report_need",
    "request_correction",
    "resolve_need",
    "resume",
    "return_draft",
    "reveal",
    "review",
    "run_export",
    "run_out",
    "save_draft",
    "save_view",
    "send_back",
    "send_guide",
    "settle_recusal",
    "split_need",
    "submit",
    "supplement",
    "suspend",
    "take",
    "take_all",
    "take_back",
    "take_commitment_back",
    "take_out_of_green",
    "take_over",
    "tell_concerned",
    "tell_right",
    "terminate",
    "withdraw",
]
