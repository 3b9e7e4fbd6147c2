"""A restore believes nothing that no key from outside has signed, and leaves nothing behind when it refuses."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.chassis.store import EventStore
from ksad.chassis.verbs import run
from ksad.contracts.envelope import seal
from ksad.ledger.archive import archive
from ksad.ledger.log.checkpoint import Checkpoint
from ksad.ledger.log.claimed import claimed
from ksad.local.machine.calling import settings_of
from ksad.local.machine.folder import Folder
from ksad.reporting.__main__ import SERVICE, app
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint
from tests.support.forgers.audited import NATIONAL, Audited, forged
from tests.support.histories.histories import origin, registered
from tests.support.servers.schemas import migrated

BELIEVED = pytest.mark.fault(
    "audit F1",
    kind="A verb takes up what nobody has signed, and the genuine key signs it afterwards.",
    looked="restore of all three services, refill, export, the signer, the follower of a feed.",
    found="A changed document, another platform's archive, and keys of another log were taken as well; databases on "
    "PostgreSQL stayed filled after a refusal; a restored folder went on under the name `local`.",
)
Attack = Callable[[Audited, Path], Path]


def unsigned_tail(whole: Audited, out: Path) -> Path:
    """The genuine prefix, one fact more, and a head over it whose signature is junk."""
    rogue = SigningKey.generate(NATIONAL)
    note = (whole.source.log / "checkpoint").read_bytes()

    def unsign(data: Path) -> None:
        head = claimed((data / "log" / "checkpoint").read_bytes())
        signature = note.rpartition(b"\n\n")[2]
        (data / "log" / "checkpoint").write_bytes(
            Checkpoint(head.origin, head.size, head.root).text().encode() + b"\n" + signature
        )

    return forged(whole.archive, out, with_a_leaf, key=rogue, edit=unsign)


def with_a_leaf(leaves: list[bytes]) -> list[bytes]:
    """A cooperation that no office has registered."""
    fact = registered("palsu", ("33.72", "33.13"))
    return [*leaves, seal(fact, "cooperation/6ba7b810-9dad-51d1-80b4-00c04fd430c8", 1, origin()).to_bytes()]


def signed_by_another(whole: Audited, out: Path) -> Path:
    """The same with a head that another key of the log's name has signed."""
    return forged(whole.archive, out, with_a_leaf, key=SigningKey.generate(NATIONAL))


def with_another_document(whole: Audited, out: Path) -> Path:
    """A document with other bytes, under the hash of the genuine ones, in a bag that fits."""

    def change(data: Path) -> None:
        (path,) = (data / "documents" / "registry").glob("??/*")
        path.write_bytes(b"%PDF-1.7 palsu")

    return forged(whole.archive, out, edit=change)


def of_another_platform(whole: Audited, out: Path) -> Path:
    """Another platform in the manifest."""

    def rename(data: Path) -> None:
        archive.write_manifest(data, archive.read_manifest(data)._replace(platform="palsu"))

    return forged(whole.archive, out, edit=rename)


def cut(whole: Audited, out: Path) -> Path:
    """An older archive, with an older genuine head of the same log."""
    note = whole.kept[1]
    size = claimed(note).size
    return forged(whole.archive, out, lambda leaves: leaves[:size], edit=lambda data: put(data, note))


def put(data: Path, note: bytes) -> None:
    """Put another head into an archive, with a manifest that fits."""
    head = claimed(note)
    (data / "log" / "checkpoint").write_bytes(note)
    manifest = archive.read_manifest(data)
    archive.write_manifest(data, manifest._replace(size=head.size, root=head.root.hex()))


def no_archive(_whole: Audited, out: Path) -> Path:
    """Some other file."""
    out.write_bytes(b"no archive")
    return out


