"""Screening at the desk and at the sampling table: tubes, boxes, results, retests."""
