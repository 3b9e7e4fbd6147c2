"""Documents over HTTP in both services that take them: kept as sent, described as kept, fetched to be saved."""

import hashlib
import uuid
from typing import Any

import pytest

from ksad.chassis.documents import Documents
from ksad.chassis.transfer import SANDBOX, download
from tests.support.platforms.pair import Pair

SERVICES = ("registry", "supervision")
PDF = b"%PDF-1.4 naskah kerja sama"
CITING = {"registry": "region:33.72", "supervision": "tkksd:33"}
"""Who names a document in these tests."""


def upload(pair: Pair, service: str, content: bytes, media_type: str | None, office: str = "joint_secretariat") -> Any:
    """The answer to an upload."""
    headers = pair.headers(office) | ({} if media_type is None else {"Content-Type": media_type})
    return pair.client(service).post("/documents", content=content, headers=headers)


@pytest.mark.fault(
    "bug-reports 2",
    kind="a body that is to be kept is read as something else first",
    looked="every route that takes a body as it is: POST /documents of registry and supervision",
    found="nothing more: reporting's documents are its own",
)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("media_type", ["application/json", "application/geo+json", "text/json; charset=utf-8"])
@pytest.mark.parametrize("content", [b'"abc"', b"123", b'{"a": 1}', b"{broken", b"\xff\xfe{\x00"])
def test_json_is_kept_byte_for_byte(pair: Pair, service: str, media_type: str, content: bytes) -> None:
    """A document that is JSON, or says so, has the hash and the size of the bytes that were sent."""
    answer = upload(pair, service, content, media_type)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "media_type": media_type,
    }


@pytest.mark.fault(
    "bug-reports 6",
    kind="what a client says of a thing is believed, and stands in the log or in a header for ever",
    looked="size, type and name of every document that a command of the three services names",
    found="the corrections of registry and supervision named documents in the same way",
)
@pytest.mark.fault(
    "http A9",
    kind="what a client says of a thing is believed, and stands in the log or in a header for ever",
    looked="as bug-reports 6, and the headers of every download of the three services",
    found="the registry served a stored PDF inline as octets",
)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "media_type",
    ["", "pdf", "text/html\r\nX-Evil: 1", "application/pdf – naskah", "téxt/plain", "a/" + "x" * 5000, "text/html\n"],
)
def test_a_media_type_is_one(pair: Pair, service: str, media_type: str) -> None:
    """A type that no header could carry is refused, whether the upload says it or who names the document."""
    if media_type.isascii() and media_type.isprintable() and media_type:
        refused = upload(pair, service, PDF, media_type)
        assert (refused.status_code, refused.json()["rule"]) == (422, "media-type-readable")
    ref = upload(pair, service, PDF, "application/pdf", CITING[service]).json()
    answer = cite(pair, service, {**ref, "media_type": media_type})
    rule = "document-as-stored" if media_type.isprintable() else "text-readable"
    assert (answer.status_code, answer.json()["rule"]) == (422, rule)


def cite(pair: Pair, service: str, ref: dict[str, Any]) -> Any:
    """A command that names a document."""
    identity = pair.register(f"dok-{uuid.uuid4().hex[:8]}")
    if service == "supervision":
        task = pair.task(identity, "a.2")
        return pair.do(task, "deliver", "tkksd:33", {"region": "33.72", "documents": [ref], "note": None})
    pair.tell(identity, "enter-stage", stage="negotiation")
    pair.tell(identity, "enter-stage", stage="signing")
    body = {"numbers": {"33.72": "1/2026", "33.11": "1/2026"}, "document": ref}
    return pair.send("registry", f"/cooperations/{identity}/sign-accord", "region:33.72", body)


