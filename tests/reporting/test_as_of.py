"""What a report selects gives what the whole log gives, and the root of a prefix is read from kept nodes."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.contracts import registry, supervision
from ksad.contracts.catalogue import Fact
from ksad.contracts.dates import Period
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.compiling import Compiled, ReportOrder, compile_report
from ksad.ledger.figures.content import model
from ksad.ledger.figures.gathering import Gathering
from ksad.ledger.figures.once import ReadOnce
from ksad.ledger.figures.period import Span
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.figures.source import ReportSource
from ksad.ledger.figures.whole import NamedStreams, WholeLog
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.tree import Frontier
from ksad.reporting.journal import Arrival, Journal, nodes
from ksad.reporting.projections.runner import Runner
from ksad.reporting.reports.selected import SelectedStreams
from tests.support.histories.histories import generated
from tests.support.histories.histories import origin as made_by
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.servers.schemas import ON_SQLITE, migrated

OPENED = datetime(2010, 1, 4, tzinfo=UTC)
"""When the platform of the random histories was opened: before all that happens in them."""


def _nothing_kept(sha256: str) -> bytes:
    """No report of these histories cites a document."""
    raise LookupError(sha256)


def _stated(source: ReportSource, order: ReportOrder) -> tuple[bytes, bytes]:
    made: Compiled = compile_report(source, order)
    return model.encode(made.content), made.events()


def _moved(event: Envelope, rng: random.Random) -> Envelope:
    """One fact in five is of another day than it was, so that some are known late and some are of days ahead."""
    if rng.randrange(5):
        return event
    return event.model_copy(update={"occurredon": event.occurredon + timedelta(days=rng.randrange(-300, 60))})


def _disturbed(history: list[Envelope], rng: random.Random) -> list[Envelope]:
    """What else a log has: another body supervises from some day on, tasks go to it, and facts are corrected."""
    versions = Counter(one.subject for one in history)
    made = list(history)

    def add(event: Envelope, fact: Fact) -> None:
        versions[event.subject] += 1
        on = event.occurredon + timedelta(days=rng.randrange(400))
        origin = made_by(event.service).model_copy(update={"occurred_on": on})
        made.append(seal(fact, event.subject, versions[event.subject], origin))

    for event in history:
        fact = event.fact()
        body = rng.choice(("joint_secretariat", "tkksd:32", "tkksd:91"))
        if rng.randrange(5) == 0 and isinstance(fact, supervision.JurisdictionResolved):
            moved = {"supervising_body": body, "tier": "governor" if "tkksd" in body else "minister"}
            informed = rng.sample(["governor:32", "governor:33", "governor:91"], rng.randrange(3))
            add(event, type(fact).model_validate({**dict(fact), **moved, "informed": informed}, strict=False))
        elif rng.randrange(6) == 0 and isinstance(fact, supervision.TaskScheduled):
            handed = {"cooperation_id": fact.cooperation_id, "from_body": fact.body, "to_body": body}
            add(event, supervision.TaskHandedOver.model_validate({**handed, "clause": "P6.a.2", "reason": "jenjang"}))
        elif rng.randrange(5) == 0 and isinstance(fact, supervision.TaskCompleted):
            fields = {"outcome": "diperbaiki", "findings": []}
            corrected = {"cooperation_id": fact.cooperation_id, "corrects": event.id, "reason": "salah ketik"}
            add(event, supervision.TaskCorrected.model_validate({**corrected, "fields": fields}))
        elif rng.randrange(3) == 0 and isinstance(fact, registry.AgreementSigned):
            ends = event.occurredon + timedelta(days=rng.randrange(30, 900))
            changes: dict[str, Any] = {"corrects": event.id, "reason": "salah ketik", "document": None}
            changes["fields"] = {"ends_on": ends.isoformat()} | ({"on": "2016"} if rng.randrange(4) == 0 else {})
            add(event, registry.PublicCorrected.model_validate(changes))
    return made


def _gathered(source: ReportSource, body: str | None, period: Period, known: int) -> tuple[object, ...]:
    """What is gathered where a report before knew the log up to a size."""
    made = Gathering(Prefix(source, period.last), body, Span.of(period), known, str).gather()
    chosen = {key: one.row for key, one in made.chosen.items()}
    return chosen, made.named, made.shares, sorted(made.answers, key=itemgetter(0)), made.tidings, made.behind


def test_what_is_selected_is_what_the_whole_log_gives(new_database: Callable[[], str], rng: random.Random) -> None:
    """Every report on a random history with corrections and changes of supervisors is the same, byte for byte, from
    selected streams, from those that name its body, in a pass with all others, and from the whole log.
    """
    database = migrated(Database(new_database()), "reporting")
    journal = Journal(database)
    with database.write() as connection:
        opened = made_by().model_copy(update={"time": OPENED})
        adopted = [seal(fact, "reference/adopted", n, opened) for n, fact in enumerate(reference_facts(), 1)]
        lives = [_moved(one, rng) for one in generated(900, rng.randrange(1_000))]
        history = [*adopted, *_disturbed(lives, rng)]
        journal.admit(connection, [Arrival(one.to_bytes(), one.service, at) for at, one in enumerate(history, 1)])
    Runner(database, journal).catch_up()
    first, last = min(one.occurredon for one in history), max(one.occurredon for one in history)
    offices = {ReportKind.R1: ["joint_secretariat"], ReportKind.OVERVIEW: ["joint_secretariat"]}
    offices[ReportKind.R2] = ["tkksd:32", "tkksd:33", "tkksd:91"]

    with database.read() as connection:
        size = journal.size(connection)
        whole = WholeLog(journal.prefix(connection, size), journal.frontier_at(connection, size), no_history)
        named = NamedStreams(journal.prefix(connection, size), journal.frontier_at(connection, size), no_history)
        shared = ReadOnce(SelectedStreams(journal, connection), kept_max=rng.choice((0, 50_000, 10**9)))
        compared = 0
        for kind, owing in offices.items():
            for office in owing:
                for year in {first.year, (first.year + last.year) // 2, last.year}:
                    period = Period.parse(f"{year}-S{rng.choice((1, 2))}")
                    # On its last day a period is still a draft, so that nobody needs to owe the report.
                    order = ReportOrder(kind, office, period, "ksad/test/national", period.last, _nothing_kept)
                    selected = SelectedStreams(journal, connection)
                    wanted = _stated(whole, order)
                    assert _stated(selected, order) == wanted
                    assert _stated(named, order) == wanted
                    # All reports of a pass share what each of them read, as far as there is room.
                    assert _stated(shared, order) == wanted
                    known = rng.randrange(size)
                    body = None if kind is ReportKind.OVERVIEW else office
                    gathered = _gathered(whole, body, period, known)
                    assert _gathered(selected, body, period, known) == gathered
                    assert _gathered(named, body, period, known) == gathered
                    compared += 1
    database.close()
    assert compared >= 10


@ON_SQLITE
def test_the_root_at_any_size_is_read(new_database: Callable[[], str], rng: random.Random) -> None:
    """The frontier at a size is the same from the kept nodes, from some of them, and from none."""
    leaves = [rng.randbytes(32) for _ in range(70_000)]
    database = migrated(Database(new_database()), "reporting")
    with database.write() as connection:
        rows = [
            {"entry": at, "event_id": f"{at:032x}", "stream": "s", "version": at, "raw": b"", "leaf_hash": leaf,
             "service": "registry", "notification": at}
            for at, leaf in enumerate(leaves)
        ]  # fmt: skip
        connection.execute(
            sa.text(
                "INSERT INTO journal (entry, event_id, stream, version, raw, leaf_hash, service, notification) "
                "VALUES (:entry, :event_id, :stream, :version, :raw, :leaf_hash, :service, :notification)"
            ),
            rows,
        )
        sizes = [0, 1, 255, 256, 257, 65_535, 65_536, 69_999, *(rng.randrange(70_000) for _ in range(5))]
        wanted = {size: Frontier.empty().extended(leaves[:size]) for size in sizes}
        for _ in range(6):
            assert {size: nodes.frontier_at(connection, size) for size in sizes} == wanted
            nodes.complete(connection, len(leaves))
        kept = connection.execute(sa.text("SELECT level, count(*) FROM journal_nodes GROUP BY level ORDER BY level"))
        assert [tuple(row) for row in kept] == [(1, 273), (2, 1)]
    database.close()
