"""The regions of Pasal 1 no. 1, and how a code is read on a date.

The table is read from text, because the text that the log adopted is the source, not this package's copy of it.
"""

from ksad.contracts.regions.table import (
    AdministrativeRegionError,
    BoundaryConflictError,
    Region,
    RegionEndedError,
    RegionKind,
    RegionNotYetError,
    RegionTable,
    RegionTextError,
    UnknownRegionError,
    load_text,
    sha256,
)

__all__ = [
    "AdministrativeRegionError",
    "BoundaryConflictError",
    "Region",
    "RegionEndedError",
    "RegionKind",
    "RegionNotYetError",
    "RegionTable",
    "RegionTextError",
    "UnknownRegionError",
    "load_text",
    "sha256",
]
