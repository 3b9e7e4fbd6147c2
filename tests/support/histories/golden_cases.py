"""The cooperations of the golden history: what reports find hard, each case with the facts that make it."""

from datetime import date
from typing import Any, Protocol

import orjson

from ksad.contracts import registry, supervision
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.dates import Precision
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import cooperation_id, task_id
from ksad.contracts.registry import Stage
from tests.support.histories.histories import registered
from tests.support.histories.newest import fact_of

TEAM, GOVERNOR, SECRETARIAT = "tkksd:32", "governor:32", "joint_secretariat"
MOVED, EXPIRED, ENDING, LATE = "air-baku", "sampah", "terminal", "pasar"
PAPER = DocumentRef(sha256="a" * 64, media_type="application/pdf", size=1)
UNCONFIRMED = registry.Standing(by="unconfirmed", proposal=None)
LAST_STAGE = Stage.IMPLEMENTATION_AND_TERMINATION
GOVERNORS = ("P3", "UU 23/2014 Pasal 370 ayat (1)")
MINISTERS = ("P2", "UU 23/2014 Pasal 370 ayat (2)")


class Recording(Protocol):
    """Where the facts go."""

    def take(self, subject: str, fact: Fact, on: date) -> Envelope:
        """Records a fact."""
        ...


class GoldenCase:
    """The facts of one cooperation."""

    def __init__(self, history: Recording, key: str, parties: tuple[str, ...], on: date, title: str) -> None:
        self._history = history
        self.id = cooperation_id(key)
        self.parties = list(parties)
        self.says(registered(key, parties, title=title), on)

    def says(self, fact: Fact, on: date) -> Envelope:
        """A fact of the cooperation itself."""
        return self._history.take(f"cooperation/{self.id}", fact, on)

    def resolved(self, body: str, forum: str, on: date, clauses: tuple[str, str], **changes: Any) -> None:
        """Somebody supervises from a day on."""
        said = {"supervising_body": body, "dispute_forum": forum, "parties": self.parties, "holds_from": on}
        said |= {"tier": "governor", "row": "t4"} if body == TEAM else {"tier": "minister", "row": "t5"}
        said |= {"clause": clauses[0], "basis": "text", "gap_filled": False, "informed": changes.get("informed", [])}
        said |= {"forum_clause": clauses[1], "forum_basis": "text", "forum_says": "menurut undang-undang"}
        fact = fact_of(supervision.JurisdictionResolved, cooperation_id=self.id, **said)
        self._history.take(f"supervision/{self.id}", fact, on)

    def signed(self, on: date, ends_on: date, second: str | None = None) -> list[Envelope]:
        """Accord and agreement are signed, for the same term, and carried out.

        :param second: the title of another agreement, which goes on until 2029.
        """
        numbers = {code: f"{number}/KB/{on.year}" for number, code in enumerate(self.parties, 1)}
        common: dict[str, Any] = {"between": self.parties, "numbers": numbers, "signatories": [], "document": PAPER}
        common |= {"place": None, "witnesses": [], "standing": UNCONFIRMED, "accord": registry.ACCORD_1}
        common |= {"effective_on": on, "ends_on": ends_on, "ends_precision": Precision.DAY}
        common |= {"term": registry.TermKind.DATED}
        accord = self.says(registry.AccordSigned.model_validate({**common, "replaces": None}), on)
        named = dict.fromkeys(("title", "object", "affair", "scope"))
        agreement = {**common, **named, "agreement": registry.AGREEMENT_1, "continues": None, "budget": {}}
        event = self.says(registry.AgreementSigned.model_validate(agreement), on)
        self.says(registry.StageEntered(left=Stage.SIGNING, stage=LAST_STAGE, agreement=None), on)
        if second is not None:
            more = {**agreement, "agreement": "perjanjian-2", "title": second, "ends_on": date(2029, 8, 14)}
            self.says(registry.AgreementSigned.model_validate(more), on)
        return [accord, event]

    def expired(self, rests_on: date, *parts: str) -> None:
        """The term of accord and agreement, or of one of them, passed (PP 28/2018 Pasal 9)."""
        for of, key in (("agreement", registry.AGREEMENT_1), ("accord", registry.ACCORD_1)):
            ended = {"of": of, "key": key, "ground": "term_expired", "rests_on": rests_on, "open_items": []}
            ended |= {"reason": None, "clause": "PP 28/2018 Pasal 9 ayat (1)", "document": None}
            if not parts or of in parts:
                self.says(registry.Ended.model_validate({**ended, "standing": UNCONFIRMED}), rests_on)

    def owed(self, duty: str, occurrence: str, on: date, due: date, stage: Stage = LAST_STAGE) -> str:
        """A body owes a duty; the subject of its task."""
        subject = f"task/{task_id(self.id, duty, occurrence)}"
        fact = fact_of(
            supervision.TaskScheduled, cooperation_id=self.id, duty=duty, clause=f"P10.{duty}", body=TEAM,
            stage=stage, for_parties=[], occurrence=occurrence, period=None, due_on=due, due_basis="kebijakan",
        )  # fmt: skip
        self._history.take(subject, fact, on)
        return subject

    def done(self, subject: str, on: date, **changes: Any) -> None:
        """A task is completed with a document."""
        said: dict[str, Any] = {"outcome": "disampaikan", "documents": [PAPER], "findings": [], "evaluation": None}
        said |= {"satisfies": None, "duty": None, **changes}
        self.does(subject, supervision.TaskCompleted.model_validate({"cooperation_id": self.id, **said}), on)

    def does(self, subject: str, fact: Fact, on: date) -> None:
        """A fact of a task."""
        self._history.take(subject, fact, on)