@pytest.mark.fault("bug-reports 6")
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("change", [{"size": 999}, {"size": 0}, {"size": 10**15}, {"media_type": "text/html"}, {}])
def test_a_document_is_named_as_it_is_kept(pair: Pair, service: str, change: dict[str, Any]) -> None:
    """Size and type in a command are those that the upload was answered with, or the command is refused."""
    ref = upload(pair, service, PDF, "application/pdf", CITING[service]).json()
    answer = cite(pair, service, {**ref, **change})
    if change:
        assert (answer.status_code, answer.json()["rule"]) == (422, "document-as-stored")
        assert answer.json()["size"] == len(PDF)
    else:
        assert answer.status_code == 200, answer.text


@pytest.mark.fault("http A9")
def test_a_form_is_no_document(pair: Pair) -> None:
    """A form would be kept with its borders: whoever sends one is told to send the document alone."""
    for service in SERVICES:
        answer = upload(pair, service, b"--x\r\n\r\na\r\n--x--", "multipart/form-data; boundary=x")
        assert (answer.status_code, answer.json()["rule"]) == (422, "document-alone")


@pytest.mark.fault("http A9")
def test_a_document_is_fetched_to_be_saved(pair: Pair) -> None:
    """Under the type it came with, as an attachment in a sandbox; a page is never shown in the name of the platform."""
    content = f"<script>alert('{uuid.uuid4()}')</script>".encode()
    ref = upload(pair, "registry", content, "text/html").json()
    answer = pair.client("registry").get(f"/documents/{ref['sha256']}", headers=pair.headers("auditor"))
    assert answer.content == content
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-disposition"] == f'attachment; filename="{ref["sha256"]}.html"'
    assert answer.headers["content-security-policy"] == SANDBOX
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("media_type", ["text/html\r\nX-Evil: 1", "téxt", "", "x" * 20_000])
def test_what_an_older_release_recorded_harms_nobody(media_type: str) -> None:
    """A type in the log that is none is not repeated: the document comes as octets."""
    assert download(b"x", "a", media_type).headers["content-type"] == "application/octet-stream"


@pytest.mark.fault(
    "http A9",
    kind="a hash that somebody has heard of opens what it names",
    looked="every command of registry and supervision that names a document, corrections too; the rehearsal of a file",
    found="supervision's commands alike; the refusal told whether there was such a document",
)
@pytest.mark.parametrize("service", SERVICES)
def test_a_document_is_cited_by_who_has_it(pair: Pair, service: str) -> None:
    """By the side that uploaded it, or whoever reads it there already; a hash alone tells nothing and opens nothing."""
    content = b"%PDF-1.4 " + uuid.uuid4().bytes
    ref = upload(pair, service, content, "application/pdf", "region:34.71").json()
    foreign = cite(pair, service, ref)
    unknown = cite(pair, service, {**ref, "sha256": "0" * 64})
    assert [(one.status_code, one.json()["rule"]) for one in (foreign, unknown)] == [(422, "document-known")] * 2
    assert foreign.json()["detail"] == unknown.json()["detail"]
    upload(pair, service, content, "application/pdf", CITING[service].replace("tkksd", "governor"))
    assert cite(pair, service, ref).status_code == 200


def test_who_reads_a_document_may_cite_it(pair: Pair) -> None:
    """A party cites what the other has attached to their cooperation, without an upload of its own."""
    identity = pair.register(f"dok-{uuid.uuid4().hex[:8]}")
    content = b"%PDF-1.4 " + uuid.uuid4().bytes
    ref = upload(pair, "registry", content, "application/pdf", "region:33.72").json()
    raised = {"dispute": "a", "between": ["33.72", "33.11"], "description": "batas", "document": ref}
    path = f"/cooperations/{identity}/raise-dispute"
    assert pair.send("registry", path, "region:33.11", raised).json()["rule"] == "document-known"
    assert pair.send("registry", path, "region:33.72", raised).status_code == 200
    assert pair.send("registry", path, "region:33.11", {**raised, "dispute": "b"}).status_code == 200


