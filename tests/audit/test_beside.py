"""Reading in two processes: the second one does its part and is believed; where it ends badly, nothing is different."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from ksad.audit.checks.membership import Membership
from ksad.contracts import canonical
from ksad.contracts.regions import load_text
from ksad.contracts.registry import DayPassed, ReferenceAdopted, ReferenceKind
from ksad.ledger.log.fault import prefix_roots
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import PER_FILE, Audited, checked, forged, leaves_of, made
from tests.support.forgers.signing_anew import take
from tests.support.platforms.two_processes import in_two, many
from tests.support.text.source import ROOT

CUT = 2 * PER_FILE
"""Where a file ends."""
FILES = [f"{first:09d}.jsonl.zst" for first in range(0, 500, PER_FILE)]
HEADING, FIRST, SECOND, *_ = load_text().splitlines(keepends=True)
BROKEN = {
    "no table": "kode\rnama,33\r",
    "a row cut short": HEADING + FIRST + SECOND[:9],
    "other columns": "code\n33.72\n",
    "an open quote": HEADING + '"' + FIRST,
    "line ends within": HEADING + FIRST.replace(",", ",\r", 1),
    "nothing": "",
}


@pytest.fixture(scope="module")
def packed(whole: Audited, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The untouched archive, in so many files that they are shared."""
    return forged(whole.archive, tmp_path_factory.mktemp("packed") / "packed.tar")


def test_a_second_process_reads_and_is_believed(whole: Audited, packed: Path) -> None:
    """Verify copies itself once, leaves the first file to the copy, and has all hashes and the same verdict."""
    did = in_two(packed, whole.keys, "works")

    assert (did.verify_copies, did.reading_copies, did.roots_copies) == (1, 1, 1)
    assert 1 <= len(did.opened) < len(FILES)
    assert FILES[0] not in did.opened
    assert did.hashes == [leaf_hash(raw).hex() for raw in leaves_of(packed)]
    assert did.verdict == alone(packed, whole)
    assert did.roots == roots(packed)


def alone(archive: Path, whole: Audited) -> dict[str, Any]:
    """The verdict of this process, which the threads of pytest keep from being copied."""
    return {name: check._asdict() for name, check in checked(archive, whole.keys).items()}


