"""The demonstration's summary names what was played, and nothing else, however few days were."""

from typing import Any

import pytest

from ksad.local.demo.summary import SHOWN, show, summarized
from ksad.local.machine.platform import Platform, wait_settled
from tests.support.histories.history_importer import HistoryImporter, registered, written

DIVIDED = "pembagian pompa setelah uji coba berakhir"


def event(name: str, on: str, **data: Any) -> dict[str, Any]:
    """An event of a cooperation, as the register answers it."""
    return {"type": f"ksad.cooperation.{name}.v2", "occurredon": on, "data": data}


def ended(key: str, on: str, rests_on: str | None, of: str = "agreement") -> dict[str, Any]:
    """An end: by its term where it rests on one."""
    return event("ended", on, of=of, key=key, rests_on=rests_on)


def disputed(on: str, about: str, agreement: str | None = "uji-coba") -> dict[str, Any]:
    """A dispute was raised."""
    return event("dispute_raised", on, agreement=agreement, description=about)


EXPIRED = ended("uji-coba", "2025-11-30", "2025-11-30")


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([EXPIRED, disputed("2025-12-08", DIVIDED)], True),
        ([EXPIRED, disputed("2025-12-08", DIVIDED), ended("pipa", "2026-03-01", None)], True),
        ([EXPIRED, disputed("2025-12-08", "besaran tarif per ton")], False),
        ([EXPIRED, disputed("2025-11-20", DIVIDED)], False),
        ([EXPIRED, disputed("2025-12-08", DIVIDED, "pipa")], False),
        ([EXPIRED, disputed("2025-12-08", DIVIDED, None)], False),
        ([ended("uji-coba", "2025-11-30", None), disputed("2025-12-08", DIVIDED)], False),
        ([ended("uji-coba", "2025-11-30", "2025-11-30", "accord"), disputed("2025-12-08", DIVIDED)], False),
        ([EXPIRED], False),
    ],
)
def test_an_expiry_that_a_dispute_about_the_division_follows(events: list[dict[str, Any]], shown: bool) -> None:
    """Of the same agreement, after its term, about what it leaves; another end and another dispute are none."""
    assert SHOWN["dispute_after_expiry"](events) is shown


@pytest.mark.xdist_group("import")
def test_what_was_not_played_yet_is_not_asked_for(
    history_platform: Platform, importer: HistoryImporter, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the days on which the illustrative cooperations begin, the summary tells the others, and ends well."""
    importer.write(written("sebelum-peragaan", registered()))
    assert importer.failures() == []
    with history_platform.client() as client:
        wait_settled(client)
        summary = summarized(client, history_platform.folder)
    assert summary["cooperations"] == sum(summary["cooperations_by_stage"].values()) > 0
    assert (summary["settlements"], summary["played"].keys()) == ({}, SHOWN.keys())
    rebuild = {"events": summary["events"], "events_per_second": 1, "identical": True, "differing": []}
    show(summary | {"rebuild": rebuild, "seconds": 1.0})
    assert "identical: yes" in capsys.readouterr().out
