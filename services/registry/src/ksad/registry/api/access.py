"""Who may record what in the registry: the table, as data; ``domain/permissions.py`` knows its conditions."""

from __future__ import annotations

from typing import Any

from ksad.chassis.access import AccessTable, Grant
from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import WIDTHS
from ksad.registry.domain.commands import COMMANDS

READERS = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")
CENTRAL = ("joint_secretariat", "operator")
FOR_PARTIES = {"problems", "disputes", "notice", "items_added", "proofs"}
"""What of a cooperation's state comes from facts whose audience is the parties."""
RESERVED = {"pin-profile", "settle-dispute", "escalate-dispute", "close-backfill"}

POLICY = AccessTable(
    (
        Grant("read", READERS),
        Grant("upload", ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "operator")),
        Grant("operate", ("operator",)),
        Grant("adopt", ("operator",)),
        Grant("pass-day", ("operator",)),
        Grant("establish-body", ("minister", "operator"), clause="P5(1)"),
        Grant("establish-body", ("governor:*",), "own-body", "P9(1)"),
        Grant("register", CENTRAL),
        Grant("register", ("region:*",), "is-party", "P1.3"),
        Grant("register", ("tkksd:*", "governor:*"), "supervises", "P3"),
        *(
            grant
            for action in COMMANDS
            if action not in RESERVED
            for grant in (
                Grant(action, CENTRAL),
                Grant(action, ("region:*",), "is-party", "P1.3"),
                Grant(action, ("tkksd:*", "governor:*"), "supervises", "P3"),
            )
        ),
        Grant("pin-profile", ("operator",)),
        Grant("close-backfill", CENTRAL),
        Grant("close-backfill", ("tkksd:*", "governor:*"), "supervises", "P3"),
        Grant("escalate-dispute", ("governor:*",), "is-forum", "UU 23/2014 Pasal 370(3)"),
        Grant("escalate-dispute", ("minister", *CENTRAL)),
        Grant("settle-dispute", ("governor:*",), "is-forum", "P10.d.5"),
        Grant("settle-dispute", ("minister", "joint_secretariat"), "ministers-or-deliberation", "P6.d.5"),
        Grant("settle-dispute", ("region:*",), "party-deliberation", "P1.3"),
        Grant("settle-dispute", ("operator",)),
    ),
    {
        "own-body": "the body is the TKKSD of the Governor's own province",
        "is-party": "the region, read by its lineage, is a party of the cooperation",
        "supervises": "the province's TKKSD supervises the cooperation: all parties are its regencies and cities",
        "is-forum": "the Governor settles this dispute: all parties are his regencies and cities, his province is none",
        "ministers-or-deliberation": "the Minister is the forum, the dispute was escalated, or the parties deliberated",
        "party-deliberation": "the parties settled it by deliberation, and the region is one of them",
    },
)


def narrowed(shown: dict[str, Any], seen: Audience) -> dict[str, Any]:
    """A cooperation without what is meant for parties only, where the caller is none."""
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return shown
    return {name: value for name, value in shown.items() if name not in FOR_PARTIES}