def roots(archive: Path) -> dict[str, dict[str, str]]:
    """The roots of each province's long feed at a third of it and at all of it, computed without tiles."""
    leaves, selected = leaves_of(archive), Membership()
    for at, raw in enumerate(leaves):
        take(selected, at, raw)
    hashes = [leaf_hash(raw) for raw in leaves]
    found = {}
    for province, feed in selected.feeds().items():
        long = many(feed)
        both = prefix_roots((hashes[index] for index in long), {len(long) // 3, len(long)})
        found[province] = {str(size): root.hex() for size, root in both.items()}
    return found


@pytest.mark.parametrize("copy", ["killed", "fails"])
def test_where_the_second_process_ends_badly(whole: Audited, packed: Path, copy: str) -> None:
    """Killed, or with an error of its own: the first process reads all the files, and finds what it finds alone."""
    did = in_two(packed, whole.keys, copy)

    assert (did.verify_copies, did.reading_copies, did.roots_copies) == (1, 1, 1)
    assert did.opened == FILES
    assert did.hashes == [leaf_hash(raw).hex() for raw in leaves_of(packed)]
    assert did.verdict == alone(packed, whole)
    assert did.roots == roots(packed)


def test_a_second_process_computes_roots(whole: Audited, packed: Path) -> None:
    """Of long feeds each process computes every other one's roots: a copy that knows no feeds has none to give."""
    did = in_two(packed, whole.keys, "empty")

    ordered = by_length(did.roots, packed)
    assert [bool(did.roots[province]) for province in ordered] == [number % 2 == 0 for number in range(len(ordered))]
    assert len(ordered) > 3


def by_length(provinces: dict[str, Any], archive: Path) -> list[str]:
    """Provinces from the shortest feed on."""
    expected = roots(archive)
    return sorted(provinces, key=lambda province: max(map(int, expected[province])))


@pytest.mark.parametrize(("seconds", "found"), [(-30, True), (0, False)])
def test_an_effect_in_another_file_before_its_cause(
    whole: Audited, tmp_path: Path, log_key: SigningKey, seconds: int, found: bool
) -> None:
    """A cause whose clock runs 290 seconds fast: an effect in a later file may precede it by that.

    By more than five minutes it may not; the leaf is named, as in one process.
    """
    events = [orjson.loads(raw) for raw in leaves_of(whole.archive)]
    cause = max(at for at, one in enumerate(events[:CUT]) if one["source"].endswith("registry"))
    effect = next(
        at
        for at, one in enumerate(events[CUT + 20 :], CUT + 20)
        if one["source"].endswith("supervision") and "causationid" not in one
    )
    moment = events[cause]["time"]

    def change(leaves: list[bytes]) -> list[bytes]:
        leaves[cause] = canonical.encode({**events[cause], "time": later(moment, 290)})
        told = {"causationid": events[cause]["id"], "time": later(moment, seconds)}
        leaves[effect] = canonical.encode({**events[effect], **told})
        return leaves

    bad = forged(whole.archive, tmp_path / "bad.tar", change, key=log_key, keys_dir=whole.source.keys)
    did = in_two(bad, whole.keys, "works")

    assert did.verify_copies == 1
    assert did.verdict == alone(bad, whole)
    broken = {name: check["first_bad"] for name, check in did.verdict.items() if not check["ok"]}
    assert broken == ({"times": effect} if found else {})


def later(moment: str, seconds: int) -> str:
    """Another time in the same form."""
    return f"{datetime.fromisoformat(moment) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%fZ}"


@pytest.mark.parametrize(
    ("content", "at"),
    [pytest.param(text, (50, 150)[number % 2], id=name) for number, (name, text) in enumerate(BROKEN.items())],
)
def test_reference_data_that_cannot_be_read(
    whole: Audited, tmp_path: Path, log_key: SigningKey, content: str, at: int
) -> None:
    """Regions in a table that is none, adopted and signed: the leaf is named, by either process, as by one."""
    fact = ReferenceAdopted(
        kind=ReferenceKind.REGIONS, name="regions", content=content, sha256="0" * 64, source="lampiran", decision=None
    )

    def change(leaves: list[bytes]) -> list[bytes]:
        moment = datetime.fromisoformat(orjson.loads(leaves[at])["time"])
        return [*leaves[:at], made(fact, "reference/regions", 1, moment).to_bytes(), *leaves[at:]]

    bad = forged(whole.archive, tmp_path / "bad.tar", change, key=log_key)
    did = in_two(bad, whole.keys, "works")

    assert did.verify_copies == 1
    assert did.verdict == alone(bad, whole)
    assert did.verdict["facts"]["first_bad"] == at
    assert did.verdict["facts"]["detail"] == "its data has not the shape of its type"


def shorter(raw: bytes) -> bytes:
    """The same lines without the last one."""
    return packed_lines(lines_of(raw)[:-1])


def longer(raw: bytes) -> bytes:
    """The same lines and one more, which fits them."""
    lines = lines_of(raw)
    moment = datetime.fromisoformat(orjson.loads(lines[-1])["time"])
    more = made(DayPassed(day=date(2015, 1, 1)), "calendar/other", 1, moment).to_bytes()
    return packed_lines([*lines, more + b"\n"])


def lines_of(raw: bytes) -> list[bytes]:
    """The lines of a file of events."""
    return zstandard.ZstdDecompressor().decompressobj().decompress(raw).splitlines(keepends=True)


def packed_lines(lines: list[bytes]) -> bytes:
    """A file of events."""
    return zstandard.ZstdCompressor().compress(b"".join(lines))


@pytest.mark.parametrize("first", [0, 100])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shorter, 99),
        (longer, 101),
        (lambda raw: raw[:-9], 0),
        (lambda _: b"-", "zstd"),
    ],
)
def test_a_broken_file(
    whole: Audited, tmp_path: Path, first: int, change: Callable[[bytes], bytes], told: int | str
) -> None:
    """A file of events that lacks a line, has one more, is cut or is none, is told as by one process.

    The copy is given the first file.
    """

    def edit(data: Path) -> None:
        path = data / "events" / f"{first:09d}.jsonl.zst"
        path.write_bytes(change(path.read_bytes()))

    bad = forged(whole.archive, tmp_path / "bad.tar", edit=edit)
    did = in_two(bad, whole.keys, "works")

    assert did.verdict == alone(bad, whole)
    assert list(did.verdict) == ["bag", "checkpoint", "manifest", "archive"]
    text = told if isinstance(told, str) else f"the files before it have {first + told} lines"
    assert text in did.verdict["archive"]["detail"]


