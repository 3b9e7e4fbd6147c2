"""Nobody finds a secret of a running platform where others can look: logs, command lines, answers, metrics, files."""

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from ksad.chassis.places import SERVICES
from ksad.local.machine.platform import Platform

pytestmark = pytest.mark.xdist_group("import")

SEED = re.compile(r"\bS[UAON][A-Z2-7]{40,}")
MAY_HOLD = ("endpoints.json", "keys/", "feeds/")
"""What `ksad up` is told to give to its owner, and the folders of keys."""


@pytest.fixture(scope="module")
def secrets(history_platform: Platform) -> set[str]:
    """Every token's signature, seed and private key of the platform, after somebody has tried to make it talk."""
    root = history_platform.folder.root
    tokens = set(history_platform.endpoints["tokens"].values())
    provinces = [json.loads(path.read_text())["nkey_seed"] for path in (root / "feeds").glob("*.json")]
    keys = [path for path in (root / "keys").rglob("*") if path.suffix in {".key", ".nk", ".pem"}]
    lines = {line.strip() for path in keys for line in _text(path).splitlines()}
    private = {line for line in lines if len(line) > 40 and not line.startswith("-----")}
    found = {token.rpartition(".")[2] for token in tokens} | set(provinces) | private
    assert len(tokens) > 600
    assert len(provinces) == 38
    assert len([line for line in private if SEED.search(line)]) >= 4
    assert any("PRIVATE+KEY" in line for line in private)
    _provoke(history_platform, tokens | set(provinces))
    return found


def _text(path: Path) -> str:
    return path.read_bytes().decode("latin-1")


def _provoke(platform: Platform, secrets: set[str]) -> None:
    """Send secrets where they do not belong, and tokens with faults."""
    with httpx.Client(timeout=60, trust_env=False) as http:
        for service in SERVICES:
            url = platform.endpoints[service]
            for secret in sorted(secrets)[:3] + sorted(secrets)[-3:]:
                for headers in ({"Authorization": f"Bearer {secret}x"}, {"Authorization": secret}):
                    assert http.get(f"{url}/status", headers=headers).status_code == 401
                key = {"Authorization": f"Bearer {platform.endpoints['tokens']['auditor']}", "Idempotency-Key": "x"}
                assert http.post(f"{url}/documents", headers=key, content=b"x").status_code in (403, 404)
                assert http.get(f"{url}/{secret[:100]}", headers=key).status_code == 404


def _found(secrets: set[str], text: str) -> list[str]:
    """The places of secrets in a text, each told by what stands before it."""
    return [text[max(0, text.index(one) - 60) : text.index(one)] for one in secrets if one in text]


def test_no_log_holds_a_secret(history_platform: Platform, secrets: set[str]) -> None:
    """The logs of the broker and of each service hold lines, and no secret."""
    for path in sorted(history_platform.folder.logs.iterdir()):
        text = _text(path)
        assert text, path.name
        assert not _found(secrets, text), path.name
        assert not SEED.search(text), path.name


def test_no_command_line_holds_a_secret(history_platform: Platform, secrets: set[str]) -> None:
    """Whoever lists the processes of the machine sees no secret in what the platform's were started with."""
    ours = [child.process.pid for child in history_platform.processes.children if child.process is not None]
    assert len(ours) == 4
    for pid in ours:
        words = " ".join(psutil.Process(pid).cmdline())
        assert words
        assert not _found(secrets, words)
        assert not SEED.search(words)


def _answers(platform: Platform) -> Iterator[tuple[str, str]]:
    """What the services say of themselves, to anybody and to operators."""
    operator = {"Authorization": f"Bearer {platform.endpoints['tokens']['operator']}"}
    paths = ["/metrics", "/readyz", "/livez", "/openapi.json", "/status", "/parked", "/nowhere"]
    with httpx.Client(timeout=60, trust_env=False) as http:
        for service in SERVICES:
            for path in paths:
                answer = http.get(platform.endpoints[service] + path, headers=operator)
                yield f"{service}{path}", answer.text + str(answer.headers)


def test_no_answer_holds_a_secret(history_platform: Platform, secrets: set[str]) -> None:
    """Metrics, health, documents, status and problems tell no secret."""
    for place, text in _answers(history_platform):
        assert not _found(secrets, text), place
        assert not SEED.search(text), place


def test_only_private_files_hold_a_secret(history_platform: Platform, secrets: set[str]) -> None:
    """In the whole data folder, stores and streams included, secrets lie in files that only their owner can read."""
    root = history_platform.folder.root
    holding = set()
    for path in root.rglob("*"):
        if path.is_file() and _found(secrets, _text(path)):
            name = str(path.relative_to(root))
            holding.add(name.partition("/")[0])
            assert name.startswith(MAY_HOLD), name
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, name
    assert holding == {"endpoints.json", "keys", "feeds"}


@pytest.mark.fault(
    "http A12", looked="every file of a platform: databases and their side files, logs, documents, broker"
)
@pytest.mark.fault(
    "operator F9",
    kind="a file with facts that every account of the machine can read",
    looked="every file of a platform: databases and their side files, logs, documents, the broker's store",
    found="the broker's store, which holds all events",
)
def test_no_other_account_reads_a_fact(history_platform: Platform) -> None:
    """Databases, logs and documents are closed to others, each by itself; the rest lies in a folder that is closed."""
    root = history_platform.folder.root
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    closed = [*root.glob("*.sqlite*"), *(root / "logs").iterdir()]
    closed += [path for path in (root / "documents").rglob("*") if path.is_file()]
    assert len(closed) > 6
    assert [path for path in closed if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
