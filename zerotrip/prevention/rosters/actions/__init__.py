"""Every write to rosters."""

from zerotrip.prevention.rosters.actions.files import confirm, drop, hand_in, look_through, purge, take_over

__all__ = ["confirm", "drop", "hand_in", "look_through", "purge", "take_over"]
