"""Decides: cooperations, their parties, stages, instruments, problems, disputes and endings, and reference data."""
