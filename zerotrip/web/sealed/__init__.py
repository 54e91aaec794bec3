"""What the desk and the portal show of a sealed area alike: the sheet of a run, what was typed for a door."""
