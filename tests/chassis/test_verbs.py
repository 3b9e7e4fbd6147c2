"""The verbs of a service: one line says what to do, codes are stable, and nothing begins on a part of what it needs."""

import io
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from ksad.chassis.database import Database
from ksad.chassis.migrations import Step, migrate
from ksad.chassis.relay.lines import JournalLine, end_of
from ksad.chassis.store import EventStore
from ksad.chassis.verbs import ServiceProgram, run
from ksad.contracts.envelope import Envelope
from ksad.contracts.positions import Position
from ksad.registry.__main__ import SERVICE, app
from ksad.supervision.__main__ import SERVICE as SUPERVISION
from ksad.supervision.__main__ import app as supervision
from tests.support.histories.events import recorded
from tests.support.histories.histories import generated
from tests.support.servers.schemas import opened


class Ended(NamedTuple):
    """How a verb ended, and what it wrote."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture
def call(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a verb of the registry, or of another program, on this test's database."""
    monkeypatch.setenv("KSAD_DATABASE_URL", database_url)

    def calling(
        *words: str, lines: Iterable[bytes] = (), of: tuple[ServiceProgram, typer.Typer] = (SERVICE, app)
    ) -> Ended:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"".join(lines))))
        try:
            run(of[1], of[0].name, words)
            code: object = 0
        except SystemExit as ended:
            code = ended.code
        return Ended(int(str(code or 0)), *capsys.readouterr())

    return calling


def told(events: Sequence[Envelope]) -> list[bytes]:
    """The journal of some events, as reporting writes it."""
    numbers: dict[str, int] = {}
    lines = []
    for entry, event in enumerate(events):
        numbers[event.service] = numbers.get(event.service, 0) + 1
        lines.append(JournalLine(entry, Position(event.service, numbers[event.service]), event.to_bytes()).to_bytes())
    return [*lines, end_of(len(lines))]


def own(events: Iterable[Envelope]) -> list[Envelope]:
    """The registry's events among others."""
    return [event for event in events if event.service == "registry"]


def test_migrate_says_what_it_has_done(call: Call) -> None:
    """It names each step that it carries out, as lines or as one document, and says when there is nothing to do."""
    first, again = json.loads(call("migrate", "--json").out), call("migrate")

    steps = [{"number": 1, "name": "as of release 319cae9"}, {"number": 2, "name": "terms that end"}]
    steps.append({"number": 3, "name": "who leads each role"})
    assert first == {"service": "registry", "schema": 3, "steps": steps}
    assert again == Ended(0, "registry: schema 3, as before\n", "")


def test_a_verb_has_to_be_named(call: Call) -> None:
    """Without a verb nothing is served or changed: the verbs are listed, and the code says that one was missing."""
    ended = call()
    assert ended.code == 2
    assert "serve" in ended.out + ended.err


def keep(database: Database, events: Sequence[Envelope]) -> None:
    """A store has these events."""
    with database.write() as connection:
        EventStore(database).append(connection, events)


