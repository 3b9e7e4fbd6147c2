"""Compiles reports: from one prefix of the journal to a content, its documents, and the events behind every figure."""
