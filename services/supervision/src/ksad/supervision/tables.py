"""Supervision's tables. All of them can be folded again from events."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("cooperation_id", sa.Uuid, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("affair", sa.Text, nullable=False),
    sa.Column("body", sa.Text),
    sa.Column("agreed", sa.Boolean, nullable=False),
    sa.Column("with_body", sa.Boolean, nullable=False),
    sa.Column("closed_on", sa.Date),
    sa.Column("next_due", sa.Date),
    sa.Column("fault", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("cases_due", "next_due"),
    sa.Index("cases_affair", "affair", "agreed"),
)
"""One row per cooperation; ``fault`` is why its last day failed."""

case_parties = sa.Table(
    "case_parties",
    metadata,
    sa.Column("lineage", sa.Text, primary_key=True),
    sa.Column("cooperation_id", sa.Uuid, primary_key=True),
    sa.Column("agreement", sa.Text, primary_key=True),
    sa.Column("until", sa.Date),
    sa.Index("case_parties_cooperation", "cooperation_id"),
)
"""The regions that see tasks of a cooperation, by lineage. Of a party ``agreement`` is empty and ``until`` null.

Of a former party ``until`` is its last day, and a row names each ``agreement`` in whose settlement it takes part.
"""

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Column("cooperation_id", sa.Uuid),
    sa.Column("duty", sa.Text, nullable=False),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("stage", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("next_step", sa.Date),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("assignee", sa.Text),
    sa.Column("agreement", sa.Text),
    sa.Column("scheduled_on", sa.Date),
    sa.Column("occasion", sa.Text),
    sa.Index("tasks_page", "due_on", "task_id"),
    sa.Index("tasks_work", "body", "open", "due_on", "task_id"),
    sa.Index("tasks_assignee", "assignee", "open", "due_on", "task_id"),
    sa.Index("tasks_body", "body", "status"),
    sa.Index("tasks_cooperation", "cooperation_id", "open"),
    sa.Index("tasks_late", "next_step"),
    sa.Index("tasks_occasion", "occasion", "open"),
)
"""One row per task. ``next_step`` is the day whose passing makes it overdue, reminded of or escalated."""

asked_regions = sa.Table(
    "asked_regions",
    metadata,
    sa.Column("lineage", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Index("asked_regions_task", "task_id"),
)
"""The regions, by lineage, that an open task has not reached yet."""

heard = sa.Table(
    "heard",
    metadata,
    sa.Column("cooperation_id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)
"""The registry's events of each cooperation, needed to fold a stream again after a correction."""

references = sa.Table(
    "reference_texts",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)
"""The adopted texts, and the boundary changes."""

days = sa.Table(
    "days",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
)

supervisions = sa.Table(
    "supervisions",
    metadata,
    sa.Column("cooperation_id", sa.Uuid, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True),
    sa.Column("holds_from", sa.Date, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False, server_default=""),
)
"""Which body supervised which cooperation, or one of its agreements, from when on."""

follow_ups = sa.Table(
    "follow_ups",
    metadata,
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Column("finding", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("cooperation_id", sa.Uuid),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("by_on", sa.Date, nullable=False),
    sa.Column("closed_on", sa.Date),
    sa.Index("follow_ups_open", "closed_on", "by_on"),
)
"""What findings call for, by task and number of the finding: which office, by when, and when evidence closed it."""

bodies = sa.Table(
    "bodies",
    metadata,
    sa.Column("body", sa.Text, primary_key=True),
    sa.Column("decided_on", sa.Date, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
"""The supervising bodies established by decision (Pasal 5, 9)."""

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("task_id", sa.Uuid, primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("on", sa.Date, nullable=False),
)
"""Submitted reports, by the id of the task to report; they may come before the period closes."""

CURRENT = "current"

# Statements are built once: building one takes longer than executing it, and these run for every event.
TODAY = sa.select(days.c.day).where(days.c.name == CURRENT)
CASE = sa.select(cases.c.state).where(cases.c.cooperation_id == sa.bindparam("cooperation"))
OPEN_TASKS = (
    sa.select(tasks.c.state)
    .where(tasks.c.cooperation_id == sa.bindparam("cooperation"), tasks.c.open)
    .order_by(tasks.c.task_id)
)
TASK = sa.select(tasks.c.state).where(tasks.c.task_id == sa.bindparam("task"))
