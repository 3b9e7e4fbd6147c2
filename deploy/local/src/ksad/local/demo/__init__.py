"""The demonstration: real cooperations, a year of days, and the proof that all of it can be rebuilt."""
