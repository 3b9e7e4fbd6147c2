"""Chapters II to VI of R1 and R2: guidance, oversight, problems, disputes, endings and the closing chapter."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from ksad.contracts.supervision import Tier
from ksad.ledger.rules.v1 import telling
from ksad.ledger.rules.v1.content import activities as chapters
from ksad.ledger.rules.v1.content.values import CitedClause, CooperationRef, DueDate, IssuedDocument
from ksad.ledger.rules.v1.tables import STAGES, days_late, region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.law import Profile
    from ksad.ledger.rules.v1.figures import Figures
    from ksad.ledger.rules.v1.period import Span
    from ksad.ledger.rules.v1.prefix import Prefix, Row

GUIDANCE = ("a.1.a", "a.1.b", "a.1.c", "a.1.d", "a.2", "a.3", "b.1", "b.2", "c.1", "c.2")
PROOF_LABELS = {"evidence": "bukti", "asset_record": "pencatatan aset", "council_report": "laporan kepada DPRD"}


def ref(row: Row) -> CooperationRef:
    """Registration number and title of a cooperation's row."""
    return CooperationRef(registration=row["key"], title=row["title"])


class Chapters:
    """Builds the chapters on the activities of one body from its cooperations and their tasks."""

    def __init__(
        self,
        prefix: Prefix,
        figures: Figures,
        chosen: Sequence[tuple[str, Row]],
        tasks: Sequence[tuple[str, Row]],
        tier: Tier,
        span: Span,
    ) -> None:
        self._prefix = prefix
        self._figures = figures
        self._cooperations = dict(chosen)
        self._tasks = [(key, row) for key, row in tasks if row["cooperation_id"] in self._cooperations]
        self._tier = tier
        self._span = span
        self._profile = prefix.law.in_force(date.fromisoformat(span.last))

    def build(self, closing: chapters.ClosingChapter) -> chapters.Activities:
        """All chapters; ``closing`` is the last."""
        return chapters.Activities(
            guidance=self._guidance(),
            findings=self._findings(),
            evaluations=self.evaluations(),
            problems=self._problems(),
            disputes=self._disputes(),
            terminations=self._terminations(),
            closing=closing,
        )

    def _of(self, *duties: str) -> list[tuple[str, Row]]:
        return [(key, row) for key, row in self._tasks if row["duty"] in duties]

    def _clause(self, duty: str) -> CitedClause:
        return CitedClause(id=self._profile.duty(duty).id(self._tier) or duty, basis="text")

    def _cooperation(self, row: Row) -> Row:
        return self._cooperations[row["cooperation_id"]]

    def _guidance(self) -> tuple[chapters.GuidanceStage, ...]:
        stages: dict[Any, list[chapters.GuidanceDuty]] = {}
        for duty in GUIDANCE:
            known = self._profile.duty(duty)
            stage = STAGES[known.stage.value] if known.stage else None
            stages.setdefault(stage, []).append(self._duty(duty))
        return tuple(
            chapters.GuidanceStage(stage=stage, duties=tuple(duties)) for stage, duties in stages.items() if stage
        )

    def _duty(self, duty: str) -> chapters.GuidanceDuty:
        clause = self._clause(duty)
        found = [(key, row, offer) for key, row in self._of(duty) for offer in self._offers(row)]
        counts = {
            "owed": found,
            "delivered": [one for one in found if one[2].state in {"delivered", "done"}],
            "declined": [one for one in found if one[2].state == "declined"],
            "late": [one for one in found if one[2].late],
        }
        numbers = {
            name: self._figures.count(
                f"guidance.{clause.id}.{name}", "tasks", {key for key, _, _ in chosen}, times=len(chosen)
            )
            for name, chosen in counts.items()
        }
        return chapters.GuidanceDuty(
            clause=clause,
            wording=self._profile.duty(duty).wording(self._tier),
            rows=tuple(offer for _, _, offer in found),
            **numbers,
        )

    def _offers(self, row: Row) -> list[chapters.GuidanceRow]:
        detail, cooperation = row["detail"], self._cooperation(row)
        parties = detail["for_parties"] or cooperation["detail"]["parties"][:1]
        late = row["status"] in {"overdue", "escalated"} or detail["overdue"] is not None
        offers = []
        for code in parties:
            given, refused = detail["delivered"].get(code), detail["declined"].get(code)
            state: Literal["open", "delivered", "declined", "done", "withdrawn"] = "open"
            on: str | None = None
            note: str | None = None
            if given:
                state, on = "delivered", given["on"]
            elif refused:
                state, on, note = "declined", refused["on"], refused["reason"]
            elif row["status"] == "completed":
                state, on = "done", row["completed_on"]
            elif row["status"] == "cancelled":
                state, note = "withdrawn", detail.get("cancelled")
            offers.append(
                chapters.GuidanceRow(
                    cooperation=ref(cooperation),
                    party=region(self._prefix, code),
                    state=state,
                    on=on,
                    due=DueDate(on=date.fromisoformat(row["due_on"]), basis="policy"),
                    late=late and state == "open",
                    note=note,
                )
            )
        return offers

    def _findings(self) -> tuple[chapters.ReportedFinding, ...]:
        return tuple(
            chapters.ReportedFinding(
                cooperation=ref(self._cooperation(row)),
                stage=STAGES[row["stage"] or self._cooperation(row)["stage"]],
                basis=finding["basis"],
                clause=self._clause(row["duty"]),
                on=row["completed_on"],
                outcome="conforms" if finding["conforms"] else "deviates",
                text=finding["description"],
                follow_up=None,
            )
            for _, row in self._of("oversight", "d.1")
            if row["completed_on"]
            for finding in row["detail"].get("findings", ())
        )

    def evaluations(self) -> tuple[chapters.ReportedEvaluation, ...]:
        """Every round of monitoring and evaluation (P6.d.1), filed or due."""
        found = []
        for _, row in self._of("d.1"):
            form = row["detail"].get("evaluation")
            found.append(
                chapters.ReportedEvaluation(
                    cooperation=ref(self._cooperation(row)),
                    clause=self._clause("d.1"),
                    round=row["detail"]["period"] or row["detail"]["occurrence"],
                    due=DueDate(on=date.fromisoformat(row["due_on"]), basis="policy"),
                    filed_on=row["completed_on"],
                    late=row["status"] in {"overdue", "escalated"},
                    rating=form["rating"] if form else None,
                    result=(form.get("impact") or form.get("obstacles")) if form else None,
                    recommendation=form["recommendation"] if form else None,
                )
            )
        return tuple(found)

    def _paper(self, identity: str, duty: str, key: str, to: str) -> IssuedDocument | None:
        for _, row in self._of(duty):
            mine = row["cooperation_id"] == identity and row["detail"]["occurrence"].endswith(key)
            if mine and row["completed_on"] and row["detail"].get("documents"):
                sha256 = row["detail"]["documents"][0]["sha256"]
                return IssuedDocument(clause=self._clause(duty), on=row["completed_on"], to=to, sha256=sha256)
        return None

    def _problems(self) -> tuple[chapters.ReportedProblem, ...]:
        found = []
        for identity, row in self._cooperations.items():
            for key, problem in self._span.matters(row["detail"]["problems"], "resolved_on").items():
                opinion = self._paper(identity, "d.2", key, "para pihak")
                state: Literal["open", "opinion_given", "resolved"] = "opinion_given" if opinion else "open"
                if problem.get("outcome"):
                    state = "resolved"
                found.append(
                    chapters.ReportedProblem(
                        cooperation=ref(row),
                        reported_on=problem["on"],
                        text=problem["description"],
                        opinion=opinion,
                        state=state,
                    )
                )
        return tuple(found)

    def _disputes(self) -> tuple[chapters.ReportedDispute, ...]:
        head = "Menteri Dalam Negeri" if self._tier is Tier.MINISTER else "Gubernur"
        states = {"raised": "open"}
        found = []
        for identity, row in self._cooperations.items():
            for key, dispute in self._span.matters(row["detail"]["disputes"], "settled_on").items():
                manner = dispute.get("manner")
                home = row["jurisdiction"] or {}
                found.append(
                    chapters.ReportedDispute(
                        cooperation=ref(row),
                        raised_on=dispute["on"],
                        text=dispute["description"],
                        forum=head,
                        forum_clause=CitedClause(id=self._clause("d.5").id, basis=home.get("basis", "inference")),
                        advice=self._paper(identity, "d.3", key, head),
                        brief=self._paper(identity, "d.5", key, head),
                        state=states.get(dispute["status"], dispute["status"]),
                        settled_by=None
                        if manner is None
                        else "deliberation"
                        if manner == "deliberation"
                        else "decision",
                        settled_on=dispute.get("settled_on"),
                    )
                )
        return tuple(found)

    def _terminations(self) -> tuple[chapters.Termination, ...]:
        return tuple(
            self._termination(identity, row)
            for identity, row in self._cooperations.items()
            if row["detail"]["notice"] or row["detail"]["ended"] or row["detail"]["proofs"] or self._reminders(identity)
        )

    def _reminders(self, identity: str) -> list[chapters.Reminder]:
        return [
            chapters.Reminder(
                clause=self._clause("d.4"),
                sent_on=min([entry["on"] for entry in row["detail"]["delivered"].values()]),
                reason=telling.reminder(row["detail"]["occurrence"]),
                acknowledgements=tuple(
                    chapters.Acknowledgement(
                        party=region(self._prefix, code), on=row["detail"]["acknowledged"].get(code)
                    )
                    for code in row["detail"]["for_parties"]
                ),
            )
            for _, row in self._of("d.4")
            if row["cooperation_id"] == identity and row["detail"]["delivered"]
        ]

    def _termination(self, identity: str, row: Row) -> chapters.Termination:
        detail = row["detail"]
        done = {(one["item"], one["region"], one["proof"]): one for one in detail["proofs"]}
        items = []
        for slot in self._profile.checklist.slots(tuple(detail["parties"])):
            item = self._profile.checklist.item(slot.item)
            assert item is not None  # noqa: S101 - slots come from the items
            proof = done.get((slot.item, slot.region, slot.proof))
            items.append(
                chapters.ChecklistProof(
                    clause=CitedClause(id=item.id(self._tier) or slot.item, basis="text"),
                    label=f"{item.label} ({PROOF_LABELS[slot.proof]})",
                    party=None if slot.region is None else region(self._prefix, slot.region),
                    done_on=proof["on"] if proof else None,
                    amount=proof["amount_idr"] if proof else None,
                    evidence=1 if proof else 0,
                )
            )
        ended = detail["ended"]
        return chapters.Termination(
            cooperation=ref(row),
            planned_end=row["ends_on"],
            ended_on=ended["on"] if ended else None,
            ground=telling.ground(self._prefix.law, row, (ended or detail["notice"] or {}).get("ground")),
            exception=ended["reason"] if ended else None,
            reminders=tuple(self._reminders(identity)),
            checklist=tuple(items),
        )


def closing(
    law: Profile, chosen: Sequence[tuple[str, Row]], tasks: Sequence[tuple[str, Row]], today: date
) -> chapters.ClosingChapter:
    """Chapter VI, from the counts of tasks, the deviations found and the late tasks (at most twenty of each)."""
    titles = {key: row["title"] for key, row in chosen}
    late = [row for _, row in tasks if row["status"] in {"overdue", "escalated"}]
    deviating = [
        finding["description"]
        for _, row in tasks
        for finding in row["detail"].get("findings", ())
        if not finding["conforms"]
    ]
    done = sum(1 for _, row in tasks if row["status"] == "completed")
    conclusions = (f"Dari {len(tasks)} tugas, {done} telah dilaksanakan dan {len(late)} terlambat.",)
    obstacles = tuple(sorted(set(deviating)))[:20]
    suggestions = tuple(
        telling.late(law.duty(row["duty"]).label, row, titles[row["cooperation_id"]], days_late(row["due_on"], today))
        for row in late[:20]
    )
    return chapters.ClosingChapter(conclusions=conclusions, obstacles=obstacles, suggestions=suggestions, follow_up=())
