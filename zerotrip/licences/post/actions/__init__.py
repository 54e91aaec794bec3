"""Every write to deliveries, parcels and batches."""

from zerotrip.licences.post.actions.batches import close_batch, hand_over, make_batch
from zerotrip.licences.post.actions.choosing import choose
from zerotrip.licences.post.actions.parcels import collect, open_shipment, produce, purge, send_again
from zerotrip.licences.post.actions.tracking import Taken, mark_asked, record, take

__all__ = [
    "Taken",
    "choose",
    "close_batch",
    "collect",
    "hand_over",
    "make_batch",
    "mark_asked",
    "open_shipment",
    "produce",
    "purge",
    "record",
    "send_again",
    "take",
]
