"""Checks that facts are of this platform and of known types, with data as their types define them."""

from __future__ import annotations

from collections import defaultdict
from itertools import compress
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from ksad.audit.checks.form import UNSURE, Fault
from ksad.audit.checks.shapes import shape
from ksad.contracts.catalogue import DECLARATIONS, declaration_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.audit.checks.form import Leaves
    from ksad.contracts.catalogue import Declaration

SCHEMA = "urn:ksad:schema:"
TELLING = 3
"""The index of the letter in which the names of services differ."""


class Facts:
    """Checks the data of envelopes, many of one type at once; in case of doubt the model of the type decides.

    ``fault`` is the first invalid leaf. ``platforms`` are the platforms that sources name, with the first leaf of each.
    ``services`` has the letter at `TELLING` of each leaf's service. ``unsourced`` are legacy facts that name no file.
    """

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self.platforms: dict[str, int] = {}
        self.unsourced: list[int] = []
        self.services = bytearray()
        self._letters: dict[str, int] = {}
        self._origins: set[tuple[str, str, str]] = set()

    def begin(self) -> None:
        """Starts a new run of leaves: findings are reset, accepted values are kept."""
        self.fault, self.platforms, self.unsourced, self.services = None, {}, [], bytearray()

    def take(self, leaves: Leaves) -> None:
        """Checks further leaves of the run."""
        origins = set(zip(leaves.types, leaves.sources, leaves.schemas, strict=True))
        if origins - self._origins or not self.platforms:
            self._learn(leaves)
        for source in set(leaves.sources) - self._letters.keys():
            self._letters[source] = ord(source.rpartition(":")[2][TELLING])
        self.services += bytes(map(self._letters.__getitem__, leaves.sources))
        if any(leaves.unsourced):
            self.unsourced += compress(leaves.at, leaves.unsourced)
        groups = defaultdict[str, list[Any]](list)
        for kind, data in zip(leaves.types, leaves.data, strict=True):
            groups[kind].append(data)
        for kind, facts in groups.items():
            declaration = DECLARATIONS.get(kind)
            if declaration is None:
                continue
            described = shape(declaration.model)
            if described is None or not described.fits(facts):
                for at, data in compress(zip(leaves.at, leaves.data, strict=True), map(kind.__eq__, leaves.types)):
                    self.refuse(at, wrong(declaration, data))

    def _learn(self, leaves: Leaves) -> None:
        """Checks combinations of type, source and schema that were not met before."""
        for at, origin in zip(leaves.at, zip(leaves.types, leaves.sources, leaves.schemas, strict=True), strict=True):
            kind, source, schema = origin
            _, _, platform, service = source.split(":")
            self.platforms.setdefault(platform, at)
            if origin not in self._origins:
                told = foreign(kind, service, schema)
                self.refuse(at, told)
                if told is None:
                    self._origins.add(origin)

    def refuse(self, at: int, detail: str | None) -> None:
        """Records a fault of a leaf, if ``detail`` names one; the fault with the smallest index is kept."""
        if detail is not None and (self.fault is None or at < self.fault.at):
            self.fault = Fault(at, detail[:300])


def foreign(kind: str, service: str, schema: str) -> str | None:
    """Why a type, service and schema do not go together, or the type is unknown; ``None`` if they are valid."""
    try:
        declaration = declaration_of(kind)
    except LookupError:
        return f"this release does not know {kind}, so it cannot judge it: verify with the release that wrote it"
    if declaration.service != service:
        return f"{kind} is of {declaration.service.value}, not of {service}"
    if schema != f"{SCHEMA}{kind}":
        return f"it names the schema {schema[:80]}, and is a {kind}"
    return None


def wrong(declaration: Declaration, data: Any) -> str | None:  # noqa: ANN401 - whatever stands there
    """Why the data of a fact are invalid by the model of its type; ``None`` if valid and in the form that it writes."""
    try:
        fact = declaration.model.model_validate_json(orjson.dumps(data), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{declaration.type}: {'.'.join(map(str, first['loc'])) or 'data'}: {first['msg']}"
    except UNSURE as error:
        return f"{declaration.type}: {error}"
    written = fact.model_dump(mode="json")
    other = next(_differing(written, data), None)
    return None if other is None else f"{declaration.type}: {other} is not written as its type writes it"


def _differing(written: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
    return (name for name in written if written[name] != data.get(name))
