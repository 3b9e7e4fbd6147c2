"""Archives of the log: their layout, reading and writing them, and the guide that each contains."""
