"""Provinces that write their own client: from the page and the contracts alone, over NATS and over HTTP."""

import gzip
import json
import os
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from tests.support import documents, node
from tests.support.command import ksad
from tests.support.source import ROOT
from tests.support.subscribed import Ministry, ministry

pytestmark = pytest.mark.xdist_group("feeds")
EXAMPLE = Path("docs") / "examples" / "node"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    """A platform with cooperations of six provinces."""
    with ministry(tmp_path_factory.mktemp("feeds") / "data") as running:
        running.register("33", "34", count=4)
        running.register("33.72", "33.11", count=2)
        running.register("35", "36", count=2)
        yield running


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory, platform: Ministry) -> Path:
    """A programmer's folder: the page's example, the platform under the name that the page gives it, and npm."""
    folder = tmp_path_factory.mktemp("province")
    shutil.copytree(ROOT / EXAMPLE, folder / EXAMPLE, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "var").mkdir()
    (folder / "var" / "up").symlink_to(platform.folder.root)
    node.programs(folder / "bin")
    return folder


def follow(workplace: Path, platform: Ministry, province: str, into: Path, enough: int) -> tuple[int, str]:
    """The example client, until so many entries are proven; its exit code, and what it said."""
    keys = platform.folder.keys / "public.vkeys"
    credentials = platform.folder.feeds / f"{province}.json"
    words = [workplace / EXAMPLE / "follow.mjs", credentials, keys, platform.url, into, enough]
    ended = node.run(workplace, *words, KSAD_TOKEN=platform.token(f"feed:{province}"))
    return ended.returncode, ended.stdout + ended.stderr


def called(lines: list[str], workplace: Path) -> str:
    """What the command lines of a page print in a folder; those of ksad are called in this process."""
    said = ""
    path = f"{workplace / 'bin'}:{os.environ['PATH']}"
    shell: list[str] = []
    for line in lines:
        if line.startswith("ksad "):
            answer = ksad(*shlex.split(line)[1:])
            assert answer.code == 0, (line, answer)
            said += answer.out
            continue
        shell.append(line)
        if line.startswith("export "):
            continue
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(shell)],
            cwd=workplace,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, (line, ended)
        said += ended.stdout
        shell = [one for one in shell if one.startswith("export ")]
    return said


