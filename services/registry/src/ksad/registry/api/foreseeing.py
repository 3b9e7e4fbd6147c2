"""The answer to a dry run: what a command would bring about, of which nothing was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from ksad.chassis.edge import submission_of
from ksad.chassis.foreseeing import ForeseenFact, foreseen_fact
from ksad.contracts.regions import office_name, region_name
from ksad.contracts.supervision import Tier
from ksad.registry.citing import check_cited
from ksad.registry.domain.foreseeing import foreseen
from ksad.registry.parts import Parts

if TYPE_CHECKING:
    from ksad.registry.domain.commands import Command


class ForeseenRegion(BaseModel):
    """A region whose confirmation would be asked."""

    model_config = ConfigDict(extra="forbid")

    region: str
    name: str


class ForeseenDuty(BaseModel):
    """A duty that would arise at once for whoever supervises, by the clause of the tier."""

    model_config = ConfigDict(extra="forbid")

    duty: str
    clause: str | None
    label: str


class Effects(BaseModel):
    """What a command would bring about; nothing was recorded.

    ``state`` is ``proposed`` where it would wait for the regions in ``awaiting``. Duties that follow from a day that
    passes are not foreseen.
    """

    model_config = ConfigDict(extra="forbid")

    dry_run: Literal[True] = True
    state: Literal["stands", "proposed"]
    facts: list[ForeseenFact]
    awaiting: list[ForeseenRegion]
    tier: Tier
    supervising_body: str
    supervisor_name: str
    says: str
    clause: str
    gap_filled: bool
    duties: list[ForeseenDuty]


def effects(request: Request, parts: Parts, subject: str, command: Command) -> Effects:
    """Decides a command as if it were sent.

    :raises RuleBrokenError: as when it is sent.
    """
    submission = submission_of(request, command.asked(), dry=True)
    office, registry = submission.caller.office, parts.registry
    version, state = registry.cooperation(subject)
    context, _ = registry.situation(office, command)
    stream = parts.store.stream(subject)
    refs = command.documents()
    check_cited(parts.documents.look_up(refs, office, trial=True), refs, office, state, context, lambda: stream)
    found = foreseen(office, stream, state, command, context)
    submission.check_expected(version)
    home, regions = found.jurisdiction, context.adopted.regions
    law = context.adopted.law.in_force(context.today)
    return Effects(
        state="stands" if found.stands else "proposed",
        facts=[foreseen_fact(one.fact, one.on) for one in found.made],
        awaiting=[
            ForeseenRegion(region=code, name=region_name(code, regions, context.today)) for code in found.awaiting
        ],
        tier=home.tier,
        supervising_body=home.supervising_body,
        supervisor_name=office_name(home.supervising_body, regions, context.today),
        says=home.says,
        clause=home.clause,
        gap_filled=home.gap_filled,
        duties=[
            ForeseenDuty(duty=one.key, clause=one.id(home.tier), label=law.in_present_names(one.label))
            for one in found.duties
        ],
    )
