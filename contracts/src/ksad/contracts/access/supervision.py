"""The access table of the supervision service."""

from __future__ import annotations

from ksad.contracts.access.table import BINDS, ENTERS, EVERYBODY, EXAMINES, AccessTable, Grant, role_rules

MINISTERS = ("joint_secretariat", "minister")
GOVERNORS = ("tkksd:*", "governor:*")

TABLE = AccessTable(
    (
        Grant("read", EVERYBODY),
        Grant("read-events", ("minister", "joint_secretariat", "auditor", "operator")),
        Grant("read-events", GOVERNORS, "supervises", "P3"),
        Grant("upload", ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*")),
        *(
            grant
            for action in ("assign", "deliver", "complete", "correct")
            for grant in (Grant(action, MINISTERS, "owes", "P6"), Grant(action, GOVERNORS, "owes", "P10"))
        ),
        Grant("close-follow-up", MINISTERS, "owes-or-supervises", "P7"),
        Grant("close-follow-up", GOVERNORS, "owes-or-supervises", "P11"),
        Grant("correct", ("region:*",), "own-event", "P1.3"),
        Grant("decline", ("region:*",), "own-party", "P1.3"),
        Grant("acknowledge", ("region:*",), "own-party", "P1.3"),
        # Who is told that another body supervises what his regencies do says that it has reached him (policy).
        Grant("acknowledge", ("governor:*",), "informed"),
        Grant("open-reminder", ("region:*",), "own-party", "P6.d.4/P10.d.4"),
        Grant("open-reminder", (*MINISTERS, *GOVERNORS), "owes"),
        Grant("operate", ("operator",)),
    ),
    {
        "owes": "the task belongs to the office's own supervising body",
        "owes-or-supervises": "the office's own body filed the finding, or supervises what it is about today",
        "own-event": "the event was recorded by the same office",
        "supervises": "the office, or its team, supervises the cooperation or is responsible for the task",
        "informed": "the Governor is one of those who are told who supervises a cooperation of the own province",
        "own-party": "the region, under its code of today, is a party that the task is for, whatever its code was",
    },
    roles=role_rules(
        # What a region declines, its supervising body owes it no more.
        (BINDS, ("decline",)),
        (EXAMINES, ("correct", "close-follow-up")),
        (ENTERS, ("assign", "deliver", "complete", "acknowledge", "open-reminder", "retry", "dismiss")),
    ),
)
