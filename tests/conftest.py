"""What tests may ask for: real servers, databases of their own, and a seed that is printed."""

import gc
import os
import random
import secrets
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from ksad.chassis.database import Database
from tests.support.forgers.audited import Audited, audited
from tests.support.groups import Groups
from tests.support.once import once
from tests.support.platforms.published import broken_promises
from tests.support.releases.wheels import build_all
from tests.support.servers.nats import NatsServer
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.schemas import migrated
from tests.support.text import durations
from tests.support.text.refused import keyed, overheard

LONG = 60
LOOP = pytest.StashKey[float]()
GROUPS = pytest.StashKey[Groups]()
SERVERS = {"new_database", "postgres_server", "postgres_dsn", "nats_server", "go"}
"""The fixtures behind which a server runs, a database is filled, or a program is built."""

SHARED = ("browsers", "history_platform", "ministry", "pair", "served")
"""The fixtures of a session behind which a platform runs for one group of tests."""

ROUNDS = int(os.environ.get("KSAD_ROUNDS", "2"))
EXAMPLES = 12
"""How many examples of a property are tried per round, unless the property says otherwise."""
settings.register_profile("house", print_blob=True, deadline=None, max_examples=EXAMPLES * ROUNDS)
settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Chooses the seed of all random tests, unless --hypothesis-seed gives one; workers get the controller's."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))


def pytest_report_header(config: pytest.Config) -> str:
    """Says how to repeat this run's random tests."""
    return f"random tests: repeat with --hypothesis-seed={config.option.hypothesis_seed}"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Times the fixed loop that tells how fast this machine is, once and not in the workers."""
    if not hasattr(session.config, "workerinput"):
        session.config.stash[LOOP] = durations.fixed_loop()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Imports the tests without looking for garbage among them, then or later: they stay until the run ends."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Counts the tests of each group."""
    session.stash[GROUPS] = Groups(session.items, SHARED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Ends what a group shares when its last test is over."""
    try:
        return (yield)
    finally:
        item.session.stash[GROUPS].ran(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the slowest tests and the sum of each folder beside its budget."""
    reports = [one for group in terminalreporter.stats.values() for one in group if isinstance(one, pytest.TestReport)]
    loop = (config.stash[LOOP] + durations.fixed_loop()) / 2
    run = durations.summed([(one.nodeid, one.duration) for one in reports], loop)
    durations.record(run)
    terminalreporter.section("durations")
    for line in durations.lines(run, durations.read_budget(durations.BUDGET.read_text())):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def published_as_promised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """When a worker's tests are over, all that any platform of theirs has published is held against the contract."""
    yield
    assert broken_promises(tmp_path_factory.getbasetemp()) == []


@pytest.fixture(scope="session", autouse=True)
def refused_in_words() -> Iterator[None]:
    """When a worker's tests are over, no sentence that refused anything in its process had a key or hash in it."""
    with overheard() as heard:
        yield
    assert keyed(heard) == {}


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of every package, by its import name."""
    return once(tmp_path_factory, "wheels", build_all)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """A platform's data folder of some 400 facts and four days, signed and archived. Nobody writes to it."""
    return once(tmp_path_factory, "audited", audited)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Repeatable randomness: the run's seed (printed in the header) and the test's name, whoever distributes tests."""
    return random.Random(f"{request.config.option.hypothesis_seed}/{request.node.path.name}::{request.node.name}")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Keeps long values out of names, which every process that a test starts has in its environment.

    Workers must make equal names, too, which random bytes do not.
    """
    return f"{argname}:{len(val)}" if isinstance(val, str | bytes) and len(val) > LONG else None


@pytest.hookimpl(tryfirst=True)  # Before xdist reads the groups.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests that `make torture` repeats for any number of rounds, and those that `make test-fast` leaves out.

    System tests begin first: they take longest, and with short tests left all workers end together.
    """
    items.sort(key=lambda item: item.path.parent.name != "system")
    for item in items:
        if "pair" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("pair"))
        if "rounds" in getattr(item, "fixturenames", ()) or is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.rounds)
        if SERVERS & set(getattr(item, "fixturenames", ())) or "postgresql" in item.nodeid:
            item.add_marker(pytest.mark.served)


@pytest.fixture
def rounds() -> int:
    """How often a test of failures repeats itself: KSAD_ROUNDS, or twice."""
    return ROUNDS


@pytest.fixture
def anyio_backend() -> str:
    """Tests marked `anyio` run on asyncio, as the services do."""
    return "asyncio"


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A running nats-server of this test alone, which may kill, restart and wipe it."""
    with NatsServer(tmp_path / "nats") as server:
        yield server


@pytest.fixture
def nats_url(nats_server: NatsServer) -> str:
    """The address of this test's own nats-server, with an empty JetStream."""
    return nats_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL that the tests of one worker share; a test that kills one makes its own `PostgresServer`."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_dsn(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with postgres_server.databases() as make:
        yield make()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes one empty database after another, all SQLite files or all on PostgreSQL, and returns their addresses."""
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / secrets.token_hex(4)}.sqlite"
        return
    with request.getfixturevalue("postgres_server").databases() as make:
        yield make


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The address of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    return new_database()


@pytest.fixture
def tables() -> str:
    """The service whose tables `database` has, or none; supervision's have all that the chassis has."""
    return "supervision"


@pytest.fixture
def database(database_url: str, tables: str) -> Iterator[Database]:
    """A database with empty tables, opened; the test runs once on SQLite and once on PostgreSQL."""
    opened = Database(database_url, pool_size=12)
    yield migrated(opened, tables) if tables else opened
    opened.close()