def test_the_commands_of_the_page_do_what_it_says(
    workplace: Path, platform: Ministry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command of docs/subscribing.md runs as it stands, one after the other, and the roads give the same bytes."""
    commands = documents.commands((ROOT / "docs" / "subscribing.md").read_text())
    before = platform.feed("34")
    monkeypatch.chdir(workplace)

    printed = called(commands, workplace)

    assert len(commands) == 10
    assert (workplace / "feed.jsonl").read_bytes() == (workplace / "node.jsonl").read_bytes() == before
    said = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
    assert (said["proven"], said["root"]) == platform.head("34")
    assert not (platform.folder.feeds / "34.json").exists()


def test_a_client_of_its_own_goes_on_and_finds_what_was_changed(
    workplace: Path, platform: Ministry, tmp_path: Path
) -> None:
    """The Node.js client goes on where its file ends; a byte of it changed, or another key, and it stops there."""
    into = tmp_path / "feed.jsonl"
    size, _ = platform.head("35")
    assert follow(workplace, platform, "35", into, size)[0] == 0
    with into.open("ab") as half:
        half.write(b'{"half a li')
    platform.register("35", "36")
    grown, root = platform.head("35")

    code, said = follow(workplace, platform, "35", into, grown)

    assert (code, json.loads(said)) == (0, {"province": "35", "stored": grown, "proven": grown, "root": root})
    assert into.read_bytes() == platform.feed("35")
    into.write_bytes(into.read_bytes().replace(b"35", b"36", 1))
    code, said = follow(workplace, platform, "35", into, grown)
    assert (code, "omitted, doubled, reordered or altered" in said) == (3, True)
    (tmp_path / "other").write_bytes(b"")
    shutil.copy(into.with_name("feed.jsonl.checkpoint"), tmp_path / "other.checkpoint")
    code, said = follow(workplace, platform, "36", tmp_path / "other", grown)
    assert (code, "not signed by the pinned key" in said) == (3, True)


def test_a_page_at_a_time_is_the_whole(platform: Ministry) -> None:
    """Whatever the pages, `after` goes on exactly where the last line ended; headers tell index, size and log."""
    whole = platform.feed("33")
    taken: list[bytes] = []
    while True:
        answer = platform.get("/feeds/33", "feed:33", after=len(taken), limit=7)
        told = {name: answer.headers[name] for name in ("Ksad-Feed-Index", "Ksad-Feed-Size", "Ksad-Origin")}
        size = str(len(whole.splitlines()))
        assert told == {"Ksad-Feed-Index": str(len(taken)), "Ksad-Feed-Size": size, "Ksad-Origin": "ksad/umpan/feed/33"}
        lines = answer.content.splitlines(keepends=True)
        if not lines:
            break
        taken += lines

    assert b"".join(taken) == whole
    assert platform.get("/feeds/33", "feed:33", after=10**9).content == b""
    assert platform.head("33")[0] == len(taken)


def test_compressed_is_the_same(platform: Ministry) -> None:
    """Asked for gzip the answer is a gzip file of the same bytes, less than a third of them; without, it is plain."""
    headers = {"Authorization": f"Bearer {platform.token('feed:33')}"}
    with httpx.Client(base_url=platform.url, headers=headers, trust_env=False) as http:
        with http.stream("GET", "/feeds/33", headers={"Accept-Encoding": "gzip"}) as answer:
            packed = b"".join(answer.iter_raw())
            assert answer.headers["Content-Encoding"] == "gzip"
        with http.stream("GET", "/feeds/33", headers={"Accept-Encoding": "identity"}) as answer:
            plain = b"".join(answer.iter_raw())
            assert "Content-Encoding" not in answer.headers
            assert answer.headers["Vary"] == "Accept-Encoding"

    assert gzip.decompress(packed) == plain == platform.feed("33")
    assert len(packed) < len(plain) / 3


def test_a_waiting_reader_is_answered_when_there_is_something(platform: Ministry) -> None:
    """A long poll holds until the feed grows, and answers with the new fact; it ends empty when its time is over."""
    size = platform.head("31")[0] if platform.known("31") else 0
    begun = time.monotonic()
    assert platform.get("/feeds/31", "feed:31", after=size, wait=0.5).content == b""
    assert time.monotonic() - begun >= 0.5
    answers: list[httpx.Response] = []

    def wait() -> None:
        answers.append(platform.get("/feeds/31", "feed:31", after=size, wait=30))

    waiting = threading.Thread(target=wait)
    waiting.start()
    begun = time.monotonic()
    platform.register("31", "36")
    waiting.join(30)

    first = orjson.loads(answers[0].content.splitlines()[0])
    assert (first["type"], first["data"]["parties"]) == ("ksad.cooperation.registered.v1", ["31", "36"])
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("path", ["/feeds/33", "/feeds/33/hashes"])
def test_a_feed_is_read_by_its_own(platform: Ministry, path: str) -> None:
    """A province's feed key, Governor and TKKSD read their own feed, the ministry all, others and regions none."""
    expected = {
        "feed:33": 200,
        "governor:33": 200,
        "tkksd:33": 200,
        "auditor": 200,
        "minister": 200,
        "operator": 200,
        "feed:34": 403,
        "governor:34": 403,
        "tkksd:34": 403,
        "region:33.72": 403,
        "region:34": 403,
        None: 401,
    }

    assert {office: platform.get(path, office, limit=1).status_code for office in expected} == expected


def test_heads_need_no_token(platform: Ministry) -> None:
    """The signed head is for everybody; before anything is signed there is none, and an unknown province has none."""
    assert platform.get("/feeds/33/checkpoint").status_code == 200
    assert platform.get("/feeds/94/checkpoint").status_code == 404
    assert platform.get("/feeds/00/checkpoint").status_code == 422
