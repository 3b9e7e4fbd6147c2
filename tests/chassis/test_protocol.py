"""Connections: what may come before anybody has looked at it, how slowly, how many; what is told to who is refused."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ksad.chassis import protocol
from ksad.chassis.protocol import HEAD_BYTES_MAX, HEADERS_MAX, URL_BYTES_MAX
from tests.support.servers.doorway import Visitor
from tests.support.servers.processes import wait_until
from tests.support.servers.served import served

HEAD = b"GET /livez HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody who knocks at a service; faults are told to nobody."""
    with capture_logs():
        yield Visitor(tmp_path)


@contextmanager
def line_to(port: int) -> Iterator[socket.socket]:
    """A connection."""
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        yield line


def answer(line: socket.socket, status: int, rule: str | None = None) -> Any:
    """The next answer on a connection, whose status and rule are as said; what its body says."""
    told = b""
    while b"\r\n\r\n" not in told:
        piece = line.recv(65_536)
        assert piece, told
        told += piece
    head, _, body = told.partition(b"\r\n\r\n")
    fields = dict(one.lower().split(b": ", 1) for one in head.split(b"\r\n")[1:])
    while len(body) < int(fields[b"content-length"]):
        body += line.recv(65_536)
    assert head.startswith(b"HTTP/1.1 %d " % status), told
    said = json.loads(body)
    assert rule is None or (said["rule"], said["status"]) == (rule, status)
    assert fields[b"x-content-type-options"] == b"nosniff"
    return said


def ended(line: socket.socket, seconds: float) -> bool:
    """Whether the other side ends a connection within these seconds."""
    line.settimeout(seconds)
    try:
        return line.recv(65_536) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@pytest.mark.fault(
    "http A10",
    kind="somebody whom nobody knows makes the platform keep what he sends, for as long as he likes",
    looked="head, body, number and age of connections of the three services, and what is sent and not read",
    found="an answer that nobody reads kept its connection for ever",
)
@pytest.mark.parametrize(
    ("sent", "status", "rule"),
    [
        (HEAD + b"X-Much: " + b"x" * HEAD_BYTES_MAX, 431, "head-small"),
        (HEAD + b"X-Much: " + b"x" * HEAD_BYTES_MAX + b"\r\n\r\n", 431, "head-small"),
        (HEAD + b"X: y\r\n" * HEADERS_MAX + b"\r\n", 431, "head-small"),
        (HEAD + b"X: y\r\n" * HEAD_BYTES_MAX, 431, "head-small"),
        (b"GET /livez?" + b"x" * URL_BYTES_MAX + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "url-short"),
        (b"GET /livez?" + b"x" * 2 * HEAD_BYTES_MAX, 431, "head-small"),
    ],
)
def test_a_head_has_bounds(visitor: Visitor, sent: bytes, status: int, rule: str) -> None:
    """Bytes and lines of a head and the length of an address are bounded, complete or not; the refusal is a problem."""
    with served(visitor.app) as port, line_to(port) as line:
        line.sendall(sent)
        answer(line, status, rule)
        assert ended(line, 5)


def test_a_head_within_bounds_is_served(visitor: Visitor) -> None:
    """As many headers as are allowed, a long token and a long address reach the service, which refuses the token."""
    more = b"".join(b"X-%d: y\r\n" % number for number in range(HEADERS_MAX - 3))
    long = b"Authorization: Bearer " + b"x" * 16_000 + b"\r\n"
    with served(visitor.app) as port, line_to(port) as line:
        for _ in range(3):
            line.sendall(b"GET /things/" + b"x" * 8_000 + b" HTTP/1.1\r\nHost: x\r\n" + long + more + b"\r\n")
            answer(line, 401)


@pytest.mark.fault("http A10")
def test_a_huge_header_is_not_kept(visitor: Visitor) -> None:
    """Of a header without end only the beginning is taken in: its sender is cut off, and nobody else is slowed."""
    with served(visitor.app) as port, line_to(port) as line:
        line.sendall(HEAD + b"X-Much: ")
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            line.sendall(b"x" * 64 * 1024 * 1024)
        assert time.monotonic() - begun < 10
        with line_to(port) as other:
            other.sendall(HEAD + b"\r\n")
            answer(other, 200)


@pytest.mark.fault("http A10")
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", None),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ", 408),
        (b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nAuthorization: {token}\r\n\r\n{", 408),
    ],
)
def test_who_is_slow_is_cut_off(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, sent: bytes, status: int | None
) -> None:
    """Whoever sends nothing, half a head, or a body drop by drop is told so, and his connection ends."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.5)
    token = visitor.headers("region:32.75")["Authorization"].encode()
    with served(visitor.app) as port, line_to(port) as line:
        line.sendall(sent.replace(b"{token}", token))
        if status is not None:
            answer(line, status, "request-in-time")
        assert ended(line, 5)


def test_who_is_slow_and_steady_is_served(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that comes slowly, and not too slowly, is read to its end."""
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.5)
    token = visitor.headers("region:32.75")["Authorization"].encode()
    head = b"POST /documents HTTP/1.1\r\nHost: x\r\nContent-Length: 12000\r\nAuthorization: " + token + b"\r\n\r\n"
    with served(visitor.app) as port, line_to(port) as line:
        line.sendall(head)
        for _ in range(12):
            time.sleep(0.2)
            line.sendall(b"x" * 1_000)
        assert answer(line, 200) == 12_000


@pytest.mark.fault("http A10")
def test_idle_connections_make_room(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """With as many connections as there may be, the one that has been idle longest ends, and the new one is served."""
    monkeypatch.setattr(protocol, "CONNECTIONS_MAX", 5)
    with served(visitor.app) as port, ExitStack() as stack:
        first = stack.enter_context(line_to(port))
        others = [stack.enter_context(line_to(port)) for _ in range(7)]
        others[-1].sendall(HEAD + b"\r\n")
        answer(others[-1], 200)
        assert ended(first, 5)


@pytest.mark.fault("http A10")
def test_who_reads_nothing_is_cut_off(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks for much and reads none of it keeps neither its connection nor what was prepared for it."""
    monkeypatch.setattr(protocol, "STALLED_SECONDS", 0.5)
    token = visitor.headers("auditor")["Authorization"].encode()
    with served(visitor.app) as port, line_to(port) as line:
        line.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\nAuthorization: " + token + b"\r\n\r\n")
        time.sleep(3)
        left = 64 * 1024 * 1024
        with suppress(ConnectionError):
            while left > 0 and (piece := line.recv(1024 * 1024)):
                left -= len(piece)
        assert left > 0


def test_a_dead_peer_is_noticed(visitor: Visitor) -> None:
    """Every connection is asked for a sign of life by the system itself, which its table of timers shows."""

    def timers(port: int) -> list[str]:
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return [row[5] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]

    with served(visitor.app) as port, line_to(port):
        wait_until(lambda: any(one.startswith("02:") for one in timers(port)), what="the timer of a sign of life")
