"""The access table of the registry service."""

from __future__ import annotations

from ksad.contracts.access.table import (
    BINDS,
    ENTERS,
    EVERYBODY,
    EXAMINES,
    HEADS_WORD,
    READS,
    AccessTable,
    Grant,
    role_rules,
)

MINISTERS = ("minister", "joint_secretariat")
TEAMS = ("governor:*", "tkksd:*")
COMMANDS = (
    "enter-stage",
    "form-body",
    "dissolve-body",
    "schedule-signing",
    "sign-accord",
    "sign-agreement",
    "amend",
    "extend",
    "add-party",
    "report-problem",
    "end",
)
"""Commands on a cooperation that its parties and its supervising side may give."""

WORKBOOK = ("inventory-goods", "list-obligations", "add-termination-item", "complete-termination-item", "divide")
"""Commands on the workbook of an agreement's end, which its participants fill in."""
OWN = ("record-council-approval", "withdraw-party")
"""Commands that record an act of the region that they name: it does so itself, or its supervising side does."""

BY_WHOM = {
    "register": "own-initiative",
    "open-agreement": "own-draft",
    "drop-agreement": "own-draft",
    "resolve-problem": "own-problem",
    "raise-dispute": "is-side",
    "request-decision": "is-side",
    "give-termination-notice": "own-notice",
    "revoke-termination-notice": "own-notice",
    "withdraw-proposal": "is-initiator",
}
"""Commands of the party whose matter it is, by the condition that says so; its supervising side gives them too."""