def moved(history: Recording) -> GoldenCase:
    """Its dispute waits for a decision when a region of another province joins: the Minister's from then on."""
    case = GoldenCase(history, MOVED, ("32.01", "32.71"), date(2025, 9, 1), "Penyediaan air baku")
    case.resolved(TEAM, GOVERNOR, date(2025, 9, 1), GOVERNORS)
    case.signed(date(2025, 11, 3), date(2030, 11, 2))
    raised = registry.DisputeRaised.model_validate(
        {"dispute": "tarif", "between": ["32.01", "32.71"], "description": "Tarif air baku belum disepakati.",
         "agreement": None, "document": None}
    )  # fmt: skip
    case.says(raised, date(2026, 3, 2))
    advice = case.owed("d.3", "tarif", date(2026, 3, 2), date(2026, 4, 1))
    brief = case.owed("d.5", "tarif", date(2026, 3, 2), date(2026, 4, 1))
    case.done(advice, date(2026, 3, 20))
    case.done(brief, date(2026, 4, 20))
    case.says(registry.DisputeDecisionRequested(dispute="tarif"), date(2026, 4, 21))
    evaluation = case.owed("d.1", "semester", date(2026, 5, 4), date(2026, 8, 1))
    case.parties = ["32.01", "32.71", "36.74"]
    joined: dict[str, Any] = {"region": "36.74", "reason": None, "parties": case.parties, "umbrella": True}
    joined |= {"agreements": [registry.AGREEMENT_1], "document": PAPER, "standing": UNCONFIRMED}
    case.says(registry.PartyJoined.model_validate(joined), date(2026, 5, 20))
    case.resolved(SECRETARIAT, "minister", date(2026, 5, 20), MINISTERS, informed=[GOVERNOR, "governor:36"])
    handed = {"cooperation_id": case.id, "from_body": TEAM, "to_body": SECRETARIAT, "clause": "P6.d.1"}
    case.does(evaluation, supervision.TaskHandedOver.model_validate({**handed, "reason": "jenjang"}), date(2026, 5, 20))
    escalated: dict[str, Any] = {"dispute": "tarif", "forum": "minister", "reason": "para pihak lintas provinsi"}
    escalated |= {"number": None, "document": None}
    case.says(registry.DisputeEscalated.model_validate(escalated), date(2026, 6, 8))
    return case


