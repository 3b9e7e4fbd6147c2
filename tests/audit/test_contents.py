"""Every byte of an archive is accounted for: what no export writes is named, also where nothing else reads it."""

import io
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import bagit
import pytest
import zstandard

from ksad.ledger.archive import archive
from tests.support.forgers.audited import Audited, checked, failed, forged
from tests.support.forgers.edits import Edit, add, append, prepend

FRAME = zstandard.ZstdCompressor().compress(b"tersembunyi\n")
SKIPPED = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"rahas"
EVENTS, POSITIONS = "events/000000000.jsonl.zst", "positions/000000000.txt.zst"
WHOLE = pytest.mark.fault(
    "audit F13",
    kind="What no check reads may say anything, and travels under a verdict that everything holds.",
    looked="Headers, padding and end of the tar file; names of all files; the bag's tag files; frames of compressed "
    "files; tiles, positions, feeds, documents and schemas; the manifest.",
    found="Owners, times and modes in headers; padding; folders; lines of bag-info.txt; positions of other services, "
    "or too few; an ID of a feed that the manifest does not name.",
)


@WHOLE
@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (add("EVENTS/000000000.jsonl.zst"), "data/EVENTS/"),
        (add("events/000001006.jsonl"), "data/events/000001006.jsonl"),
        (add("log/tile/0/777"), "data/log/tile/0/777"),
        (add("log/tile/entries/000"), "data/log/tile/entries/000"),
        (add("log/checkpoint.old"), "data/log/checkpoint.old"),
        (add("feeds/33/checkpoint.old"), "data/feeds/33/checkpoint.old"),
        (add("feeds/99/checkpoint"), "data/feeds/99/checkpoint"),
        (add("documents/registry/ab/cd"), "data/documents/registry/ab/cd"),
        (add("documents/portal/ab/" + "c" * 62), "data/documents/portal/"),
        (add("public.vkeys"), "data/public.vkeys"),
        (append(EVENTS, SKIPPED), EVENTS),
        (append(EVENTS, FRAME), EVENTS),
        (append(POSITIONS, b"\n"), POSITIONS),
        (prepend(EVENTS, SKIPPED), EVENTS),
        (append("manifest.json", b"\n"), "manifest.json"),
    ],
)
def test_what_no_export_writes_is_named(whole: Audited, tmp_path: Path, edit: Edit, named: str) -> None:
    """A file that no export writes, or more in one than it holds, fails by its name, though the bag's sums fit."""
    bad = forged(whole.archive, tmp_path / "bad.tar", edit=edit)

    checks = checked(bad, whole.keys)

    if "contents" in checks:
        assert named in checks["contents"].detail
    assert set(failed(checks)) & {"archive", "contents"}
    assert set(failed(checks)) <= {"archive", "contents", "documents", "tree"}


@WHOLE
@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (lambda lines: lines[:-1], "positions: "),
        (lambda lines: [*lines, b"registry:999"], "is not there"),
        (lambda lines: [lines[1], *lines[1:]], "of another service"),
        (lambda lines: [b"registry:01", *lines[1:]], "a line is no position"),
    ],
)
def test_positions_are_those_of_the_leaves(
    whole: Audited, tmp_path: Path, lines: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    """There is one position for each leaf, of the leaf's own service, though what it says is no evidence."""

    def edit(data: Path) -> None:
        old = [f"{service}:{number}".encode() for service, number in archive.read_positions(data / "positions")]
        for file in (data / "positions").iterdir():
            file.unlink()
        with archive.Lines(data / "positions", archive.POSITIONS, 100) as written:
            written.write(lines(old))

    check = checked(forged(whole.archive, tmp_path / "bad.tar", edit=edit), whole.keys)["contents"]

    assert not check.ok
    assert says in check.detail


@WHOLE
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fetch.txt", b"http://example.org/x 1 data/x\n"),
        ("manifest-sha512.txt", b"ab  data/manifest.json\n"),
        ("bag-info.txt", b"External-Identifier: ksad/lain/national 1 ab\n"),
        ("bag-info.txt", b"Contact-Name: seseorang\n"),
        ("bag-info.txt", b"Bagging-Date: kemarin\n"),
        ("bag-info.txt", b"Payload-Oxum: 1.1\n"),
        ("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
    ],
)
def test_the_bag_says_nothing_else(whole: Audited, tmp_path: Path, name: str, content: bytes) -> None:
    """Tag files that no export writes, or that say something else than the archive is, are named."""
    bad = repacked(whole.archive, tmp_path / "bad.tar", add(name, content))

    check = checked(bad, whole.keys)["contents"]

    assert not check.ok
    assert name in check.detail


def repacked(file: Path, out: Path, edit: Edit) -> Path:
    """An archive with other tag files, its tag manifest made to fit."""
    root = out.with_suffix("")
    with tarfile.open(file) as tar:
        tar.extractall(root, filter="data")
    bag = root / archive.ROOT
    edit(bag)
    sums = [(sha256(path.read_bytes()).hexdigest(), path.name) for path in bag.iterdir() if path.is_file()]
    lines = [f"{value} {name}\n" for value, name in sorted(sums) if not name.startswith("tagmanifest")]
    (bag / "tagmanifest-sha256.txt").write_text("".join(lines))
    archive.write_tar(bag, out)
    return out


