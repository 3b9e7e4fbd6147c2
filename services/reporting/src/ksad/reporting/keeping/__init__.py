"""What keeps the log safe: archives, restores, and comparing the stores with the journal."""