@pytest.fixture
def new(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Where to restore to: an empty folder, and an empty database of reporting's, on either kind."""
    folder = Folder(tmp_path / "new")
    folder.root.mkdir()
    monkeypatch.setenv("KSAD_DATABASE_URL_REPORTING", database_url)
    for name, value in settings_of(folder, "reporting").items():
        monkeypatch.setenv(name, value)
    return folder


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What the verb says that ends with code 1 and one line."""
    with pytest.raises(SystemExit) as ended:
        run(app, SERVICE.name, ["restore", *map(str, words)])
    told = capsys.readouterr()
    assert (ended.value.code, told.out, len(told.err.splitlines())) == (1, "", 1)
    return told.err


def left(folder: Folder, database_url: str) -> list[str]:
    """What stands in the folder and the database."""
    tables = []
    database = Database(database_url)
    if database.file is None or database.file.exists():
        with database.read() as connection:
            tables = sa.inspect(connection).get_table_names()
    database.close()
    return [*tables, *(str(one.relative_to(folder.root)) for one in folder.root.rglob("*") if one.is_file())]


@BELIEVED
@pytest.mark.parametrize("by", ["key", "keys"])
@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (unsigned_tail, "checkpoint: false signature of ksad/bench/national"),
        (signed_by_another, "checkpoint: no pinned key has signed"),
        (with_another_document, "documents: changed: "),
        (of_another_platform, "manifest: ksad/bench/national, 410 leaves, NOT as signed"),
        (cut, "does not verify, so nothing was restored: "),
        (no_archive, "no whole tar file"),
    ],
)
def test_what_does_not_verify_is_not_restored(
    whole: Audited,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    new: Folder,
    database_url: str,
    attack: Attack,
    said: str,
    by: str,
) -> None:
    """What `verify` refuses is refused, with keys from outside or the old ones; nothing was written anywhere."""
    bad = attack(whole, tmp_path / "bad.tar")
    trusted = ("--key", whole.keys) if by == "key" else ("--keys", whole.source.keys)

    assert said in refused(capsys, "--from", bad, *trusted)
    assert left(new, database_url) == []


@BELIEVED
def test_somebody_has_to_be_believed(
    whole: Audited, capsys: pytest.CaptureFixture[str], new: Folder, database_url: str
) -> None:
    """Without a key from outside, or the old keys, nothing is restored."""
    with pytest.raises(SystemExit) as ended:
        run(app, SERVICE.name, ["restore", "--from", str(whole.archive)])

    assert (ended.value.code, "say whose signature is believed" in capsys.readouterr().err) == (2, True)
    assert left(new, database_url) == []


@BELIEVED
def test_the_old_keys_sign_no_other_history(
    whole: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str], new: Folder, database_url: str
) -> None:
    """Keys that signed more than the archive has, of another log, or without the national one: refused beforehand."""
    ahead, other, none = (shutil.copytree(whole.source.keys, tmp_path / name) for name in ("ahead", "other", "none"))
    key = SigningKey.parse((ahead / "logs" / "national.key").read_text().strip())
    (ahead / "logs" / "national.signed").write_bytes(sign_checkpoint(Checkpoint(NATIONAL, 500, b"\x01" * 32), key))
    (other / "logs" / "national.key").write_text(SigningKey.generate(f"{NATIONAL}/2").secret + "\n")
    (none / "logs" / "national.key").unlink()
    words = ("--from", whole.archive, "--key", whole.keys, "--keys")

    assert "the log had 500 leaves then and has 410 now" in refused(capsys, *words, ahead)
    assert "the keys in" in refused(capsys, *words, other)
    assert "holds no key of the national log" in refused(capsys, *words, none)
    assert left(new, database_url) == []


@BELIEVED
def test_the_platforms_name_is_asked(
    whole: Audited, capsys: pytest.CaptureFixture[str], new: Folder, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform that has a name takes no archive of another one."""
    monkeypatch.setenv("KSAD_PLATFORM", "jatim")

    assert "KSAD_PLATFORM says jatim" in refused(capsys, "--from", whole.archive, "--key", whole.keys)
    assert left(new, database_url) == []


@BELIEVED
def test_no_store_is_filled_over_another(
    whole: Audited,
    capsys: pytest.CaptureFixture[str],
    new: Folder,
    new_database: Callable[[], str],
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the registry's database has facts already, reporting's stays empty as well."""
    url = new_database()
    monkeypatch.setenv("KSAD_DATABASE_URL_REGISTRY", url)
    store = EventStore(migrated(Database(url), "registry"))
    with store.database.write() as connection:
        store.append(
            connection, [seal(registered("a"), "cooperation/6ba7b810-9dad-51d1-80b4-00c04fd430c8", 1, origin())]
        )
    store.database.close()

    said = refused(capsys, "--from", whole.archive, "--key", whole.keys)

    assert "the database of registry is not empty" in said
    assert left(new, database_url) == []


@BELIEVED
def test_what_fails_on_the_way_is_taken_back(
    whole: Audited, tmp_path: Path, capsys: pytest.CaptureFixture[str], new: Folder, database_url: str
) -> None:
    """Old keys with a damaged record of what they signed: found late, and still nothing stays but empty tables."""
    keys = shutil.copytree(whole.source.keys, tmp_path / "ahead")
    record = min((keys / "logs").glob("feed-*.signed"))
    record.write_bytes(b"damaged\n")

    said = refused(capsys, "--from", whole.archive, "--keys", keys)

    assert record.name in said
    assert [one for one in left(new, database_url) if "/" in one or "." in one] == []
    database = Database(database_url)
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM journal")).scalar_one() == 0
        assert connection.execute(sa.text("SELECT count(*) FROM stored_events")).scalar_one() == 0
        assert connection.execute(sa.text("SELECT count(*) FROM feed_entries")).scalar_one() == 0
    database.close()
