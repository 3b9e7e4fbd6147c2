"""Problem details: every refusal has one shape, a rule and a sentence that a clerk understands."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from ksad.chassis.problems import KINDS, MEDIA_TYPE, STATUS, TITLES, problem_of
from ksad.contracts.rules import RefusalKind
from tests.support.servers.doorway import Visitor

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = {"not", "found", "allowed", "error", "invalid", "field", "required", "should", "value", "input", "the", "is"}


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody who knocks at a service; faults are told to nobody."""
    with capture_logs():
        yield Visitor(tmp_path)


@pytest.mark.parametrize(
    ("method", "path", "status", "rule"),
    [
        ("GET", "/nowhere", 404, "route-known"),
        ("PUT", "/things/a", 405, "method-known"),
        ("GET", "/things/rule", 422, "things-differ"),
        ("GET", "/things/fault", 500, "platform-fault"),
        *(("GET", f"/things/as-{kind}", STATUS[kind], "as-asked") for kind in RefusalKind),
    ],
)
def test_every_refusal_has_the_same_shape(visitor: Visitor, method: str, path: str, status: int, rule: str) -> None:
    """RFC 9457 members, the rule and the clause, whoever refuses: a rule, a route, the framework or a fault."""
    answer = visitor.client.request(method, path, headers=visitor.headers("auditor"))
    said = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert {"type", "title", "status", "detail", "instance", "rule", "clause"} <= set(said)
    assert (said["type"], said["rule"], said["status"]) == (f"urn:ksad:rule:{rule}", rule, status)
    assert (said["instance"], said["title"]) == (path, TITLES[KINDS[status]])
    assert not ENGLISH & set(said["detail"].lower().replace(".", "").split())


def test_no_rule_knows_a_status() -> None:
    """Only the table in the chassis turns a kind of refusal into an HTTP status, and each kind has its own."""
    assert set(STATUS) == set(TITLES) == set(RefusalKind)
    assert len(KINDS) == len(STATUS)
    refusing = {status for status in STATUS.values() if status < 500}
    found, modules = set(), 0
    for service in ("chassis", "registry", "supervision", "reporting"):
        for path in (ROOT / "services" / service / "src").glob("**/*.py"):
            modules += 1
            numbers = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
            found |= {path.name} if numbers & refusing else set()
    assert modules > 100
    assert found == {"problems.py", "client.py"}  # The client reads what a service answered.


def test_a_wrong_method_names_the_right_ones(visitor: Visitor) -> None:
    """405 comes with Allow."""
    answer = visitor.client.delete("/things/a", headers=visitor.headers("auditor"))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_fault_tells_nothing_of_itself(visitor: Visitor) -> None:
    """What went wrong inside stands in the log, not in the answer."""
    assert "ZeroDivision" not in visitor.get("/things/fault").text


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b"{}", "name", "wajib diisi"),
        (b'{"name": ""}', "name", "terlalu pendek"),
        (b'{"name": "a", "x": 1}', "x", "tidak dikenal di sini"),
        (b'{"name": "a", "count": -1}', "count", "terlalu kecil"),
        (b'{"name": "a", "count": "x"}', "count", "harus berupa bilangan bulat"),
        (b'{"name": 7}', "name", "harus berupa teks"),
        (b"[]", "", "harus berupa objek"),
        (b"{", "1", "bukan JSON yang dapat dibaca"),
        (b'{"name": "\\ud800"}', "name", "memuat tanda yang bukan Unicode"),
        (b'{"name": "a", "\\ud800": 1}', "", "memuat tanda yang bukan Unicode"),
    ],
)
def test_a_field_that_does_not_fit_is_named(visitor: Visitor, body: bytes, field: str, message: str) -> None:
    """422 lists each field with what is wrong with it, in Indonesian, and repeats nothing of what was sent."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    answer = visitor.post("/things", content=body, headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (422, "request-valid")
    assert {"field": field, "message": message} in answer.json()["errors"]


def test_text_that_is_no_json_is_told_from_where_on(visitor: Visitor) -> None:
    """What nobody can read has no fields: the answer says at which character reading ended."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    answer = visitor.post("/things", content=b'{"name": "a",,}', headers=headers)
    assert "bukan JSON: tidak terbaca mulai tanda ke-13" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 100_000, b'{"name": 1e999}', b'{"name": NaN}', b"9" * 5_000])
def test_bytes_that_are_no_json_are_refused_and_not_stumbled_over(visitor: Visitor, body: bytes) -> None:
    """Broken encodings, bottomless nesting and numbers beyond all bounds are refusals, never faults."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
    assert visitor.post("/things", content=body, headers=headers).status_code in (400, 422)


def test_a_hundred_faults_are_not_all_told(visitor: Visitor) -> None:
    """A body with very many wrong fields with long names gets a short answer."""
    answer = visitor.post("/things", json={f"{number}-{'x' * 500}": 1 for number in range(1000)})
    assert len(answer.json()["errors"]) == 20
    assert len(answer.content) < 10_000


def test_a_database_that_is_away_is_no_fault_of_the_request() -> None:
    """A lost connection is answered 503 with the advice to send the same key again; another fault is not."""
    lost = problem_of(sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection")))
    assert (lost.status, lost.rule, lost.headers) == (503, "database-reachable", {"Retry-After": "2"})
    assert problem_of(sa.exc.ProgrammingError("SELECT x", {}, Exception("no such column"))).status == 500
