"""Archives of the log: their layout, how one is read, and the guide that lies in each."""