@WHOLE
@pytest.mark.parametrize(
    "behind", [b"rahasia", bytes(10_240), b"second tar"], ids=["bytes", "zeros", "another archive"]
)
def test_nothing_stands_behind_the_last_file(whole: Audited, tmp_path: Path, behind: bytes) -> None:
    """Bytes, more zeros than a tar file ends with, or a second archive behind the first are refused."""
    more = whole.archive.read_bytes() if behind == b"second tar" else behind
    (tmp_path / "bad.tar").write_bytes(whole.archive.read_bytes() + more)

    check = checked(tmp_path / "bad.tar", whole.keys)["archive"]

    assert not check.ok
    assert "behind its last file" in check.detail


@WHOLE
@pytest.mark.parametrize(
    "change",
    [
        lambda member: setattr(member, "uid", 7),
        lambda member: setattr(member, "uname", "seseorang"),
        lambda member: setattr(member, "mtime", 1),
        lambda member: setattr(member, "mode", 0o755),
        lambda member: member.pax_headers.update(comment="rahasia"),
    ],
    ids=["owner", "name", "time", "mode", "comment"],
)
def test_headers_say_nothing_else(whole: Audited, tmp_path: Path, change: Callable[[tarfile.TarInfo], object]) -> None:
    """An owner, a time, a mode or a comment in the header of a file is no byte that an export writes: refused."""
    with tarfile.open(whole.archive) as old, tarfile.open(tmp_path / "bad.tar", "w") as new:
        for number, member in enumerate(old):
            if number == 3:
                change(member)
            new.addfile(member, old.extractfile(member))

    assert "header" in checked(tmp_path / "bad.tar", whole.keys)["archive"].detail


@WHOLE
@pytest.mark.parametrize("name", ["ksad-archive/data/empty", "../../x"])
def test_folders_are_no_part_of_an_archive(whole: Audited, tmp_path: Path, name: str) -> None:
    """A folder as a member, wherever its name leads, is refused: an export writes files only."""
    with tarfile.open(whole.archive) as old, tarfile.open(tmp_path / "bad.tar", "w") as new:
        folder = tarfile.TarInfo(name)
        folder.type = tarfile.DIRTYPE
        new.addfile(folder)
        for member in old:
            new.addfile(member, old.extractfile(member))

    assert failed(checked(tmp_path / "bad.tar", whole.keys)) == {"archive": None}


@WHOLE
def test_padding_is_empty(whole: Audited, tmp_path: Path) -> None:
    """Bytes between the end of a file and the next header are zeros."""
    raw = bytearray(whole.archive.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        member = next(one for one in tar if one.size % 512)
    raw[member.offset_data + member.size] = 7
    (tmp_path / "bad.tar").write_bytes(raw)

    assert failed(checked(tmp_path / "bad.tar", whole.keys)) == {"archive": None}


STATED = pytest.mark.fault(
    "audit F9",
    kind="Numbers and places that an archive states of itself are believed by whoever reads them next.",
    looked="manifest.json, bag-info.txt, names of files, folders of documents, positions.",
    found="The same in bag-info.txt and positions (audit F13).",
)


@STATED
@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda one: one._replace(platform="palsu"), "manifest"),
        (lambda one: one._replace(feeds={**one.feeds, "33": 999_999}), "feed 33 manifest"),
        (lambda one: one._replace(feeds={**one.feeds, "99": 5}), "contents"),
        (lambda one: one._replace(feeds={}), "contents"),
        (lambda one: one._replace(size=one.size + 1), "manifest"),
        (lambda one: one._replace(root="ab" * 32), "manifest"),
    ],
    ids=["platform", "feed", "no feed", "no feeds", "size", "root"],
)
def test_the_manifest_says_what_is_there(
    whole: Audited, tmp_path: Path, change: Callable[[archive.Manifest], archive.Manifest], check: str
) -> None:
    """Platform, sizes and root in the manifest are those of the signed heads."""

    def edit(data: Path) -> None:
        archive.write_manifest(data, change(archive.read_manifest(data)))

    assert check in failed(checked(forged(whole.archive, tmp_path / "bad.tar", edit=edit), whole.keys))


@STATED
def test_a_document_lies_where_its_service_looks(whole: Audited, tmp_path: Path) -> None:
    """A document that was moved to another service's folder is missing: a restore would put it where nobody looks."""

    def edit(data: Path) -> None:
        (data / "documents" / "registry").rename(data / "documents" / "supervision")

    assert set(failed(checked(forged(whole.archive, tmp_path / "bad.tar", edit=edit), whole.keys))) == {"documents"}


def test_bags_are_bags_of_others(whole: Audited, tmp_path: Path) -> None:
    """An archive unpacked is a valid bag for the tools of others, too."""
    with tarfile.open(whole.archive) as tar:
        tar.extractall(tmp_path, filter="data")

    assert bagit.Bag(str(tmp_path / archive.ROOT)).is_valid()
