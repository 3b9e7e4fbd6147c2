"""The examples of docs/subscribing.md, in Node.js and in Python: they do what the page says, and find a lie."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ksad.ledger.log.keys import Validity, read_public
from ksad.reporting.checkpoints.keys import write_public
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.platforms.command import ksad
from tests.support.platforms.subscribed import Ministry
from tests.support.servers import node
from tests.support.text import documents
from tests.support.text.source import ROOT

pytestmark = pytest.mark.xdist_group("feeds")

FollowsInto = Callable[..., tuple[bool, str]]
PYTHON = ROOT / "docs" / "examples" / "python" / "follow.py"


def in_python(
    _workplace: Path, credentials: Path, keys: Path, url: str, into: Path, *, token: str, enough: int
) -> tuple[bool, str]:
    """The page's Python client, as `node.follow` calls the other one."""
    words = [sys.executable, PYTHON, credentials, keys, url, into, enough]
    ended = subprocess.run(
        list(map(str, words)),
        env={**os.environ, "KSAD_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode == 0, ended.stdout + ended.stderr


def follow(
    workplace: Path,
    ministry: Ministry,
    province: str,
    into: Path,
    enough: int,
    keys: Path | None = None,
    client: FollowsInto = node.follow,
) -> tuple[bool, str]:
    """An example client on a province's feed, with the ministry's keys or others, until so much is proven."""
    credentials, known = ministry.folder.feeds / f"{province}.json", ministry.folder.keys / "public.vkeys"
    url, token = f"{ministry.url}/feeds/{province}", ministry.token(f"feed:{province}")
    return client(workplace, credentials, keys or known, url, into, token=token, enough=enough)


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
    workplace: Path, ministry: Ministry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command of docs/subscribing.md runs as it stands, one after the other, and the roads give the same bytes."""
    commands = documents.commands((ROOT / "docs" / "subscribing.md").read_text())
    before = ministry.feed("34")
    (workplace / "var").mkdir()
    (workplace / "var" / "up").symlink_to(ministry.folder.root)
    monkeypatch.chdir(workplace)

    printed = called(commands, workplace)

    assert len(commands) == 13
    for name in ("feed.jsonl", "node.jsonl", "python.jsonl"):
        assert (workplace / name).read_bytes() == before
    said = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
    assert (said["proven"], said["root"]) == ministry.head("34")
    assert not (ministry.folder.feeds / "34.json").exists()


def test_the_example_is_seventy_lines() -> None:
    """The whole client has at most seventy lines as a formatter writes them: 120 columns, a statement in each."""
    lines = (ROOT / node.EXAMPLE / "follow.mjs").read_text().splitlines()
    assert len(lines) <= 70
    assert max(map(len, lines)) <= 120
    code = [line.partition(" // ")[0] for line in lines if not line.lstrip().startswith("for (")]
    assert [line for line in code if line.count(";") > 1] == []


@contextmanager
def answering(note: bytes) -> Iterator[str]:
    """The address of somebody who answers one note to whatever he is asked."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(note)))
            self.end_headers()
            self.wfile.write(note)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.fault("bug-reports 20")
@pytest.mark.parametrize("client", [node.follow, in_python])
def test_a_client_of_its_own_goes_on_and_finds_what_was_changed(
    workplace: Path, ministry: Ministry, tmp_path: Path, client: FollowsInto
) -> None:
    """Both examples go on where their file ends; at a changed byte, another key, the keys of two logs, or a head that
    is older than the one of before their restart, however honest, they stop.
    """
    into = tmp_path / "feed.jsonl"
    size, _ = ministry.head("35")
    done, said = follow(workplace, ministry, "35", into, size, client=client)
    assert done, said
    earlier = into.with_name("feed.jsonl.checkpoint").read_bytes()
    with into.open("ab") as half:
        half.write(b'{"half a li')
    ministry.register("35", "36")
    grown, root = ministry.head("35")

    done, said = follow(workplace, ministry, "35", into, grown, client=client)

    expected = {"origin": "ksad/umpan/feed/35", "stored": grown, "proven": grown, "root": root}
    assert (done, json.loads(said)) == (True, expected)
    assert into.read_bytes() == ministry.feed("35")
    assert into.with_name("feed.jsonl.checkpoint").read_text().split("\n")[1:3] == [str(grown), root]
    credentials, known = ministry.folder.feeds / "35.json", ministry.folder.keys / "public.vkeys"
    with answering(earlier) as url:
        done, said = client(workplace, credentials, known, url, into, token="x", enough=grown + 1)
    assert (done, f"the log went back from {grown} to {size}" in said) == (False, True), said
    into.write_bytes(into.read_bytes().replace(b"35", b"36", 1))
    done, said = follow(workplace, ministry, "35", into, grown, client=client)
    assert (done, f"an entry of [0, {grown}) was omitted, doubled, reordered or altered" in said) == (False, True)
    into.unlink()
    own = list(read_public(ministry.folder.keys / "public.vkeys"))
    other, later = (SigningKey.generate(f"ksad/umpan/feed/35{end}").verifier for end in ("", "/2"))
    for keys, reason in (
        ([other], "not signed by the pinned key"),
        ([*own, later], "has several keys of this feed, or none: keep the line"),
    ):
        write_public(tmp_path / "other.vkeys", dict.fromkeys(keys, Validity()))
        done, said = follow(workplace, ministry, "35", into, grown, tmp_path / "other.vkeys", client)
        assert (done, reason in said) == (False, True), said
