"""The record of an enterprise as both faces show it."""
