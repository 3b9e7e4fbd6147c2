"""Documents in a bucket: every machine reads what any has kept, and nobody takes it away."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from pydantic import ValidationError

from ksad.chassis.bucket import Bucket, BucketAwayError
from ksad.chassis.bucket_settings import BucketAccess, BucketSettings
from ksad.chassis.documents import Documents, NoDocumentError, UnkeptError
from ksad.chassis.problems import problem_of
from ksad.chassis.receiving import Label
from ksad.chassis.shared_documents import SharedDocuments
from ksad.chassis.storage import file_system
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.rules import RuleBrokenError
from ksad.local.machine.ports import Port
from tests.support.servers.buckets import BucketServer, settings_of

CONTENT = b"%PDF-1.7 naskah kerja sama"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
OBJECT = f"registry/{DIGEST[:2]}/{DIGEST[2:]}"


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    """An S3 server of these tests."""
    with BucketServer() as made:
        yield made


@pytest.fixture
def access(server: BucketServer) -> BucketAccess:
    """An empty bucket that locks."""
    return server.bucket()


def machine(folder: Path, access: BucketAccess, quota: int | None = None) -> Documents:
    """The registry's documents on one machine, whose own disk is a folder."""
    return Documents(folder, quota, Bucket(access, "registry"))


def receive(kept: Documents, content: bytes, by: str, label: Label = Label()) -> DocumentRef:  # noqa: B008 - a constant
    """Take a document in that comes in parts."""
    with kept.receiving() as receipt:
        for start in range(0, len(content), 7):
            receipt.write(content[start : start + 7])
        return kept.take(receipt, "application/pdf", by, label)


@pytest.mark.fault(
    "cluster K7",
    kind="What one machine keeps is not there on another, or is not protected on the line between them.",
    looked="Lines: TLS to the broker, to PostgreSQL and from outside. Files: documents, keys and what was signed (K2), "
    "published heads. What a cron of one machine does: passing days. Tables that a service makes by itself.",
    found="Provinces read documents of the registry from a folder of reporting's own machine; export and restore too.",
)
def test_what_one_machine_keeps_every_other_reads(access: BucketAccess, tmp_path: Path) -> None:
    """Byte for byte, with types, uploaders and names, and nothing of it stays on a disk of the first."""
    here, there = machine(tmp_path / "a", access), machine(tmp_path / "b", access)
    ref = receive(here, CONTENT, "tkksd:33", Label("naskah.pdf", "Kesepakatan"))
    assert (ref.sha256, ref.size) == (DIGEST, len(CONTENT))
    assert there.get(DIGEST) == CONTENT
    assert (there.types(DIGEST), there.uploaders(DIGEST)) == ({"application/pdf"}, {"tkksd:33"})
    assert there.label(DIGEST) == Label("naskah.pdf", "Kesepakatan")
    there.look_up([ref], "tkksd:33").check([ref], ())
    made = there.put(b"laporan", "text/plain")
    assert sorted(here.every()) == sorted([DIGEST, made.sha256])
    assert not here.has("0" * 64)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_looked_up_is_checked_without_the_bucket(tmp_path: Path) -> None:
    """A command is checked inside its transaction, where others wait, by what was asked before: the bucket may be away.

    Another office's document, one of another size and one that is not there are told apart as ever.
    """
    with BucketServer() as server:
        kept = machine(tmp_path, server.bucket())
        ref = receive(kept, CONTENT, "tkksd:33")
        larger, absent = ref.model_copy(update={"size": ref.size + 1}), ref.model_copy(update={"sha256": "0" * 64})
        own = kept.look_up([ref, absent], "tkksd:33")
        foreign = kept.look_up([ref], "tkksd:34")
    own.check([ref], ())
    foreign.check([ref], (ref.sha256,))
    assert not own.are_own
    for cited, asked, rule in (
        (foreign, ref, "document-known"),
        (own, absent, "document-known"),
        (own, larger, "document-as-stored"),
    ):
        with pytest.raises(RuleBrokenError) as refused:
            cited.check([asked], ())
        assert refused.value.rule == rule


def test_the_room_of_an_office_is_one_on_all_machines(access: BucketAccess, tmp_path: Path) -> None:
    """What it has uploaded on one machine counts on another."""
    here, there = machine(tmp_path / "a", access, quota=40), machine(tmp_path / "b", access, quota=40)
    receive(here, CONTENT, "tkksd:33")
    receive(there, CONTENT, "tkksd:33")
    with pytest.raises(RuleBrokenError, match="Mintalah ruang tambahan"):
        receive(there, CONTENT + b" lain", "tkksd:33")
    assert receive(there, CONTENT + b" lain", "tkksd:34").size == len(CONTENT) + 5


