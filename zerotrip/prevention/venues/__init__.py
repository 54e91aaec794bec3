"""Venue codes and the doors of sites: who comes in, who is turned away, who was there."""
