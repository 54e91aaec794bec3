"""Tests of the doors of sites."""
