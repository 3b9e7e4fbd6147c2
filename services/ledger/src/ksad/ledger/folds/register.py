"""The register: one row per cooperation, who supervises it, and its parties by region."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.corrections import is_correction
from ksad.ledger.folds import cooperation, verifying
from ksad.ledger.folds.rows import Table
from ksad.ledger.folds.spelling import letters

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event, Row, Rows

COOPERATIONS = Table(
    "cooperations",
    key=("cooperation_id",),
    columns=(
        "key",
        "title",
        "sort_title",
        "affair",
        "stage",
        "status",
        "ends_on",
        "term_ends_on",
        "closed_on",
        "open_problems",
        "open_disputes",
        "unverified",
        "changed_index",
    ),
    json=("detail",),
    integers=("open_problems", "open_disputes", "unverified", "changed_index"),
    indexes=(
        ("key",),
        ("status", "key"),
        ("stage", "key"),
        ("affair", "key"),
        ("sort_title", "key"),
        ("changed_index", "key"),
        ("ends_on",),
        ("term_ends_on",),
        ("open_problems",),
        ("open_disputes",),
        ("unverified",),
    ),
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

AWAITED = Table("awaited", key=("region", "cooperation_id"), columns=("proposals",), integers=("proposals",))
"""How many acts wait for the confirmation of a region, under the code with which it was recorded."""

SUPERVISED = Table("supervised", key=("office", "cooperation_id"), columns=("known_index",), integers=("known_index",))
"""Every office that ever supervised a cooperation or one of its agreements, or was to be informed of it.

``known_index`` is the first entry that says so.
"""


class RegisterProjection:
    """Folds the streams of cooperations, and the resolutions of who supervises them."""

    name = "register"
    version = 13
    tables = (COOPERATIONS, JURISDICTIONS, PARTIES, AWAITED, SUPERVISED, verifying.ENTRIES)
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
        asked = _awaiting(known["detail"]) if known else Counter()
        if is_correction(kind):
            row = cooperation.refold(rows.history(event["subject"], index))
            rows.put("cooperations", key, row)
        else:
            row = rows.edit("cooperations", key, cooperation.empty)
            cooperation.fold(row, event)
        row["changed_index"] = index
        count(row)
        for region, proposals in changed_numbers(asked, _awaiting(row["detail"])):
            rows.put("awaited", (region, key[0]), {"proposals": proposals})
        verifying.note(rows, key[0], before, row, event, index)
        if "parties" in event["data"]:
            self.place(rows, key[0], event["data"]["parties"], event["data"].get("region"))

    def place(self, rows: Rows, cooperation_id: str, parties: list[str], changed: str | None) -> None:
        """Lists a cooperation under the regions of its parties."""
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


def count(row: Row) -> None:
    """The columns that lists are sorted and chosen by."""
    detail = row["detail"]
    row["sort_title"] = letters(row["title"] or "")
    row["open_problems"] = sum(one.get("outcome") is None for one in detail["problems"].values())
    row["open_disputes"] = sum(one.get("status") != "settled" for one in detail["disputes"].values())
    row["unverified"] = detail["verification"]["of"] - detail["verification"]["verified"]


def _awaiting(detail: dict[str, Any]) -> Counter[str]:
    """How many acts wait for each region."""
    acts = detail["parts"].get("pending", {}).values()
    return Counter(code for act in acts for code in act["asked"] if code not in act.get("confirmed", ()))


def changed_numbers(before: Counter[str], after: Counter[str]) -> list[tuple[str, int]]:
    """The regions whose number is another one, each with the new one."""
    return [(region, after[region]) for region in sorted({*before, *after}) if before[region] != after[region]]


def _unresolved() -> Row:
    return {
        "tier": None,
        "supervising_body": None,
        "dispute_forum": None,
        "detail": {"resolutions": [], "agreements": {}},
    }
