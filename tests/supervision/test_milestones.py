"""Help before signing, Pasal 6 and 10 letter c: bound to a scheduled signing, due on its day."""

from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.contracts.rules import RuleBrokenError
from ksad.supervision.api.items import task_item
from ksad.supervision.domain import deciding
from ksad.supervision.domain.task import Status
from tests.support.histories.supervised import GOVERNORS, MINISTERS, World, completion, reference

pytestmark = pytest.mark.clause("P4.c")
SIGNING = date(2026, 2, 16)


def world(parties: tuple[str, ...], instrument: InstrumentKind) -> World:
    """A cooperation in negotiation whose signing is scheduled."""
    made = World(parties=parties)
    made.register_it()
    made.enter(Stage.NEGOTIATION)
    made.schedule(instrument, SIGNING)
    return made


@pytest.mark.parametrize(
    ("parties", "instrument", "duty", "clause"),
    [
        pytest.param(MINISTERS, InstrumentKind.ACCORD, "c.1", "P6.c.1", marks=pytest.mark.clause("P6.c.1")),
        pytest.param(MINISTERS, InstrumentKind.AGREEMENT, "c.2", "P6.c.2", marks=pytest.mark.clause("P6.c.2")),
        pytest.param(GOVERNORS, InstrumentKind.ACCORD, "c.1", "P10.c.1", marks=pytest.mark.clause("P10.c.1")),
        pytest.param(GOVERNORS, InstrumentKind.AGREEMENT, "c.2", "P10.c.2", marks=pytest.mark.clause("P10.c.2")),
    ],
)
def test_a_scheduled_signing_makes_its_help_owed_by_its_day(
    parties: tuple[str, ...], instrument: InstrumentKind, duty: str, clause: str
) -> None:
    """The accord's signing makes c.1 owed, the agreement's c.2, due on the day of signing."""
    made = world(parties, instrument)
    task = made.one(duty)
    assert (task.clause, task.due_on, task.stage) == (clause, SIGNING, Stage.SIGNING)
    other = "c.2" if duty == "c.1" else "c.1"
    assert not made.tasks(other)


@pytest.mark.clause("P10.c.1", "P10.c.2")
def test_in_the_governors_tier_the_governor_is_among_those_to_coordinate_with() -> None:
    """Pasal 10 adds the Governor to the sectoral institutions; Pasal 6 does not."""
    for instrument, duty in ((InstrumentKind.ACCORD, "c.1"), (InstrumentKind.AGREEMENT, "c.2")):
        for parties, with_whom in (
            (GOVERNORS, ["governor:33", "Kementerian Lingkungan Hidup"]),
            (MINISTERS, ["Kementerian Lingkungan Hidup"]),
        ):
            made = world(parties, instrument)
            item = task_item(made.one(duty), made.case, reference(), SIGNING, own=None)
            assert item["coordinate_with"] == with_whom


def test_support_or_attendance_is_recorded_to_close_it() -> None:
    """The milestone closes with a recorded outcome, after which it accepts nothing more."""
    made = world(GOVERNORS, InstrumentKind.ACCORD)
    made.record(
        deciding.complete(made.context(made.one("c.1")), completion(outcome="Gubernur dan KLH mendukung"), None)
    )
    assert made.one("c.1").status is Status.COMPLETED
    with pytest.raises(RuleBrokenError, match="sudah selesai"):
        deciding.complete(made.context(made.one("c.1")), completion(), None)


def test_a_rescheduled_signing_replaces_the_open_help() -> None:
    """The help for the old date is cancelled with its reason, the new date's is owed."""
    made = world(GOVERNORS, InstrumentKind.ACCORD)
    made.schedule(InstrumentKind.ACCORD, date(2026, 3, 2))
    first, second = made.tasks("c.1")
    assert first.cancelled is not None
    assert first.cancelled.reason == "penandatanganan dijadwalkan ulang"
    assert (second.status, second.due_on) == (Status.OPEN, date(2026, 3, 2))


def test_help_that_was_given_stays_given_when_the_date_moves() -> None:
    """Only open help is replaced: what was recorded is not undone."""
    made = world(GOVERNORS, InstrumentKind.ACCORD)
    made.record(deciding.complete(made.context(made.one("c.1")), completion(), None))
    made.schedule(InstrumentKind.ACCORD, date(2026, 3, 2))
    assert [one.status for one in made.tasks("c.1")] == [Status.COMPLETED, Status.OPEN]


def test_signing_does_not_cancel_the_help_that_is_still_to_be_recorded() -> None:
    """After the signing the officers still record who supported or attended; then it is late, not gone."""
    made = world(GOVERNORS, InstrumentKind.ACCORD)
    made.enter(Stage.SIGNING, SIGNING)
    made.sign_accord()
    assert made.one("c.1").status is Status.OPEN
    made.pass_day(SIGNING)
    assert made.one("c.1").status is Status.OVERDUE


def test_a_corrected_day_of_signing_moves_the_help() -> None:
    """Help for the wrong day is cancelled and owed for the right one; other corrections and the signing leave it."""
    made = world(GOVERNORS, InstrumentKind.ACCORD)
    scheduled = next(event for event in made.log if event.type.endswith("signing_scheduled.v2"))

    def correct(**fields: object) -> None:
        made.tell(registry.Corrected(corrects=scheduled.id, reason="salah ketik", fields=fields), date(2026, 1, 12))

    correct(institutions=["Kementerian PUPR"])
    assert made.one("c.1").due_on == SIGNING
    for day in ("2026-03-16", "2026-04-13"):
        correct(signing_on=day)
    first, second, third = made.tasks("c.1")
    assert first.cancelled is not None
    assert first.cancelled.reason == "tanggal penandatanganan dibetulkan"
    assert (second.status, third.status, third.due_on) == (Status.CANCELLED, Status.OPEN, date(2026, 4, 13))
    made.enter(Stage.SIGNING, date(2026, 1, 19))
    made.sign_accord()
    correct(signing_on="2026-01-19")
    assert [one.status for one in made.tasks("c.1")] == [Status.CANCELLED, Status.CANCELLED, Status.OPEN]
