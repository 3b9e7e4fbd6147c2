"""The recapitulation: how many cooperations stand where, for the nation, each province and each region.

A cooperation counts once in every scope that one of its current parties belongs to. A region that goes on under another
code counts under the code it has now (its lineage).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.folds import regions
from ksad.ledger.folds.cooperation import RUNNING_STAGE
from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event, Row, Rows

RECAP = Table("recap", key=("scope", "measure"), columns=("number",), integers=("number",))
MEMBERS = Table("recap_members", key=("member",), columns=(), json=("detail",))
CODES = ("codes",)
CHANGES = frozenset(
    f"ksad.cooperation.{name}.v1"
    for name in (
        "registered",
        "stage_entered",
        "party_joined",
        "party_withdrew",
        "agreement_signed",
        "ended",
        "proposal_withdrawn",
        "problem_reported",
        "problem_resolved",
        "dispute_raised",
        "dispute_settled",
    )
) | {"ksad.supervision.jurisdiction_resolved.v1"}
"""The facts that move a cooperation from one count to another."""


def _member() -> Row:
    return {"detail": {"parties": [], "problems": [], "disputes": []}}


def _zero() -> Row:
    return {"number": 0}


def _measures(detail: Row) -> dict[str, int]:
    """What one cooperation counts for, in every one of its scopes."""
    if "stage" not in detail:
        return {}
    measures = {"cooperations": 1, detail["status"]: 1}
    if detail["status"] in {"proposed", "running"}:
        measures[f"stage_{detail['stage']}"] = 1
        measures["problems_open"] = len(detail["problems"])
        measures["disputes_open"] = len(detail["disputes"])
        if "tier" in detail:
            measures[f"tier_{detail['tier']}"] = 1
    return measures


def _difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    change = dict(after)
    for measure, number in before.items():
        change[measure] = change.get(measure, 0) - number
    return change


class RecapProjection:
    """Folds cooperation and supervision streams into counts."""

    name = "recap"
    version = 1
    tables = (RECAP, MEMBERS)
    prefixes = ("ksad.cooperation.", "ksad.supervision.", "ksad.reference.")

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold one event: take the cooperation's old share out of the counts and put the new one in."""
        del index
        kind, data = event["type"], event["data"]
        if kind.startswith("ksad.reference."):
            self._codes(rows, kind, data)
            return
        if kind not in CHANGES:
            return
        key = (event["subject"].partition("/")[2],)
        detail = rows.edit("recap_members", key, _member)["detail"]
        parties, before = detail["parties"], _measures(detail)
        self._fold(detail, kind.split(".")[2], data)
        after, scopes = _measures(detail), self._scopes(rows, parties)
        moved = scopes if detail["parties"] == parties else self._scopes(rows, detail["parties"])
        if moved == scopes:
            self._count(rows, scopes, _difference(before, after))
        else:
            self._count(rows, scopes, _difference(before, {}))
            self._count(rows, moved, after)

    def _fold(self, detail: Row, name: str, data: dict[str, Any]) -> None:
        if name == "registered":
            status = "running" if data["stage"] == RUNNING_STAGE else "proposed"
            detail.update(parties=data["parties"], stage=data["stage"], status=status)
        elif name == "stage_entered":
            detail["stage"] = data["stage"]
            detail["status"] = "running" if data["stage"] == RUNNING_STAGE else detail["status"]
        elif name in {"party_joined", "party_withdrew"}:
            detail["parties"] = data["parties"]
        elif name == "agreement_signed":
            detail["status"] = "running"
        elif name in {"ended", "proposal_withdrawn"}:
            detail["status"] = "ended" if name == "ended" else "withdrawn"
        elif name == "problem_reported":
            detail["problems"] = [*detail["problems"], data["problem"]]
        elif name == "problem_resolved":
            detail["problems"] = [key for key in detail["problems"] if key != data["problem"]]
        elif name == "dispute_raised":
            detail["disputes"] = [*detail["disputes"], data["dispute"]]
        elif name == "dispute_settled":
            detail["disputes"] = [key for key in detail["disputes"] if key != data["dispute"]]
        elif name == "jurisdiction_resolved":
            detail["tier"] = data["tier"]

    def _scopes(self, rows: Rows, parties: list[str]) -> set[str]:
        codes = rows.get("recap_members", CODES)
        if codes is not None:
            parties = [regions.now(codes["detail"], code) for code in parties]
        return {"nation", *(code[:2] for code in parties), *parties}

    def _count(self, rows: Rows, scopes: set[str], change: dict[str, int]) -> None:
        for measure, number in change.items():
            if number:
                for scope in scopes:
                    rows.edit("recap", (scope, measure), _zero)["number"] += number

    def _codes(self, rows: Rows, kind: str, data: dict[str, Any]) -> None:
        known = rows.get("recap_members", CODES)
        codes = regions.extended({} if known is None else known["detail"], regions.new_codes(kind, data))
        members = [(key, row["detail"]) for key, row in rows.every("recap_members") if key != CODES]
        for _, detail in members:
            self._count(rows, self._scopes(rows, detail["parties"]), _difference(_measures(detail), {}))
        rows.put("recap_members", CODES, {"detail": codes})
        for _, detail in members:
            self._count(rows, self._scopes(rows, detail["parties"]), _measures(detail))