def ending(history: Recording) -> tuple[list[Envelope], GoldenCase, GoldenCase]:
    """One cooperation expires inside the period; of another the agreement does, after it, and the accord goes on."""
    inside = GoldenCase(history, EXPIRED, ("32.04", "32.73"), date(2025, 2, 3), "Pengolahan sampah")
    inside.resolved(TEAM, GOVERNOR, date(2025, 2, 3), GOVERNORS)
    terms = inside.signed(date(2025, 5, 1), date(2026, 4, 30))
    after = GoldenCase(history, ENDING, ("32.08", "32.10"), date(2025, 6, 2), "Terminal angkutan umum")
    after.resolved(TEAM, GOVERNOR, date(2025, 6, 2), GOVERNORS)
    after.signed(date(2025, 8, 15), date(2026, 8, 14), "Pengelolaan parkir terminal")
    inside.expired(date(2026, 4, 30))
    filed = after.owed("d.1", "2026-S1", date(2026, 5, 4), date(2026, 7, 30))
    scores = dict(zip(("purpose_met", "on_time", "partner_contribution"), (4, 3, 3), strict=True))
    scores |= dict(zip(("coordination", "documents_complete", "reports_regular"), (4, 2, 3), strict=True))
    said = {**scores, "obstacles": None, "impact": "Waktu tunggu berkurang.", "recommendation": "continue", "rating": 4}
    after.done(filed, date(2026, 6, 10), evaluation=supervision.Evaluation.model_validate(said), documents=[])
    return terms, inside, after


def late(history: Recording) -> tuple[GoldenCase, str]:
    """Its duties are carried in, done on time and late, cancelled, not done, and not due yet."""
    case = GoldenCase(history, LATE, ("32.06", "32.78"), date(2025, 10, 1), "Pengelolaan pasar")
    case.resolved(TEAM, GOVERNOR, date(2025, 10, 1), GOVERNORS)
    carried = case.owed("a.2", "penjajakan", date(2025, 11, 3), date(2026, 1, 30), Stage.EXPLORATION)
    case.done(carried, date(2026, 2, 9), outcome="asistensi diberikan")
    on_time = case.owed("a.3", "penjajakan", date(2026, 1, 5), date(2026, 2, 27), Stage.EXPLORATION)
    case.done(on_time, date(2026, 2, 2))
    entered = registry.StageEntered(left=Stage.EXPLORATION, stage=Stage.NEGOTIATION, agreement=None)
    case.says(entered, date(2026, 2, 2))
    cancelled = case.owed("b.1", "negosiasi", date(2026, 2, 2), date(2026, 3, 13), Stage.NEGOTIATION)
    stopped = supervision.TaskCancelled(cooperation_id=case.id, reason="para pihak menunda negosiasi")
    case.does(cancelled, stopped, date(2026, 4, 6))
    late_one = case.owed("b.2", "negosiasi", date(2026, 2, 2), date(2026, 3, 13), Stage.NEGOTIATION)
    told = supervision.TaskEscalated(cooperation_id=case.id, day=date(2026, 4, 6), to_office=GOVERNOR)
    case.does(late_one, told, date(2026, 4, 6))
    problem = {"problem": "retribusi", "description": "Retribusi pasar belum disepakati.", "agreement": None}
    case.says(registry.ProblemReported.model_validate({**problem, "document": None}), date(2026, 6, 22))
    opinion = case.owed("d.2", "retribusi", date(2026, 6, 22), date(2026, 7, 20))
    finding = {"basis": "legislation", "conforms": False, "description": "Studi kelayakan belum ada."}
    finding |= {"follow_up": {"who": "region:32.06", "by": "2026-09-30", "what": "menyusun studi kelayakan"}}
    oversight = case.owed(
        "oversight", "exploration/2026-01-05/entry", date(2026, 1, 5), date(2026, 1, 30), Stage.EXPLORATION
    )
    findings = [supervision.Finding.model_validate_json(orjson.dumps(finding))]
    case.done(oversight, date(2026, 1, 28), findings=findings, documents=[], outcome="diperiksa")
    return case, opinion
