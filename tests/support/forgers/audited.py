"""Real data folders and archives for audits, and the tools of forgers who own the database, or its key as well."""

import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import orjson
import sqlalchemy as sa

from ksad.audit.checks import verify
from ksad.audit.checks.verdict import Check
from ksad.bench.generator import Generator
from ksad.chassis.clock import RealClock
from ksad.chassis.documents import Documents
from ksad.chassis.places import SERVICES, DataFolder
from ksad.chassis.store import EventStore
from ksad.contracts import registry
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.registry import Stage
from ksad.ledger.archive import archive, inside
from ksad.ledger.archive.guide import guide
from ksad.ledger.log.keys import read_public
from ksad.reporting.checkpoints import Anchors, Checkpoints, Keyring
from ksad.reporting.checkpoints.signing import SigningKey
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Arrival, Journal
from ksad.reporting.keeping.export import export
from ksad.reporting.projections.runner import Runner
from tests.support.forgers.signing_anew import anchored_anew, positions, sign_anew
from tests.support.histories.histories import CODES, registered
from tests.support.histories.newest import fact_of
from tests.support.servers.schemas import migrated

PLATFORM = "bench"
NATIONAL = f"ksad/{PLATFORM}/national"
FIRST_DAY = date(2015, 3, 1)
PER_FILE = 100
"""So few leaves that what is forged has many files, which two processes read."""
Sign = SigningKey | None


class Audited(NamedTuple):
    """A data folder, its public keys outside it, an archive of it, and heads that auditors kept from earlier."""

    source: DataFolder
    keys: Path
    archive: Path
    kept: list[bytes]


def made(fact: Fact, subject: str, version: int, moment: datetime, cause: Envelope | None = None) -> Envelope:
    """One fact of this platform, recorded at a moment."""
    service = fact.declaration.service.value
    made_by = Origin(
        source=f"urn:ksad:{PLATFORM}:{service}",
        time=moment,
        occurred_on=moment.date(),
        date_precision="day",
        actor_office="operator",
        actor_id="test",
        command_id=cooperation_id(f"{subject}@{version}"),
        command_digest="1" * 64,
        correlation_id=cooperation_id("test"),
        causation_id=cause.id if cause else None,
    )
    return seal(fact, subject, version, made_by)


def history(source: DataFolder, count: int = 400, days: int = 4) -> list[Envelope]:
    """A generated history with days that pass and one agreement with a document, in the order of the log."""
    events = list(Generator(CODES, 7, PLATFORM).envelopes(count))
    document = Documents(source.documents("registry")).put(b"%PDF-1.7 naskah", "application/pdf")
    moment = datetime(2015, 3, 1, 17, tzinfo=UTC)
    subject = f"cooperation/{cooperation_id('naskah')}"
    numbers = {"33.72": "1/2015", "33.11": "2/2015"}
    signed = fact_of(
        registry.AgreementSigned,
        numbers=numbers,
        effective_on=FIRST_DAY,
        ends_on=None,
        scope=None,
        witnesses=[],
        document=document,
    )
    events += [
        made(registered("naskah", stage=Stage.SIGNING), subject, 1, moment),
        made(signed, subject, 2, moment),
    ]
    step = len(events) // days
    mixed: list[Envelope] = []
    for number in range(days):
        last = len(events) if number == days - 1 else (number + 1) * step
        mixed += events[number * step : last]
        day = FIRST_DAY + timedelta(days=number)
        mixed.append(
            made(registry.DayPassed(day=day), "calendar/days", number + 1, datetime.fromisoformat(mixed[-1].time))
        )
    return mixed


def fill(
    source: DataFolder,
    events: Iterable[Envelope],
    each: Callable[[Journal], None] | None = None,
    platform: str = PLATFORM,
) -> list[bytes]:
    """Bring events into stores, journal, feeds and projections as the services do; the signed heads along the way."""
    for service in SERVICES:
        source.documents(service).mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        stores = {
            name: EventStore(migrated(opened.enter_context(source.database(name, make=True)), name))
            for name in SERVICES
        }
        log = Journal(stores["reporting"].database)
        feeds, runner = Feeds(log.database, log), Runner(log.database, log)
        keys = Keyring(source.keys, platform)
        checkpoints = Checkpoints(log, keys, source.log)
        anchors = Anchors(stores["reporting"], feeds, RealClock(), f"urn:ksad:{platform}:reporting", keys.origin)
        heads = []
        for event in events:
            admit(stores, log, event)
            if event.type == "ksad.calendar.day_passed.v1":
                while feeds.step() or runner.step():
                    pass
                checkpoints.publish()
                before = stores["reporting"].head()
                anchors.step()
                for one in stores["reporting"].notifications(before, 10):
                    with log.database.write() as connection:
                        log.admit(connection, [Arrival(one.state, "reporting", one.id)])
                if each is not None:
                    each(log)
                heads.append((source.log / "checkpoint").read_bytes())
        while feeds.step() or runner.step():
            pass
        checkpoints.publish()
        assert checkpoints.refused is None, checkpoints.refused
        checkpoints.close()
        return heads


