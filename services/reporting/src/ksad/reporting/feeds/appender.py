"""Appends to the provinces' feeds: each a log of its own, dense from 0, in the order of delivery, with its frontier.

Feeds are appended, never rebuilt. The rule is pure (:mod:`ksad.ledger.feeds.concern`), so that an auditor recomputes
from the national leaves what each feed had to contain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.ledger.feeds.concern import RULE_VERSION, ConcernState, audience_of, changes, cooperation_of
from ksad.ledger.folds.regions import extended, new_codes
from ksad.reporting.journal import load_frontier, save_frontier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.chassis.database import Database
    from ksad.reporting.journal import Journal

BATCH = 500
CURSOR = "feeds"

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
members = sa.Table(
    "feed_members",
    metadata,
    sa.Column("cooperation_id", sa.String(36), primary_key=True),
    sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("audience", sa.Text, nullable=False),
)
state = sa.Table(
    "feed_state",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("codes", sa.Text, nullable=False),
)
LEAVES = sa.text(
    "SELECT journal.raw FROM feed_entries JOIN journal ON journal.entry = feed_entries.entry"
    " WHERE province = :province AND position >= :start ORDER BY position LIMIT :limit"
)
# Made once, as all that is asked for every page or every event: making a statement costs as much as carrying it out.
CASE = sa.select(cases).where(cases.c.cooperation_id == sa.bindparam("cooperation"))
STATE = sa.select(state).where(state.c.name == CURSOR)
DELIVER = sa.insert(feed_entries)
REMEMBER = sa.insert(members)


class OtherRuleError(Exception):
    """The feeds here were selected by another version of the rule; this code must not go on with them."""


class FeedDelivery(NamedTuple):
    """One fact for one province."""

    province: str
    entry: int


def feed_log(province: str) -> str:
    """The name of a province's feed among the frontiers."""
    return f"feed/{province}"


class Batch:
    """The selection of one batch, in memory until its transaction ends."""

    def __init__(self, connection: sa.Connection, codes: dict[str, str]) -> None:
        self._connection = connection
        self.codes = codes
        self.cases: dict[str, ConcernState] = {}
        self.members: list[dict[str, Any]] = []
        self.deliveries: list[FeedDelivery] = []

    def take(self, index: int, event: dict[str, Any]) -> None:
        """Select for one fact."""
        kind, data = event["type"], event["data"]
        moved = new_codes(kind, data)
        if moved:
            self._move(moved)
        identity, audience = cooperation_of(event["subject"], data), audience_of(kind)
        if identity is None or audience is None:
            return
        before = self._case(identity)
        after = self.cases[identity] = before._replace(**changes(kind, data))
        self.members.append({"cooperation_id": identity, "entry": index, "audience": audience})
        if after == before:
            provinces = sorted(after.provinces(self.codes))
            self.deliveries += [FeedDelivery(one, index) for one in provinces if after.entitled(one, audience)]
        else:
            self._catch_up(identity, after)

    def _case(self, identity: str) -> ConcernState:
        if identity not in self.cases:
            row = self._connection.execute(CASE, {"cooperation": identity}).one_or_none()
            self.cases[identity] = (
                ConcernState() if row is None else ConcernState(tuple(orjson.loads(row.parties)), row.supervisor)
            )
        return self.cases[identity]

    def _move(self, moved: dict[str, str]) -> None:
        """A boundary moved: every cooperation with a region that has another code now is looked at again."""
        before, self.codes = self.codes, extended(self.codes, moved)
        everyone = set(self._connection.execute(sa.select(cases.c.cooperation_id)).scalars())
        for identity in sorted(everyone | self.cases.keys()):
            case = self._case(identity)
            if case.provinces(before) != case.provinces(self.codes):
                self._catch_up(identity, case)

    def _catch_up(self, identity: str, case: ConcernState) -> None:
        """Deliver what each province is entitled to of the history so far and has not received."""
        stored = self._connection.execute(
            sa.select(members.c.entry, members.c.audience).where(members.c.cooperation_id == identity)
        )
        history = [(row.entry, row.audience) for row in stored]
        history += [(row["entry"], row["audience"]) for row in self.members if row["cooperation_id"] == identity]
        for province in sorted(case.provinces(self.codes)):
            had = self._received(province, [entry for entry, _ in history])
            self.deliveries += [
                FeedDelivery(province, entry)
                for entry, audience in sorted(history)
                if entry not in had and case.entitled(province, audience)
            ]

    def _received(self, province: str, entries: Sequence[int]) -> set[int]:
        had = {one.entry for one in self.deliveries if one.province == province}
        for start in range(0, len(entries), BATCH):
            query = sa.select(feed_entries.c.entry).where(
                feed_entries.c.province == province, feed_entries.c.entry.in_(entries[start : start + BATCH])
            )
            had.update(self._connection.execute(query).scalars())
        return had


