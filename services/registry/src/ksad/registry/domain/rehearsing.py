"""Rehearses commands in order: what each would become, and which of them would wait for the confirmation of others.

What would wait is taken as if all had confirmed it, so that faults of the commands after it are found as well.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from ksad.contracts.registry import ActConfirmed
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.umbrella import ACT_NAMES
from ksad.registry.domain import vouching
from ksad.registry.domain.consent import LATER, check_pending, confirmed
from ksad.registry.domain.consequences import consequences
from ksad.registry.domain.cooperation import Cooperation
from ksad.registry.domain.deciding import check_known, decided
from ksad.registry.domain.permissions import pending_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ksad.contracts.catalogue import DocumentRef
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context


class WaitingStep(NamedTuple):
    """A command that would wait, by its number from 0; ``step`` is None of a proposal that is recorded already.

    ``awaiting`` are the regions that have to confirm it, by recorded codes; ``says`` is a sentence for people.
    """

    step: int | None
    act: str
    awaiting: tuple[str, ...]
    says: str


class Rehearsal:
    """A cooperation as the commands of an office would make it, one after the other; nothing is recorded."""

    def __init__(
        self,
        office: str,
        state: Cooperation,
        circumstances: Callable[[Command], Context],
        check_documents: Callable[[Iterable[DocumentRef]], None],
    ) -> None:
        self._office = office
        self._state = state
        self._circumstances = circumstances
        self._check_documents = check_documents
        self.waiting: list[WaitingStep] = []

    def assume(self, proposals: Sequence[UUID], context: Context) -> None:
        """Takes acts that wait as confirmed by all.

        :raises RuleBrokenError: an act does not wait, or the office may not see it.
        """
        seen = {one["proposal"] for one in pending_for(self._office, self._state, context)}
        for proposal in proposals:
            # One that the office may not see is refused like one that does not wait.
            check_pending(self._state if str(proposal) in seen else Cooperation(), proposal)
            self._as_if_confirmed(proposal, None, context)

    def play(self, commands: Sequence[Command]) -> None:
        """Decides commands in order.

        :raises RuleBrokenError: a command breaks a rule or is not allowed; ``step`` is its number, from 0.
        """
        for number, command in enumerate(commands):
            context = self._circumstances(command)
            try:
                check_known(self._state, command)
                vouching.check(self._office, command, self._state, context)
                self._check_documents(command.documents())
                before = self._state.umbrella.pending
                _, self._state = decided(self._state, command, context)
                for proposal in self._state.umbrella.pending.keys() - before.keys():
                    self._as_if_confirmed(UUID(proposal), number, context)
            except RuleBrokenError as error:
                error.facts["step"] = number
                raise

    def _as_if_confirmed(self, proposal: UUID, step: int | None, context: Context) -> None:
        act = check_pending(self._state, proposal)
        self.waiting.append(WaitingStep(step, act.kind, act.awaiting, _sentence(act.kind, act.awaiting, context)))
        confirmation = ActConfirmed(
            proposal=proposal,
            by="party",
            regions=list(act.awaiting),
            numbers={code: act.claimed.get(code) or LATER for code in act.awaiting},
            signatories=[],
            budget={},
            document=None,
            over_refusal=None,
        )
        now = context.now._replace(legacy=False)
        _, state = confirmed(self._state, confirmation, now)
        _, self._state = consequences(state, now, through=now.today - timedelta(days=1))


def _sentence(kind: str, awaiting: Sequence[str], context: Context) -> str:
    return f"Menunggu konfirmasi {context.names(*awaiting)} atas {ACT_NAMES[kind]}."