def newer(database: Database) -> None:
    """A later release has migrated."""
    migrate(database, "registry", [*SERVICE.steps, Step(4, "of a later release", ())])


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda _: None, "has schema 0, this release works with 3: run `python -m ksad.registry migrate`"),
        (newer, "has schema 4, which a newer release has made, and this one knows 3"),
        (lambda database: migrate(database, "other", SERVICE.steps), "the database is that of other"),
    ],
    ids=["no schema", "a newer schema", "another service's"],
)
def test_a_service_refuses_another_schema(
    call: Call,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Database], None],
    said: str,
) -> None:
    """It does not start on what it does not know, and its one line says how to go on; nothing is changed."""
    with closing(Database(database_url)) as database:
        prepare(database)
        with database.read() as connection:
            connection.exec_driver_sql("SELECT 1")
    for name, value in (("NATS_URL", "nats://127.0.0.1:1"), ("DOCUMENTS_DIR", "x"), ("ISSUER_KEYS_DIR", str(tmp_path))):
        monkeypatch.setenv(f"KSAD_{name}", value)

    ended = call("serve")

    assert (ended.code, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert ended.err.startswith("ksad-registry: ")
    assert said in ended.err


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip in an address is told; only `migrate` and what fills an empty database make a file."""
    monkeypatch.setenv("KSAD_DATABASE_URL", f"sqlite:///{tmp_path / 'slip.sqlite'}")
    for name, value in (("NATS_URL", "nats://127.0.0.1:1"), ("DOCUMENTS_DIR", "x"), ("ISSUER_KEYS_DIR", str(tmp_path))):
        monkeypatch.setenv(f"KSAD_{name}", value)

    ended = call("serve")

    assert (ended.code, "slip.sqlite does not exist" in ended.err) == (1, True)
    assert not (tmp_path / "slip.sqlite").exists()


def test_a_store_is_refilled_from_the_journal(call: Call, database_url: str) -> None:
    """What an old store lacks comes back byte for byte, the events of other services are passed over, and only once."""
    events = generated(120)
    with opened(database_url, "registry") as database:
        keep(database, own(events)[:5])

    first, again = call("refill", "--json", lines=told(events)), call("refill", "--json", lines=told(events))

    assert (first.code, json.loads(first.out)) == (0, {"service": "registry", "events": len(own(events)) - 5})
    assert json.loads(again.out)["events"] == 0
    with opened(database_url, "registry") as database:
        found = [Envelope.from_store(raw).id for raw in recorded(EventStore(database))]
    assert found == [event.id for event in own(events)]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda lines: lines[:-1], "they broke off after 120 lines"),
        (lambda lines: [*lines[:50], lines[50][:30]], "line 51 is not ENTRY SERVICE:NOTIFICATION EVENT"),
        (lambda lines: [*lines[:50], *lines[51:]], "120 entries were sent, 119 came"),
        (lambda lines: [*lines[:50], b"Traceback (most recent call last):\n"], "line 51 is not"),
        (lambda _: [], "they broke off after 0 lines"),
    ],
)
@pytest.mark.parametrize("verb", ["refill", "restore"])
def test_nothing_begins_on_a_part_of_the_journal(
    call: Call, database_url: str, verb: str, spoil: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    """Lines that broke off, or are something else, are refused before the first of them is taken."""
    ended = call(verb, lines=spoil(told(generated(120))))

    assert (ended.code, said in ended.err, ended.out) == (1, True, "")
    with opened(database_url, "registry") as database:
        assert EventStore(database).head() == 0


def test_another_past_is_refused(call: Call, database_url: str) -> None:
    """Where the store has another event in the place of one of the journal's, the code is 3 and the way out is told."""
    mine = generated(20)
    with opened(database_url, "registry") as database:
        keep(database, own(mine))
    theirs = [*own(mine)[:-1], own(mine)[-1].model_copy(update={"actorid": "lain"})]

    ended = call("refill", lines=told(theirs))

    assert (ended.code, ended.out) == (3, "")
    assert "ksad audit reconcile" in ended.err
    with opened(database_url, "registry") as database:
        assert len(recorded(EventStore(database))) == len(own(mine))


def test_an_empty_database_is_restored_under_the_old_ids(call: Call, database_url: str) -> None:
    """Positions that were answered hold: each event has the id that the journal knows; what is not empty is refused."""
    events = generated(60)
    lines = told(events)[:-1]
    gap = [
        JournalLine(number, Position("registry", 10 + 3 * at), event.to_bytes()).to_bytes()
        for at, (number, event) in enumerate((n, e) for n, e in enumerate(events) if e.service == "registry")
    ]
    others = [line for line in lines if b" registry:" not in line]

    first, again = (call("restore", lines=[*gap, *others, end_of(len(lines))]) for _ in range(2))

    assert (first.code, again.code, "is not empty" in again.err) == (0, 1, True)
    with opened(database_url, "registry") as database:
        ids = [one.id for one in EventStore(database).notifications(0, 1_000)]
    assert ids == [10 + 3 * at for at in range(len(gap))]


def test_supervision_is_restored_from_the_whole_journal(call: Call, database_url: str) -> None:
    """Its store has its own events, and its cases are folded from the facts of all services."""
    events = generated(200)

    ended = call("restore", "--json", lines=told(events), of=(SUPERVISION, supervision))

    mine = [event for event in events if event.service == "supervision"]
    assert (ended.code, json.loads(ended.out)["events"]) == (0, len(mine))
    with opened(database_url) as database, database.read() as connection:
        cases = connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one()
    assert cases == len({event.subject for event in events if event.subject.startswith("cooperation/")}) > 0


def test_a_program_tells_its_version(call: Call) -> None:
    """``--version`` is asked of each service's own program, without a database."""
    assert call("--version").out == f"ksad-registry {version('ksad-registry')}\n"
    assert call("--version", of=(SUPERVISION, supervision)).out == f"ksad-supervision {version('ksad-supervision')}\n"
