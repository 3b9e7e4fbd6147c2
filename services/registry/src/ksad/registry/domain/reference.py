"""The reference data for decisions, folded from the log: regions with boundary changes, legal profiles, openings."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts import registry as facts
from ksad.contracts.dates import WorkingCalendar, in_words, jakarta_day
from ksad.contracts.law import NOBODY, AdoptedOffices, Affairs, Lawbook, read_offices, read_openings, read_policy
from ksad.contracts.regions import AdoptedRegions, RegionTable
from ksad.contracts.registry import AdoptingDecision, ReferenceKind
from ksad.contracts.registry.acting import check_signed_as
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.texts import opening
from ksad.contracts.wording import shortened
from ksad.registry.domain.calendar import check_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.law import Openings, Policy
    from ksad.contracts.regions import BoundaryChange

READERS: dict[ReferenceKind, Callable[[str], object]] = {
    ReferenceKind.REGIONS: partial(RegionTable.from_csv, strict=True),
    ReferenceKind.POLICY: partial(read_policy, strict=True),
    ReferenceKind.HOLIDAYS: partial(WorkingCalendar.from_text, strict=True),
    ReferenceKind.AFFAIRS: Affairs.from_text,
    ReferenceKind.OPENINGS: partial(read_openings, strict=True),
    ReferenceKind.OFFICES: partial(read_offices, strict=True),
}
"""What reads a text of each kind; a profile is read after those that it extends."""

WHOLE = {
    ReferenceKind.OPENINGS: "openings_text",
    ReferenceKind.POLICY: "policy_text",
    ReferenceKind.AFFAIRS: "affairs_text",
    ReferenceKind.HOLIDAYS: "holidays_text",
    ReferenceKind.OFFICES: "offices_text",
}
"""Where the text in use of a kind is kept of which there is one."""


class ReferenceTexts(NamedTuple):
    """The texts in use, and the regions with their boundary changes; :func:`adopted` reads them.

    ``texts`` are hash and decision of each by its name. ``opened_on`` is the day on which the platform was
    opened, ``training`` whether it is one for training.
    """

    regions: AdoptedRegions = AdoptedRegions()
    profiles: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, tuple[str, AdoptingDecision | None]], ...] = ()
    openings_text: str | None = None
    affairs_text: str | None = None
    opened_on: date | None = None
    training: bool = False
    policy_text: str | None = None
    holidays_text: str | None = None
    offices_text: str | None = None


class AdoptedText(NamedTuple):
    """A text in use: its source, the decision that adopted it, and the event and command that brought it.

    ``provisional`` means that it came with the software and nobody has adopted it; ``standing`` is the same for people.
    ``replaced_event_id`` is the event of the text before it; ``None`` if there was none.
    """

    kind: ReferenceKind
    name: str
    sha256: str
    source: str
    provisional: bool
    decision: AdoptingDecision | None
    standing: str
    event_id: UUID
    command_id: UUID | None
    replaced_event_id: UUID | None


class Adopted(NamedTuple):
    """The reference data as values for rules."""

    regions: RegionTable
    law: Lawbook
    opened_on: date
    openings: Openings | None = None
    policy: Policy | None = None
    affairs: Affairs | None = None
    calendar: WorkingCalendar = WorkingCalendar()
    offices: AdoptedOffices = NOBODY

    def check_affair(self, affair: str | None) -> None:
        """Checks that an affair is in the list that is in use; a platform without a list takes any.

        :raises RuleBrokenError: it is not.
        """
        if self.affairs is not None:
            self.affairs.check(affair)

    def opening_day(self, parties: Iterable[str]) -> date:
        """The day from which on what happens between these parties is no legacy."""
        return self.opened_on if self.openings is None else self.openings.day(parties, self.regions)


def evolve(state: ReferenceTexts, fact: Fact, recorded: date) -> ReferenceTexts:
    """The texts after a further event; other events leave them unchanged.

    :param recorded: the day of recording. Without an opening event, the first one is the opening day.
    """
    if state.opened_on is None:
        state = state._replace(opened_on=recorded)
        if isinstance(fact, facts.PlatformOpened):
            state = state._replace(opened_on=fact.day, training=fact.training)
    if isinstance(fact, facts.BoundaryChanged):
        return state._replace(regions=state.regions.changing(fact.region, fact.successor, fact.effective_on))
    if not isinstance(fact, facts.ReferenceText):
        return state
    decision = fact.decision if isinstance(fact, facts.ReferenceAdopted) else None
    state = state._replace(texts=tuple((dict(state.texts) | {fact.name: (fact.sha256, decision)}).items()))
    if fact.kind is ReferenceKind.REGIONS:
        return state._replace(regions=state.regions.adopting(fact.content))
    if fact.kind is ReferenceKind.PROFILE:
        return state._replace(profiles=tuple((dict(state.profiles) | {fact.name: fact.content}).items()))
    only: dict[str, Any] = {WHOLE[fact.kind]: fact.content}
    return state._replace(**only)


def folded(events: Iterable[Envelope], state: ReferenceTexts | None = None) -> ReferenceTexts:
    """The texts after these events, starting from a state or from nothing."""
    state = state or ReferenceTexts()
    for event in events:
        state = evolve(state, event.fact(), jakarta_day(datetime.fromisoformat(event.time)))
    return state


def in_use(events: Iterable[Envelope]) -> list[AdoptedText]:
    """The texts in use after these events, by name."""
    found: dict[str, AdoptedText] = {}
    for event in events:
        fact = event.fact()
        if isinstance(fact, facts.ReferenceText):
            before = found.get(fact.name)
            found[fact.name] = AdoptedText(
                fact.kind,
                fact.name,
                fact.sha256,
                fact.source,
                isinstance(fact, facts.TextSupplied),
                fact.decision if isinstance(fact, facts.ReferenceAdopted) else None,
                fact.standing,
                event.id,
                event.commandid,
                None if before is None else before.event_id,
            )
    return [found[name] for name in sorted(found)]


def content_of(events: Iterable[Envelope], name: str) -> str | None:
    """The text in use under a name; ``None`` if none was adopted."""
    content = None
    for fact in (event.fact() for event in events):
        if isinstance(fact, facts.ReferenceText) and fact.name == name:
            content = fact.content
    return content


def boundary_changes(events: Iterable[Envelope]) -> list[facts.BoundaryChanged]:
    """All boundary changes, oldest first: each applies to every table of regions that does not know it."""
    return [fact for fact in (event.fact() for event in events) if isinstance(fact, facts.BoundaryChanged)]


def adopted(state: ReferenceTexts) -> Adopted:
    """Reads the adopted regions and profiles.

    :raises RuleBrokenError: regions or profiles have not been adopted yet.
    """
    if state.regions.text is None or not state.profiles or state.opened_on is None:
        detail = "Data wilayah dan profil hukum belum ada. Operator membuka platform lebih dahulu."
        raise RuleBrokenError("reference-adopted", detail)
    openings = None if state.openings_text is None else read_openings(state.openings_text)
    policy = None if state.policy_text is None else read_policy(state.policy_text)
    affairs = None if state.affairs_text is None else Affairs.from_text(state.affairs_text)
    law = Lawbook.from_texts(text for _, text in state.profiles)
    calendar = WorkingCalendar() if state.holidays_text is None else WorkingCalendar.from_text(state.holidays_text)
    offices = NOBODY if state.offices_text is None else read_offices(state.offices_text)
    return Adopted(state.regions.table, law, state.opened_on, openings, policy, affairs, calendar, offices)


def check_decision(decision: AdoptingDecision | None, today: date) -> None:
    """Checks that a decision is named and is not of a future day.

    :raises RuleBrokenError: no decision is named, or its day is in the future.
    """
    if decision is None:
        detail = "Sebutkan keputusan yang menetapkannya: nomor, tanggal, dan jabatan yang memutuskan."
        raise RuleBrokenError("decision-named", detail)
    check_date(decision.date, today)
    check_signed_as(decision.signed_as, today)


def check_adoptable(state: ReferenceTexts, fact: facts.ReferenceAdopted, today: date) -> None:
    """Checks that content can be adopted.

    :raises RuleBrokenError: it cannot be read, a profile is incomplete, or regions contradict a recorded boundary
        change; the error lists the faults.
    """
    check_decision(fact.decision, today)
    try:
        # With the other profiles: one that extends another can only be read with it.
        if fact.kind is ReferenceKind.PROFILE:
            Lawbook.from_texts((text for _, text in evolve(state, fact, today).profiles), strictly=fact.content)
        else:
            READERS[fact.kind](fact.content)
        if fact.kind is ReferenceKind.REGIONS:
            _check_kept(state.regions.contradicting(fact.content))
    except (ValueError, LookupError) as error:
        detail = f"Naskah acuan ini tidak dapat ditetapkan: {shortened(str(error))}. Perbaiki naskahnya, lalu ulangi."
        raise RuleBrokenError("reference-readable", detail, name=fact.name) from error


def _check_kept(undone: Iterable[BoundaryChange]) -> None:
    told = "; ".join(f"{one.region} menjadi {one.successor} sejak {in_words(one.effective_on)}" for one in undone)
    if told:
        detail = f"Daftar daerah ini bertentangan dengan perubahan kode wilayah yang sudah dicatat: {told}."
        raise RuleBrokenError("boundary-kept", f"{detail} Muat kode barunya dalam daftar.")


def opened(events: Sequence[Envelope], day: date, *, training: bool) -> Sequence[Fact]:
    """The facts that open a platform, none where it is open.

    :raises RuleBrokenError: it was opened for work, and is to be one for training.
    """
    if not events:
        return opening(day, training=training)
    if training and not folded(events).training:
        detail = "Platform ini dibuka untuk pekerjaan nyata, dan tidak menjadi platform latihan. Buka platform lain."
        raise RuleBrokenError("opened-for-training", detail, kind=RefusalKind.CONFLICT)
    return ()


def check_body(fact: facts.SupervisingBodyEstablished, regions: RegionTable, today: date) -> None:
    """Checks a decision on a body: the Joint Secretariat, or the TKKSD of a province existing on that day.

    :raises RuleBrokenError: it is another body, or the day is in the future or not plausible.
    """
    check_date(fact.decided_on, today)
    if fact.body == "joint_secretariat":
        return
    team, _, province = fact.body.partition(":")
    if team != "tkksd" or province not in {region.code for region in regions.provinces(fact.decided_on)}:
        detail = (
            f"{fact.body} bukan Sekretariat Bersama dan bukan TKKSD suatu provinsi pada {in_words(fact.decided_on)}."
        )
        raise RuleBrokenError("body-supervises", detail, "P5(1)/P9(1)", body=fact.body)
