"""Section 1 of every report: disputes, problems, and the cooperations of which Governors are to be informed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ksad.contracts.supervision import ESCALATED
from ksad.ledger.figures import offices
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.matters import (
    InformedCooperation,
    Matters,
    ReportedDispute,
    ReportedProblem,
    Settlement,
)
from ksad.ledger.figures.content.values import CitedClause, IssuedDocument
from ksad.ledger.figures.scope import ref
from ksad.ledger.figures.tables import STAGES, region

if TYPE_CHECKING:
    from ksad.ledger.figures.prefix import KnownCooperation, Row
    from ksad.ledger.figures.scope import ReportScope

MINISTER = "Menteri Dalam Negeri"
ESCALATION = CitedClause(id="UU 23/2014 Pasal 370 ayat (3)", basis="text")


def matters(scope: ReportScope, governor: str | None) -> Matters:
    """The disputes and problems of the period, and the cooperations that are listed for information.

    :param governor: the Governor who is to be informed; ``None`` for all that any is to be informed of.
    """
    return Matters(
        disputes=_disputes(scope),
        problems=_problems(scope),
        informed=tuple(_informed(scope, one.row) for one in _told(scope, governor)),
    )


def _told(scope: ReportScope, governor: str | None) -> list[KnownCooperation]:
    """The cooperations of which a Governor is to be informed on the day, by registration number."""
    found = [
        one
        for one in scope.prefix.cooperations(scope.prefix.source.informing(governor))
        if scope.span.covers(one.row) and _is_told(one.row, governor)
    ]
    return sorted(found, key=lambda one: (str(one.row["key"]), one.id))


def _is_told(row: Row, governor: str | None) -> bool:
    informed = (row["jurisdiction"] or {}).get("informed", [])
    return bool(informed) if governor is None else governor in informed


def _paper(scope: ReportScope, identity: str, duty: str, key: str) -> IssuedDocument | None:
    """The newest paper written for one problem or dispute of a cooperation; ``None`` if there is none.

    It is cited by the clause of the body that wrote it, and addressed to whom that clause names.
    """
    found = [
        row
        for row in scope.answers(duty)
        if row["cooperation_id"] == identity
        and row["detail"]["occurrence"] in {key, f"{key}/minister"}
        and row["detail"].get("documents")
    ]
    if not found:
        return None
    newest: Row = found[-1]
    return IssuedDocument(
        clause=CitedClause(id=newest["clause"], basis="text"),
        on=newest["completed_on"],
        to=_addressee(scope, newest),
        sha256=newest["detail"]["documents"][0]["sha256"],
    )


def _addressee(scope: ReportScope, paper: Row) -> str:
    """Whom a paper is for: the parties an opinion (d.2), the head whom its body assists advice and brief (P6, P10)."""
    if paper["duty"] == "d.2":
        return "para pihak"
    body: str = paper["body"]
    if paper["detail"]["occasion"] == ESCALATED or not body.startswith("tkksd:"):
        return MINISTER
    return offices.written(body.replace("tkksd:", "governor:"), scope.prefix).head


def _problems(scope: ReportScope) -> tuple[ReportedProblem, ...]:
    found = []
    for identity, row in scope.cooperations.items():
        for key, problem in scope.span.matters(row["detail"]["problems"], "resolved_on").items():
            opinion = _paper(scope, identity, "d.2", key)
            state: Literal["open", "opinion_given", "resolved"] = "opinion_given" if opinion else "open"
            outcome = problem.get("outcome")
            found.append(
                ReportedProblem(
                    cooperation=ref(row, problem.get("agreement")),
                    reported_on=problem["on"],
                    text=problem["description"],
                    opinion=opinion,
                    state="resolved" if outcome else state,
                    resolved_on=problem.get("resolved_on"),
                    outcome=outcome,
                )
            )
    # What is still open comes first.
    return tuple(sorted(found, key=lambda one: one.state == "resolved"))


def _forum(scope: ReportScope, one: KnownCooperation, dispute: dict[str, Any]) -> tuple[str, CitedClause | None]:
    """Who decides a dispute, or decided it, and on what ground.

    A decided one keeps the forum of the day on which it was settled, whoever supervises the cooperation since. The
    ground is ``None`` where none was recorded; under which law the decision is final is another question.
    """
    on = dispute.get("settled_on") or scope.day
    home = one.supervision.on(on, dispute.get("agreement")) or {}
    office = dispute.get("forum") or home.get("dispute_forum")
    clause = None
    if home.get("forum_clause"):
        clause = CitedClause(id=home["forum_clause"], basis=home["forum_basis"])
    if dispute["status"] == "escalated" or (dispute.get("escalated_on") and office == "minister"):
        office, clause = "minister", ESCALATION
    return ("belum ditetapkan" if office is None else offices.written(office, scope.prefix).head), clause


def _disputes(scope: ReportScope) -> tuple[ReportedDispute, ...]:
    found = [
        _dispute(scope, one, key, dispute)
        for one in scope.gathered.chosen.values()
        for key, dispute in scope.span.matters(one.row["detail"]["disputes"], "settled_on").items()
    ]
    # What somebody has to decide comes first, what is settled last.
    return tuple(sorted(found, key=lambda one: (not one.awaits, one.state == "settled")))


def _dispute(scope: ReportScope, one: KnownCooperation, key: str, dispute: dict[str, Any]) -> ReportedDispute:
    head, clause = _forum(scope, one, dispute)
    return ReportedDispute(
        cooperation=ref(one.row, dispute.get("agreement")),
        raised_on=dispute["on"],
        between=tuple(region(scope.prefix, code) for code in dispute["between"]),
        text=dispute["description"],
        forum=head,
        forum_clause=clause,
        advice=_paper(scope, one.id, "d.3", key),
        brief=_paper(scope, one.id, "d.5", key),
        state="open" if dispute["status"] == "raised" else dispute["status"],
        settlement=_settlement(dispute, head),
        earlier=tuple(_earlier(scope, decided) for decided in dispute.get("earlier", ())),
    )


def _earlier(scope: ReportScope, decided: dict[str, Any]) -> Settlement:
    forum = decided["forum"]
    return _told_settlement(decided, "Gubernur" if forum is None else offices.written(forum, scope.prefix).head)


def _settlement(dispute: dict[str, Any], head: str) -> Settlement | None:
    return None if dispute.get("manner") is None else _told_settlement(dispute, head)


def _told_settlement(dispute: dict[str, Any], head: str) -> Settlement:
    law = dispute.get("law")
    return Settlement(
        manner="deliberation" if dispute["manner"] == "deliberation" else "decision",
        on=dispute["settled_on"],
        number=dispute.get("number"),
        outcome=dispute["outcome"],
        final=bool(dispute.get("final")),
        law=None if law is None else CitedClause(id=law["clause"], basis=law["basis"]),
        signed_as=_signed_as(dispute.get("signed_as"), head),
    )


def _signed_as(said: dict[str, Any] | None, head: str) -> str | None:
    """Who signed: the head of the forum, in which capacity, and the letter that gives it."""
    if said is None:
        return None
    number = f" Nomor {said['number']}" if said["number"] else ""
    day = f" tanggal {indonesian.day(said['date'])}" if said["date"] else ""
    letter = f" (berdasarkan surat{number}{day})" if number or day else ""
    return f"{indonesian.CAPACITIES[said['capacity']]}{head}{letter}"


def _informed(scope: ReportScope, row: Row) -> InformedCooperation:
    detail, home = row["detail"], row["jurisdiction"] or {}
    problems = scope.span.matters(detail["problems"], "resolved_on").values()
    disputes = scope.span.matters(detail["disputes"], "settled_on").values()
    return InformedCooperation(
        cooperation=ref(row),
        parties=tuple(region(scope.prefix, code) for code in detail["parties"]),
        stage=STAGES[row["stage"]],
        supervisor=offices.supervisor(row["body"], scope.prefix),
        governors=tuple(offices.written(one, scope.prefix).label for one in home.get("informed", [])),
        problems=sum(1 for one in problems if one.get("outcome") is None),
        disputes=sum(1 for one in disputes if one["status"] != "settled"),
    )
