"""Permissions on cooperations: which office may give a command, and what an office may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.access.registry import MINISTERS, TABLE
from ksad.contracts.catalogue import Audience
from ksad.contracts.corrections import is_correction
from ksad.contracts.law import resolve, workbook
from ksad.contracts.registry import AgreementSigned, InstrumentKind, Manner
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.sight import ACT, WIDTHS, admits, concerned, former_party, proposal_of, sight, team_of
from ksad.contracts.umbrella import AgreementState
from ksad.registry.domain.acts import scope_agreement
from ksad.registry.domain.commands import (
    NAMES,
    AddParty,
    CompleteTerminationItem,
    Correct,
    EscalateDispute,
    GiveTerminationNotice,
    OpenAgreement,
    RaiseDispute,
    Register,
    ReturnEntry,
    ScheduleSigning,
    SettleDispute,
    SignAgreement,
    VerifyEntries,
    WorkbookCommand,
)
from ksad.registry.domain.disputes import MINISTER, forum
from ksad.registry.domain.naming import agreement_key, parties_of
from ksad.registry.domain.verifying import scopes
from ksad.registry.domain.workbook import worked_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.contracts.envelope import Envelope
    from ksad.contracts.sight import FormerParty
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

JOINT_SECRETARIAT = "joint_secretariat"
PROPOSED = f"{ACT}proposed."
AGREEMENT_SIGNED = AgreementSigned.declaration.name.rpartition(".")[2]


def check(office: str, command: Command, state: Cooperation, context: Context) -> None:
    """Checks that an office may give a command today, on a cooperation or on one about to be registered.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    if command.legacy and office.startswith("region:"):
        detail = "Data lama dicatat oleh pembina kerja samanya atau Sekretariat Bersama. Sampaikan berkasnya kepadanya."
        raise RuleBrokenError("legacy-by-supervisor", detail, kind=RefusalKind.FORBIDDEN, office=office)
    # Today, not on the day of the fact: an office could otherwise state a day on which it had the permission.
    TABLE.check(office, NAMES[type(command)], _conditions(office, command, state, context.now))


