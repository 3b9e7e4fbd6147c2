"""The order of notices, ends and the workbook: C14 to C16, C18 and C19."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.dates import in_words
from ksad.contracts.law import workbook
from ksad.contracts.registry import Scope, TermKind
from ksad.contracts.umbrella import STANDING, AccordState
from ksad.registry.domain import endings
from ksad.registry.domain.chronology import Entry, Point, item_of, mark
from ksad.registry.domain.order.reading import Breach, breach

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ksad.contracts.dates import PartialDate
    from ksad.contracts.law import ChecklistItem
    from ksad.contracts.umbrella import Instrumented
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def notice_within_term(state: Cooperation, fact: facts.TerminationNoticeGiven, context: Context) -> Breach | None:
    """A notice looks ahead, and never lengthens a term."""
    planned = fact.planned_end_on
    if planned < context.on:
        detail = f"Rencana berakhir {in_words(planned)} mendahului pemberitahuannya ({in_words(context.when)})."
        return breach(detail, planned_end_on=planned)
    known = state.agreement(fact.agreement)
    if known is None or known.last_day is None or planned <= known.last_day:
        return None
    detail = f"Pemberitahuan pengakhiran tidak memperpanjang jangka waktu ({in_words(known.last_day)})."
    return breach(detail, ends_on=known.last_day)


def end_within_life(state: Cooperation, fact: facts.Ended, context: Context) -> Breach | None:
    """An end lies between signing and term."""
    for signed, known in _ending(state, fact):
        # An accord that has run out ends no agreement, so the cooperation may end later than its accord.
        counts = fact.of is not Scope.COOPERATION or signed[0] is Point.AGREEMENT
        last = known.last_day if counts and known.ended is None else None
        begun = state.when(signed)
        if (begun is None or not context.when.before(begun)) and (last is None or context.on <= last):
            continue
        name = "Kesepakatan" if signed[0] is Point.ACCORD else "Perjanjian"
        life = [f"ditandatangani {in_words(begun)}"] if begun else []
        life += [f"berlaku sampai {in_words(last)}"] if last else []
        detail = f"{name} {' dan '.join(life)}; tanggal berakhirnya di luar itu."
        return breach(detail, signed_on=begun and str(begun), ends_on=last)
    return None


def term_over(state: Cooperation, fact: facts.Ended, context: Context) -> Breach | None:
    """The register records that a term has run out; people only where nobody knows the term, or from paper."""
    if fact.ground != endings.EXPIRED:
        return None
    for _, known in _ending(state, fact):
        last = known.last_day
        if known.term is TermKind.OPEN:
            return breach("Perjanjian ini tanpa batas waktu, sehingga tidak berakhir karena jangka waktu.")
        if last is not None and (last >= context.today or not context.legacy):
            detail = f"Jangka waktu baru berakhir {in_words(last)}. Setelah tanggal itu register mencatatnya sendiri."
            return breach(detail, ends_on=last)
    return None


def _ending(state: Cooperation, fact: facts.Ended) -> Iterator[tuple[tuple[Point, str, None], Instrumented]]:
    """What a fact ends that is in force, with its mark; before the end of a cooperation lies all that it had."""
    if fact.of is not Scope.AGREEMENT:
        for key, accord in state.umbrella.accords.items():
            if accord.state is AccordState.IN_FORCE and fact.key in (None, key):
                yield (Point.ACCORD, key, None), accord
    if fact.of is not Scope.ACCORD:
        for key, agreement in state.umbrella.agreements.items():
            over = fact.of is Scope.COOPERATION and agreement.ended is not None
            if over or (agreement.state in STANDING and fact.key in (None, key)):
                yield (Point.AGREEMENT, key, None), agreement


def workbook_in_time(state: Cooperation, fact: Entry, context: Context) -> Breach | None:
    """The end is prepared when it is near, when notice of it was given, or when it has come."""
    known = state.agreement(fact.agreement)
    policy = context.adopted.policy
    if known is None or policy is None or _item(state, fact, context) is None:
        return None
    lead = max(policy.reminders.lead_days)
    ended = known.ended
    begins: list[PartialDate | date] = [] if ended is None else [ended.on]
    if known.notice is not None:
        begins.append(state.when(mark(Point.NOTICE, fact.agreement)) or context.when)
    if known.ends_on is not None:
        begins.append(known.ends_on - timedelta(days=lead))
    if any(not context.when.before(day) for day in begins):
        return None
    detail = (
        f"Persiapan pengakhiran dimulai {lead} hari sebelum berakhir, setelah pemberitahuan, atau setelah berakhir."
    )
    return breach(detail, lead_days=lead)


def workbook_in_order(state: Cooperation, fact: Entry, context: Context) -> Breach | None:
    """Goods are divided after they and the obligations are listed, handed over after the division, reported last."""
    known = state.agreement(fact.agreement)
    item = _item(state, fact, context)
    if known is None or item is None:
        return None
    checklist = context.profile(state, fact.agreement).checklist
    waiting = workbook.waiting_for(known, checklist, item.key)
    first = [key for key in item.needs if key in waiting or _later(state, fact.agreement, key, context)]
    if not first:
        return None
    detail = f"Selesaikan butir {', '.join(first)} sebelum butir {item.key}."
    done = [day for key in first if (day := state.when(mark(Point.ITEM, fact.agreement, key))) is not None]
    if len(done) == len(first):
        latest = max(done, key=lambda day: day.first)
        detail = f"Butir {', '.join(first)} baru diselesaikan {in_words(latest)}; butir {item.key} menyusul setelahnya."
    return breach(detail, before=first)


def _item(state: Cooperation, fact: Entry, context: Context) -> ChecklistItem | None:
    return context.profile(state, fact.agreement).checklist.item(item_of(fact))


def _later(state: Cooperation, agreement: str, item: str, context: Context) -> bool:
    done = state.when(mark(Point.ITEM, agreement, item))
    return done is not None and context.when.before(done)
