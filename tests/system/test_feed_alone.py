"""A province has `ksad-audit` and nothing else of ours: it follows its feed over HTTP, and over NATS by an extra."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.platforms.subscribed import Ministry
from tests.support.releases.environment import Environment, install

pytestmark = pytest.mark.xdist_group("feeds")


@pytest.fixture(scope="module")
def alone(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment in which ``ksad-audit`` is installed."""
    return install(tmp_path_factory.mktemp("alone") / "environment", wheels, "ksad-audit")


@pytest.fixture(scope="module")
def with_nats(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The same with the extra for NATS."""
    return install(tmp_path_factory.mktemp("nats") / "environment", wheels, "ksad-audit[nats]")


@pytest.fixture
def home(ministry: Ministry, tmp_path: Path) -> Path:
    """What the ministry has handed over to province 33, in a folder of its own."""
    (tmp_path / "33.json").write_bytes((ministry.folder.feeds / "33.json").read_bytes())
    (tmp_path / "token").write_text(ministry.token("feed:33"))
    (tmp_path / "public.vkeys").write_bytes((ministry.folder.keys / "public.vkeys").read_bytes())
    for name in ("33.json", "token"):
        (tmp_path / name).chmod(0o600)
    return tmp_path


def follow(environment: Environment, home: Path, url: str, into: str, *more: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the installed command, which sees no variable of ours."""
    words = ["follow", "--credentials", "33.json", "--url", url, "--token-file", "token", "--key", "public.vkeys"]
    done = environment.run(environment.program("ksad-audit"), *words, "--into", into, "--once", *more, cwd=home)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.fault(
    "province F5",
    kind="What is handed to outsiders works only inside the ministry's installation.",
    looked="The follower over HTTP and NATS, verifying, replaying and proving an archive, the examples of"
    " docs/subscribing.md; what each of them has to be installed for.",
    found="nothing more",
)
def test_a_feed_is_followed_over_http_with_nothing_else_installed(
    ministry: Ministry, alone: Environment, home: Path
) -> None:
    """All of the feed is stored and verified, the second time only what is new, and there is no NATS client."""
    assert not {"nats-py", "sqlalchemy", "fastapi", "structlog"} & alone.distributions()
    before = len(ministry.feed("33").splitlines())

    first = follow(alone, home, ministry.url, "feed.jsonl", "--json")
    ministry.register("33", "34")
    second = follow(alone, home, ministry.url, "feed.jsonl")

    assert (first[0], first[2], json.loads(first[1])) == (0, "", {"province": "33", "stored": before})
    grown = len(ministry.feed("33").splitlines()) - before
    assert second == (0, f"{grown:,} entries stored and verified\n", "")
    assert (home / "feed.jsonl").read_bytes() == ministry.feed("33")


def test_following_over_nats_without_the_extra_is_told(ministry: Ministry, alone: Environment, home: Path) -> None:
    """Who asks for NATS and has not installed it learns what to install, and that HTTP would do."""
    code, out, err = follow(alone, home, ministry.url, "feed.jsonl", "--over", "nats")
    assert (code, out) == (1, "")
    assert "install ksad-audit[nats], or follow over HTTP" in err


def test_a_feed_is_followed_over_nats_with_the_extra(ministry: Ministry, with_nats: Environment, home: Path) -> None:
    """The same feed comes over the province's own consumer, without HTTP standing in, into SQLite."""
    code, out, err = follow(with_nats, home, ministry.url, "sqlite:feed.sqlite", "--over", "nats")

    lines = ministry.feed("33").splitlines()
    assert (code, out, err) == (0, f"{len(lines):,} entries stored and verified\n", "")
    with closing(sqlite3.connect(home / "feed.sqlite")) as connection:
        assert [row[0] for row in connection.execute("SELECT raw FROM confirmed")] == lines


def test_the_token_of_another_opens_nothing(ministry: Ministry, alone: Environment, home: Path) -> None:
    """Another province's token ends with exit code 1 and says that it does not open this feed."""
    (home / "token").write_text(ministry.token("feed:34"))
    code, out, err = follow(alone, home, ministry.url, "feed.jsonl")
    assert (code, out) == (1, "")
    assert "answers 403: the token does not open this feed" in err
