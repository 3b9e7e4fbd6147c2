"""Who may do what in reporting: the table, as data."""

from __future__ import annotations

from chassis.access import Grant, Policy

EVERYBODY = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")

POLICY = Policy(
    (
        Grant("read", EVERYBODY),
        Grant("read_log", ("auditor", "operator")),
        Grant("read-feed", ("feed:*", "governor:*", "tkksd:*"), "own-feed"),
        Grant("read-feed", ("minister", "joint_secretariat", "auditor", "operator")),
        Grant("operate", ("operator",)),
        Grant("compile", ("joint_secretariat",), "own-report", "P8"),
        Grant("compile", ("tkksd:*",), "own-report", "P12"),
        Grant("compile", ("governor:*",), "own-report", "P13"),
        Grant("submit", ("joint_secretariat", "tkksd:*", "governor:*"), "own-report", "P8/P12/P13"),
        Grant("receive", ("minister", "governor:*"), "addressee", "P8/P12/P13"),
    ),
    {
        "own-feed": "the feed is that of the office's own province",
        "own-report": "the report is one that the office itself owes",
        "addressee": "the report is addressed to the office",
    },
)
