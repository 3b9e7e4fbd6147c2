"""A dry run of a step of a report says what the step then does, and records nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.reporting.api.foreseeing import ReportEffects, foreseen
from ksad.reporting.reports.application import Reporting
from ksad.reporting.reports.recording import ReportResult
from ksad.reporting.reports.steps import Decide
from tests.support.histories.report_chain import GOVERNOR, PERIOD, TEAM, Chain, asked, life
from tests.support.servers.schemas import ON_SQLITE

IDENTITY = report_id("R2", TEAM, PERIOD)
NAMED = (ReportKind.R2, TEAM, PERIOD)
PRINTED = {"documents", "copies", "form", "renderer", "place"}
"""What of a submission is known once it is printed."""


class Rehearsed:
    """Tries each step, sees that nothing was recorded, takes it, and holds what was said against what it did."""

    def __init__(self, chain: Chain) -> None:
        self.chain, self.cases = chain, chain.cases
        self.told: dict[str, ReportEffects] = {}

    def __call__(
        self,
        act: str,
        office: str,
        decide: Callable[[Reporting], Decide],
        take: Callable[[Reporting, Any], ReportResult],
    ) -> None:
        """Tries an act of an office, and takes it."""
        head, papers = self.cases.store.head(), sorted(self.chain.documents_dir.rglob("*"))
        said = foreseen(self.cases.foresee(asked(office, f"dry-{act}"), IDENTITY, decide(self.cases)))
        assert self.cases.store.head() == head
        assert sorted(self.chain.documents_dir.rglob("*")) == papers
        done = take(self.cases, asked(office, act))
        [event] = self.cases.store.stream(f"report/{IDENTITY}", after=done.version - 1)
        [fact] = said.facts
        assert (fact.name, fact.on) == (event.declaration.name, event.occurredon)
        now = event.fact().model_dump(mode="json")
        assert {name: value for name, value in fact.says.items() if name not in PRINTED} == {
            name: value for name, value in now.items() if name not in PRINTED
        }
        assert (said.state, said.version) == (done.report.state, len(done.report.versions))
        self.told[act] = said


@ON_SQLITE
def test_each_step_does_what_was_foreseen(chain: Chain) -> None:
    """Written, submitted, corrected, returned, discarded: state, fact, whose turn, and the duty's clause."""
    tried = Rehearsed(chain)
    chain.admit(life("a", TEAM))
    text, section = ["Sungai meluap."], NarrativeSection.OBSTACLES
    chain.owe(ReportKind.R2, TEAM, PERIOD)
    chain.settle()
    tried(
        "write",
        TEAM,
        lambda cases: cases.writing(NAMED, section, text),
        lambda cases, order: cases.write(order, NAMED, section, text),
    )
    chain.compile(ReportKind.R2, TEAM)
    tried(
        "submit",
        TEAM,
        lambda cases: cases.submitting(TEAM, IDENTITY, "1"),
        lambda cases, order: cases.submit(order, IDENTITY, "1"),
    )
    mend = (UUID(chain.cases.report(IDENTITY)[1].versions[-1].steps[-1].event), "salah ketik", {"letter_number": "22"})
    tried(
        "correct",
        TEAM,
        lambda cases: cases.correcting(TEAM, *mend),
        lambda cases, order: cases.correct(order, IDENTITY, *mend),
    )
    accepted = foreseen(chain.cases.foresee(asked(GOVERNOR, "dry"), IDENTITY, chain.cases.accepting(GOVERNOR, None)))
    assert (accepted.state, accepted.turn) == ("accepted", None)
    tried(
        "return",
        GOVERNOR,
        lambda cases: cases.returning(GOVERNOR, "lengkapi"),
        lambda cases, order: cases.give_back(order, IDENTITY, "lengkapi"),
    )
    chain.compile(ReportKind.R2, TEAM, key="2")
    tried(
        "discard",
        TEAM,
        lambda cases: cases.discarding(TEAM, "salah"),
        lambda cases, order: cases.discard(order, IDENTITY, "salah"),
    )
    assert {act: (one.turn, one.fulfils) for act, one in tried.told.items()} == {
        "write": (TEAM, None),
        "submit": (GOVERNOR, "P12"),
        "correct": (GOVERNOR, None),
        "return": (TEAM, None),
        "discard": (TEAM, None),
    }
