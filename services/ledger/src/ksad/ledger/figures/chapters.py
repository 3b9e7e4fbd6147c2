"""The chapters of R1 and R2 on what was done: guidance, oversight, evaluations and ends."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from ksad.ledger.figures import tables
from ksad.ledger.figures.content import activities as chapters
from ksad.ledger.figures.content.values import CitedClause, DueDate
from ksad.ledger.figures.endings import terminations
from ksad.ledger.figures.scope import ref
from ksad.ledger.figures.tables import STAGES, region
from ksad.ledger.figures.timeliness import DONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.ledger.figures.figures import Figures
    from ksad.ledger.figures.scope import ReportScope
    from ksad.ledger.figures.timeliness import TaskShare

GUIDANCE = ("a.1.a", "a.1.b", "a.1.c", "a.1.d", "a.2", "a.3", "b.1", "b.2", "c.1", "c.2")

State = Literal["open", "delivered", "declined", "done", "withdrawn", "handed_over"]
GIVEN: frozenset[State] = frozenset({"delivered", "declined", "done"})


class Chapters:
    """Builds the chapters on the activities of one body from its cooperations and their tasks."""

    def __init__(self, figures: Figures, scope: ReportScope) -> None:
        self._figures = figures
        self._scope = scope

    def build(self) -> chapters.Activities:
        """All chapters. What an R3 adds up of them is counted here as well, with what is behind it."""
        made = chapters.Activities(
            guidance=self._guidance(),
            findings=self.findings(),
            evaluations=self.evaluations(),
            terminations=self.terminations(),
        )
        self._sum(made.guidance)
        return made

    def _sum(self, guidance: tuple[chapters.GuidanceStage, ...]) -> None:
        behind = self._figures.behind
        clauses = [duty.clause.id for stage in guidance for duty in stage.duties]
        for name in ("delivered", "declined"):
            entries = {entry for clause in clauses for entry in behind[f"guidance.{clause}.{name}"]}
            behind[f"guidance.{name}"] = sorted(entries)
        done = [share for share in self._scope.of("oversight", "d.1") if share.left in DONE]
        found = [share for share in done if share.row["detail"].get("findings")]
        deviating = [one for one in found if any(not each["conforms"] for each in one.row["detail"]["findings"])]
        evaluated = [one for one in done if one.row["duty"] == "d.1"]
        for name, shares in (("findings", found), ("findings_deviating", deviating), ("evaluations", evaluated)):
            self._figures.count(name, "tasks", [one.task for one in shares])

    def _guidance(self) -> tuple[chapters.GuidanceStage, ...]:
        stages: dict[Any, list[chapters.GuidanceDuty]] = {}
        for duty in GUIDANCE:
            known = self._scope.profile.duty(duty)
            stage = STAGES[known.stage.value] if known.stage else None
            stages.setdefault(stage, []).append(self._duty(duty))
        return tuple(
            chapters.GuidanceStage(stage=stage, duties=tuple(duties)) for stage, duties in stages.items() if stage
        )

    def _duty(self, duty: str) -> chapters.GuidanceDuty:
        clause = self._scope.clause(duty)
        found = [(share.task, offer) for share in self._scope.of(duty) for offer in self._offers(share)]
        counts = {
            "owed": found,
            "delivered": [one for one in found if one[1].state in {"delivered", "done"}],
            "declined": [one for one in found if one[1].state == "declined"],
            "late": [one for one in found if one[1].late and one[1].state in GIVEN],
            "not_done": [one for one in found if one[1].late and one[1].state == "open"],
        }
        numbers = {
            name: self._figures.count(
                f"guidance.{clause.id}.{name}", "tasks", {key for key, _ in chosen}, times=len(chosen)
            )
            for name, chosen in counts.items()
        }
        return chapters.GuidanceDuty(
            clause=clause,
            wording=self._scope.profile.in_present_names(self._scope.profile.duty(duty).wording(self._scope.tier)),
            rows=tuple(offer for _, offer in found),
            **numbers,
        )

    def _offers(self, share: TaskShare) -> Iterator[chapters.GuidanceRow]:
        """The rows of one task: one per party where it is owed to each, with what this body did for it.

        What was given before the period stands in an earlier report, what another body gave in its own.
        """
        row, cooperation = share.row, self._scope.cooperation(share.row)
        each = [[code] for code in row["detail"]["for_parties"]] or [cooperation["detail"]["parties"]]
        for codes in each:
            state, on, note, by = _offered(share, codes[0])
            if by != share.body or (state in GIVEN and on is not None and on < self._scope.span.first):
                continue
            due = row["due_on"]
            yield chapters.GuidanceRow(
                cooperation=ref(cooperation, row["detail"]["agreement"]),
                parties=tuple(region(self._scope.prefix, code) for code in codes),
                state=state,
                on=on,
                due=DueDate(on=date.fromisoformat(due), basis="policy"),
                late=(state in GIVEN and on is not None and on > due) or (state == "open" and due <= self._scope.day),
                note=note,
            )

    def findings(self) -> tuple[chapters.ReportedFinding, ...]:
        """The findings of the period, those that do not conform first."""
        found = [
            chapters.ReportedFinding(
                cooperation=ref(self._scope.cooperation(share.row), share.row["detail"]["agreement"]),
                stage=STAGES[share.row["stage"] or self._scope.cooperation(share.row)["stage"]],
                basis=finding["basis"],
                clause=CitedClause(id=share.clause, basis="text"),
                on=share.row["completed_on"],
                outcome="conforms" if finding["conforms"] else "deviates",
                text=finding["description"],
                follow_up=tables.follow_up(self._scope.prefix, share.row["detail"], number),
            )
            for share in self._scope.of("oversight", "d.1")
            if share.left in DONE
            for number, finding in enumerate(share.row["detail"].get("findings", ()), 1)
        ]
        return tuple(sorted(found, key=lambda one: one.outcome != "deviates"))

    def terminations(self) -> tuple[chapters.Termination, ...]:
        """What is ending or has ended."""
        return terminations(self._scope)

    def evaluations(self) -> tuple[chapters.ReportedEvaluation, ...]:
        """Every round of monitoring and evaluation (d.1) that was filed in the period or open, by its own clause."""
        found = []
        for share in self._scope.of("d.1"):
            row = share.row
            form = row["detail"].get("evaluation") if share.left in DONE else None
            found.append(
                chapters.ReportedEvaluation(
                    cooperation=ref(self._scope.cooperation(row), row["detail"]["agreement"]),
                    clause=CitedClause(id=share.clause, basis="text"),
                    round=row["detail"]["period"] or row["detail"]["occurrence"],
                    due=DueDate(on=date.fromisoformat(row["due_on"]), basis="policy"),
                    filed_on=row["completed_on"] if share.left in DONE else None,
                    late=share.left in {"late", "not_done"},
                    rating=form["rating"] if form else None,
                    result=(form.get("impact") or form.get("obstacles")) if form else None,
                    recommendation=form["recommendation"] if form else None,
                    gone=share.left if share.left in {"handed_over", "cancelled"} else None,
                )
            )
        return tuple(found)


def _offered(share: TaskShare, code: str) -> tuple[State, str | None, str | None, str]:
    """How a task stands for one party: state, day, note, and the body that brought it there or owes it."""
    row, detail = share.row, share.row["detail"]
    given, refused = detail["delivered"].get(code), detail["declined"].get(code)
    if given:
        return "delivered", given["on"], None, given["by"] or share.body
    if refused:
        return "declined", refused["on"], refused["reason"], refused["by"] or share.body
    if share.left == "handed_over":
        return "handed_over", None, None, share.body
    if row["status"] == "cancelled":
        return "withdrawn", None, detail.get("cancelled"), share.body
    if row["completed_on"] is not None:
        return "done", row["completed_on"], None, share.body
    return "open", None, None, share.body
