"""The edge: who is limited how often, how much may be sent, what every answer carries, and what a command brings."""

import base64
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ksad.chassis.answer import SECURITY
from ksad.chassis.edge import BODY_MAX, UPLOAD_MAX
from ksad.contracts.identifiers import command_id
from tests.support.servers.doorway import Visitor
from tests.support.servers.served import served

BODY = {"name": "a"}


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody who knocks at a service; faults are told to nobody."""
    with capture_logs():
        yield Visitor(tmp_path)


@pytest.mark.parametrize(
    ("path", "office", "status"),
    [
        ("/things/a", "auditor", 200),
        ("/things/a", None, 401),
        ("/things/a", "minister", 403),
        ("/things/as-unknown", "auditor", 404),
        ("/nowhere", "auditor", 404),
        ("/nowhere", None, 404),
        ("/things/fault", "auditor", 500),
        ("/livez", None, 200),
        ("/metrics", None, 200),
        ("/openapi.json", None, 200),
    ],
)
def test_every_answer_carries_the_security_headers(
    visitor: Visitor, path: str, office: str | None, status: int
) -> None:
    """Refusals, unknown addresses and faults carry the same headers as a good answer, and an id to ask about them."""
    answer = visitor.get(path, office)
    assert answer.status_code == status
    for name, value in SECURITY.items():
        assert answer.headers[name.decode()] == value.decode(), name
    assert answer.headers["x-request-id"] != visitor.get(path, office).headers["x-request-id"]


def test_a_wrong_token_is_refused_wherever_it_is_shown(visitor: Visitor) -> None:
    """Who shows a token that is not to be trusted is told so, on unknown routes too; what is open asks for none."""
    for path in ("/things/a", "/nowhere"):
        answer = visitor.client.get(path, headers={"Authorization": "Bearer x.y.z"})
        assert (answer.status_code, answer.json()["rule"]) == (401, "token-valid")


def test_a_caller_is_limited_by_who_he_is(tmp_path: Path) -> None:
    """An office's pseudonym has so many requests a minute, whichever tokens carry it; another office has its own."""
    visitor = Visitor(tmp_path, requests_per_minute=5)
    tokens = [{"Authorization": f"Bearer {visitor.issuer.issue('auditor', seconds=600 + n)}"} for n in range(8)]
    answers = [visitor.client.get("/things/a", headers=headers) for headers in tokens for _ in range(2)]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200] * 5 + [429] * 11
    limited = answers[-1]
    assert limited.json()["rule"] == "rate-limited"
    assert 1 <= int(limited.headers["Retry-After"]) <= 60
    assert visitor.get("/things/a", "region:32.75").status_code == 200


def test_an_unknown_caller_is_limited_by_his_address(tmp_path: Path) -> None:
    """Trying tokens counts against the address, whatever is tried, and so does asking without one; a good one costs it
    nothing.
    """
    visitor = Visitor(tmp_path, anonymous_requests_per_minute=5)
    known = visitor.headers("auditor")
    assert visitor.client.get("/things/a", headers=known).status_code == 200
    tried = [visitor.client.get("/things/a", headers={"Authorization": f"Bearer {n}"}) for n in range(7)]
    assert [answer.status_code for answer in tried] == [401] * 5 + [429] * 2
    asked = [visitor.get("/livez", None).status_code for _ in range(6)]
    assert asked == [200] * 5 + [429]
    assert visitor.client.get("/things/a", headers=known).status_code == 200


def test_officers_behind_one_address_have_a_budget_each(tmp_path: Path) -> None:
    """Neither what others ask of the same portal nor what visitors ask of it without a token is on their account, and
    whoever asks too much is refused alone. No header or claim of a client's own gives it another account.
    """
    visitor = Visitor(tmp_path, requests_per_minute=3, anonymous_requests_per_minute=4)
    assert [visitor.get("/livez", None).status_code for _ in range(5)] == [200] * 4 + [429]
    sessions = [f"{number:064x}" for number in range(6)]
    officers = [{"Authorization": f"Bearer {visitor.issuer.issue('auditor', session=one)}"} for one in sessions]
    assert [visitor.client.get("/things/a", headers=one).status_code for one in officers] == [200] * 6
    assert [visitor.client.get("/things/a", headers=officers[0]).status_code for _ in range(3)] == [200, 200, 429]
    head, body, mark = officers[0]["Authorization"].split(".")
    other = base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(sessions[0].encode(), b"f" * 64))
    forged = {"Authorization": f"{head}.{other.decode().rstrip('=')}.{mark}"}
    assert visitor.client.get("/things/a", headers=forged).status_code == 401
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Ksad-Session"):
        assert visitor.client.get("/things/a", headers={**officers[0], name: "for=10.0.0.9"}).status_code == 429
    assert visitor.client.get("/things/a", headers=officers[1]).status_code == 200


