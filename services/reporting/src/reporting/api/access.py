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
    )
)
