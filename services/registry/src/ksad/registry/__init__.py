"""The registry service: decides on cooperations and their course, and keeps reference data and the calendar."""
