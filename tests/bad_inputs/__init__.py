"""The ways in which study folders break, one at a time, and what must come of each."""
