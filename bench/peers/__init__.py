"""The same flow in other people's libraries, written as their documentation says."""