def test_several_broken_files(whole: Audited, tmp_path: Path) -> None:
    """Of several broken files the first is told, however far one of the processes has read ahead."""

    def edit(data: Path) -> None:
        for name in FILES[1:]:
            (data / "events" / name).write_bytes(b"-")

    bad = forged(whole.archive, tmp_path / "bad.tar", edit=edit)
    for _ in range(3):
        assert FILES[1] in in_two(bad, whole.keys, "works").verdict["archive"]["detail"]


def test_a_file_whose_name_says_no_line(whole: Audited, tmp_path: Path) -> None:
    """It is told as by one process, after what the archive says without its events."""

    def edit(data: Path) -> None:
        (data / "events" / FILES[1]).rename(data / "events" / "odd.jsonl.zst")

    bad = forged(whole.archive, tmp_path / "bad.tar", edit=edit)
    did = in_two(bad, whole.keys, "works")

    assert did.verdict == alone(bad, whole)
    assert list(did.verdict) == ["bag", "checkpoint", "manifest", "archive"]
    assert "odd.jsonl.zst does not say which line is its first" in did.verdict["archive"]["detail"]


@pytest.mark.parametrize("work", ["1 / 0", "os._exit(1)", "os.kill(os.getpid(), signal.SIGTERM)"])
def test_no_answer(work: str) -> None:
    """A copy that raises, exits or is ended gives no answer, and is gone afterwards; one that works gives its own."""
    assert said(f"lambda _: {work}") == "[None, None] []"
    assert said("lambda piece: piece + 41") == "[42, 43] []"


def test_half_an_answer() -> None:
    """A copy that is killed while it answers gives None, as if it had said nothing."""
    assert said("lambda _: b'-' * 10_000_000", before="kill_answering(copy)") == "[None, None] []"


@pytest.mark.parametrize("limit", ["RLIMIT_NOFILE, (3, 3)", "RLIMIT_NOFILE, (5, 5)"])
def test_where_no_copy_can_be_made(limit: str) -> None:
    """Where the system lets no process or file be opened there is no copy, which is told as if it had died."""
    assert said("lambda piece: piece", limit=f"resource.setrlimit(resource.{limit})") == "[None, None] []"


def said(work: str, before: str = "pass", limit: str = "pass") -> str:
    """What a copy answers twice to a process that has one thread, and which copies are there afterwards."""
    program = PROGRAM.format(work=work, before=before, limit=limit)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return done.stdout.strip()


PROGRAM = """
import os, resource, signal
from multiprocessing import active_children
from ksad.audit.checks.beside import beside
from tests.support.platforms.two_processes import kill_answering

told = []
{limit}
with beside({work}) as copy:
    for piece in (1, 2):
        copy.give(piece)
        if copy.alive:
            {before}
        told.append(copy.answer())
print(told, active_children())
"""
