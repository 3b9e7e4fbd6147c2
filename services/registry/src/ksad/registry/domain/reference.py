"""What decisions rest on, folded from the log: regions with their boundary changes, and legal profiles."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts import registry as facts
from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.law import Lawbook, read_policy
from ksad.contracts.regions import RegionTable
from ksad.contracts.registry import ReferenceKind
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.domain.calendar import check_date

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope


class ReferenceTexts(NamedTuple):
    """The adopted texts. Read them through :attr:`regions` and :attr:`law`."""

    regions_text: str | None = None
    profiles: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    boundaries: tuple[tuple[str, str, date], ...] = ()


class AdoptedText(NamedTuple):
    """A text as it is adopted now: whence it came, and the facts by which it came and went."""

    kind: ReferenceKind
    name: str
    sha256: str
    source: str
    event_id: UUID
    command_id: UUID | None
    replaced_event_id: UUID | None


class Adopted(NamedTuple):
    """The reference data in a form that rules ask."""

    regions: RegionTable
    law: Lawbook


def evolve(state: ReferenceTexts, fact: Fact) -> ReferenceTexts:
    """The reference data after a fact."""
    if isinstance(fact, facts.BoundaryChanged):
        return state._replace(boundaries=(*state.boundaries, (fact.region, fact.successor, fact.effective_on)))
    if not isinstance(fact, facts.ReferenceAdopted):
        return state
    state = state._replace(texts=tuple((dict(state.texts) | {fact.name: fact.sha256}).items()))
    if fact.kind is ReferenceKind.REGIONS:
        return state._replace(regions_text=fact.content, boundaries=())
    if fact.kind is ReferenceKind.PROFILE:
        return state._replace(profiles=tuple((dict(state.profiles) | {fact.name: fact.content}).items()))
    return state


def in_use(events: Iterable[Envelope]) -> list[AdoptedText]:
    """The texts that are adopted after these facts, by name."""
    found: dict[str, AdoptedText] = {}
    for event in events:
        fact = event.fact()
        if isinstance(fact, facts.ReferenceAdopted):
            before = found.get(fact.name)
            found[fact.name] = AdoptedText(
                fact.kind,
                fact.name,
                fact.sha256,
                fact.source,
                event.id,
                event.commandid,
                None if before is None else before.event_id,
            )
    return [found[name] for name in sorted(found)]


def adopted(state: ReferenceTexts) -> Adopted:
    """Regions and law as adopted.

    :raises RuleBrokenError: none have been adopted yet.
    """
    if state.regions_text is None or not state.profiles:
        detail = "Data wilayah dan profil hukum belum ditetapkan. Operator menetapkannya lebih dahulu."
        raise RuleBrokenError("reference-adopted", detail)
    table = RegionTable.from_csv(state.regions_text)
    for region, successor, effective_on in state.boundaries:
        table = table.with_boundary_change(region, successor, effective_on)
    return Adopted(table, Lawbook.from_texts(text for _, text in state.profiles))


def check_adoptable(state: ReferenceTexts, fact: facts.ReferenceAdopted) -> None:
    """Refuse content that cannot be read, or a profile with a gap.

    :raises RuleBrokenError: with everything that is wrong.
    """
    try:
        if fact.kind is ReferenceKind.REGIONS:
            RegionTable.from_csv(fact.content)
        elif fact.kind is ReferenceKind.PROFILE:
            Lawbook.from_texts(text for _, text in evolve(state, fact).profiles)
        elif fact.kind is ReferenceKind.POLICY:
            read_policy(fact.content)
        else:
            WorkingCalendar.from_text(fact.content)
    except (ValueError, LookupError) as error:
        detail = f"Isi {fact.name} tidak dapat ditetapkan: {error}"
        raise RuleBrokenError("reference-readable", detail[:1000]) from error


def check_body(fact: facts.SupervisingBodyEstablished, regions: RegionTable, today: date) -> None:
    """A decision establishes the Joint Secretariat, or the TKKSD of a province, on a day that has come.

    :raises RuleBrokenError: it is another office, or another day.
    """
    check_date(fact.decided_on, today)
    if fact.body == "joint_secretariat":
        return
    team, _, province = fact.body.partition(":")
    if team != "tkksd" or province not in {region.code for region in regions.provinces(fact.decided_on)}:
        detail = f"{fact.body} bukan Sekretariat Bersama dan bukan TKKSD suatu provinsi pada {fact.decided_on}."
        raise RuleBrokenError("body-supervises", detail, "P5(1)/P9(1)", body=fact.body)
