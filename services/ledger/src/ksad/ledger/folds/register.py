"""The register: one row per cooperation, who supervises it, and its parties by region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.corrections import is_correction
from ksad.ledger.folds import cooperation, verifying
from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event, Row, Rows

COOPERATIONS = Table(
    "cooperations",
    key=("cooperation_id",),
    columns=("key", "title", "affair", "stage", "status", "ends_on", "closed_on", "changed_index"),
    json=("detail",),
    integers=("changed_index",),
    indexes=(("stage",), ("affair",), ("ends_on",)),
)
JURISDICTIONS = Table(
    "jurisdictions",
    key=("cooperation_id",),
    columns=("tier", "supervising_body", "dispute_forum"),
    json=("detail",),
    indexes=(("supervising_body",),),
)
SUPERVISION = "ksad.supervision."
RESOLVED, AGREEMENT_RESOLVED = (
    f"{SUPERVISION}{name}.v{NEWEST[SUPERVISION + name]}"
    for name in ("jurisdiction_resolved", "agreement_jurisdiction_resolved")
)
# The code is the one that was recorded: which province that is today, whoever reads asks the regions.
PARTIES = Table("cooperation_regions", key=("region", "cooperation_id"), columns=("member",))

SUPERVISED = Table("supervised", key=("office", "cooperation_id"), columns=("known_index",), integers=("known_index",))
"""Every office that ever supervised a cooperation or one of its agreements, or was to be informed of it.

``known_index`` is the first entry that says so.
"""


class RegisterProjection:
    """Folds the streams of cooperations, and the resolutions of who supervises them."""

    name = "register"
    version = 11
    tables = (COOPERATIONS, JURISDICTIONS, PARTIES, SUPERVISED, verifying.ENTRIES)
    prefixes = ("ksad.cooperation.", "ksad.supervision.")

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Applies one event; a correction folds its whole stream again."""
        kind = event["type"]
        if kind.startswith(SUPERVISION):
            # By name: a fact of supervision that is no resolution is not one of a cooperation's own.
            fold = {RESOLVED: self._resolved, AGREEMENT_RESOLVED: self._agreement_resolved}[kind]
            fold(rows, event["data"], index)
            self._supervised(rows, event["data"], index)
            verifying.hand_over(rows, event["data"]["cooperation_id"])
            return
        # Without ``cooperation/``.
        key = (event["subject"][12:],)
        known = rows.get("cooperations", key)
        before = known["detail"]["entries"] if known else {}
        if is_correction(kind):
            row = cooperation.refold(rows.history(event["subject"], index))
            rows.put("cooperations", key, row)
        else:
            row = rows.edit("cooperations", key, cooperation.empty)
            cooperation.fold(row, event)
        row["changed_index"] = index
        verifying.note(rows, key[0], before, row, event, index)
        if "parties" in event["data"]:
            self._regions(rows, key[0], event["data"]["parties"], event["data"].get("region"))

    def _regions(self, rows: Rows, cooperation_id: str, parties: list[str], changed: str | None) -> None:
        for region in parties:
            rows.put("cooperation_regions", (region, cooperation_id), {"member": "yes"})
        # Folds cannot delete rows, so the row of a region that left is overwritten.
        if changed is not None and changed not in parties:
            rows.put("cooperation_regions", (changed, cooperation_id), {"member": "left"})

    def _supervised(self, rows: Rows, data: dict[str, Any], index: int) -> None:
        for office in (data["supervising_body"], *data["informed"]):
            key = (office, data["cooperation_id"])
            if rows.get("supervised", key) is None:
                rows.put("supervised", key, {"known_index": index})

    def _resolved(self, rows: Rows, data: dict[str, Any], index: int) -> None:
        key = (data["cooperation_id"],)
        row = rows.edit("jurisdictions", key, _unresolved)
        row.update(tier=data["tier"], supervising_body=data["supervising_body"], dispute_forum=data["dispute_forum"])
        row["detail"]["resolutions"].append({**data, "index": index})

    def _agreement_resolved(self, rows: Rows, data: dict[str, Any], index: int) -> None:
        row = rows.edit("jurisdictions", (data["cooperation_id"],), _unresolved)
        row["detail"]["agreements"].setdefault(data["agreement"], []).append({**data, "index": index})


def _unresolved() -> Row:
    return {
        "tier": None,
        "supervising_body": None,
        "dispute_forum": None,
        "detail": {"resolutions": [], "agreements": {}},
    }
