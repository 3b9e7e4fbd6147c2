"""Documents: a file named by what is in it, whole or not there, and never another."""

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from ksad.chassis.documents import SIZE_MAX, Documents, NoDocumentError
from ksad.chassis.receiving import INCOMING, Label
from ksad.chassis.transfer import download
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from tests.support.servers.processes import wait_until

CONTENT = b"%PDF-1.7 naskah"
UNNAMED = Label()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
WRITER = """
import sys
from pathlib import Path
from ksad.chassis.documents import Documents

kept = Documents(Path(sys.argv[1]))
for number in range(100_000):
    kept.put(b"%d" % number * 50_000, "text/plain")
"""


LIMITED = """
import resource, sys
from pathlib import Path
from ksad.chassis.documents import Documents, UnkeptError

resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
kept = Documents(Path(sys.argv[1]))
try:
    if sys.argv[2] == "put":
        kept.put(bytes(2_000_000), "application/pdf")
    with kept.receiving() as receipt:
        for _ in range(20):
            receipt.write(bytes(100_000))
except UnkeptError as error:
    print(error.errno)
"""


@pytest.mark.fault(
    "bug-reports 23",
    kind="What could not be written whole is left in part, and fills the disk further.",
    looked="Every small file that is written at once (one place writes them all); archives, backups and restored"
    " folders, which are staged; what a killed process leaves, swept away at the next start (operator F1); answers.",
    found="as operator F1, F5 and F7",
)
@pytest.mark.parametrize("how", ["put", "received"])
def test_a_document_that_cannot_be_written_leaves_nothing(tmp_path: Path, how: str) -> None:
    """The disk refuses a byte in the middle: the caller is told that it was not kept, and no part of it remains."""
    told = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), how], capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == str(errno.EFBIG)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_document_is_found_by_its_hash(tmp_path: Path) -> None:
    """What was put comes back byte for byte, with its size and its media type in the reference."""
    kept = Documents(tmp_path)
    ref = kept.put(CONTENT, "application/pdf")
    assert (ref.sha256, ref.size, ref.media_type) == (DIGEST, len(CONTENT), "application/pdf")
    assert kept.get(DIGEST) == CONTENT
    assert kept.has(DIGEST)
    assert list(kept.every()) == [DIGEST]


def test_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    """Put twice, by twenty at once, under any media type: one file, nothing half-written beside it."""
    kept = Documents(tmp_path)
    with ThreadPoolExecutor(20) as pool:
        refs = list(pool.map(lambda number: kept.put(CONTENT, f"text/x-{number}"), range(20)))
    assert {ref.sha256 for ref in refs} == {DIGEST}
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "types" not in path.parts]
    assert files == [tmp_path / DIGEST[:2] / DIGEST[2:]]
    assert not stat.S_IMODE(files[0].stat().st_mode) & 0o077
    assert not stat.S_IMODE(files[0].parent.stat().st_mode) & 0o077


@pytest.mark.parametrize("changed", [b"", b"%PDF-1.7 Naskah", CONTENT + b" "])
def test_a_changed_file_is_no_document(tmp_path: Path, changed: bytes) -> None:
    """A file whose bytes no longer have its name is not given out, and the refusal says so."""
    kept = Documents(tmp_path)
    kept.put(CONTENT, "application/pdf")
    (tmp_path / DIGEST[:2] / DIGEST[2:]).write_bytes(changed)
    with pytest.raises(NoDocumentError, match="changed"):
        kept.get(DIGEST)


@given(
    st.sampled_from(["", "..", "../" * 20 + "etc/passwd", "/etc/passwd", DIGEST.upper(), DIGEST[:63], DIGEST + "0"])
    | st.sampled_from([DIGEST + "\n", "./" + DIGEST[2:], "0" * 62 + "/.", "\x00" * 64, "٣" * 64])
    | st.text(max_size=80)
)
def test_a_name_that_is_no_hash_reaches_no_file(name: str) -> None:
    """Only sixty-four lower-case hexadecimal digits name a document; a path never does."""
    with pytest.raises(NoDocumentError):
        Documents(Path("/")).get(name)
    with pytest.raises(NoDocumentError):
        Documents(Path("/")).has(name)


def test_a_document_has_a_largest_size(tmp_path: Path) -> None:
    """Fifty MiB are kept, one byte more is refused and leaves nothing."""
    kept = Documents(tmp_path)
    with pytest.raises(ValueError, match="larger than"):
        kept.put(bytes(SIZE_MAX + 1), "application/pdf")
    assert not list(tmp_path.iterdir())
    assert kept.put(b"", "text/plain").size == 0


@pytest.mark.parametrize("count", [1, 20])
def test_what_a_killed_writer_leaves_is_no_document(tmp_path: Path, count: int) -> None:
    """After kill -9 in the middle of writing every listed document is whole."""
    kept = Documents(tmp_path)
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) as writer:
        wait_until(lambda: len(list(kept.every())) >= count, what="documents", every=0.001)
        os.kill(writer.pid, signal.SIGKILL)
    assert all(hashlib.sha256(kept.get(name)).hexdigest() == name for name in kept.every())


def receive(kept: Documents, content: bytes, by: str, label: Label = UNNAMED, kind: str = "text/plain") -> DocumentRef:
    """Take a document in that comes in parts."""
    with kept.receiving() as receipt:
        for start in range(0, len(content), 7):
            receipt.write(content[start : start + 7])
        return kept.take(receipt, kind, by, label)


