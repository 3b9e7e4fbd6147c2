"""Problem details: every refusal has one shape, a rule and a sentence that a clerk understands."""

import ast
import errno
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from ksad.chassis.database import Database
from ksad.chassis.documents import UnkeptError
from ksad.chassis.problems import KINDS, MEDIA_TYPE, STATUS, TITLES, problem_of
from ksad.contracts.envelope import EnvelopeError
from ksad.contracts.rules import RefusalKind
from tests.support.servers.doorway import Visitor

INTEGER = "harus berupa bilangan bulat, ditulis tanpa tanda kutip, titik, atau koma"
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
            tree = ast.parse(path.read_text())
            limits = {one.value for one in ast.walk(tree) if isinstance(one, ast.Assign) and _is_limit(one)}
            numbers = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and one not in limits}
            found |= {path.name} if numbers & refusing else set()
    assert modules > 100
    assert found == {"problems.py", "client.py"}  # The client reads what a service answered.


def _is_limit(assigned: ast.Assign) -> bool:
    """Whether a name says that its number is the most of something, which may be one that is a status as well."""
    return all(isinstance(one, ast.Name) and one.id.endswith("_MAX") for one in assigned.targets)


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
        (b'{"name": ""}', "name", "terlalu pendek, paling sedikit 1 karakter"),
        (b'{"name": "a", "x": 1}', "x", "tidak dikenal di sini"),
        (b'{"name": "a", "count": -1}', "count", "terlalu kecil, paling kecil 0"),
        (b'{"name": "a", "count": "x"}', "count", INTEGER),
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
    assert (field, message) in [(one["field"], one["message"]) for one in answer.json()["errors"]]


@pytest.mark.fault("bug-reports 25")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"name": "e\u0301"},
            "Fakta tidak dapat dicatat: nama harus dalam bentuk Unicode NFC; ketik ulang huruf yang bertanda.",
        ),
        (
            {"name": "a", "count": 2**60},
            "Fakta tidak dapat dicatat: salah satu isian terlalu besar, paling banyak 16 angka.",
        ),
    ],
)
def test_a_text_that_cannot_be_recorded_is_told_in_indonesian(
    visitor: Visitor, body: dict[str, Any], said: str
) -> None:
    """The field is named, and what to do; nothing of it is a programmer's English."""
    answer = visitor.post("/things", json=body)
    assert (answer.status_code, answer.json()["rule"], answer.json()["detail"]) == (422, "fact-fits", said)


def test_a_fact_that_is_too_large_is_told_with_the_limit() -> None:
    """What is larger than an event may be names the limit."""
    found = problem_of(EnvelopeError("an event of 60001 bytes is larger than 60000"))
    assert found.detail == "Fakta tidak dapat dicatat: lebih dari 60000 byte. Persingkat isian."


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
    """A body with very many wrong fields with long names gets a short answer, which says how many it leaves out."""
    answer = visitor.post("/things", json={f"{number}-{'x' * 500}": 1 for number in range(1000)})
    assert (len(answer.json()["errors"]), answer.json()["errors_left"]) == (20, 981)
    assert "dan 999 lagi" in answer.json()["detail"]
    assert len(answer.content) < 10_000


def test_a_database_that_is_away_is_no_fault_of_the_request() -> None:
    """A lost connection is answered 503 with the advice to send the same key again; another fault is not."""
    lost = problem_of(sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection")))
    assert (lost.status, lost.rule, lost.headers) == (503, "database-reachable", {"Retry-After": "2"})
    assert problem_of(sa.exc.ProgrammingError("SELECT x", {}, Exception("no such column"))).status == 500


@pytest.mark.fault("bug-reports 23")
@pytest.mark.fault("operator F7")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_file_that_cannot_be_written_is_no_fault_of_the_platform(number: int) -> None:
    """Whatever wrote it: 503, which says that a repeat does nothing twice; a document has its own rule."""
    refused = problem_of(OSError(number, "no"))
    assert (refused.status, refused.rule, refused.headers) == (503, "storage-writable", {"Retry-After": "10"})
    assert problem_of(UnkeptError(number, "no")).rule == "document-kept"
    assert problem_of(OSError(errno.EPIPE, "no")).status == 500


@pytest.mark.fault("operator F7")
def test_a_full_database_is_told_as_such(tmp_path: Path) -> None:
    """SQLite that has no page left says so with the error of a database that is away, and is told apart."""
    with closing(Database(f"sqlite:///{tmp_path / 'full.sqlite'}")) as database:
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE much (v BLOB)")
            connection.exec_driver_sql("PRAGMA max_page_count = 4")
        with pytest.raises(sa.exc.OperationalError) as full, database.write() as connection:
            connection.exec_driver_sql("INSERT INTO much VALUES (zeroblob(1000000))")
        assert problem_of(full.value).rule == "storage-writable"
