"""Folds: functions that turn the log's events into rows of tables, in memory."""
