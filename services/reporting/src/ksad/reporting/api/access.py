"""Who may do what in reporting: the table, as data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ksad.chassis.access import AccessTable, Grant
from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import WIDTHS, sight
from ksad.ledger.folds.regions import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.chassis.auth import Caller

EVERYBODY = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")

FOR_PARTIES = {"signings", "problems", "disputes", "notice", "items_added", "proofs"}
"""What of the register comes from facts whose audience is the parties."""

POLICY = AccessTable(
    (
        Grant("read", EVERYBODY),
        Grant("read-report", ("minister", "joint_secretariat", "auditor", "operator")),
        Grant("read-report", ("governor:*", "tkksd:*"), "own-chain", "P12/P13"),
        Grant("read_log", ("auditor", "operator")),
        Grant("read-feed", ("feed:*", "governor:*", "tkksd:*"), "own-feed"),
        Grant("read-feed", ("minister", "joint_secretariat", "auditor", "operator")),
        Grant("operate", ("operator",)),
        Grant("compile", ("joint_secretariat",), "own-report", "P8"),
        Grant("compile", ("tkksd:*",), "own-report", "P12"),
        Grant("compile", ("governor:*",), "own-report", "P13"),
        Grant("submit", ("joint_secretariat", "tkksd:*", "governor:*"), "own-report", "P8/P12/P13"),
        Grant("correct", ("minister", "joint_secretariat", "tkksd:*", "governor:*"), "own-event", "P8/P12/P13"),
        Grant("receive", ("minister", "governor:*"), "addressee", "P8/P12/P13"),
    ),
    {
        "own-feed": "the feed is that of the office's own province",
        "own-chain": "the report is one that the province's team or Governor owes",
        "own-event": "the step was recorded by the same office",
        "own-report": "the report is one that the office itself owes",
        "addressee": "the report is addressed to the office",
    },
)


def own_chain(caller: Caller) -> tuple[str, ...] | None:
    """The offices between which a province's reports go; None for a caller who reads those of all."""
    role, _, code = caller.office.partition(":")
    return (f"tkksd:{code}", f"governor:{code}") if role in {"governor", "tkksd"} else None


def narrowed(item: dict[str, Any], seen: Audience) -> dict[str, Any]:
    """A row of the register without what is meant for parties only, where the caller is none."""
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return item
    return {name: value for name, value in item.items() if name not in FOR_PARTIES}


def sight_of(caller: Caller, item: dict[str, Any], codes: Mapping[str, str]) -> Audience:
    """The widest audience of a row of the register that the caller belongs to.

    :param codes: from every code that ended to the one that its region has now.
    """
    return sight(caller.office, item["parties"], item["supervising_body"], partial(now, codes))
