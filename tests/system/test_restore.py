"""A platform restored from its archive starts, goes on, answers old commands, and decides nothing a second time."""

import time
from datetime import date
from pathlib import Path

import pytest

from ksad.chassis.client import Client
from ksad.chassis.places import DataFolder
from ksad.local.machine.calling import VerbFailedError
from ksad.local.machine.folder import Folder
from ksad.local.machine.keeping import RestoreSources, restore_platform
from ksad.local.machine.platform import pass_days, running, wait_settled
from ksad.reporting.keeping.export import export
from tests.support.forgers.audited import Audited, checked, failed, forged

BODY = {
    "key": "alfa",
    "title": "Kerja sama alfa",
    "object": "sampah",
    "affair": "lingkungan_hidup",
    "category": None,
    "parties": ["33.72", "33.11"],
    "initiator": None,
    "stage": "exploration",
}
SERVICES = ("registry", "supervision", "reporting")


def heads(client: Client) -> list[int]:
    """The newest event of each service."""
    return [client.get(name, "/status", "operator")["head"] for name in SERVICES]


def signed(client: Client) -> dict[str, object]:
    """What is signed, once that is the whole journal; waits ten seconds at most."""
    deadline = time.monotonic() + 10
    while True:
        status = client.get("reporting", "/status", "operator")
        if status["signed"]["size"] == status["journal"]["size"] or time.monotonic() > deadline:
            return {**status["signed"], "journal": status["journal"]}
        time.sleep(0.1)


@pytest.mark.timeout(180)
def test_a_restored_platform_goes_on(tmp_path: Path) -> None:
    """Exported while it runs, restored with its keys: same heads, same root, same answer, and the next day passes."""
    old, new = Folder(tmp_path / "old"), Folder(tmp_path / "new")
    with running(old, starts_on=date(2026, 1, 5)) as platform, platform.client() as client:
        first = client.post("registry", "/cooperations", "region:33.72", "alfa", BODY)
        pass_days(old, client, date(2026, 1, 6))
        wait_settled(client)
        before, state = heads(client), signed(client)
        export(DataFolder(old.root), tmp_path / "archive.tar")

    assert failed(checked(tmp_path / "archive.tar", old.keys / "public.vkeys")) == {}
    restore_platform(RestoreSources(tmp_path / "archive.tar", keys=old.keys), new)

    with running(new, starts_on=date(2026, 1, 7)) as platform, platform.client() as client:
        wait_settled(client)
        assert heads(client) == before
        assert signed(client) == state
        again = client.post("registry", "/cooperations", "region:33.72", "alfa", BODY)
        assert (again["events"], again["position"]) == (first["events"], first["position"])
        pass_days(new, client, date(2026, 1, 7))
        wait_settled(client)
        grown = signed(client)
        export(DataFolder(new.root), tmp_path / "later.tar")

    assert grown["refused"] is None
    since = [(old.root / "log" / "checkpoint").read_bytes()]
    assert failed(checked(tmp_path / "later.tar", old.keys / "public.vkeys", since=since)) == {}


@pytest.mark.parametrize("part", ["nothing", "a leaf"])
def test_a_restore_that_fails_leaves_nothing(whole: Audited, tmp_path: Path, part: str) -> None:
    """What is no archive, or lacks a leaf, is refused, and the folder is free for the next attempt."""
    bad, new = tmp_path / "bad.tar", Folder(tmp_path / "new")
    bad.write_bytes(b"no archive")
    if part == "a leaf":
        forged(whole.archive, bad, lambda leaves: leaves[1:])

    with pytest.raises(VerbFailedError, match=r"no whole tar file|does not verify, so nothing was restored: .*tree: "):
        restore_platform(RestoreSources(bad, key=whole.keys), new)

    assert not new.root.exists()
