"""Older versions of the events of reference data, and how each is read as the next version.

They stay for ever: archives and stores hold such events. Until decisions were asked for, the operator of the platform
adopted texts and boundary changes, so what was adopted then has none.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from ksad.contracts.catalogue import UPCASTERS, Audience, Fact, Service, declare
from ksad.contracts.identifiers import Key, RegionCode, Sha256, ShortText
from ksad.contracts.registry.reference import PackagedText
from ksad.contracts.strict import Day


@declare(Service.REGISTRY, "ksad.reference.reference_adopted", 1, Audience.PUBLIC)
class ReferenceAdoptedV1(Fact):
    """Regions, a profile, policy periods or holidays: the content itself, so that a replay needs no file."""

    kind: Literal["regions", "profile", "policy", "holidays"]
    name: Key
    content: str
    sha256: Sha256
    source: ShortText


@declare(Service.REGISTRY, "ksad.reference.boundary_changed", 1, Audience.PUBLIC)
class BoundaryChangedV1(Fact):
    """A region goes on under another code (region split, Glossary no. 74)."""

    region: RegionCode
    successor: RegionCode
    effective_on: date
    legal_basis: ShortText


def _undecided(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"decision": None}


UPCASTERS |= {one.declaration.type: _undecided for one in (ReferenceAdoptedV1, BoundaryChangedV1)}


@declare(Service.REGISTRY, "ksad.reference.platform_opened", 1, Audience.PUBLIC)
class PlatformOpenedV1(Fact, title="PlatformOpened"):
    """A new platform opened with the texts of the software; before there were platforms for training."""

    day: Day
    texts: Annotated[list[PackagedText], Field(min_length=1)]


def _for_work(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"training": False}


UPCASTERS[PlatformOpenedV1.declaration.type] = _for_work
