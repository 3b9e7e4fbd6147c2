"""What a report was printed with: the number of its form, and the exact versions of the programs that write bytes."""

from __future__ import annotations

import zlib
from importlib.metadata import version

from openpyxl.xml import LXML

FORM = 1
"""The number of the printed form, PDF and XLSX together.

Raised with every change to what is printed of a content, once a release has printed by it; 0.2.0 is the first that
names a form. ``tests/ledger/golden/forms.json`` holds what each prints.
"""


def renderer() -> str:
    """The programs under which equal contents give equal bytes, each with its exact version."""
    # XLSX files are deflated by zlib, and openpyxl writes their XML by lxml where that is installed.
    programs = [f"{name} {version(name)}" for name in ("typst", "openpyxl", "segno", *(["lxml"] if LXML else []))]
    return ", ".join([*programs, f"zlib {zlib.ZLIB_RUNTIME_VERSION}"])
