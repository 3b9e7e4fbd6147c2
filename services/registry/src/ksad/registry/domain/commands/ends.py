"""Commands on the end of a cooperation: notice and ending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import Key, ShortText
from ksad.contracts.registry import Scope
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import Day, Identity
from ksad.registry.domain import endings
from ksad.registry.domain.commands.command import LATER, ActCommand, Command, standing
from ksad.registry.domain.naming import agreement_key

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

WhichAgreement = Annotated[Key | None, LATER]


class GiveTerminationNotice(Command):
    """Give early notice of the end."""

    ground: Key
    planned_end_on: Day
    agreement: WhichAgreement = None
    document: Annotated[DocumentRef | None, LATER] = None
    replaces: Annotated[Identity | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant; from paper, the later notice takes the place of the earlier."""
        key = agreement_key(state, self.agreement)
        known = state.agreement(key)
        earlier = known.notice.event if known is not None and known.notice is not None and context.legacy else None
        fact = facts.TerminationNoticeGiven(
            agreement=key,
            ground=self.ground,
            planned_end_on=self.planned_end_on,
            given_by=context.office,
            document=self.document,
            replaces=self.replaces or earlier,
        )
        return [fact]

    def check_evidence(self, context: Context) -> None:
        """Who gives its own notice says so itself; the supervising body records it from the letter.

        :raises RuleBrokenError: the letter is missing.
        """
        if self.document is None and not context.region and not context.legacy:
            detail = "Unggah surat dari daerah yang memberitahukan, atau naskah kesepakatannya, lalu lampirkan."
            raise RuleBrokenError("notice-has-letter", detail, endings.CLAUSE)


class RevokeTerminationNotice(Command):
    """The notice of termination is taken back."""

    reason: ShortText
    agreement: Key | None = None
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The notice that holds for the agreement that is meant."""
        del context
        key = agreement_key(state, self.agreement)
        known = state.agreement(key)
        if known is None or known.notice is None:
            detail = "Tidak ada pemberitahuan pengakhiran yang berlaku untuk perjanjian ini."
            raise RuleBrokenError("notice-known", detail, endings.CLAUSE, kind=RefusalKind.CONFLICT)
        fact = facts.TerminationNoticeRevoked(
            agreement=key, notice=known.notice.event, reason=self.reason, document=self.document
        )
        return [fact]

    def check_evidence(self, context: Context) -> None:
        """Who takes back its own notice says so itself; the supervising body records it from the letter.

        :raises RuleBrokenError: the letter is missing.
        """
        if self.document is None and not context.region and not context.legacy:
            detail = "Unggah surat pencabutan dari daerah yang memberitahukan, lalu lampirkan."
            raise RuleBrokenError("revocation-has-letter", detail, endings.CLAUSE)


class End(ActCommand):
    """An agreement, an accord, or the cooperation ended."""

    ground: Key
    reason: ShortText | None = None
    agreement: WhichAgreement = None
    accord: Annotated[Key | None, LATER] = None
    document: Annotated[DocumentRef | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """With what is still open; where nothing is named, the cooperation ends, with the agreement that it has."""
        of, key = Scope.COOPERATION, None
        if self.accord is not None and self.agreement is not None:
            # Its scope, and so who may say it, is asked of one of them.
            detail = "Sebutkan perjanjian atau kesepakatan yang berakhir, salah satu saja."
            raise RuleBrokenError("one-end", detail, endings.END)
        if self.accord is not None:
            of, key = Scope.ACCORD, self.accord
        elif self.agreement is not None:
            of, key = Scope.AGREEMENT, agreement_key(state, self.agreement)
        ending = {} if of is Scope.ACCORD else state.umbrella.standing
        open_items = [
            item for name in ending if key in (None, name) for item in endings.left_open(state, name, context)
        ]
        ground = context.adopted.law.ending(context.profile(state, self.agreement).id, self.ground)
        clause = None if ground is None else ground.source
        if self.ground == endings.EXPIRED:
            clause = endings.expiry_clause(context, context.on)
        fact = facts.Ended(
            of=of,
            key=key,
            ground=self.ground,
            rests_on=None,
            open_items=open_items,
            reason=self.reason,
            clause=clause,
            document=self.document,
            standing=standing(context),
        )
        return [fact]
