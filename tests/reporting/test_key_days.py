"""A key that the public list gives a last day signs no fact of a later one, and says so where readiness looks."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ksad.chassis.places import DataFolder
from ksad.ledger.log.keys import Validity, read_public
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.checkpoints.keys import write_public
from ksad.reporting.journal import Arrival, Journal
from tests.support.forgers.audited import NATIONAL, PLATFORM, fill, history, made
from tests.support.histories.histories import registered


@pytest.fixture
def source(tmp_path: Path) -> DataFolder:
    """A small platform whose heads are signed."""
    folder = DataFolder(tmp_path / "data")
    fill(folder, history(folder, 40, 2))
    return folder


def signs(source: DataFolder, last: date) -> str | None:
    """Why a fact of 2015-04-01 is not signed, if so, where the national key holds until a day."""
    listed = read_public(source.keys / "public.vkeys")
    held = {key: validity._replace(last=last) if key.name == NATIONAL else validity for key, validity in listed.items()}
    write_public(source.keys / "public.vkeys", held)
    late = made(
        registered("akhir"), "cooperation/6ba7b810-9dad-51d1-80b4-00c04fd430c8", 1, datetime(2015, 4, 1, tzinfo=UTC)
    )
    with source.database("reporting") as database:
        log = Journal(database)
        with database.write() as connection:
            log.admit(connection, [Arrival(late.to_bytes(), "registry", 1_000)])
        checkpoints = Checkpoints(log, Keyring(source.keys, PLATFORM), source.log)
        checkpoints.publish()
        checkpoints.close()
        return checkpoints.refused


def test_a_key_signs_until_its_last_day(source: DataFolder) -> None:
    """Facts of the last day itself are signed."""
    assert signs(source, date(2015, 4, 1)) is None


def test_a_key_signs_nothing_after_its_last_day(source: DataFolder) -> None:
    """Facts of a later day are not, and the reason says what to do."""
    assert "holds until 2015-03-31" in (signs(source, date(2015, 3, 31)) or "")


def test_keys_are_listed_from_their_first_head_on(source: DataFolder) -> None:
    """Each key is listed with the day of the newest fact under its first head, and none with a last day."""
    listed = read_public(source.keys / "public.vkeys")

    assert len(listed) > 1
    assert all(isinstance(held.first, date) for held in listed.values())
    assert {held.last for held in listed.values()} == {None}
    assert Validity() not in listed.values()
