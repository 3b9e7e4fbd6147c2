"""What the register finds by itself: occasions on which the supervising body has to look, each with its reason.

It refuses nothing that is unlawful and not impossible; it records it and says so. An occasion stands while its ground
does: it follows from the facts as they read today. Facts from before a policy asked for it are no occasion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.dates import in_words
from ksad.contracts.umbrella import ACT_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from ksad.contracts.umbrella import Agreement
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.noting import NotedFact
    from ksad.supervision.domain.reference import Reference

WHY_MAX = 400
GONE = "dasarnya sudah tidak ada"


class Occasion(NamedTuple):
    """Why the supervising body has to look: ``occurrence`` tells this occasion from others of the case."""

    name: str
    occurrence: str
    agreement: str | None
    why: str


def occasions(case: Case, reference: Reference, base: date) -> list[Occasion]:
    """All occasions whose ground stands on a day, in the order of the facts behind them."""
    since = reference.verifying_since
    if since is None:
        return []
    finding = _Finding(case, reference, base)
    found = [
        one
        for fact in case.noted
        if fact.time >= since
        for look in LOOKS.get(fact.what, ())
        for one in look(finding, fact)
    ]
    return list({one.occurrence: one for one in found}.values())


class _Finding:
    """What the looks at a fact need."""

    def __init__(self, case: Case, reference: Reference, base: date) -> None:
        self.case = case
        self.reference = reference
        self.base = base

    def names(self, codes: tuple[str, ...] | list[str]) -> str:
        """Regions by name."""
        return self.reference.regions.names(codes)

    def agreement(self, fact: NotedFact) -> Agreement | None:
        """The agreement that a fact is about, as it reads today."""
        return self.case.parts.agreements.get(fact.agreement or "")


def _made(name: str, fact: NotedFact, why: str, *, on: date | None = None) -> Occasion:
    return Occasion(name, f"{name}/{fact.key}/{on or fact.on}", fact.agreement, why)


def _retroactive(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    known = finding.agreement(fact)
    if known is not None and known.effective_on is not None and known.effective_on < fact.on:
        begins, signed = in_words(known.effective_on), in_words(fact.on)
        yield _made("retroactive", fact, f"berlaku surut: mulai {begins}, ditandatangani {signed} (Pasal 1 angka 6)")


def _lapsed(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    accords = finding.case.parts.accords.values()
    over = [min(filter(None, (one.last_day, one.ended.on if one.ended else None)), default=None) for one in accords]
    if over and all(day is not None and day < fact.on for day in over):
        why = "ditandatangani ketika tidak ada kesepakatan yang berlaku (PP 28/2018 Pasal 6(1))"
        yield _made("accord-lapsed", fact, why)


def _unapproved(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    """By party that stated a burden or no budget: the approval of its own council, with document, before the signing.

    One that came later is recorded and mends nothing: the officer's finding says what follows from it.
    """
    if fact.budget is None:
        return
    owed = finding.reference.law.approvals_owed(fact.on, fact.budget)
    given = {
        one.regions[0]
        for one in finding.case.noted
        if (one.what, one.agreement) == ("approved", fact.agreement) and one.on <= fact.on
    }
    for region, rule in sorted(owed.items()):
        if region not in given:
            # One occasion per party and agreement; an amendment is another.
            later = "" if fact.what == "signed" else f"/{fact.on}"
            why = f"persetujuan DPRD {finding.names([region])} sebelum penandatanganan tidak tercatat ({rule.source})"
            name = "approval-missing"
            yield Occasion(name, f"{name}/{fact.key}/{region}{later}", fact.agreement, why)


def _unstated(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    known = finding.agreement(fact)
    rule = finding.reference.law.statute("council_approval", fact.on)
    if fact.budget is None or known is None or rule is None or rule.basis == "memory":
        return
    silent = [
        code
        for code in known.between
        if (said := fact.budget.get(code)) is None or (said.burdens is None and said.budgeted is None)
    ]
    if silent:
        why = f"beban dan penganggaran tidak dinyatakan oleh {finding.names(silent)} ({rule.source})"
        yield _made("budget-not-stated", fact, why)


def _mandated(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    why = f"kesepakatan ditandatangani dengan kuasa dan bukan oleh kepala daerah: {finding.names(fact.regions)}"
    yield _made("accord-not-by-head", fact, f"{why} (Pasal 1 angka 5)")


def _withdrew(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    why = f"{finding.names(fact.regions)} keluar; PP 28/2018 Pasal 9(1) tidak mengenal pengakhiran sepihak"
    yield _made("withdrawal", fact, why)


def _planned_end_passed(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    known = finding.agreement(fact)
    if known is None or known.notice is None or known.ended is not None:
        return
    planned = known.notice.planned_end_on
    if planned < finding.base:
        why = f"rencana pengakhiran {in_words(planned)} lewat tanpa pengakhiran dicatat"
        yield _made("planned-end-passed", fact, why, on=planned)


def _under_new_law(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    known, law = finding.agreement(fact), finding.reference.law
    bound = law.profile((known.profile if known else None) or finding.case.profile)
    there = law.in_force(fact.on)
    if there.id != bound.id:
        why = f"diperpanjang {in_words(fact.on)} ketika {there.title} berlaku, sedangkan terikat pada {bound.title}"
        yield _made("extension-under-new-law", fact, why)


def _late(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    limit = finding.reference.policy.late_recording_days
    if limit is not None and fact.days > limit.days:
        yield _made("late-fact", fact, f"dicatat {fact.days} hari setelah peristiwanya; batasnya {limit.days} hari")


def _over_refusal(finding: _Finding, fact: NotedFact) -> Iterator[Occasion]:
    if fact.act is None:
        return
    why = f"{ACT_NAMES[fact.act]} dicatat dari naskahnya walaupun ditolak {finding.names(fact.regions)}: {fact.reason}"
    name = "recorded-over-refusal"
    # Different acts of one agreement can be recorded on one day, each over a refusal of its own.
    yield Occasion(name, f"{name}/{fact.key}/{fact.on}/{fact.act}", fact.agreement, why[:WHY_MAX])


LOOKS: dict[str, tuple[Callable[[_Finding, NotedFact], Iterator[Occasion]], ...]] = {
    "signed": (_retroactive, _lapsed, _unapproved, _unstated),
    "amended": (_unapproved, _unstated),
    "extended": (_under_new_law,),
    "mandated": (_mandated,),
    "withdrew": (_withdrew,),
    "notice": (_planned_end_passed,),
    "late": (_late,),
    "over-refusal": (_over_refusal,),
}
"""What a noted fact may be an occasion of."""
NAMES = frozenset(
    {
        "retroactive",
        "accord-lapsed",
        "approval-missing",
        "budget-not-stated",
        "accord-not-by-head",
        "withdrawal",
        "planned-end-passed",
        "extension-under-new-law",
        "late-fact",
        "recorded-over-refusal",
    }
)
"""The occasions that come and go by this page; that no agreement follows an accord is found by its days."""
