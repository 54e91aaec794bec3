"""Posting licences: what is to go out, batches, the hand-over, what came back."""
