"""The record of an enterprise for those who act for it."""
