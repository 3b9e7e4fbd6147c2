"""Wheels of the packages, and environments that hold some of them with what they declare and nothing else."""
