"""The work calendar of mainland China and time limits over it."""