@pytest.mark.parametrize("media_type", ["text/html", "text/plain", "application/json", "application/octet-stream"])
def test_a_paper_is_a_scan_or_an_office_file(pair: Pair, media_type: str) -> None:
    """A page or a text is no signed instrument."""
    ref = upload(pair, "registry", PDF, media_type, CITING["registry"]).json()
    answer = cite(pair, "registry", ref)
    assert (answer.status_code, answer.json()["rule"]) == (422, "document-is-paper")


@pytest.mark.parametrize("service", SERVICES)
def test_an_empty_file_is_no_document(pair: Pair, service: str) -> None:
    """Whoever uploads nothing is told so."""
    answer = upload(pair, service, b"", "application/pdf")
    assert (answer.status_code, answer.json()["rule"]) == (422, "document-filled")


def test_a_file_is_what_it_says(pair: Pair) -> None:
    """A text with the type of a PDF is refused by both services, and stays uncited."""
    for service in SERVICES:
        answer = upload(pair, service, b"naskah", "application/pdf", CITING[service])
        assert (answer.status_code, answer.json()["rule"]) == (422, "document-is-its-type")


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_is_listed_and_saved_under_its_name(pair: Pair, service: str) -> None:
    """The name and the title of the upload, in letters of any language, and only for who may read the document."""
    name, office, content = 'Naskah – "KSB".pdf', CITING[service], b"%PDF-1.4 " + uuid.uuid4().bytes
    headers = pair.headers(office) | {"Content-Type": "application/pdf"}
    given = {"params": {"name": name, "title": "Kesepakatan"}, "headers": headers, "content": content}
    ref = pair.client(service).post("/documents", **given).json()
    answer = cite(pair, service, ref)
    assert answer.status_code == 200, answer.text
    identity = answer.json()["task_id" if service == "supervision" else "cooperation_id"]
    path = f"/{'tasks' if service == 'supervision' else 'cooperations'}/{identity}/documents"
    listed = pair.client(service).get(path, headers=pair.headers(office)).json()["items"]
    assert listed == [{**ref, "name": name, "title": "Kesepakatan"}]
    saved = pair.client(service).get(f"{path}/{ref['sha256']}", headers=pair.headers(office))
    assert saved.headers["content-disposition"] == (
        "attachment; filename=\"Naskah _ _KSB_.pdf\"; filename*=UTF-8''Naskah%20%E2%80%93%20%22KSB%22.pdf"
    )
    other = pair.client(service).get(path, headers=pair.headers("region:51.71"))
    assert other.status_code == 404 or other.json()["items"] == []


@pytest.mark.parametrize("name", ["a\u202eb.pdf", "a\nb.pdf", "", "x" * 201])
def test_a_name_of_a_file_is_readable(pair: Pair, name: str) -> None:
    """Names that show something else than they are, or nothing, are refused."""
    headers = pair.headers("region:33.72") | {"Content-Type": "application/pdf"}
    answer = pair.client("registry").post("/documents", params={"name": name}, content=PDF, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_is_uploaded_once_and_cited_in_both_services(pair: Pair, service: str) -> None:
    """By the side that uploaded it to the other one, where it is found under its name; by nobody else."""
    [other] = {*SERVICES} - {service}
    content = b"%PDF-1.4 " + uuid.uuid4().bytes
    own, foreign = CITING[service], "region:34.71"
    headers = pair.headers(foreign) | {"Content-Type": "application/pdf"}
    ref = pair.client(other).post("/documents", content=content, headers=headers).json()
    refused = cite(pair, service, ref)
    assert (refused.status_code, refused.json()["rule"]) == (422, "document-known")
    headers = pair.headers(own) | {"Content-Type": "application/pdf"}
    pair.client(other).post("/documents", content=content, params={"name": "naskah.pdf"}, headers=headers)
    answer = cite(pair, service, ref)
    assert answer.status_code == 200, answer.text
    app: Any = pair.client(service).app
    kept: Documents = app.parts.documents
    assert (kept.get(ref["sha256"]), kept.label(ref["sha256"]).name) == (content, "naskah.pdf")
