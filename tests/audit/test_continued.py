"""A log that goes on under another origin carries its old signed head; keys count on the days on which they hold."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from ksad.audit.checks import verify
from ksad.audit.checks.continued import origin_after
from ksad.audit.checks.verdict import Check
from ksad.contracts import canonical
from ksad.contracts.dates import jakarta_day
from ksad.contracts.envelope import Envelope
from ksad.ledger.log.checkpoint import Checkpoint
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.keys import Validity, read_public
from ksad.reporting.checkpoints.keys import load_key, write_public
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint
from ksad.reporting.keeping.export import export
from tests.audit.test_restore import restored
from tests.support.forgers.audited import NATIONAL, Audited, checked, failed, forged

HOLE = pytest.mark.fault(
    "audit F6",
    kind="What a leaf says of a head elsewhere is believed, and a key is good for ever.",
    looked="log_continued, anchors, prefixes of reports, kept checkpoints, heads of feeds, received feeds, the "
    "follower, the signer, restore.",
    found="An archive under the old origin passed although its own leaves said that the log went on under another; a "
    "head newer than an archive was believed of a feed's key that had been given up.",
)
Data = dict[str, Any]


@pytest.fixture(scope="module")
def went_on(whole: Audited, tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """The same log, restored without its keys, and archived under its new origin."""
    root = tmp_path_factory.mktemp("went-on")
    source = restored(whole, root, None)
    export(source, root / "archive.tar")
    return Audited(source, source.keys / "public.vkeys", root / "archive.tar", whole.kept)


def changed(one: Audited, out: Path, change: Callable[[Data], Data | None], version: int = 2) -> Path:
    """The archive with another leaf where the log goes on, or none, signed anew by the genuine new keys."""

    def edit(leaves: list[bytes]) -> list[bytes]:
        event = orjson.loads(leaves[-1])
        data = change(event["data"])
        kind = f"ksad.anchor.log_continued.v{version}"
        event |= {"data": data, "type": kind, "dataschema": f"urn:ksad:schema:{kind}"}
        return leaves[:-1] + ([] if data is None else [canonical.encode(event)])

    logs = one.source.keys / "logs"
    return forged(one.archive, out, edit, key=load_key(logs / "national.key"), keys_dir=one.source.keys)


def another_root(data: Data) -> Data:
    """Another root for the same size."""
    return {**data, "old_root": "ab" * 32}


def another_size(data: Data) -> Data:
    """A smaller head, as if the facts between had never been signed."""
    return {**data, "old_size": data["old_size"] - 1}


def another_origin(data: Data) -> Data:
    """A log that this one never was."""
    return {**data, "old_origin": "ksad/palsu/national"}


def unsigned(data: Data) -> Data:
    """The old head without a signature of the old key."""
    head = claimed(data["old_checkpoint"].encode())
    note = sign_checkpoint(Checkpoint(head.origin, head.size, head.root), SigningKey.generate(NATIONAL))
    return {**data, "old_checkpoint": note.decode()}


def without(data: Data) -> Data:
    """No old head at all, as only a fact of the first version has it."""
    return {**data, "old_checkpoint": None}


def an_older_head(whole: Audited) -> Callable[[Data], Data]:
    """A genuine head, but an older one."""
    return lambda data: {**data, "old_checkpoint": whole.kept[1].decode()}


@HOLE
def test_the_old_head_is_held_against_its_key_and_the_leaves(went_on: Audited) -> None:
    """Untouched: the old head in the log is signed by the old key, which the new list of keys has with its last day."""
    checks = checked(went_on.archive, went_on.keys, since=went_on.kept)
    listed = read_public(went_on.keys)
    old = {key: held for key, held in listed.items() if not key.name.endswith("/2")}

    assert failed(checks) == {}
    assert checks["continued"].detail == "1 old heads, each signed by its key, are prefixes of this log"
    assert len(old) == len(listed) - len(old) > 1
    assert all(held.last is not None for held in old.values())
    assert not any(held.last for key, held in listed.items() if key not in old)


@HOLE
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (another_root, "names another root for the 410 leaves before it"),
        (another_size, "goes on from a head over 409 leaves, and 410 stand before it"),
        (another_origin, "goes on from ksad/palsu/national, where the log was ksad/bench/national"),
        (unsigned, "carries: no pinned key has signed the note"),
        (without, "carries: a note is a text, an empty line and signature lines"),
    ],
)
def test_another_old_head_is_refused(
    went_on: Audited, tmp_path: Path, change: Callable[[Data], Data], said: str
) -> None:
    """The new key vouches for no old head that the old key has not signed over these very leaves."""
    found = checked(changed(went_on, tmp_path / "bad.tar", change), went_on.keys)

    assert failed(found) == {"continued": 410}
    assert said in found["continued"].detail


@HOLE
def test_an_older_old_head_is_refused(went_on: Audited, whole: Audited, tmp_path: Path) -> None:
    """A genuine head over fewer leaves than the leaf names is not the head that it names."""
    found = checked(changed(went_on, tmp_path / "bad.tar", an_older_head(whole)), went_on.keys)

    assert failed(found) == {"continued": 410}
    assert "carries a signed head over 203 leaves, and names another one" in found["continued"].detail


@HOLE
def test_what_the_first_version_lacks_is_noted(went_on: Audited, tmp_path: Path) -> None:
    """A leaf of an earlier release carries no head: its root is held against the leaves, the rest is said."""

    def first(data: Data) -> Data:
        return {name: value for name, value in data.items() if name != "old_checkpoint"}

    noted = checked(changed(went_on, tmp_path / "old.tar", first, version=1), went_on.keys)
    wrong = checked(
        changed(went_on, tmp_path / "bad.tar", lambda data: another_root(first(data)), version=1), went_on.keys
    )

    assert failed(noted) == {}
    assert noted["continued"].noted
    assert "cannot be checked here" in noted["continued"].detail
    assert failed(wrong) == {"continued": 410}


@HOLE
def test_without_the_old_key_it_is_said(went_on: Audited, tmp_path: Path) -> None:
    """An auditor who gives the new keys alone is told that they alone vouch for the leaves before."""
    new = {key: held for key, held in read_public(went_on.keys).items() if key.name.endswith("/2")}
    write_public(tmp_path / "new.vkeys", new)

    found = checked(went_on.archive, tmp_path / "new.vkeys")

    assert failed(found) == {}
    assert found["continued"].noted
    assert "you gave no key for the old head in the leaf at 410" in found["continued"].detail


@HOLE
def test_the_origin_follows_from_the_leaves(went_on: Audited, whole: Audited, tmp_path: Path) -> None:
    """An archive under the old origin whose leaves say that the log went on, or the other way round, is refused."""
    old = load_key(whole.source.keys / "logs" / "national.key")

    def rename(data: Path) -> None:
        text = (data / "manifest.json").read_text()
        (data / "manifest.json").write_text(text.replace(f"{NATIONAL}/2", NATIONAL))

    back = forged(went_on.archive, tmp_path / "back.tar", key=old, edit=rename)
    never = changed(went_on, tmp_path / "never.tar", lambda _: None)

    assert "the log goes on as ksad/bench/national/2, and this head is of ksad/bench/national" in said(back, went_on)
    assert "the log goes on as ksad/bench/national, and this head is of ksad/bench/national/2" in said(never, went_on)


def said(file: Path, one: Audited) -> str:
    """What is said of changes of origin."""
    check = checked(file, one.keys)["continued"]
    assert not check.ok
    return check.detail


def test_origins_are_numbered() -> None:
    """The second origin of a log is numbered two."""
    assert origin_after(NATIONAL) == f"{NATIONAL}/2"
    assert origin_after(f"{NATIONAL}/2") == f"{NATIONAL}/3"
    assert origin_after("ksad/7/national") == "ksad/7/national/2"


def judged(one: Audited, held: Validity, today: date | None, since: tuple[bytes, ...] = ()) -> Check:
    """The check of keys, where the national key holds on some days only."""
    keys = {key: held if key.name == NATIONAL else Validity() for key in read_public(one.keys)}
    asked = verify.Asked(keys, since, today=today)
    (check,) = (check for check in verify.verify(one.archive, asked).checks if check.name == "validity")
    return check


def newest_day(one: Audited) -> date:
    """The day of the newest fact of an archive's log."""
    with one.source.database("reporting") as database, database.read() as connection:
        raws = connection.exec_driver_sql("SELECT raw FROM journal").scalars()
        return max(jakarta_day(datetime.fromisoformat(Envelope.from_bytes(bytes(raw)).time)) for raw in raws)


