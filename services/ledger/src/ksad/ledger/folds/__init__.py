"""Folds: the log's events into rows, in memory."""
