"""The access table of the reporting service: reports, the log and the feeds."""

from __future__ import annotations

from ksad.contracts.access.table import ENTERS, EVERYBODY, EXAMINES, HEADS_WORD, READS, AccessTable, Grant, role_rules

TABLE = AccessTable(
    (
        Grant("read", EVERYBODY),
        Grant("read-report", ("minister", "joint_secretariat", "auditor", "operator")),
        Grant("read-report", ("governor:*", "tkksd:*"), "own-chain", "P12/P13"),
        Grant("read_log", ("auditor", "operator")),
        # Whom the portal reminds of what; its account, the mailer, reads nothing else of this service.
        Grant("read-reminders", ("mailer", "auditor")),
        Grant("read-feed", ("feed:*", "governor:*", "tkksd:*"), "own-feed"),
        Grant("read-feed", ("minister", "joint_secretariat", "auditor", "operator")),
        Grant("read-feed-rule", (*EVERYBODY, "feed:*")),
        Grant("adopt-feed-rule", ("minister", "joint_secretariat")),
        Grant("adopt-feed-rule", ("operator",), "nothing-fed"),
        Grant("operate", ("operator",)),
        Grant("compile", ("joint_secretariat",), "own-report", "P8"),
        Grant("compile", ("tkksd:*",), "own-report", "P12"),
        Grant("compile", ("governor:*",), "own-report", "P13"),
        Grant("read-draft", ("joint_secretariat", "tkksd:*", "governor:*"), "own-report", "P8/P12/P13"),
        Grant("read-draft", ("auditor",)),
        Grant("submit", ("joint_secretariat", "tkksd:*", "governor:*"), "own-report", "P8/P12/P13"),
        Grant("correct", ("minister", "joint_secretariat", "tkksd:*", "governor:*"), "own-event", "P8/P12/P13"),
        Grant("receive", ("minister", "governor:*"), "addressee", "P8/P12/P13"),
    ),
    {
        "nothing-fed": "no feed has an entry yet: a new platform begins with the newest rule",
        "own-feed": "the feed is that of the office's own province",
        "own-chain": "the report is due from the team or the Governor of the office's own province",
        "own-event": "the step was recorded by the same office",
        "own-report": "the report is due from the office itself",
        "addressee": "the report is addressed to the office",
    },
    roles=role_rules(
        # P8, P12 and P13 let the head report, and the head receive.
        (HEADS_WORD, ("submit", "accept", "return", "feed-rule")),
        (EXAMINES, ("correct",)),
        (READS, ("print",)),
        (ENTERS, ("reports", "narrative", "discard", "signed-copy", "retry", "dismiss")),
    ),
)
