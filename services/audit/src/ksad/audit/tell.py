"""The history of a cooperation as lines for people, with index, office, clause and cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from ksad.contracts.identifiers import cooperation_id
from ksad.ledger.feeds.concern import cooperation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ID_SIZE = 16
WORDS_MAX = 240
VALUE_MAX = 120


class Line(NamedTuple):
    """One fact of a cooperation.

    ``number`` is its index in the log; ``recorded`` and ``occurred`` are when it was recorded and happened; ``says``
    holds its values in short; ``cause`` is the index of the entry that caused it.
    """

    number: int
    recorded: str
    occurred: str
    office: str
    clause: str
    what: str
    says: str
    cause: int | None


def trace(leaves: Iterable[bytes], cooperation: str) -> Iterator[Line]:
    """The facts of a cooperation in the order of the log.

    :param cooperation: its id, or its key in the register.
    """
    wanted = {cooperation, str(cooperation_id(cooperation))}
    ids = bytearray()  # of all leaves, to find causes; as objects they would take ten times as much memory
    clauses: dict[str, str] = {}
    for number, raw in enumerate(leaves):
        event = orjson.loads(raw)
        ids += UUID(event["id"]).bytes
        if cooperation_of(event["subject"], event["data"]) not in wanted:
            continue
        data = event["data"]
        clause = data.get("clause") or clauses.get(event["subject"], "")
        clauses[event["subject"]] = clause
        yield Line(
            number,
            event["time"][:16].replace("T", " "),
            _precise(event["occurredon"], event["dateprecision"]),
            event["actoroffice"],
            clause,
            " ".join(event["type"].split(".")[1:3]).replace("_", " "),
            _says(data),
            _place(ids, event.get("causationid")),
        )


def _place(ids: bytearray, cause: str | None) -> int | None:
    """The index of the leaf with an id; ``None`` if it is not among those read so far."""
    if cause is None:
        return None
    own = UUID(cause).bytes
    at = ids.find(own)
    # A match that spans two ids is none.
    while at >= 0 and at % ID_SIZE:
        at = ids.find(own, at + 1)
    return None if at < 0 else at // ID_SIZE


def short(value: object, most: int = VALUE_MAX) -> str:
    """A value as text of at most ``most`` characters; a dash for ``None``."""
    text = "-" if value is None else str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _precise(day: str, precision: str) -> str:
    return {"day": day, "month": day[:7], "year": day[:4]}[precision]


def _says(data: dict[str, Any]) -> str:
    """The values of a fact that are short enough for one line; nested values are left out."""
    told = []
    for name, value in data.items():
        if value in (None, [], {}) or name in {"cooperation_id", "clause"}:
            continue
        shown = value
        if isinstance(value, list) and not isinstance(value[0], dict):
            shown = ", ".join(map(str, value))
        elif isinstance(value, dict) and not any(isinstance(one, dict | list) for one in value.values()):
            shown = value.get("sha256") or ", ".join(f"{key} {one}" for key, one in value.items())
        if not isinstance(shown, list | dict):
            told.append(f"{name}: {shown}")
    return short("; ".join(told), WORDS_MAX)
