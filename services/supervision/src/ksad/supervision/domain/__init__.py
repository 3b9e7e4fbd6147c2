"""Who supervises, what is owed and what was done, as pure folds and decisions: no clock, no ids, no I/O."""