def test_a_trial_is_never_recorded_in_place_of_its_answer(visitor: Visitor) -> None:
    """What knows no dry run, uploads too, refuses to be tried, and who asks for one twice is told so."""
    headers = {"Idempotency-Key": "k", "Ksad-Dry-Run": "true"}
    answer = visitor.post("/things", json={"name": "a"}, headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (422, "dry-run-known")
    upload = visitor.post("/documents", content=b"x", headers=headers | {"Content-Type": "application/octet-stream"})
    assert (upload.status_code, upload.json()["rule"]) == (422, "dry-run-known")
    twice = [*(visitor.headers("auditor") | headers).items(), ("Ksad-Dry-Run", "false")]
    answer = visitor.client.post("/things", json={"name": "a"}, headers=twice)
    assert (answer.status_code, answer.json()["rule"]) == (400, "header-once")


@pytest.mark.parametrize(("path", "most"), [("/things", BODY_MAX), ("/documents", UPLOAD_MAX)])
def test_a_body_is_limited_before_it_is_sent(visitor: Visitor, path: str, most: int) -> None:
    """A length beyond the limit is refused without reading: a command's is small, a document's is fifty MiB."""
    answer = visitor.post(path, content=b"", headers={"Content-Length": str(most + 1), "Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["rule"]) == (413, "body-small")
    assert visitor.post(path, content=b"", headers={"Content-Length": "lots"}).status_code == 413


def test_a_body_that_does_not_say_its_length_is_limited_while_it_comes(visitor: Visitor) -> None:
    """A chunked body is refused as soon as it is too long, without waiting for its end, over a real connection."""
    head = {"Host": "x", "Transfer-Encoding": "chunked", "Content-Type": "application/json", "Idempotency-Key": "k"}
    lines = [f"{name}: {value}" for name, value in (head | visitor.headers("region:32.75")).items()]
    with served(visitor.app) as port, socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall("\r\n".join(["POST /things HTTP/1.1", *lines, "", ""]).encode())
        line.sendall(b"%x\r\n%s\r\n" % (BODY_MAX + 1, b" " * (BODY_MAX + 1)))
        answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"x-content-type-options: nosniff" in answer


def test_nobody_unknown_is_listened_to(visitor: Visitor) -> None:
    """Without a token the answer comes before a single byte of a document was taken in."""
    with served(visitor.app) as port, socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(b"POST /documents HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_command_is_known_by_office_and_key(visitor: Visitor) -> None:
    """The same key from the same office is the same command with the same digest; another body has another digest."""
    first, again = (visitor.post("/things", json=BODY).json() for _ in range(2))
    assert first == again
    assert first["command"] == str(command_id("region:32.75", "k"))
    assert visitor.post("/things", json={"name": "b"}).json()["digest"] != first["digest"]
    assert visitor.post("/things", "region:32.74", json=BODY).json()["command"] != first["command"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [('"3"', 3), ('W/"3"', 3), ("*", None), (None, None), ("3", "if-match-readable"), ('"x"', "if-match-readable")],
)
def test_if_match_is_a_version(visitor: Visitor, given: str | None, expected: Any) -> None:
    """An ETag that was answered before names the expected version; anything else is 400."""
    headers = {"Idempotency-Key": "k"} | ({"If-Match": given} if given else {})
    answer = visitor.post("/things", json=BODY, headers=headers)
    found = answer.json()["expected"] if answer.status_code == 200 else answer.json()["rule"]
    assert found == expected


def test_a_condition_is_refused_with_its_clause(visitor: Visitor) -> None:
    """Where an office may do something only under a condition, the refusal names condition and clause."""
    answer = visitor.post("/things", json={"name": "foreign"})
    said = answer.json()
    assert (answer.status_code, said["rule"], said["clause"]) == (403, "own", "P1.3")
    assert (said["office"], said["action"]) == ("region:32.75", "write")


@pytest.mark.parametrize("name", ["Authorization", "Idempotency-Key", "Content-Type", "If-Match"])
def test_a_header_comes_once(visitor: Visitor, name: str) -> None:
    """Of two headers where there can be one, one program reads the first and another the last: both are refused."""
    twice = [(name, "a"), (name, "b")]
    answer = visitor.client.post("/things", headers=twice, json=BODY)
    assert (answer.status_code, answer.json()["rule"]) == (400, "header-once")
