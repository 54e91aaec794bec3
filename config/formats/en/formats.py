"""English dates as the rest of the pages write them: 1 April 2026."""

DATE_FORMAT = "j F Y"
