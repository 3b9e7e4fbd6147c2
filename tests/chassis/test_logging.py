"""Logging: one line per unit of work, refusals with office, route and rule, and never a secret."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ksad.chassis.logging import SECRET, LogLines, redact
from ksad.local.machine.broker import new_seed
from tests.support.servers.doorway import Visitor

PROGRAM = """
import logging, sys
import structlog
from ksad.chassis.logging import configure
from ksad.chassis.settings import Settings

token, seed = sys.argv[1:]
configure(Settings(), "registry")
log = structlog.get_logger("x")
log.info("told", count=3, place=f"Bearer {token}", nested={"header": [f"bearer {token}"]}, api_token="abc", other=seed)
log.debug("unseen")
try:
    raise RuntimeError(f"could not use {seed} at postgresql://registry:hunter2@db/registry")
except RuntimeError:
    log.exception("failed")
    logging.getLogger("nats").warning("refused %s", seed, exc_info=True)
"""


def lines(visitor: Visitor, path: str, office: str | None) -> list[Any]:
    """What a request leaves in the log."""
    with capture_logs() as told:
        visitor.get(path, office)
    return told


@pytest.mark.parametrize(
    ("path", "office", "line"),
    [
        ("/things/a", "auditor", {"route": "/things/{name}", "status": 200, "office": "auditor", "log_level": "info"}),
        ("/things/as-conflict", "auditor", {"status": 409, "rule": "as-asked", "log_level": "info"}),
        (
            "/things/a",
            "minister",
            {
                "route": "/things/{name}",
                "status": 403,
                "rule": "office-may",
                "office": "minister",
                "log_level": "warning",
            },
        ),
        (
            "/things/a",
            None,
            {"route": "/things/{name}", "status": 401, "rule": "token-present", "log_level": "warning"},
        ),
        ("/nowhere", "auditor", {"route": "unknown", "status": 404, "rule": "route-known", "log_level": "info"}),
    ],
)
def test_a_request_leaves_one_line(tmp_path: Path, path: str, office: str | None, line: dict[str, Any]) -> None:
    """Method, the route's pattern, status and time; a refusal's office, route and rule; no path, no pseudonym."""
    [told] = lines(Visitor(tmp_path), path, office)
    assert told | line == told
    assert told.keys() <= {
        "event", "log_level", "correlation_id", "method", "route", "status", "milliseconds", "office", "rule",
    }  # fmt: skip


def test_a_fault_leaves_its_trace(tmp_path: Path) -> None:
    """A fault is told once with its trace, beside the line of its request."""
    told = lines(Visitor(tmp_path), "/things/fault", "auditor")
    assert [(one["event"], one["log_level"]) for one in told] == [("platform_fault", "error"), ("request", "info")]
    assert told[0]["exc_info"]


def test_no_line_holds_a_secret(tmp_path: Path) -> None:
    """Tokens, seeds and passwords are taken out of any field at any depth, of traces, and of the libraries' lines."""
    seed = new_seed()
    visitor = Visitor(tmp_path)
    token = visitor.issuer.issue("operator")
    environment = os.environ | {
        "KSAD_DATABASE_URL": "sqlite:///x.sqlite",
        "KSAD_NATS_URL": "nats://127.0.0.1:1",
        "KSAD_DOCUMENTS_DIR": "x",
        "KSAD_ISSUER_KEYS_DIR": "x",
    }
    command = [sys.executable, "-c", PROGRAM, token, seed]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [one["event"] for one in told] == ["told", "failed"]
    assert {one["service"] for one in told} == {"registry"}
    assert (told[0]["count"], told[0]["api_token"]) == (3, "…")
    assert "RuntimeError" in told[1]["exception"]
    assert "nats refused" in done.stderr
    for secret in (token, seed, "hunter2", *token.split(".")[1:]):
        assert secret not in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abcdefghijkl",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln",
        "PRIVATE+KEY+ksad/local/national+c4f5+AXg=",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMC4CAQAw",
    ],
)
def test_each_kind_of_secret_is_known(secret: str) -> None:
    """A secret inside a sentence is taken out, and the sentence stays."""
    cleaned = redact(None, "info", {"event": f"before {secret} after"})["event"]
    assert secret not in cleaned
    assert cleaned.startswith("before …")


@pytest.mark.parametrize("text", ["Laporan diterima", "https://db/registry", "SURAKARTA", "region:33.72", "a@b"])
def test_what_is_no_secret_stays(text: str) -> None:
    """Ordinary words and addresses are left as they are."""
    assert not SECRET.search(text)


def test_a_line_that_cannot_be_written_fails_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a closed stream and on a full disk a line is lost, and whoever wrote it goes on."""
    with (tmp_path / "closed").open("w") as closed:
        pass
    monkeypatch.setattr("sys.stderr", closed)
    LogLines().info("a line")
    full = os.open("/dev/full", os.O_WRONLY)
    with os.fdopen(full, "wb", buffering=0) as raw:
        wrapper = io.TextIOWrapper(raw, write_through=True)
        monkeypatch.setattr("sys.stderr", wrapper)
        LogLines().warning("another")
        with pytest.raises(OSError, match="No space left"):
            raw.write(b"the disk is full indeed")
        wrapper.detach()
