"""Appends to the provinces' feeds. Each is a log of its own, with indexes from 0 in the order of delivery.

Feeds are appended, never rebuilt. The rule is pure (:mod:`ksad.ledger.feeds.rules`), so that an auditor recomputes
from the national leaves what each feed had to contain. Another version of it holds from the fact on by which it was
adopted; what that version would have given to a feed before and the feed does not have is appended there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import orjson
import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.ledger.feeds.codes import Codes
from ksad.ledger.feeds.rules import RULE_ADOPTED, RULES
from ksad.ledger.folds.regions import Homes
from ksad.reporting.feeds.selecting import Batch, FeedDelivery
from ksad.reporting.feeds.tables import cases, feed_entries, members, state
from ksad.reporting.feeds.whereabouts import read_homes, save_homes
from ksad.reporting.journal import load_frontier, save_frontier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ksad.chassis.database import Database
    from ksad.ledger.feeds.concern import FeedPlaces
    from ksad.ledger.feeds.rules import Rule
    from ksad.reporting.journal import Journal

BATCH = 500
CURSOR = "feeds"
PAGE = 5_000
"""Entries that are read at once when another rule is adopted."""

LEAVES = sa.text(
    "SELECT journal.raw FROM feed_entries JOIN journal ON journal.entry = feed_entries.entry"
    " WHERE province = :province AND position >= :start ORDER BY position LIMIT :limit"
)
# Made once, as all that is asked for every page: making a statement costs as much as carrying it out.
STATE = sa.select(state).where(state.c.name == CURSOR)
DELIVER = sa.insert(feed_entries)


class OtherRuleError(Exception):
    """The feeds follow a version of the feed rule that this code does not know and must not continue."""

    def __init__(self, version: int) -> None:
        super().__init__(f"feeds selected by rule version {version}, this code has {', '.join(map(str, RULES))}")


class Cursor(NamedTuple):
    """The number of examined journal entries, the rule in force after them, and the places of regions then."""

    position: int
    rule: Rule
    places: FeedPlaces


def feed_log(province: str) -> str:
    """The name of a province's feed in the table of frontiers."""
    return f"feed/{province}"


