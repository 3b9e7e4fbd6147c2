"""Runs the whole platform on one machine: the ``ksad`` command."""
