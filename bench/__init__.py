"""The figures: how fast, how many, how large. See README.md beside this file."""