def check_establishing(office: str, body: str) -> None:
    """Checks that an office may record the establishment of a body: a Governor only the team of the own province.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    own = f"tkksd:{office.removeprefix('governor:')}"
    TABLE.check(office, "establish-body", lambda _: body == own)


def _conditions(office: str, command: Command, state: Cooperation, context: Context) -> Callable[[str], bool]:
    """A function that tells whether a condition named in the access table holds."""
    scope = scope_of(state, command)
    parties = _concerned(state, command, scope)
    act = state.umbrella.pending.get(str(getattr(command, "proposal", None)))

    def speaks_for(*codes: str | None) -> bool:
        return context._replace(office=office).speaks_for(code for code in codes if code is not None) is not None

    def supervises() -> bool:
        return supervising_body(parties, context) == team_of(office)

    def supervises_entries() -> bool:
        if not isinstance(command, VerifyEntries | ReturnEntry):
            return False
        entries = command.entries if isinstance(command, VerifyEntries) else [command.entry]
        team = team_of(office)
        return all(supervising_body(parties_of(state, one), context) == team for one in scopes(state, entries))

    def ministers() -> bool:
        if not isinstance(command, SettleDispute):
            return False
        dispute = state.dispute(command.dispute)
        escalated = dispute is not None and dispute.status == "escalated"
        return escalated or forum(state, context, scope) == MINISTER

    def heads_decision() -> bool:
        settles = isinstance(command, SettleDispute) and command.manner is Manner.GOVERNOR_DECISION
        decided = settles or isinstance(command, EscalateDispute)
        return decided and forum(state, context, scope) == f"governor:{office.partition(':')[2]}"

    def deliberated() -> bool:
        return isinstance(command, SettleDispute) and command.manner is Manner.DELIBERATION

    def sides() -> tuple[str, ...]:
        dispute = state.dispute(getattr(command, "dispute", ""))
        return () if dispute is None else dispute.between

    named: dict[str, Callable[[], bool]] = {
        "is-party": lambda: speaks_for(*parties),
        "own-party": lambda: speaks_for(*(parties if _region(command) is None else (_region(command),))),
        "own-notice": lambda: speaks_for(*parties) and speaks_for(*_notice_givers(command, state, parties)),
        "own-initiative": lambda: speaks_for(*parties) and speaks_for(*_initiators(command, parties)),
        "own-draft": lambda: speaks_for(*_drafters(command, state, parties)),
        "own-problem": lambda: speaks_for(*_whose(state, "problem", getattr(command, "problem", ""), parties)),
        "is-side": lambda: speaks_for(*(command.between if isinstance(command, RaiseDispute) else sides())),
        "is-initiator": lambda: speaks_for(*([state.initiator] if state.initiator else parties)),
        "is-joiner": lambda: isinstance(command, AddParty) and speaks_for(command.region),
        "is-asked": lambda: act is not None and speaks_for(*act.asked),
        "is-proposer": lambda: act is not None and speaks_for(act.proposer),
        "own-entry": lambda: _own_entry(office, command, state, context),
        "supervises": supervises,
        "supervises-entries": supervises_entries,
        "is-forum": lambda: forum(state, context, scope) == office,
        "legacy": lambda: command.legacy and (office in MINISTERS or supervises()),
        "heads-decision": heads_decision,
        "ministers-dispute": ministers,
        "side-deliberates": lambda: deliberated() and speaks_for(*sides()),
        "deliberation-recorded": lambda: deliberated() and supervises(),
    }
    return lambda name: named[name]()


def _region(command: Command) -> str | None:
    """The region whose own act a command records; None where it names none."""
    found: str | None = getattr(command, "region", None)
    return found


def _initiators(command: Command, parties: tuple[str, ...]) -> tuple[str, ...]:
    """Who may register a cooperation in the name of its initiator: that region; any party where none is named."""
    initiator = command.initiator if isinstance(command, Register) else None
    return parties if initiator is None else (initiator,)


def _drafters(command: Command, state: Cooperation, parties: tuple[str, ...]) -> tuple[str, ...]:
    """Who may open a draft between some regions, each of them, or give one up: who opened it."""
    if isinstance(command, OpenAgreement):
        return parties if command.between is None else tuple(command.between)
    return _whose(state, "agreement", getattr(command, "agreement", ""), parties)


def _whose(state: Cooperation, noun: str, key: str, parties: tuple[str, ...]) -> tuple[str, ...]:
    """The region whose matter it is, because it recorded it; all parties where no region did, or nobody knows."""
    office = state.recorded_by.get((noun, key), "")
    return (office.removeprefix("region:"),) if office.startswith("region:") else parties


def _notice_givers(command: Command, state: Cooperation, parties: tuple[str, ...]) -> tuple[str, ...]:
    """The regions that may do with the live notice what a command does: who gave it; all where that is not known."""
    if isinstance(command, GiveTerminationNotice) and command.replaces is None:
        return parties
    known = state.agreement(scope_of(state, command) or next(iter(state.umbrella.standing), ""))
    giver = known.notice.given_by if known is not None and known.notice is not None else None
    return parties if giver is None else (giver.removeprefix("region:"),)


def _own_entry(office: str, command: Command, state: Cooperation, context: Context) -> bool:
    """Whether a participant may make an entry of the workbook: of items d and e its own only; c it proposes."""
    if not isinstance(command, WorkbookCommand):
        return False
    own = None
    if isinstance(command, CompleteTerminationItem):
        if command.item == workbook.DIVISION:
            return False
        own = command.region
    try:
        participants = worked_on(state, agreement_key(state, command.agreement)).participants
    except RuleBrokenError:
        participants = state.parties  # Which agreement is meant is asked by the command itself.
    speaker = context._replace(office=office)
    return speaker.speaks_for(participants) is not None and (own is None or speaker.speaks_for([own]) is not None)


def scope_of(state: Cooperation, command: Command) -> str | None:
    """The agreement that a command is about: of its dispute, problem or proposal, or the one named; None: the whole."""
    if isinstance(command, Correct):
        return next(iter(scopes(state, [command.corrects])))
    dispute = state.dispute(getattr(command, "dispute", ""))
    if dispute is not None:
        return dispute.agreement
    act = state.umbrella.pending.get(str(getattr(command, "proposal", None)))
    if act is not None:
        return scope_agreement(state, act.scope)
    problem = state.umbrella.problems.get(getattr(command, "problem", ""))
    if problem is not None:
        return problem.agreement
    if isinstance(command, ScheduleSigning) and command.instrument is InstrumentKind.ACCORD:
        return None
    named: str | None = getattr(command, "agreement", None)
    return named if named in state.umbrella.agreements else None


def body_of(command: Command, state: Cooperation, context: Context) -> str | None:
    """The supervising body of what a command is about; ``None`` where the law names none."""
    return supervising_body(_concerned(state, command, scope_of(state, command)), context)


def _concerned(state: Cooperation, command: Command, scope: str | None) -> tuple[str, ...]:
    """The parties of what a command is about; of an agreement that is signed those who sign, whoever drafted it."""
    if isinstance(command, Register):
        return tuple(command.parties)
    if isinstance(command, SignAgreement) and command.between is not None:
        return tuple(command.between)
    act = state.umbrella.pending.get(str(getattr(command, "proposal", None)))
    if act is not None and act.kind == AGREEMENT_SIGNED:
        return act.asked
    return parties_of(state, scope)


def supervising_body(parties: tuple[str, ...], context: Context) -> str | None:
    """The supervising body of a cooperation of these parties on the day of the context."""
    try:
        profile = context.adopted.law.in_force(context.on)
        return resolve(parties, context.adopted.regions, context.on, profile).supervising_body
    except RuleBrokenError:
        return None


def sight_of(office: str, state: Cooperation, context: Context) -> Audience:
    """The widest audience of a cooperation that an office belongs to on the day of the context."""

    def now(code: str) -> str:
        return context.adopted.regions.code_on(code, context.on)

    agreements = [one.between for one in state.umbrella.agreements.values() if one.state is not AgreementState.DROPPED]
    bodies = {supervising_body(parties, context) for parties in (state.parties, *agreements)}
    return sight(office, state.parties, bodies, now)


def former_of(office: str, state: Cooperation, context: Context) -> FormerParty | None:
    """What an office is as a former party of a cooperation; ``None`` if it is none."""

    def now(code: str) -> str:
        return context.adopted.regions.code_on(code, context.on)

    participants = {key: one.participants for key, one in state.umbrella.agreements.items()}
    return former_party(office, state.umbrella.former, participants, now)


def pending_for(office: str, state: Cooperation, context: Context) -> list[dict[str, Any]]:
    """The acts that wait for confirmation, as far as an office may see them: all, or those that ask its region."""
    every = WIDTHS[sight_of(office, state, context)] >= WIDTHS[Audience.PARTIES]

    def now(code: str) -> str:
        return context.adopted.regions.code_on(code, context.on)

    waiting = state.umbrella.pending.items()
    return [act.shown(key) for key, act in waiting if every or concerned(office, act.asked, now)]


def seen_events(office: str, state: Cooperation, context: Context, events: Sequence[Envelope]) -> list[Envelope]:
    """The events of a cooperation that an office may see; a correction, if it may see what that corrects."""
    seen, former = sight_of(office, state, context), former_of(office, state, context)

    def now(code: str) -> str:
        return context.adopted.regions.code_on(code, context.on)

    asks = (one for one in events if one.type.startswith(PROPOSED))
    invited = {str(one.id) for one in asks if concerned(office, one.data["asked"], now)}

    def visible(event: Envelope) -> bool:
        if admits(seen, event.type) or proposal_of(str(event.id), event.type, event.data) in invited:
            return True
        return former is not None and former.admits(event.type, event.occurredon, event.data)

    by_id = {str(event.id): event for event in events}
    found = []
    for event in events:
        target = by_id.get(str(event.data["corrects"])) if is_correction(event.type) else None
        if visible(event) or (target is not None and visible(target)):
            found.append(event)
    return found
