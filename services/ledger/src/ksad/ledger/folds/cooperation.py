"""Folds the stream of a cooperation into its row of the register; columns follow the printed *Matrik kerja sama*."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ksad.contracts import umbrella
from ksad.contracts.catalogue import NEWEST
from ksad.contracts.corrections import is_correction, substituted
from ksad.contracts.umbrella import CooperationStatus, Occurred, Umbrella
from ksad.ledger.folds import matters, verifying
from ksad.ledger.folds.decoding import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Event = dict[str, Any]
Row = dict[str, Any]
PREFIX = "ksad.cooperation."
FOR_PARTIES = {"notice", "workbook"}
"""What of an agreement comes from facts whose audience is the parties."""


def _registered(row: Row, event: Event) -> None:
    data = event["data"]
    row.update(key=data["key"], title=data["title"], affair=data["affair"])
    row["detail"].update(
        object=data["object"],
        category=data["category"],
        parties=list(data["parties"]),
        initiator=data["initiator"],
        registered_by=event["actoroffice"],
        profile=data["profile"],
        registered_on=event["occurredon"],
    )


def _listed(field: str, *, dated: bool = True, named: bool = False) -> Callable[[Row, Event], None]:
    """A fact that is one more in a list, with its day, and the event that recorded it, where that is shown."""

    def fold(row: Row, event: Event) -> None:
        said = {"on": event["occurredon"]} if dated else {}
        row["detail"][field].append({**event["data"], **said, **({"event": event["id"]} if named else {})})

    return fold


def _instrument(kind: str) -> Callable[[Row, Event], None]:
    def fold(row: Row, event: Event) -> None:
        data = event["data"]
        row["detail"]["instruments"].append(
            {
                "kind": kind,
                "on": event["occurredon"],
                "precision": event["dateprecision"],
                "numbers": data["numbers"],
                "effective_on": data.get("effective_on"),
                "ends_on": data.get("ends_on"),
                "scope": data.get("scope"),
                "changes": data.get("changes"),
                "document": data["document"],
                "key": data["accord"] if kind == "accord" else data["agreement"],
                "ends_precision": data["ends_precision"],
                "term": data["term"],
                "standing": data["standing"]["by"],
            }
        )

    return fold


def _dissolved(row: Row, event: Event) -> None:
    for one in row["detail"]["bodies"]:
        if one["event"] == event["data"]["body"]:
            one.update(dissolved_on=event["occurredon"], dissolved_by=event["data"]["instrument"])


def _profile_bound(row: Row, event: Event) -> None:
    row["detail"]["profile"] = event["data"]["profile"]


def _parties(row: Row, event: Event) -> None:
    row["detail"]["parties"] = list(event["data"]["parties"])


def _notice(row: Row, event: Event) -> None:
    row["detail"]["notice"] = event["data"]


def _revoked(row: Row, _: Event) -> None:
    row["detail"]["notice"] = None


def _withdrawn(row: Row, event: Event) -> None:
    row["detail"]["withdrawn"] = {**event["data"], "on": event["occurredon"]}


def _nothing(_row: Row, _event: Event) -> None:
    """A fact that only the accords and agreements show, or nothing."""


PARTS = [
    "stage_entered",
    "agreement_opened",
    "agreement_dropped",
    "goods_inventoried",
    "obligations_listed",
    "division_agreed",
    "settlement_closed",
    "backfill_closed",
    "corrected",
    "public_corrected",
    "entry_verified",
    "entry_returned",
    "act_proposed",
    "act_confirmed",
    "act_refused",
    "act_closed",
]
"""Facts that only the accords and agreements show, or nothing."""

FOLDS: dict[str, Callable[[Row, Event], None]] = {
    f"{PREFIX}{name}.v{NEWEST[PREFIX + name]}": fold
    for name, fold in {
        **dict.fromkeys(PARTS, _nothing),
        "registered": _registered,
        "body_formed": _listed("bodies", named=True),
        "body_dissolved": _dissolved,
        "signing_scheduled": _listed("signings", dated=False),
        "accord_signed": _instrument("accord"),
        "council_approval_recorded": _listed("approvals"),
        "agreement_signed": _instrument("agreement"),
        "profile_bound": _profile_bound,
        "agreement_amended": _instrument("amendment"),
        "agreement_extended": _instrument("extension"),
        "party_joined": _parties,
        "party_withdrew": _parties,
        "problem_reported": matters.problem_reported,
        "problem_resolved": matters.problem_resolved,
        "dispute_raised": matters.dispute_raised,
        "dispute_decision_requested": matters.dispute("decision_requested"),
        "dispute_escalated": matters.dispute("escalated"),
        "dispute_settled": matters.dispute("settled"),
        "termination_notice_given": _notice,
        "termination_notice_revoked": _revoked,
        "termination_item_added": _listed("items_added", dated=False),
        "termination_item_completed": _listed("proofs", named=True),
        "ended": _listed("endings"),
        "proposal_withdrawn": _withdrawn,
    }.items()
}
"""By the newest version of each type: a fact in another version is no fact that these folds know."""


def empty() -> Row:
    """The row of a cooperation before its first event."""
    return {
        "key": None,
        "title": None,
        "affair": None,
        "stage": None,
        "status": None,
        "ends_on": None,
        "term_ends_on": None,
        "closed_on": None,
        "changed_index": 0,
        "sort_title": "",
        "open_problems": 0,
        "open_disputes": 0,
        "unverified": 0,
        "detail": {
            "accords": {},
            "agreements": {},
            "approvals": [],
            "bodies": [],
            "disputes": {},
            "ended": None,
            "endings": [],
            "entries": {},
            "instruments": [],
            "items_added": [],
            "last_on": "",
            "notice": None,
            "parties": [],
            "parts": {},
            "problems": {},
            "proofs": [],
            "settlement": None,
            "signings": [],
            "verification": {"of": 0, "verified": 0},
        },
    }


def fold(row: Row, event: Event) -> None:
    """Fold one event, in its newest version, into the row of its cooperation.

    :raises KeyError: its type, or its version, is not one that these folds know.
    """
    FOLDS[event["type"]](row, event)
    note_day(row["detail"], event)
    parts = parts_after(row["detail"]["parts"], event)
    if parts is not None:
        show(row, parts)
    elif row["closed_on"] is not None:
        row["closed_on"] = row["detail"]["last_on"]
    verifying.fold(row["detail"], event, parts)


def note_day(detail: dict[str, Any], event: Event) -> None:
    """Notes the last day of any fact."""
    detail["last_on"] = max(detail["last_on"], event["occurredon"])  # ISO 8601 days are ordered as text.


def parts_after(before: dict[str, Any], event: Event) -> Umbrella | None:
    """Accords, agreements and states after an event, from their JSON; None where it changes nothing of them."""
    return evolve(Umbrella.model_validate(before), event) if concerns_parts(event) else None


def concerns_parts(event: Event) -> bool:
    """Whether an event may change accords, agreements and states."""
    return name_of(event["type"]).removeprefix(PREFIX) in umbrella.FOLDS or event.get("legacy") is True


def evolve(parts: Umbrella, event: Event) -> Umbrella:
    """Accords, agreements and states after an event."""
    said = Occurred(UUID(event["id"]), date.fromisoformat(event["occurredon"]), event.get("legacy") is True)
    return umbrella.evolve(parts, name_of(event["type"]), event["data"], said)


def plain(parts: Umbrella) -> dict[str, Any]:
    """Accords, agreements and states as JSON."""
    return parts.model_dump(mode="json", exclude_defaults=True)


def show(row: Row, parts: Umbrella) -> None:
    """The columns that follow from accords and agreements."""
    detail = row["detail"]
    end = parts.next_end
    detail["parts"] = plain(parts)
    row.update(stage=parts.furthest, status=parts.status, ends_on=end.isoformat() if end else None)
    row["term_ends_on"] = _end_of_terms(parts)
    row["closed_on"] = detail["last_on"] if parts.closed else None
    detail["accords"] = {
        key: one.model_dump(mode="json") | {"state": one.state.value} for key, one in parts.accords.items()
    }
    detail["agreements"] = {
        key: one.model_dump(mode="json", exclude=FOR_PARTIES) | {"state": one.state.value}
        for key, one in parts.agreements.items()
    }
    detail["settlement"] = parts.settlement
    detail["ended"] = _shown_end(detail["endings"], parts)


def _end_of_terms(parts: Umbrella) -> str | None:
    """The day on which the cooperation is to end by its terms alone: a notice of an earlier end is for the parties."""
    noticed = [key for key, one in parts.agreements.items() if one.notice is not None]
    plain_terms = {key: parts.agreements[key].model_copy(update={"notice": None}) for key in noticed}
    end = parts.model_copy(update={"agreements": parts.agreements | plain_terms}).next_end
    return None if end is None else end.isoformat()


def _shown_end(endings: list[dict[str, Any]], parts: Umbrella) -> dict[str, Any] | None:
    """The end that has effect: that of the cooperation, or the newest of what it had."""
    if parts.status is not CooperationStatus.ENDED:
        return None
    held = {(one.on.isoformat(), one.ground) for one in _held(parts)}
    return next((one for one in reversed(endings) if (one["on"], one["ground"]) in held), None)


def _held(parts: Umbrella) -> Iterable[umbrella.Ending]:
    return filter(None, (parts.ended, *(one.ended for one in (*parts.accords.values(), *parts.agreements.values()))))


def refold(history: Iterable[Event]) -> Row:
    """The row after all events of a stream, with corrections applied.

    :param history: the decoded events in order, as recorded (not upcast).
    """
    return folded(substituted(history))


def folded(events: Iterable[Event]) -> Row:
    """The row after some events of a stream, in their newest versions and with corrections applied.

    :raises KeyError: a type, or its version, is not one that these folds know.
    """
    row, parts, entries = empty(), Umbrella(), verifying.read({})
    for event in events:
        FOLDS[event["type"]](row, event)
        if not is_correction(event["type"]):
            note_day(row["detail"], event)
        changed = evolve(parts, event) if concerns_parts(event) else None
        entries = verifying.evolved(entries, event, changed)
        parts = changed or parts
    verifying.show(row["detail"], entries)
    show(row, parts)
    return row
