"""Reacts: resolves who supervises, schedules every duty as a task, and records what the officers did."""
