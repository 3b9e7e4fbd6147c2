"""Which provinces a fact concerns: the pure rule of the feeds, version 1.

A fact of a cooperation concerns a province when the province, or a region in it, is among the current parties, and the
fact's audience admits it: ``public`` and ``parties`` all of them, ``supervisor`` only the province whose TKKSD
supervises. When the parties, the supervisor or a boundary change, what a province is then entitled to and has not yet
received of the cooperation's history follows at that moment, in journal order.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, NamedTuple

from contracts.catalogue import DECLARATIONS, Audience

if TYPE_CHECKING:
    from collections.abc import Iterable

RULE_VERSION = 1
SUPERVISOR = Audience.SUPERVISOR.value
AUDIENCES = {kind: declaration.audience.value for kind, declaration in DECLARATIONS.items()}


class Case(NamedTuple):
    """What the rule must remember of a cooperation."""

    parties: tuple[str, ...] = ()
    supervisor: str | None = None

    def provinces(self, codes: dict[str, str]) -> frozenset[str]:
        """The provinces that the parties are, or lie in, under the codes they have now."""
        return frozenset(codes.get(party, party)[:2] for party in self.parties)

    def entitled(self, province: str, audience: str) -> bool:
        """Whether a province of this cooperation may see a fact of this audience."""
        return audience != SUPERVISOR or self.supervisor == f"tkksd:{province}"

    def folded(self, event: dict[str, Any]) -> Case:
        """The case after a fact of its cooperation."""
        kind, data = event["type"], event["data"]
        if kind.startswith("ksad.cooperation.") and "parties" in data:
            return self._replace(parties=tuple(data["parties"]))
        if kind.startswith("ksad.supervision.jurisdiction_resolved."):
            return self._replace(supervisor=data["supervising_body"])
        return self


def cooperation_of(event: dict[str, Any]) -> str | None:
    """The cooperation that a fact belongs to, or None."""
    noun, _, name = event["subject"].partition("/")
    if noun == "cooperation":
        return str(name)
    if noun in {"supervision", "task"}:
        found = event["data"].get("cooperation_id")
        return None if found is None else str(found)
    return None


def audience_of(event: dict[str, Any]) -> str | None:
    """Who may see a fact outside the ministry; None, nobody, where the type is unknown."""
    return AUDIENCES.get(event["type"])


def new_codes(event: dict[str, Any]) -> dict[str, str]:
    """From codes that ended to those that go on in their place, as far as this fact says."""
    if event["type"] == "ksad.reference.boundary_changed.v1":
        return {event["data"]["region"]: event["data"]["successor"]}
    if event["type"] == "ksad.reference.reference_adopted.v1" and event["data"]["kind"] == "regions":
        return successors(csv.DictReader(io.StringIO(event["data"]["content"])))
    return {}


def successors(rows: Iterable[dict[str, str]]) -> dict[str, str]:
    """The code that each ended code's lineage has now."""
    regions = list(rows)
    current = {row["lineage"]: row["code"] for row in regions if not row["valid_to"]}
    return {row["code"]: current[row["lineage"]] for row in regions if row["valid_to"] and row["lineage"] in current}
