"""The task to verify: one per cooperation and body, owed since a policy names its term, done when nothing is left."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from ksad.contracts import registry
from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.law import holidays_text, packaged, read_policy
from ksad.contracts.law import load_text as law_text
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RuleBrokenError
from ksad.supervision.domain import deciding
from ksad.supervision.domain.reference import Reference
from ksad.supervision.domain.task import Status, Task
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import World, completion, reference

FIRST = "2026-01-01T00:00:00.000000Z"
LATER = "2026-01-06T00:00:00.000000Z"
MIXED = ("32.14", "32.17", "33.01")
"""Two regencies of one province and one of another: row T7."""


def since(moment: str | None) -> Reference:
    """The packaged texts, with a policy that names the term since a moment."""
    known = reference()
    policy = read_policy(law_text("policy"))
    return Reference(
        known.regions, packaged(), policy, WorkingCalendar.from_text(holidays_text()), verifying_since=moment
    )


@dataclass
class Examined(World):
    """A cooperation whose supervising body verifies."""

    def checks(self) -> list[Task]:
        """The tasks to verify."""
        return [one for one in self.tasks("oversight") if one.occasion == "verification"]

    def entries(self, name: str | None = None) -> list[UUID]:
        """The events of the facts to examine."""
        return [UUID(key) for key, one in self.case.examined.items() if name in (None, one.name)]

    def verify(self, *entries: UUID) -> None:
        """The supervising body finds them as recorded."""
        self.tell(registry.EntryVerified(entries=list(entries), note=None))


def begun(moment: str | None = FIRST, parties: tuple[str, ...] = ("33.72", "33.11")) -> Examined:
    """A cooperation that has just been registered."""
    made = Examined(parties=parties, law=since(moment))
    made.register_it()
    return made


@pytest.mark.clause("P7", "P11")
def test_one_task_per_body_for_all_that_is_not_examined() -> None:
    """It is due after the policy's days, counted from the oldest fact, and is the only one however many facts come."""
    made = begun()
    made.enter(Stage.NEGOTIATION)
    made.enter(Stage.SIGNING)
    made.sign_accord()
    (check,) = made.checks()
    assert (check.occurrence, check.body, check.agreement) == ("verification/1", "tkksd:33", None)
    assert check.due_basis.startswith("ada fakta yang belum diperiksa; 20 hari kerja")


def test_the_platform_completes_it_when_nothing_is_left() -> None:
    """Verified or returned, each fact is examined; only then it is done, and no officer says so by hand."""
    made = begun()
    made.enter(Stage.NEGOTIATION)
    made.enter(Stage.SIGNING)
    made.sign_accord()
    first, second = made.entries()
    made.verify(first)
    assert made.checks()[0].open
    with pytest.raises(RuleBrokenError) as caught:
        deciding.complete(made.context(made.checks()[0]), completion(), None)
    assert caught.value.rule == "verification-closes-it"
    made.tell(registry.EntryReturned(entry=second, reason="nomor tidak sama", mend="betulkan nomor"))
    (check,) = made.checks()
    assert (check.status, check.completed and check.completed.outcome) == (
        Status.COMPLETED,
        "setiap fakta telah diverifikasi atau dikembalikan",
    )


def test_a_correction_calls_for_another_look() -> None:
    """What was returned and is mended is to be examined again: a task of its own, by the version of the correction."""
    made = begun()
    (entry,) = made.entries()
    made.tell(registry.EntryReturned(entry=entry, reason="judul", mend="betulkan judul"))
    made.tell(registry.Corrected(corrects=entry, reason="salah ketik", fields={"title": "Sampah"}))
    assert [one.occurrence for one in made.checks()] == ["verification/1", "verification/3"]
    assert [one.open for one in made.checks()] == [False, True]


@pytest.mark.parametrize("moment", [None, LATER])
def test_what_was_recorded_before_the_policy_is_not_owed(moment: str | None) -> None:
    """No flood from old logs: only facts recorded after the first policy that names the term."""
    made = begun(moment)
    made.enter(Stage.NEGOTIATION)
    assert not made.checks()
    assert len(made.entries()) == 1


def test_legacy_facts_are_examined_once_the_backfill_is_closed() -> None:
    """While they come in, only their completion is owed."""
    made = Examined(law=since(FIRST))
    made.register_it(date(2009, 6, 1), legacy=True)
    assert not made.checks()
    made.tell(registry.BackfillClosed(facts=1), date(2026, 1, 5))
    assert len(made.checks()) == 1


def test_what_the_register_recorded_from_the_instrument_is_not_owed() -> None:
    """The supervising body had the signed instrument before it; nothing is left once the registration is verified."""
    made = begun()
    made.enter(Stage.NEGOTIATION)
    made.enter(Stage.SIGNING)
    fact = fact_of(registry.AccordSigned, numbers=dict.fromkeys(made.parties, "1"), witnesses=[], document=None)
    made.tell(fact.model_copy(update={"standing": registry.Standing(by="instrument", proposal=None)}))
    made.verify(*made.entries("registered"))
    assert [one.open for one in made.checks()] == [False]


@pytest.mark.clause("P2", "P3")
def test_each_body_examines_its_own_scope() -> None:
    """Scenario 20: the agreement of one province is examined by its TKKSD, the cooperation by the Joint Secretariat."""
    made = begun(parties=MIXED)
    made.enter(Stage.NEGOTIATION)
    made.enter(Stage.SIGNING)
    made.sign_accord()
    made.tell(
        registry.AgreementOpened(
            agreement="air",
            accord="kesepakatan-1",
            between=list(MIXED[:2]),
            title="Air",
            object=None,
            affair=None,
            scope=None,
            continues=None,
            stage=Stage.NEGOTIATION,
        )
    )
    signed = fact_of(
        registry.AgreementSigned,
        numbers=dict.fromkeys(MIXED[:2], "1"),
        effective_on=None,
        ends_on=None,
        scope=None,
        witnesses=[],
        document=None,
    )
    made.tell(signed.model_copy(update={"agreement": "air", "between": list(MIXED[:2])}))
    assert {(one.body, one.agreement) for one in made.checks()} == {("joint_secretariat", None), ("tkksd:32", "air")}
    made.verify(*made.entries("agreement_signed"))
    assert {one.body: one.open for one in made.checks()} == {"joint_secretariat": True, "tkksd:32": False}


def test_a_task_goes_to_the_body_that_supervises_now() -> None:
    """A party of another province joins: the open task is handed over, and no second one is scheduled."""
    made = begun()
    joined = registry.PartyJoined(
        region="34.71",
        reason=None,
        parties=[*made.parties, "34.71"],
        umbrella=True,
        agreements=[],
        document=None,
        standing=registry.Standing(by="parties", proposal=None),
    )
    made.tell(joined, date(2026, 1, 6))
    assert [(one.body, one.open) for one in made.checks()] == [("joint_secretariat", True)]
