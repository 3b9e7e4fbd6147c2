"""Commands on instruments: accord and agreement, their signing, amendment and extension."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import RegionCode, ShortText
from ksad.contracts.registry import InstrumentKind, Numbers
from ksad.registry.domain.commands.command import Command

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


class ScheduleSigning(Command):
    """An accord or agreement is about to be signed."""

    FACT = facts.SigningScheduled

    instrument: InstrumentKind
    signing_on: date
    institutions: Annotated[list[ShortText], Field(default_factory=list, max_length=20)]


class SignAccord(Command):
    """The accord was signed."""

    FACT = facts.AccordSigned

    numbers: Numbers
    witnesses: Annotated[list[ShortText], Field(default_factory=list, max_length=20)]
    document: DocumentRef | None = None


class RecordCouncilApproval(Command):
    """A regional council approved."""

    FACT = facts.CouncilApprovalRecorded

    region: RegionCode
    number: ShortText


class SignAgreement(Command):
    """The cooperation agreement was signed."""

    numbers: Numbers
    effective_on: date | None = None
    ends_on: date | None = None
    scope: ShortText | None = None
    witnesses: Annotated[list[ShortText], Field(default_factory=list, max_length=20)]
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The signing, and the profile in force on that day where it is another one and none was pinned."""
        values = self.payload()
        made: list[Fact] = [facts.AgreementSigned(**values)]
        profile = context.adopted.law.in_force(context.on).id
        if profile != state.profile and not state.pinned:
            made.append(facts.ProfileBound(profile=profile, occasion="signing", reason=None))
        return made


class Amend(Command):
    """The agreement was amended."""

    FACT = facts.AgreementAmended

    numbers: Numbers
    changes: ShortText | None = None
    ends_on: date | None = None
    document: DocumentRef | None = None


class Extend(Command):
    """The agreement's end was moved."""

    FACT = facts.AgreementExtended

    numbers: Numbers
    ends_on: date
    changes: ShortText | None = None
    document: DocumentRef | None = None