def admit(stores: dict[str, EventStore], log: Journal, event: Envelope) -> None:
    """One event into its service's store, and from there into the journal."""
    store = stores[event.service]
    with store.database.write() as connection:
        position = store.append(connection, [event])
    with log.database.write() as connection:
        log.admit(connection, [Arrival(event.to_bytes(), event.service, position)])


def audited(root: Path) -> Audited:
    """A whole platform's data folder, with an archive of it."""
    source = DataFolder(root / "data")
    kept = fill(source, history(source))
    keys = root / "outside.vkeys"
    shutil.copyfile(source.keys / "public.vkeys", keys)
    export(source, root / "archive.tar")
    return Audited(source, keys, root / "archive.tar", kept)


def copied(one: Audited, root: Path) -> Audited:
    """The same data folder elsewhere, for an attack."""
    # While others read the original, SQLite keeps files beside it that come and go.
    shutil.copytree(one.source.root, root / "data", ignore=shutil.ignore_patterns("*-shm", "*-wal"))
    return one._replace(source=DataFolder(root / "data"))


def checked(
    file: Path, keys: Path, *, since: Sequence[bytes] = (), feeds: Mapping[str, Path] = MappingProxyType({})
) -> dict[str, Check]:
    """The checks of an archive by name."""
    asked = verify.Asked(read_public(keys), since, feeds)
    return {check.name: check for check in verify.verify(file, asked).checks}


def failed(checks: dict[str, Check]) -> dict[str, int | range | None]:
    """The checks that do not hold, with the first bad index of each, or all that it can be."""
    return {name: _where(check) for name, check in checks.items() if not check.ok}


def _where(check: Check) -> int | range | None:
    if check.first_bad is None or check.up_to is None:
        return check.first_bad
    return range(check.first_bad, check.up_to)


def feed_with(whole: Audited, index: int) -> tuple[str, int, list[bytes]]:
    """A province that received a leaf, where in its feed, and all it received."""
    with whole.source.database("reporting") as database, database.read() as connection:
        query = sa.text("SELECT province, position FROM feed_entries WHERE entry = :entry")
        province, position = connection.execute(query, {"entry": index}).first() or ("", 0)
        query = sa.text(
            "SELECT raw FROM feed_entries JOIN journal ON journal.entry = feed_entries.entry "
            "WHERE province = :province ORDER BY position"
        )
        return province, position, [bytes(row[0]) for row in connection.execute(query, {"province": province})]


def anchored_around(whole: Audited, province: str, position: int) -> tuple[int, int]:
    """The sizes between which anchors of a feed tell that something happened at a position."""
    heads = [head for raw in leaves_of(whole.archive) for head in orjson.loads(raw)["data"].get("heads", [])]
    sizes = [head["size"] for head in heads if head["province"] == province]
    return max(size for size in sizes if size <= position), min(size for size in sizes if size > position)


def leaves_of(file: Path) -> list[bytes]:
    """All leaves of an archive."""
    with inside.opened(file) as bag:
        return list(archive.read_events(bag / "data" / "events"))


def forged(
    file: Path,
    out: Path,
    change: Callable[[list[bytes]], list[bytes]] = list,
    *,
    key: Sign = None,
    edit: Callable[[Path], None] = lambda _data: None,
    keys_dir: Path | None = None,
) -> Path:
    """An archive with other leaves and a bag that fits. With the log's key, tiles, head and feeds are made anew."""
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch, tarfile.open(file) as tar:
        tar.extractall(scratch, filter="fully_trusted")  # noqa: S202 - it was made a moment ago
        data = Path(scratch) / "ksad-archive" / "data"
        leaves = change(list(archive.read_events(data / "events")))
        if keys_dir is not None:
            leaves = anchored_anew(leaves)
        shutil.rmtree(data / "events")
        with archive.Lines(data / "events", archive.EVENTS, PER_FILE) as lines:
            lines.write(leaves)
        shutil.rmtree(data / "positions")
        with archive.Lines(data / "positions", archive.POSITIONS, PER_FILE) as lines:
            lines.write(positions(leaves))
        if key is not None:
            sign_anew(data, leaves, key, keys_dir)
        (data / "VERIFY.md").write_text(guide(archive.read_manifest(data)))
        edit(data)
        fresh = Path(scratch) / "fresh"
        data.rename(fresh)
        archive.seal_bag(fresh, out, {})
    return out


def as_dba(database: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Change rows as one who owns the database: the triggers are dropped first and put back by nobody."""
    with closing(sqlite3.connect(database)) as connection, connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        for statement, values in statements:
            connection.execute(statement, values)
