"""The script ``ksad``."""

from __future__ import annotations

from importlib import import_module

from ksad.chassis.starting import imported, importing


def main() -> None:
    """Imports the command and runs it."""
    with importing():
        run = import_module("ksad.local.__main__").main
    imported()
    run()