TABLE = AccessTable(
    (
        Grant("read", EVERYBODY),
        Grant("read-reference", (*EVERYBODY, "feed:*", "mailer")),
        Grant("upload", (*MINISTERS, *TEAMS, "region:*")),
        # Who runs the machines brings about the calendar and nothing else: it records no fact and adopts no law.
        Grant("operate", ("operator",)),
        Grant("open-platform", ("operator",)),
        Grant("pass-day", ("operator",)),
        Grant("adopt", MINISTERS),
        Grant("pin-profile", MINISTERS),
        Grant("establish-body", ("minister",), clause="P5(1)"),
        Grant("establish-body", ("governor:*",), "own-body", "P9(1)"),
        *(
            grant
            for action, condition in (dict.fromkeys(COMMANDS, "is-party") | BY_WHOM).items()
            for grant in (
                Grant(action, ("region:*",), condition, "P1.3"),
                Grant(action, TEAMS, "supervises", "P3"),
                Grant(action, MINISTERS, "supervises", "P2"),
                Grant(action, MINISTERS, "legacy"),
            )
        ),
        *(
            grant
            for action in ("verify-entries", "return-entry")
            for grant in (
                Grant(action, TEAMS, "supervises-entries", "P11"),
                Grant(action, MINISTERS, "supervises-entries", "P7"),
            )
        ),
        # Of which entries, and in which fields, is asked of the entry: `ksad.registry.domain.vouching`.
        Grant("correct", ("region:*",), "is-party", "P1.3"),
        Grant("correct", TEAMS, "supervises", "P3"),
        Grant("correct", MINISTERS, clause="P2"),
        *(
            grant
            for action in OWN
            for grant in (
                Grant(action, ("region:*",), "own-party", "P1.4"),
                Grant(action, TEAMS, "supervises", "P3"),
                Grant(action, MINISTERS, "supervises", "P2"),
                Grant(action, MINISTERS, "legacy"),
            )
        ),
        *(
            grant
            for action in WORKBOOK
            for grant in (
                Grant(action, ("region:*",), "own-entry", "P1.3"),
                Grant(action, TEAMS, "supervises", "P3"),
                Grant(action, MINISTERS, "supervises", "P2"),
                Grant(action, MINISTERS, "legacy"),
            )
        ),
        # An act of several parties: by what each of them does, or by what the supervising side has in its hands.
        Grant("add-party", ("region:*",), "is-joiner", "P1.4"),
        Grant("confirm-act", ("region:*",), "is-asked", "P1.4"),
        Grant("confirm-act", TEAMS, "supervises", "P3"),
        Grant("confirm-act", MINISTERS, "supervises", "P2"),
        Grant("refuse-act", ("region:*",), "is-asked", "P1.4"),
        Grant("withdraw-act", ("region:*",), "is-proposer", "P1.4"),
        Grant("close-backfill", TEAMS, "supervises", "P3"),
        Grant("close-backfill", MINISTERS),
        Grant("escalate-dispute", ("governor:*",), "is-forum", "UU 23/2014 Pasal 370(3)"),
        Grant("escalate-dispute", ("tkksd:*",), "heads-decision", "UU 23/2014 Pasal 370(3)"),
        Grant("escalate-dispute", (*TEAMS, *MINISTERS), "legacy"),
        Grant("settle-dispute", ("governor:*",), "is-forum", "UU 23/2014 Pasal 370(1)"),
        # The decision is the Governor's; the team enters it from the document (P9(1): it assists the Governor).
        Grant("settle-dispute", ("tkksd:*",), "heads-decision", "UU 23/2014 Pasal 370(1)"),
        Grant("settle-dispute", MINISTERS, "ministers-dispute", "UU 23/2014 Pasal 370(2)"),
        Grant("settle-dispute", ("region:*",), "side-deliberates", "P1.3"),
        Grant("settle-dispute", TEAMS, "deliberation-recorded", "P3"),
        Grant("settle-dispute", MINISTERS, "deliberation-recorded", "P2"),
        Grant("settle-dispute", (*TEAMS, *MINISTERS), "legacy"),
    ),
    {
        "own-body": "the body is the TKKSD of the Governor's own province",
        "is-party": "the region, under its code of today, is a party of the cooperation, and the fact is no legacy one",
        "own-entry": (
            "the region takes part in the settlement (a party at the end, or one that left to settle with it), and the "
            "proof of a single participant is its own"
        ),
        "supervises": "the office, or its team, supervises the cooperation today",
        "supervises-entries": "the office, or its team, supervises today each agreement, or the cooperation, concerned",
        "legacy": "the fact is legacy, and the office supervises the cooperation or is the Ministry's",
        "is-forum": "the Governor is the forum today: every party is a regency or city of the Governor's province",
        "heads-decision": (
            "the Governor whom the team assists is the forum today, and has decided the dispute or passed it on"
        ),
        "ministers-dispute": "the Minister is the forum today, or the dispute was escalated to the Minister",
        "side-deliberates": "the sides settled it by deliberation, and the region is one of them",
        "deliberation-recorded": "the sides settled it by deliberation, and the office supervises it today",
        "own-notice": (
            "the region is a party, and the notice of termination that it replaces or takes back, if there is one, is "
            "its own, or nobody knows whose it is"
        ),
        "own-initiative": "the region is a party, and nobody else is named as the initiator",
        "own-draft": (
            "the region is a party of the agreement, and a draft that it drops was opened by itself, by no region, or "
            "nobody knows by whom"
        ),
        "own-problem": (
            "the region is a party, and the problem was reported by itself, by no region, or nobody knows by whom"
        ),
        "is-side": "the region is one of the sides of the dispute",
        "is-initiator": ("the region took the initiative for the cooperation; where nobody is named, it is a party"),
        "own-party": "the region named is the office's own, under its code of today; none is named, and it is a party",
        "is-joiner": "the region that is to join is the office's own",
        "is-asked": "the region is one of those whose confirmation the act needs",
        "is-proposer": "the region proposed the act",
    },
    {
        "correct": (
            "an entry is corrected by the office that recorded it, and by its supervising body from the document; of "
            "what stands by the consent of several, a party corrects its own number and signatory only"
        ),
        "read": (
            "what is shown of a cooperation goes by the audience of each fact; `GET /documents/{sha256}` is for the "
            "Minister, the Joint Secretariat, the auditor and the operator, others read a document where it is cited"
        ),
    },
    roles=role_rules(
        (
            BINDS,
            (
                *("sign-accord", "sign-agreement", "amend", "extend", "add-party", "withdraw-party", "end", "divide"),
                *("confirm-act", "refuse-act", "withdraw-act", "withdraw-proposal"),
                *("give-termination-notice", "revoke-termination-notice"),
            ),
        ),
        (
            HEADS_WORD,
            (
                *("raise-dispute", "request-decision", "escalate-dispute", "settle-dispute"),
                *("pin-profile", "references", "boundary-changes", "bodies"),
            ),
        ),
        (EXAMINES, ("verify-entries", "return-entry", "correct", "close-backfill")),
        (
            ENTERS,
            (
                *("register", "cooperations", "open-agreement", "drop-agreement", "enter-stage", "schedule-signing"),
                *("form-body", "dissolve-body", "record-council-approval", "report-problem", "resolve-problem"),
                *("inventory-goods", "list-obligations", "add-termination-item", "complete-termination-item"),
                *("opening", "days"),
            ),
        ),
        (READS, ("check",)),
    ),
)
