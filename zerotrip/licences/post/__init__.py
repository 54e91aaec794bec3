"""Delivery on paper: who wants it how, parcels, labels, batches, and what the courier tells of them."""
