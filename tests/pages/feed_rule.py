"""``docs/feed-rule.json``: the audience tables of each version of the feed rule, and test vectors for recomputations.

What the feeds of a vector are is computed by the recomputation that was written from the page; tests hold the service
and the verifier against it.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from ksad.contracts import registry, reporting, supervision
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.dates import Precision
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import cooperation_id, report_id, task_id
from ksad.contracts.superseded import TaskCompletedV1
from ksad.ledger.feeds.rules import RULES
from tests.support.histories import feed_rule
from tests.support.histories.feed_lives import small_table
from tests.support.histories.histories import origin, registered, resolved
from tests.support.histories.newest import fact_of
from tests.support.text.source import ROOT

PAGE = ROOT / "docs" / "feed-rule.json"
STARTED: datetime = origin().time
TASK = f"task/{task_id('a', 'd.1')}"
RULE = reporting.FeedRuleAdopted(version=2, decision_number="100/2026", decided_on=date(2026, 1, 5))


class History:
    """A few facts, each the newest of its stream."""

    def __init__(self) -> None:
        self.leaves: list[dict[str, Any]] = []
        self._versions: dict[str, int] = {}

    def add(self, fact: Fact, subject: str, *, days: int = 0) -> None:
        """Record a fact, so many days after the first."""
        self._versions[subject] = self._versions.get(subject, 0) + 1
        made = origin(fact.declaration.service.value).model_copy(update={"time": STARTED + timedelta(days=days)})
        self.leaves.append(json.loads(seal(fact, subject, self._versions[subject], made).to_bytes()))

    def adopt(self) -> None:
        """Version 2 holds from now on."""
        self.add(RULE, "anchor/feed-rule")

    def register(self, *parties: str, key: str = "a") -> None:
        """A cooperation of some regions."""
        self.add(registered(key, parties), f"cooperation/{cooperation_id(key)}")

    def supervise(self, body: str) -> None:
        """A body supervises the cooperation."""
        self.add(resolved("a", body), f"supervision/{cooperation_id('a')}")

    def report_problem(self, name: str, *, days: int = 0) -> None:
        """A problem, for the parties."""
        problem = fact_of(registry.ProblemReported, problem=name, description="terlambat")
        self.add(problem, f"cooperation/{cooperation_id('a')}", days=days)

    def move(self, region: str, successor: str, *, in_days: int) -> None:
        """A region has another code from a day on."""
        day = STARTED.date() + timedelta(days=in_days)
        fact = registry.BoundaryChangedV1(region=region, successor=successor, effective_on=day, legal_basis="UU")
        self.add(fact, "reference/adopted")

    def adopt_table(self) -> None:
        """A small table of regions."""
        kind, text = registry.ReferenceKind.REGIONS, small_table().to_csv()
        fact = registry.TextSupplied(kind=kind, name="regions", content=text, sha256="0" * 64, source="contoh")
        self.add(fact, "reference/adopted")

    def owe(self, key: str | None, body: str, subject: str) -> None:
        """A duty begins."""
        values: dict[str, object] = {"duty": "d.1", "clause": "P6.d.1", "body": body, "stage": None, "for_parties": []}
        due: dict[str, object] = {
            "occurrence": "2026-S1",
            "period": "2026-S1",
            "due_on": "2026-07-01",
            "due_basis": "-",
        }
        identity = None if key is None else cooperation_id(key)
        fact = fact_of(supervision.TaskScheduled, **values, **due, cooperation_id=identity)
        self.add(fact, subject)

    def complete(self, key: str | None, subject: str, duty: str | None = None, *documents: DocumentRef) -> None:
        """A duty is done; as the first version of the fact, where it does not say which."""
        identity = None if key is None else cooperation_id(key)
        fact = TaskCompletedV1(
            cooperation_id=identity,
            outcome="selesai",
            documents=list(documents),
            findings=[],
            evaluation=None,
            satisfies=None,
        )
        self.add(fact if duty is None else supervision.TaskCompleted(**dict(fact), duty=duty), subject)

    def settle(self, name: str) -> str:
        """An item of the settlement of the agreement ``air``; the id of the fact."""
        item = fact_of(registry.TerminationItemAdded, item=name, description="sisa aset", agreement="air")
        self.add(item, f"cooperation/{cooperation_id('a')}")
        return str(self.leaves[-1]["id"])

    def correct(self, event: str) -> None:
        """A fact of the cooperation is corrected."""
        fact = registry.Corrected(corrects=UUID(event), reason="salah tulis", fields={"description": "lain"})
        self.add(fact, f"cooperation/{cooperation_id('a')}")


def _duty(history: History) -> None:
    history.register("33.72", "34.71")
    history.supervise("joint_secretariat")
    history.owe("a", "joint_secretariat", TASK)
    assigned = supervision.TaskAssigned(cooperation_id=cooperation_id("a"), assignee="petugas-7")
    history.add(assigned, TASK)
    history.complete("a", TASK)
    for fields in ({"outcome": "lain"}, {"assignee": "petugas-8"}):
        corrects = {"corrects": cooperation_id("x"), "reason": "salah tulis", "fields": fields}
        values = {"cooperation_id": cooperation_id("a")} | corrects
        history.add(supervision.TaskCorrected.model_validate(values), TASK)
    paper = DocumentRef(sha256="0" * 64, size=1, media_type="application/pdf")
    for duty, said in (("d.2", None), ("d.2", "d.2"), ("d.3", "d.3"), ("d.5", "d.5")):
        subject = f"task/{task_id('a', duty, str(said))}"
        history.owe("a", "joint_secretariat", subject)
        history.complete("a", subject, said, paper)


def _settlement(history: History) -> None:
    history.register("33.72", "34.71", "35.22")
    subject = f"cooperation/{cooperation_id('a')}"
    values: dict[str, object] = {"reason": None, "agreements": ["air"], "settlement": "with_the_end"}
    left = fact_of(registry.PartyWithdrew, region="34.71", parties=["33.72", "35.22"], umbrella=True, **values)
    history.add(left, subject)
    item = history.settle("g")
    history.report_problem("p")
    history.correct(item)
    history.correct(str(history.leaves[-2]["id"]))
    history.add(registry.SettlementClosed(agreement="lain"), subject)
    history.add(registry.SettlementClosed(agreement="air"), subject)


def _apart(history: History) -> None:
    history.register("32.08", "32.74", "33.01")
    history.supervise("joint_secretariat")
    overdue = supervision.TaskOverdue(cooperation_id=cooperation_id("a"), due_on=date(2026, 1, 5), day=date(2026, 1, 6))
    history.add(overdue, TASK)
    one = resolved("a", "tkksd:32").model_dump(exclude={"parties"})
    between = ["32.08", "32.74"]
    fact = supervision.AgreementJurisdictionResolved(**one, agreement="air", between=between)
    history.add(fact, f"supervision/{cooperation_id('a')}")
    history.add(overdue, TASK)


def _parties(history: History) -> None:
    history.register("33.72", "34.71")
    overdue = supervision.TaskOverdue(cooperation_id=cooperation_id("a"), due_on=date(2026, 1, 5), day=date(2026, 1, 6))
    history.add(overdue, TASK)
    history.supervise("tkksd:33")
    subject = f"cooperation/{cooperation_id('a')}"
    joined = fact_of(registry.PartyJoined, region="35.22", reason=None, parties=["33.72", "34.71", "35.22"])
    history.add(joined, subject)
    left = fact_of(registry.PartyWithdrew, region="34.71", reason=None, parties=["33.72", "35.22"])
    history.add(left, subject)
    history.report_problem("p")


def _invitation(history: History) -> None:
    history.register("33.72", "34.71")
    subject = f"cooperation/{cooperation_id('a')}"
    fields: dict[str, object] = {"region": "35.22", "reason": None, "parties": ["33.72", "34.71", "35.22"]}
    joining = fact_of(registry.PartyJoined, **fields)
    effect = registry.ProposedEffect(
        type=f"{joining.declaration.name}.v2",
        data=joining.model_dump(mode="json", exclude={"standing"}),
        on=STARTED.date(),
        precision=Precision.DAY,
    )
    asked = ["33.72", "34.71", "35.22"]
    proposed = registry.ActProposed(
        scope="join:35.22", effect=effect, asked=asked, proposer="33.72", claimed={}, expires_on=None
    )
    history.add(proposed, subject)
    proposal = UUID(history.leaves[-1]["id"])
    history.report_problem("p")
    said: dict[str, Any] = {"numbers": {}, "signatories": [], "budget": {}, "document": None, "over_refusal": None}
    history.add(registry.ActConfirmed(proposal=proposal, by="party", regions=["34.71"], **said), subject)
    history.add(registry.ActRefused(proposal=proposal, region="35.22", reason="belum disetujui"), subject)
    history.report_problem("q")


def _boundaries(history: History) -> None:
    history.adopt_table()
    history.register("32.75", "91.01")
    history.move("32.75", "36.80", in_days=3)
    history.move("36.80", "33.81", in_days=6)
    history.report_problem("p", days=2)
    history.report_problem("q", days=4)
    history.adopt_table()
    history.report_problem("r", days=7)


def _reports(history: History) -> None:
    for office in ("tkksd:33", "governor:33", "joint_secretariat"):
        subject = f"task/{task_id(office, 'R', '2026-S1')}"
        history.owe(None, office, subject)
        values = {"kind": "R2", "from_office": office, "to_office": "minister", "period": "2026-S1", "version": 1}
        submitted = fact_of(reporting.ReportSubmitted, **values, letter_number="1/2026")
        history.add(submitted, f"report/{report_id('R2', office, '2026-S1')}")
        history.complete(None, subject)


SHOWN: dict[str, tuple[str, Callable[[History], None]]] = {
    "parties": ("supervisors, a party that joins, and one that leaves", _parties),
    "duty": ("how a duty begins, ends and is corrected, and advice, which is for the supervisor", _duty),
    "settlement": ("a party that left and takes part in the settlement of an agreement", _settlement),
    "agreement": ("an agreement that another body supervises than its cooperation", _apart),
    "invitation": ("a region that is asked to join, and refuses", _invitation),
    "boundaries": ("a chain of boundary changes ahead, and a table adopted anew", _boundaries),
    "reports": ("reports and duties to report, of provinces and of the Joint Secretariat", _reports),
}


def vectors() -> list[dict[str, Any]]:
    """Each history under version 1, under version 2, and across the adoption."""
    tables = {str(version): rule.audiences for version, rule in RULES.items()}
    made = []
    for name, (shows, play) in SHOWN.items():
        for when in ("version 1", "version 2", "version 2 adopted afterwards"):
            history = History()
            if when == "version 2":
                history.adopt()
            play(history)
            if when.endswith("afterwards"):
                history.adopt()
                history.report_problem("afterwards", days=8)
            feeds = feed_rule.recomputed(history.leaves, tables)
            made.append({"name": f"{name}, {when}", "shows": shows, "leaves": history.leaves, "feeds": feeds})
    return made


def document() -> dict[str, Any]:
    """The tables and the vectors."""
    tables = {str(version): dict(sorted(rule.audiences.items())) for version, rule in RULES.items()}
    return {"specification": "docs/feed-rule.md", "audiences": tables, "vectors": vectors()}


def documents() -> dict[Path, str]:
    """The file, one leaf a line."""
    found = document()
    lines = json.dumps(found | {"vectors": None}, indent=1).removesuffix("null\n}") + "[\n"
    parts = []
    for one in found["vectors"]:
        leaves = ",\n".join(f"  {json.dumps(leaf, sort_keys=True, separators=(',', ':'))}" for leaf in one["leaves"])
        head = f' {{"name": {json.dumps(one["name"])}, "shows": {json.dumps(one["shows"])},\n  "leaves": [\n'
        parts.append(f'{head}{leaves}\n  ],\n  "feeds": {json.dumps(dict(sorted(one["feeds"].items())))}}}')
    return {PAGE: lines + ",\n".join(parts) + "\n]}\n"}
