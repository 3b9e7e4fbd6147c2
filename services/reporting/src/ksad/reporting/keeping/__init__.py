"""Keeping the log: archives, restores, rebuilds, and comparing the services' stores with the journal."""