def test_what_comes_in_parts_is_one_document(tmp_path: Path) -> None:
    """It has the hash of the whole and is there twice by one file; what is refused or broken off leaves nothing."""
    kept = Documents(tmp_path)
    assert receive(kept, CONTENT, "tkksd:33", kind="application/pdf").sha256 == DIGEST
    assert receive(kept, CONTENT, "tkksd:34", kind="application/pdf").size == len(CONTENT)
    assert (kept.get(DIGEST), kept.uploaders(DIGEST)) == (CONTENT, {"tkksd:33", "tkksd:34"})
    for content, kind, rule in (
        (b"", "text/plain", "document-filled"),
        (b"x", "application/pdf", "document-is-its-type"),
    ):
        with pytest.raises(RuleBrokenError) as caught:
            receive(kept, content, "tkksd:33", kind=kind)
        assert caught.value.rule == rule
    with suppress(ClientDisconnect), kept.receiving() as receipt:
        receipt.write(b"half")
        raise ClientDisconnect
    assert list(kept.every()) == [DIGEST]
    assert not list((tmp_path / INCOMING).iterdir())


def test_what_a_killed_process_was_receiving_goes(tmp_path: Path) -> None:
    """A file that nobody writes any more for an hour is removed by the next upload, a new one is not."""
    kept = Documents(tmp_path)
    receive(kept, CONTENT, "tkksd:33")
    old, new = tmp_path / INCOMING / "old", tmp_path / INCOMING / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    receive(kept, CONTENT, "tkksd:33")
    assert (old.exists(), new.exists()) == (False, True)


def test_an_office_has_so_much_room(tmp_path: Path) -> None:
    """Each office for itself; the same document again takes none, and who has none is told so."""
    kept = Documents(tmp_path, quota=20)
    receive(kept, b"0123456789", "tkksd:33")
    receive(kept, b"0123456789", "tkksd:33")
    receive(kept, b"abcdefghij", "tkksd:33")
    with pytest.raises(RuleBrokenError, match="Mintalah ruang tambahan") as caught:
        receive(kept, b"x", "tkksd:33")
    assert (caught.value.rule, caught.value.kind) == ("document-quota", RefusalKind.CONFLICT)
    assert receive(kept, b"abcdefghij", "tkksd:33").size == 10
    assert receive(kept, b"x", "tkksd:34").size == 1


def test_a_document_is_called_as_its_first_uploader_called_it(tmp_path: Path) -> None:
    """Names and titles of files stand beside the document, and nobody renames what another has uploaded."""
    kept = Documents(tmp_path)
    ref = receive(kept, CONTENT, "tkksd:33", Label("Naskah – KSB.pdf", "Kesepakatan bersama"))
    os.utime(next((tmp_path / "labels" / ref.sha256).iterdir()), (1, 1))
    receive(kept, CONTENT, "tkksd:34", Label("lain.pdf"))
    assert kept.label(ref.sha256) == Label("Naskah – KSB.pdf", "Kesepakatan bersama")
    assert kept.label(receive(kept, b"y", "tkksd:33").sha256) == Label()


@pytest.mark.parametrize(
    ("name", "kind", "saved"),
    [
        ("foto.jpeg", "image/jpeg", "foto.jpeg"),
        ("pindaian.TIF", "image/tiff", "pindaian.TIF"),
        ("foto", "image/jpeg", "foto.jpg"),
        ("naskah.exe", "application/pdf", "naskah.exe.pdf"),
        ("alat.exe", "application/octet-stream", "alat.exe.bin"),
    ],
)
def test_a_download_ends_as_its_type_does(name: str, kind: str, saved: str) -> None:
    """Once, by any usual ending of the type; no program is saved under the name of one."""
    assert download(b"", name, kind).headers["content-disposition"] == f'attachment; filename="{saved}"'


def test_a_document_of_another_service_comes_when_its_office_cites_it(tmp_path: Path) -> None:
    """With the name that its first uploader gave it; not for a trial, not for others, and not with other bytes."""
    there = Documents(tmp_path / "there")
    here = Documents(tmp_path / "here", others=[there])
    offices = ("region:33.72", "region:33.11", "region:34.71", "tkksd:33")
    refs = []
    for number, office in enumerate(offices):
        content = f"%PDF-1.7 {number}".encode()
        for one in (office, *offices):
            with there.receiving() as receipt:
                receipt.write(content)
                refs.append(there.take(receipt, "application/pdf", one, Label(name=f"{one[-5:]}.pdf")))
            time.sleep(0.002)
    for ref, office in zip(refs[::5], offices, strict=True):
        assert here.look_up([ref], "auditor").are_own is False
        here.look_up([ref], office, trial=True).check([ref], ())
        assert not here.has(ref.sha256)
        here.look_up([ref], offices[0]).check([ref], ())
        assert here.has(ref.sha256)
        assert here.label(ref.sha256) == there.label(ref.sha256) == Label(name=f"{office[-5:]}.pdf")
    with there.receiving() as receipt:
        receipt.write(b"%PDF-1.7 ganti")
        changed = there.take(receipt, "application/pdf", offices[0], Label())
    (tmp_path / "there" / changed.sha256[:2] / changed.sha256[2:]).write_bytes(b"lain")
    with pytest.raises(RuleBrokenError, match="belum diunggah"):
        here.look_up([changed], offices[0]).check([changed], ())