class Feeds:
    """The feeds of all provinces, in reporting's database."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self.database = database
        self.journal = journal
        self.grown: dict[str, int] = {}
        """The feeds that the last step has appended to, and the sizes they have now."""

    def _state(self, connection: sa.Connection) -> tuple[int, dict[str, str]]:
        row = connection.execute(STATE).one_or_none()
        if row is None:
            return 0, {}
        if row.rule_version != RULE_VERSION:
            message = f"feeds selected by rule version {row.rule_version}, this code has {RULE_VERSION}"
            raise OtherRuleError(message)
        return row.position, orjson.loads(row.codes)

    def step(self, limit: int = BATCH) -> int:
        """Append the next batch of the journal to the feeds it concerns; the number of entries looked at."""
        self.grown = {}
        with self.database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE feed_state IN EXCLUSIVE MODE")
            position, codes = self._state(connection)
            entries = self.journal.entries(connection, position, limit)
            if not entries:
                return 0
            batch = Batch(connection, codes)
            for entry in entries:
                batch.take(entry.number, orjson.loads(entry.raw))
            grown = self._append(connection, batch.deliveries)
            self._remember(connection, batch)
            values = {
                "name": CURSOR,
                "position": position + len(entries),
                "rule_version": RULE_VERSION,
                "codes": orjson.dumps(batch.codes, option=orjson.OPT_SORT_KEYS).decode(),
            }
            upsert(connection, state, [values])
        self.grown = grown
        return len(entries)

    def _append(self, connection: sa.Connection, deliveries: Sequence[FeedDelivery]) -> dict[str, int]:
        grown = {}
        wanted = {one.entry for one in deliveries}
        hashes = self.journal.leaf_hashes(connection, sorted(wanted))
        by_province: dict[str, list[int]] = {}
        for one in deliveries:
            by_province.setdefault(one.province, []).append(one.entry)
        for province, indexes in sorted(by_province.items()):
            frontier = load_frontier(connection, feed_log(province))
            rows = [
                {"province": province, "position": frontier.size + number, "entry": index}
                for number, index in enumerate(indexes)
            ]
            connection.execute(DELIVER, rows)
            extended = frontier.extended([hashes[index] for index in indexes])
            save_frontier(connection, feed_log(province), extended)
            grown[province] = extended.size
        return grown

    def _remember(self, connection: sa.Connection, batch: Batch) -> None:
        rows = [
            {
                "cooperation_id": identity,
                "parties": orjson.dumps(case.parties).decode(),
                "supervisor": case.supervisor,
            }
            for identity, case in batch.cases.items()
        ]
        upsert(connection, cases, rows)
        if batch.members:
            connection.execute(REMEMBER, batch.members)

    def size(self, connection: sa.Connection, province: str) -> int:
        """How many facts a province's feed has."""
        return load_frontier(connection, feed_log(province)).size

    def leaves(self, connection: sa.Connection, province: str, after: int, limit: int) -> list[bytes]:
        """The exact bytes of a province's feed from position ``after`` on; positions are dense."""
        asked = {"province": province, "start": after, "limit": limit}
        return list(connection.execute(LEAVES, asked).scalars().all())

    def hashes(self, connection: sa.Connection, province: str, after: int, limit: int) -> bytes:
        """The leaf hashes of a province's feed from position ``after`` on, one behind the other."""
        journal = sa.table("journal", sa.column("entry"), sa.column("leaf_hash"))
        query = (
            sa.select(journal.c.leaf_hash)
            .join_from(feed_entries, journal, feed_entries.c.entry == journal.c.entry)
            .where(feed_entries.c.province == province, feed_entries.c.position >= after)
            .order_by(feed_entries.c.position)
            .limit(limit)
        )
        return b"".join(map(bytes, connection.execute(query).scalars()))

    def codes(self, connection: sa.Connection) -> dict[str, str]:
        """From every code that ended to the one that its region has now."""
        return self._state(connection)[1]

    def position(self) -> int:
        """How many journal entries the feeds have looked at."""
        with self.database.read() as connection:
            return self._state(connection)[0]

    def lag(self) -> int:
        """How many journal entries the feeds have not looked at yet."""
        with self.database.read() as connection:
            position, _ = self._state(connection)
            return self.journal.size(connection) - position
