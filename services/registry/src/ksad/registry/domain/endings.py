"""Rules of the end: grounds of the bound profile, notice, term, and what an end leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.dates import in_words
from ksad.contracts.law import is_recalled, workbook
from ksad.contracts.registry import Scope
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.umbrella import AccordState
from ksad.contracts.wording import shortened
from ksad.registry.domain.calendar import check_planned
from ksad.registry.domain.naming import PROOF_NAMES, agreement_of, agreements_called

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.law import Checklist, EndingGround
    from ksad.contracts.umbrella import Instrumented
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

CLAUSE = "P6.d.4/P10.d.4"
END = "PP 28/2018 Pasal 9(1)"
EXPIRED = "term_expired"
ITEM_MAX = 400


def left_open(state: Cooperation, key: str, context: Context) -> list[str]:
    """What is open of an agreement's settlement, in words: of items a to f whose, and of those that were added what."""
    known = state.agreement(key)
    checklist = context.profile(state, key).checklist
    added = {} if known is None else known.workbook.added
    return [_in_words(slot, checklist, added, context) for slot in workbook.open_items(known, checklist)]


def _in_words(slot: workbook.Slot, checklist: Checklist, added: Mapping[str, str], context: Context) -> str:
    item = checklist.item(slot.item)
    if item is None:
        return shortened(f"Butir tambahan: {added[slot.item]}", ITEM_MAX)
    what = PROOF_NAMES.get(slot.proof, item.label)
    whose = "" if slot.region is None else f" ({context.adopted.regions.known(slot.region).name})"
    return shortened(f"{slot.item}. {what}{whose}", ITEM_MAX)


def expiry_clause(context: Context, last: date) -> str | None:
    """Under which clause a term ends whose last day that is."""
    statute = context.adopted.law.statute("expiry", last)
    return None if statute is None else statute.source


def _notice(state: Cooperation, fact: facts.TerminationNoticeGiven, context: Context) -> None:
    ground = _ground(state, fact.ground, context, fact.agreement)
    known = agreement_of(state, fact.agreement)
    # The end of the term is known from the agreement; supervision reminds of it without a notice (P6.d.4/P10.d.4).
    if not ground.early:
        detail = f"Alasan {ground.label} tidak memerlukan pemberitahuan pengakhiran lebih awal."
        raise RuleBrokenError("ground-is-early", detail, _clause(ground) or CLAUSE, ground=fact.ground)
    if ground.agreed and (fact.given_by or "").startswith("region:") and not context.legacy:
        detail = (
            f"Alasan {ground.label} tidak dapat dinyatakan oleh satu pihak. Ubah jangka waktunya dengan adendum semua "
            "pihak, atau mintalah pembina kerja samanya mencatatnya berdasarkan naskah kesepakatan."
        )
        raise RuleBrokenError("notice-by-all", detail, "P1.4", kind=RefusalKind.FORBIDDEN, ground=fact.ground)
    _still_runs(known, "Tidak ada lagi yang dapat diberitahukan pengakhirannya.")
    check_planned(fact.planned_end_on, context.today, "planned_end_on")
    if known.notice is not None and fact.replaces != known.notice.event:
        detail = (
            f"Sudah ada pemberitahuan pengakhiran untuk {in_words(known.notice.planned_end_on)}. "
            "Nyatakan bahwa pemberitahuan ini menggantikannya, atau cabut yang itu lebih dahulu."
        )
        raise RuleBrokenError("one-notice", detail, CLAUSE, kind=RefusalKind.CONFLICT, notice=str(known.notice.event))
    if known.notice is None and fact.replaces is not None:
        raise RuleBrokenError("notice-known", "Pemberitahuan yang diganti tidak ada atau sudah dicabut.", CLAUSE)


def _revoked(state: Cooperation, fact: facts.TerminationNoticeRevoked, _: Context) -> None:
    known = agreement_of(state, fact.agreement)
    if known.notice is None or known.notice.event != fact.notice:
        detail = "Tidak ada pemberitahuan pengakhiran yang berlaku untuk perjanjian ini."
        raise RuleBrokenError("notice-known", detail, CLAUSE, kind=RefusalKind.CONFLICT)
    _still_runs(known, "Pemberitahuan yang sudah berakibat tidak dapat dicabut.")


def _still_runs(known: Instrumented, detail: str) -> None:
    if known.ended is not None:
        raise RuleBrokenError(
            "while-in-force",
            f"Perjanjian berakhir {in_words(known.ended.on)}. {detail}",
            "P1.6",
            kind=RefusalKind.CONFLICT,
            ended_on=known.ended.on,
        )


def _clause(ground: EndingGround) -> str | None:
    """The clause of a ground, for a refusal; none where it is only recalled: what nobody has read refuses nothing."""
    return None if is_recalled(ground.source) else ground.source


def _ground(state: Cooperation, key: str, context: Context, agreement: str | None) -> EndingGround:
    profile = context.profile(state, agreement)
    ground = context.adopted.law.ending(profile.id, key)
    if ground is None:
        known = "; ".join(ground.label for ground in profile.endings)
        source = profile.endings[0].source
        detail = f"Alasan pengakhiran ini tidak diatur dalam {profile.title}. Pilih salah satu: {known}."
        if is_recalled(source):
            detail = (
                "Alasan pengakhiran ini tidak dikenal dalam peraturan mana pun yang dipakai di sini. Pilih salah satu, "
                f"menurut {source} (belum dicocokkan dengan naskah resminya): {known}."
            )
        leadership = context.adopted.law.statute("leadership_change", context.on)
        if key == "leadership_change" and leadership is not None:
            detail = f"{leadership.says[:1].upper()}{leadership.says[1:]} ({leadership.source}). {detail}"
        known_keys = [ground.key for ground in profile.endings]
        raise RuleBrokenError("ending-ground", detail, _clause(profile.endings[0]), ground=key, grounds=known_keys)
    return ground


def _ended(state: Cooperation, fact: facts.Ended, context: Context) -> None:
    if fact.rests_on is not None:
        return  # The register's own: it stands on the term, and where that reads otherwise it has no effect.
    _ground(state, fact.ground, context, fact.key if fact.of is Scope.AGREEMENT else None)
    if not state.accord_signed and not state.has_agreement:
        detail = "Belum ada naskah yang ditandatangani; usulan dibatalkan, bukan diakhiri."
        raise RuleBrokenError("something-signed", detail, "P1.4", kind=RefusalKind.CONFLICT)
    standing = state.umbrella.standing
    if fact.of is Scope.ACCORD:
        accord = state.umbrella.accords.get(fact.key or "")
        if accord is None or accord.state is not AccordState.IN_FORCE:
            detail = "Kesepakatan itu tidak ada, sudah berakhir, atau sudah digantikan."
            raise RuleBrokenError("accord-in-force", detail, "P1.5", kind=RefusalKind.CONFLICT)
    elif fact.of is Scope.AGREEMENT:
        _still_runs(agreement_of(state, fact.key or ""), "Yang telah berakhir tidak dapat diakhiri lagi.")
    elif len(standing) > 1:
        detail = f"Akhiri lebih dahulu setiap perjanjian yang masih berlaku: {agreements_called(state, standing)}."
        raise RuleBrokenError("agreements-first", detail, END, kind=RefusalKind.CONFLICT, agreements=list(standing))


CHECKS: dict[type[Fact], Callable[..., None]] = {
    facts.TerminationNoticeGiven: _notice,
    facts.TerminationNoticeRevoked: _revoked,
    facts.Ended: _ended,
}
