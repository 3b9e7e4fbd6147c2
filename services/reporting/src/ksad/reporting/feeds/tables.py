"""The tables of the feeds."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
feed_entries = sa.Table(
    "feed_entries",
    metadata,
    sa.Column("province", sa.String(2), primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("province", "entry", name="feed_entries_once"),
)
cases = sa.Table(
    "feed_cases",
    metadata,
    sa.Column("cooperation_id", sa.String(36), primary_key=True),
    sa.Column("parties", sa.Text, nullable=False),
    sa.Column("supervisor", sa.Text),
)
"""What the rule remembers of each matter; from rule 2 on some are no cooperations.

``parties`` is JSON: a list, or an object with the parties and what else rule 2 remembers.
"""
members = sa.Table(
    "feed_members",
    metadata,
    sa.Column("cooperation_id", sa.String(36), primary_key=True),
    sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("audience", sa.Text, nullable=False),
)
"""Which facts belong to a matter, and for whom they are: the audience, and after a space the thread, if any."""
state = sa.Table(
    "feed_state",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("codes", sa.Text, nullable=False),
)
"""How far the feeds are, under which rule, and where regions are. ``codes`` is JSON, and its content is the rule's."""
