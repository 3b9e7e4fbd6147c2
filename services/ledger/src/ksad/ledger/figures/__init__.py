"""Compiles reports from a prefix of the journal: the content, and the journal entries behind each figure."""
