"""The facts that a supervising body examines: one row per fact, for the work lists of bodies and of recorders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from ksad.contracts import verification
from ksad.contracts.umbrella import Umbrella
from ksad.contracts.verification import RecordedEvent, VerifiableEntry
from ksad.ledger.folds.decoding import name_of
from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from ksad.contracts.verification import Entries
    from ksad.ledger.folds.rows import Event, Row, Rows

ENTRIES = Table(
    "verifiable_entries",
    key=("event_id",),
    columns=("cooperation_id", "body", "recorder", "name", "agreement", "status", "happened_on", "entry"),
    integers=("entry",),
    indexes=(("body", "status"), ("recorder", "status"), ("cooperation_id",)),
)


def fold(detail: dict[str, Any], event: Event, parts: Umbrella | None) -> None:
    """Fold one event into the facts to examine of a cooperation; they are replaced, never changed in place."""
    if verification.concerns(name_of(event["type"])):
        known = read(detail["entries"])
        after = evolved(known, event, parts)
        if after is not known:
            show(detail, after)


def evolved(known: Entries, event: Event, parts: Umbrella | None) -> Entries:
    """The facts to examine after an event; the same object where it changes nothing of them."""
    said = RecordedEvent(UUID(event["id"]), event["streamversion"], event.get("legacy") is True)
    return verification.evolve(known, name_of(event["type"]), event["data"], said, parts or Umbrella())


def show(detail: dict[str, Any], entries: Entries) -> None:
    """Writes the facts to examine, and how many of them are verified, into a row."""
    detail["entries"] = {key: one.model_dump(mode="json", exclude_defaults=True) for key, one in entries.items()}
    detail["verification"] = verification.counted(entries)._asdict()


def read(entries: dict[str, Any]) -> Entries:
    """The facts to examine from their JSON."""
    return {key: VerifiableEntry.model_validate(one) for key, one in entries.items()}


def is_verified(detail: dict[str, Any], event: str) -> bool:
    """Whether the fact that an event recorded was examined and found right."""
    return _status(detail["entries"].get(event, {})) == verification.EntryStatus.VERIFIED


def note(rows: Rows, cooperation_id: str, before: dict[str, Any], row: Row, event: Event, index: int) -> None:
    """Write the rows of the facts that an event recorded or changed.

    :param before: the facts to examine before it, as JSON.
    """
    after = row["detail"]["entries"]
    if after is before:
        return
    for key, one in after.items():
        if one == before.get(key):
            continue
        kept = rows.edit(ENTRIES.name, (key,), lambda: recorded(cooperation_id, event, index))
        _write(rows, cooperation_id, kept, one)


def settle(rows: Rows, cooperation_id: str, entries: dict[str, Any]) -> None:
    """Write what is known in the end of facts whose rows say only how they were recorded."""
    for key, one in entries.items():
        _write(rows, cooperation_id, rows.edit(ENTRIES.name, (key,), dict), one)


def _write(rows: Rows, cooperation_id: str, row: Row, one: dict[str, Any]) -> None:
    row.update(name=one["name"], agreement=one.get("agreement"), status=_status(one))
    row["body"] = _body(rows, cooperation_id, one.get("agreement"))


def hand_over(rows: Rows, cooperation_id: str) -> None:
    """Write who examines the facts of a cooperation from now on: the body that a resolution names."""
    row = rows.get("cooperations", (cooperation_id,))
    for key, one in ((row or {}).get("detail") or {}).get("entries", {}).items():
        rows.edit(ENTRIES.name, (key,), dict)["body"] = _body(rows, cooperation_id, one.get("agreement"))


def recorded(cooperation_id: str, event: Event, index: int) -> Row:
    """What the row of a fact says of its recording."""
    return {
        "cooperation_id": cooperation_id,
        "recorder": event["actoroffice"],
        "happened_on": event["occurredon"],
        "entry": index,
    }


def _status(one: dict[str, Any]) -> str:
    status: str = one.get("status", verification.EntryStatus.UNVERIFIED.value)
    return status


def _body(rows: Rows, cooperation_id: str, agreement: str | None) -> str | None:
    home = rows.get("jurisdictions", (cooperation_id,))
    if home is None:
        return None
    mine = home["detail"]["agreements"].get(agreement or "")
    body: str | None = mine[-1]["supervising_body"] if mine else home["supervising_body"]
    return body