def test_the_same_bytes_are_kept_once(server: BucketServer, access: BucketAccess, tmp_path: Path) -> None:
    """Kept again, by whichever machine, no second version is made."""
    for folder in ("a", "b"):
        receive(machine(tmp_path / folder, access), CONTENT, "tkksd:33")
    found = server.client.list_object_versions(Bucket=access.name, Prefix="registry/")["Versions"]
    assert len(found) == len({one["Key"] for one in found})


def test_a_document_outlives_who_covers_or_hides_it(server: BucketServer, access: BucketAccess, tmp_path: Path) -> None:
    """Its version cannot be deleted, and is found below a newer version and below a mark of deletion."""
    kept = machine(tmp_path, access)
    receive(kept, CONTENT, "tkksd:33")
    first = server.client.head_object(Bucket=access.name, Key=OBJECT)["VersionId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        server.client.delete_object(Bucket=access.name, Key=OBJECT, VersionId=first)
    server.client.put_object(Bucket=access.name, Key=OBJECT, Body=b"%PDF-1.7 palsu")
    assert kept.get(DIGEST) == CONTENT
    server.client.delete_object(Bucket=access.name, Key=OBJECT)
    assert kept.get(DIGEST) == CONTENT


def test_what_has_other_bytes_is_no_document(server: BucketServer, tmp_path: Path) -> None:
    """Where the true version is gone, the altered one is not given out."""
    access = server.bucket(locks=False)
    kept = machine(tmp_path, access)
    receive(kept, CONTENT, "tkksd:33")
    server.client.put_object(Bucket=access.name, Key=OBJECT, Body=b"%PDF-1.7 palsu")
    with pytest.raises(NoDocumentError, match="changed"):
        kept.get(DIGEST)


def test_a_folder_is_moved_by_copying_it(server: BucketServer, access: BucketAccess, tmp_path: Path) -> None:
    """Objects are named as files are: any S3 program moves the documents of a platform that had a folder."""
    before = Documents(tmp_path / "documents")
    receive(before, CONTENT, "tkksd:33", Label("naskah.pdf"))
    server.fill(access, "registry", tmp_path / "documents")
    after = machine(tmp_path, access)
    assert (after.get(DIGEST), after.label(DIGEST), after.uploaders(DIGEST)) == (
        CONTENT,
        Label("naskah.pdf"),
        {"tkksd:33"},
    )


def test_a_bucket_that_is_away_keeps_nothing(tmp_path: Path) -> None:
    """An upload and a reading are refused with 503 and when to come again; readiness says so and stays."""
    port = Port()
    access = BucketAccess(f"http://127.0.0.1:{port.number}", "documents", "us-east-1", "k", "s", None)
    kept = machine(tmp_path, access)
    with pytest.raises(UnkeptError) as unkept:
        receive(kept, CONTENT, "tkksd:33")
    with pytest.raises(BucketAwayError) as away:
        kept.get(DIGEST)
    told = [(found.status, found.rule, found.headers) for found in map(problem_of, (unkept.value, away.value))]
    assert told == [
        (503, "document-kept", {"Retry-After": "30"}),
        (503, "documents-reachable", {"Retry-After": "10"}),
    ]
    shared = SharedDocuments(Bucket(access, "registry"))
    shared._look()
    assert (shared.check().ok, shared.check().care) == (True, True)
    port.close()


def test_a_bucket_has_to_lock_what_it_is_given(server: BucketServer, access: BucketAccess) -> None:
    """One without object lock, or without a retention of its own, is not ready, and it is said what to do."""
    told = {}
    for name, bucket in {
        "locks": access,
        "no lock": server.bucket(locks=False),
        "no retention": server.bucket(retention=None),
    }.items():
        shared = SharedDocuments(Bucket(bucket, "registry"))
        assert not shared.check().ok, "nobody has asked yet"
        shared._look()
        told[name] = shared.check()
    assert {name: found.ok for name, found in told.items()} == {"locks": True, "no lock": False, "no retention": False}
    assert "has no object lock" in told["no lock"].detail
    assert "default retention" in told["no retention"].detail


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"documents_bucket": "s3://documents"}, "https://HOST:PORT/BUCKET"),
        ({"documents_bucket": "https://s3.example"}, "https://HOST:PORT/BUCKET"),
        ({"documents_bucket": "http://s3.example/documents"}, "in the clear"),
        ({"documents_bucket_secret": ""}, "KSAD_DOCUMENTS_BUCKET_SECRET_FILE"),
    ],
)
def test_a_bucket_without_address_or_key_is_refused(changed: dict[str, str], told: str, access: BucketAccess) -> None:
    """At the start, and with what to set."""
    with pytest.raises(ValidationError, match=told):
        BucketSettings.model_validate(settings_of(access) | changed)


def test_the_file_system_of_a_folder_is_known(tmp_path: Path) -> None:
    """The innermost mount decides, for a folder that does not exist, too."""
    assert file_system(Path("/proc/self/fd")) == "proc"
    assert file_system(tmp_path / "not" / "yet") == file_system(tmp_path)
