"""The register: one row per cooperation, who supervises it, and its parties by region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.folds.rows import Table
from ksad.ledger.rules.v1.folds import cooperation
from ksad.ledger.rules.v1.folds.correcting import CORRECTIONS

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event, Rows

COOPERATIONS = Table(
    "cooperations",
    key=("cooperation_id",),
    columns=("key", "title", "affair", "stage", "status", "ends_on", "changed_index"),
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
PARTIES = Table("cooperation_regions", key=("region", "cooperation_id"), columns=("province", "member"))


class RegisterProjection:
    """Folds the streams of cooperations, and the resolutions of who supervises them."""

    name = "register"
    version = 2
    tables = (COOPERATIONS, JURISDICTIONS, PARTIES)
    prefixes = ("ksad.cooperation.", "ksad.supervision.")

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Applies one event; a correction folds its whole stream again."""
        kind = event["type"]
        if kind == "ksad.supervision.jurisdiction_resolved.v1":
            self._resolved(rows, event["data"], index)
            return
        # Without ``cooperation/``.
        key = (event["subject"][12:],)
        if kind in CORRECTIONS:
            row = cooperation.refold(rows.history(event["subject"], index))
            rows.put("cooperations", key, row)
        else:
            row = rows.edit("cooperations", key, cooperation.empty)
            cooperation.FOLDS[kind](row, event)
        row["changed_index"] = index
        if "parties" in event["data"]:
            self._regions(rows, key[0], event["data"]["parties"], event["data"].get("region"))

    def _regions(self, rows: Rows, cooperation_id: str, parties: list[str], changed: str | None) -> None:
        for region in parties:
            rows.put("cooperation_regions", (region, cooperation_id), {"province": region[:2], "member": "yes"})
        # Folds cannot delete rows, so the row of a region that left is overwritten.
        if changed is not None and changed not in parties:
            rows.put("cooperation_regions", (changed, cooperation_id), {"province": changed[:2], "member": "left"})

    def _resolved(self, rows: Rows, data: dict[str, Any], index: int) -> None:
        key = (data["cooperation_id"],)
        row = rows.edit("jurisdictions", key, lambda: {"detail": {"resolutions": []}})
        row.update(tier=data["tier"], supervising_body=data["supervising_body"], dispute_forum=data["dispute_forum"])
        row["detail"]["resolutions"].append({**data, "index": index})
