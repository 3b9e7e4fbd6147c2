"""The access table of the registry service."""

from __future__ import annotations

from ksad.contracts.access.table import EVERYBODY, AccessTable, Grant

CENTRAL = ("joint_secretariat", "operator")
COMMANDS = (
    "enter-stage",
    "form-body",
    "schedule-signing",
    "sign-accord",
    "record-council-approval",
    "sign-agreement",
    "amend",
    "extend",
    "add-party",
    "withdraw-party",
    "report-problem",
    "resolve-problem",
    "raise-dispute",
    "request-decision",
    "give-termination-notice",
    "add-termination-item",
    "complete-termination-item",
    "end",
    "withdraw-proposal",
    "correct",
)
"""Commands on a cooperation that three groups may give: its parties, its supervising team, and the central offices."""

TABLE = AccessTable(
    (
        Grant("read", EVERYBODY),
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
            for grant in (
                Grant(action, CENTRAL),
                Grant(action, ("region:*",), "is-party", "P1.3"),
                Grant(action, ("tkksd:*", "governor:*"), "supervises", "P3"),
            )
        ),
        Grant("pin-profile", ("operator",)),
        # Not the parties: legacy facts are entered by the supervising side, which also says when they are complete.
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
        "is-party": "the region, under its present or a former code, is a party of the cooperation",
        "supervises": "the province's TKKSD supervises the cooperation: all parties are its regencies and cities",
        "is-forum": "the Governor is the dispute's forum: every party is a regency or city of the Governor's province",
        "ministers-or-deliberation": "the Minister is the forum, the dispute was escalated, or the parties deliberated",
        "party-deliberation": "the parties settled it by deliberation, and the region is one of them",
    },
)
