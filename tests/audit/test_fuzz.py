"""Malformed archives give a check that fails: never a pass, a crash or unbounded memory."""

import io
import random
import tarfile
from pathlib import Path

import pytest

from tests.support.forgers.audited import Audited, checked, failed, forged


def test_any_flipped_byte_is_found(whole: Audited, tmp_path: Path, rng: random.Random, rounds: int) -> None:
    """Bytes changed anywhere in the data of an archive make a check fail, by name, without an exception."""
    raw = whole.archive.read_bytes()
    with tarfile.open(whole.archive) as tar:
        inside = [(one.offset_data, one.size) for one in tar if one.size]
    for _ in range(rounds * 5):
        start, size = rng.choice(inside)
        at = start + rng.randrange(size)
        bad = tmp_path / "bad.tar"
        bad.write_bytes(raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(8))]) + raw[at + 1 :])

        assert failed(checked(bad, whole.keys)), at


def test_any_cut_is_found(whole: Audited, tmp_path: Path, rng: random.Random, rounds: int) -> None:
    """An archive that ends early is no archive, wherever it ends."""
    raw = whole.archive.read_bytes()
    for _ in range(rounds * 5):
        bad = tmp_path / "cut.tar"
        bad.write_bytes(raw[: rng.randrange(len(raw) - 10_240)])

        assert failed(checked(bad, whole.keys))


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, size
    return member


@pytest.mark.parametrize(
    "member",
    [
        _member("../outside"),
        _member("/etc/outside"),
        _member("ksad-archive/data/link", tarfile.SYMTYPE, "/etc/passwd"),
        _member("ksad-archive/data/hard", tarfile.LNKTYPE, "../../outside"),
        _member("ksad-archive/data/device", tarfile.CHRTYPE),
        _member("ksad-archive/data/huge", size=2**40),
        _member("ksad-archive/data/dua kata"),
        _member("ksad-archive/data/../../outside"),
    ],
    ids=lambda member: str(member.name),
)
def test_hostile_members_are_refused(whole: Audited, tmp_path: Path, member: tarfile.TarInfo) -> None:
    """Links, devices, enormous files and paths that lead outside end the reading before anything is unpacked."""
    bad = tmp_path / "bad.tar"
    bad.write_bytes(member.tobuf())

    assert list(failed(checked(bad, whole.keys))) == ["archive"]
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": "ksad-archive/1"}', '{"format": "ksad-archive/9"}', "\x00", '{"size": -1}']
)
def test_a_malformed_manifest(whole: Audited, tmp_path: Path, text: str) -> None:
    """A manifest that is none is told, not guessed."""
    bad = forged(whole.archive, tmp_path / "bad.tar", edit=lambda data: _write(data / "manifest.json", text))

    assert list(failed(checked(bad, whole.keys))) == ["archive"]


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def test_a_bomb_of_events(whole: Audited, tmp_path: Path) -> None:
    """A line without an end, which unpacks to far more than an event may have, is refused before it is held."""
    import zstandard  # noqa: PLC0415 - the forger's own tool

    bomb = zstandard.ZstdCompressor().compress(b"a" * (64 * 1024 * 1024))

    def plant(data: Path) -> None:
        (data / "events" / "000000000.jsonl.zst").write_bytes(bomb)

    bad = forged(whole.archive, tmp_path / "bad.tar", edit=plant)

    assert failed(checked(bad, whole.keys))


def test_noise_is_no_archive(whole: Audited, tmp_path: Path, rng: random.Random) -> None:
    """Random bytes, and an empty tar, are no archive."""
    for number, noise in enumerate((b"", rng.randbytes(20_000), _empty())):
        bad = tmp_path / f"{number}.tar"
        bad.write_bytes(noise)
        assert list(failed(checked(bad, whole.keys))) == ["archive"]


def _empty() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w"):
        pass
    return made.getvalue()
