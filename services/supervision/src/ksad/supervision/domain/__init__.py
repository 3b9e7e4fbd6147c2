"""The rules of supervision as pure folds and decisions: no clock, no generated ids, no I/O."""
