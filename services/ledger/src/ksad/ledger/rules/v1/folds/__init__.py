"""The folds of cooperations, tasks and reports under rules 1."""
