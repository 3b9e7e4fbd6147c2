"""Benchmarks: each a ratio against a named baseline that runs in the same minutes on the same machine."""