class Feeds:
    """The feeds of all provinces in reporting's database."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self.database = database
        self.journal = journal
        self.grown: dict[str, int] = {}
        """The feeds that the last step appended to, with their new sizes."""

    def _cursor(self, connection: sa.Connection) -> Cursor:
        row = connection.execute(STATE).one_or_none()
        if row is None:
            return Cursor(0, RULES[1], RULES[1].places)
        if row.rule_version not in RULES:
            raise OtherRuleError(row.rule_version)
        codes = orjson.loads(row.codes)
        places = Codes(codes) if row.rule_version == 1 else read_homes(connection, codes)
        return Cursor(row.position, RULES[row.rule_version], places)

    def step(self, limit: int = BATCH) -> int:
        """Appends the next batch of journal entries to the feeds they concern; returns the number of entries examined.

        A batch ends with a fact that adopts another rule.
        """
        self.grown = {}
        if not self.lag():
            return 0
        with self.database.write() as connection:
            if connection.dialect.name == "postgresql":
                # SQLite has one writer anyway. On PostgreSQL two processes would append the same batch.
                connection.exec_driver_sql("LOCK TABLE feed_state IN EXCLUSIVE MODE")
            position, rule, places = self._cursor(connection)
            entries = self.journal.entries(connection, position, limit)
            if not entries:
                return 0
            batch, adopted, count = Batch(connection, rule, places), rule, 0
            while adopted is rule and count < len(entries):
                event = orjson.loads(entries[count].raw)
                batch.take(entries[count].number, event)
                adopted = adopted_by(event, rule)
                count += 1
            grown = self._append(connection, batch.deliveries)
            if adopted is rule:
                batch.remember()
                places = batch.places
            else:
                deliveries, places = self._adopt(connection, adopted, position + count)
                grown |= self._append(connection, deliveries)
            self._save(connection, Cursor(position + count, adopted, places))
        self.grown = grown
        return count

    def _adopt(self, connection: sa.Connection, rule: Rule, size: int) -> tuple[list[FeedDelivery], FeedPlaces]:
        """Applies another rule to the journal's first ``size`` entries; returns what feeds lack of what it gives them.

        What the rule remembers of matters then stands in the tables, as if it had held from the first fact on.
        """
        owed: dict[str, set[int]] = {}
        for table in (members, cases):
            connection.execute(sa.delete(table))
        places = rule.places
        for page in self._pages(connection, size):
            batch = Batch(connection, rule, places, lambda province, _: owed.get(province, set()))
            for number, raw in page:
                batch.take(number, orjson.loads(raw))
            batch.remember()
            for one in batch.deliveries:
                owed.setdefault(one.province, set()).add(one.entry)
            places = batch.places
        lacking = []
        for province, entries in sorted(owed.items()):
            query = sa.select(feed_entries.c.entry).where(feed_entries.c.province == province)
            entries.difference_update(connection.execute(query).scalars())
            lacking += [FeedDelivery(province, entry) for entry in sorted(entries)]
        return lacking, places

    def _pages(self, connection: sa.Connection, size: int) -> Iterator[list[tuple[int, bytes]]]:
        for start in range(0, size, PAGE):
            entries = self.journal.entries(connection, start, min(PAGE, size - start))
            yield [(entry.number, entry.raw) for entry in entries]

    def _save(self, connection: sa.Connection, cursor: Cursor) -> None:
        places = cursor.places
        codes = save_homes(connection, places) if isinstance(places, Homes) else cast("Codes", places).map
        values = {
            "name": CURSOR,
            "position": cursor.position,
            "rule_version": cursor.rule.version,
            "codes": orjson.dumps(codes, option=orjson.OPT_SORT_KEYS).decode(),
        }
        upsert(connection, state, [values])

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

    def size(self, connection: sa.Connection, province: str) -> int:
        """The number of entries of a province's feed."""
        return load_frontier(connection, feed_log(province)).size

    def leaves(self, connection: sa.Connection, province: str, after: int, limit: int) -> list[bytes]:
        """The exact bytes of at most ``limit`` entries of a feed, from index ``after`` on."""
        asked = {"province": province, "start": after, "limit": limit}
        return list(connection.execute(LEAVES, asked).scalars().all())

    def hashes(self, connection: sa.Connection, province: str, after: int, limit: int) -> bytes:
        """The concatenated leaf hashes of at most ``limit`` entries of a feed, from index ``after`` on."""
        journal = sa.table("journal", sa.column("entry"), sa.column("leaf_hash"))
        query = (
            sa.select(journal.c.leaf_hash)
            .join_from(feed_entries, journal, feed_entries.c.entry == journal.c.entry)
            .where(feed_entries.c.province == province, feed_entries.c.position >= after)
            .order_by(feed_entries.c.position)
            .limit(limit)
        )
        return b"".join(map(bytes, connection.execute(query).scalars()))

    def rule_version(self, connection: sa.Connection) -> int:
        """The version of the rule that the feeds follow now."""
        return self._cursor(connection).rule.version

    def untold(self, connection: sa.Connection) -> bool:
        """Whether no province has been told anything yet, and nothing waits to be told."""
        if connection.execute(sa.select(feed_entries.c.entry).limit(1)).first() is not None:
            return False
        return not self.behind(connection)

    def position(self) -> int:
        """The number of journal entries that the feeds have examined."""
        with self.database.read() as connection:
            return self._cursor(connection).position

    def lag(self) -> int:
        """The number of journal entries that the feeds have not examined yet."""
        with self.database.read() as connection:
            return self.behind(connection)

    def behind(self, connection: sa.Connection) -> int:
        """The same as a connection sees it."""
        return self.journal.size(connection) - self._cursor(connection).position


def adopted_by(event: dict[str, object], rule: Rule) -> Rule:
    """The rule that holds after a fact: a later version that it adopts, otherwise the same.

    :raises OtherRuleError: this code does not know the version.
    """
    if event["type"] != RULE_ADOPTED:
        return rule
    data = event["data"]
    version = data["version"] if isinstance(data, dict) else 0
    if version <= rule.version:
        return rule
    if version not in RULES:
        raise OtherRuleError(version)
    return RULES[version]
