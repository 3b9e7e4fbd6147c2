"""The regions of Pasal 1 no. 1, and what a region code means on a date.

A table is always read from a text: decisions rest on the text that the log adopted, not on this package's copy.
"""

from ksad.contracts.regions.adopted import AdoptedRegions, BoundaryChange
from ksad.contracts.regions.naming import office_name, region_name
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
    "AdoptedRegions",
    "BoundaryChange",
    "BoundaryConflictError",
    "Region",
    "RegionEndedError",
    "RegionKind",
    "RegionNotYetError",
    "RegionTable",
    "RegionTextError",
    "UnknownRegionError",
    "load_text",
    "office_name",
    "region_name",
    "sha256",
]