@HOLE
def test_a_key_counts_on_its_days_only(whole: Audited) -> None:
    """A head of a day after the last day of its key, or before its first, fails; on the days themselves it holds."""
    day, later = newest_day(whole), newest_day(whole) + timedelta(days=1)
    before = day - timedelta(days=1)

    assert judged(whole, Validity(day, day), day).ok
    assert judged(whole, Validity(last=before), day).detail.endswith(f"holds until {before}")
    assert not judged(whole, Validity(first=later), later).ok


@HOLE
def test_a_key_is_of_no_use_after_its_day(whole: Audited) -> None:
    """Once a key's last day is over, a head counts only where the auditor kept that very head from before."""
    day = newest_day(whole)
    held, today = Validity(last=day), day + timedelta(days=1)
    newest = (whole.source.log / "checkpoint").read_bytes()

    assert judged(whole, held, day).ok
    assert "whoever has found it since can have signed this" in judged(whole, held, today).detail
    assert not judged(whole, held, today, (whole.kept[1],)).ok
    assert judged(whole, held, today, (newest,)).ok


@HOLE
def test_keys_without_days_are_noted(whole: Audited) -> None:
    """A file of keys from an earlier release goes on working, and the verdict says what it does not."""
    noted = judged(whole, Validity(), date(2040, 1, 1))

    assert noted.ok
    assert noted.noted
    assert "stand without a day in the file of keys" in noted.detail
