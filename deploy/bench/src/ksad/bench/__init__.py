"""Benchmarks: each is a ratio to a named baseline that runs alternately with it on the same machine."""
