"""Random legal lives of a cooperation: numbers choose what happens next, and what would be illegal is left out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from ksad.contracts import registry
from ksad.contracts.registry import InstrumentKind, Manner, Stage
from ksad.supervision.domain import deciding
from ksad.supervision.domain.task import Task
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, World, completion

JOINERS = ("33.13", "33.10", "34.71", "34", "33")
LEGAL = {
    Stage.EXPLORATION: (Stage.NEGOTIATION,),
    Stage.NEGOTIATION: (Stage.SIGNING, Stage.EXPLORATION),
    Stage.SIGNING: (Stage.NEGOTIATION, LAST),
}


@dataclass
class Life:
    """A world, and the acts that can happen in it. Each act says whether it did."""

    world: World = field(default_factory=World)
    problems: int = 0
    disputes: int = 0

    def __post_init__(self) -> None:
        """It begins with the registration."""
        self.world.register_it()

    @property
    def stage(self) -> Stage:
        """The present stage."""
        return self.world.case.entries[-1].stage

    def live(self, choice: int, number: int) -> bool:
        """One act."""
        acts: list[Callable[[int], bool]] = [
            self.pass_time,
            self.enter,
            self.schedule,
            self.sign,
            self.join,
            self.leave,
            self.meet_problem,
            self.solve_problem,
            self.raise_dispute,
            self.go_on_with_dispute,
            self.give_notice,
            self.finish,
            self.work,
        ]
        if self.world.case.closed:
            return self.pass_time(number)
        return acts[choice % len(acts)](number)

    def pass_time(self, number: int) -> bool:
        """Up to forty days pass."""
        start = self.world.current or self.world.on
        self.world.pass_days(start + timedelta(days=1 + number % 40))
        return True

    def enter(self, number: int) -> bool:
        """A legal next stage is entered."""
        ways = LEGAL.get(self.stage, ())
        if not ways:
            return False
        stage = ways[number % len(ways)]
        if stage is LAST and self.world.case.agreement_on is None:
            return False
        self.world.enter(stage)
        return True

    def schedule(self, number: int) -> bool:
        """A signing is scheduled."""
        if self.stage is LAST:
            return False
        kind = InstrumentKind.AGREEMENT if self.world.case.accord_on else InstrumentKind.ACCORD
        self.world.schedule(kind, self.world.on + timedelta(days=number % 60))
        return True

    def sign(self, number: int) -> bool:
        """The accord, and after it the agreement."""
        if self.stage is not Stage.SIGNING or self.world.case.agreement_on is not None:
            return False
        if self.world.case.accord_on is None:
            self.world.sign_accord()
        else:
            self.world.sign_agreement(ends_on=self.world.on + timedelta(days=30 + number % 400))
        return True

    def join(self, number: int) -> bool:
        """A region joins."""
        code = JOINERS[number % len(JOINERS)]
        if code in self.world.case.parties:
            return False
        parties = [*self.world.case.parties, code]
        self.world.tell(fact_of(registry.PartyJoined, region=code, reason=None, parties=parties))
        return True

    def leave(self, number: int) -> bool:
        """A region leaves; two stay."""
        parties = list(self.world.case.parties)
        if len(parties) <= len(GOVERNORS):
            return False
        gone = parties.pop(number % len(parties))
        self.world.tell(fact_of(registry.PartyWithdrew, region=gone, reason=None, parties=parties))
        return True

    def meet_problem(self, _: int) -> bool:
        """A problem, in whatever stage."""
        self.problems += 1
        self.world.tell(fact_of(registry.ProblemReported, problem=f"p{self.problems}", description="masalah"))
        return True

    def solve_problem(self, number: int) -> bool:
        """An open problem is resolved."""
        still = [key for key, one in self.world.case.problems.items() if not one.resolved]
        if not still:
            return False
        self.world.tell(registry.ProblemResolved(problem=still[number % len(still)], outcome="selesai", document=None))
        return True

    def raise_dispute(self, _: int) -> bool:
        """A dispute between the first two parties."""
        self.disputes += 1
        between = list(self.world.case.parties[:2])
        self.world.tell(
            fact_of(registry.DisputeRaised, dispute=f"s{self.disputes}", between=between, description="selisih")
        )
        return True

    def go_on_with_dispute(self, number: int) -> bool:
        """A decision is asked for, or the dispute is settled."""
        still = [(key, one) for key, one in self.world.case.disputes.items() if not one.settled]
        if not still:
            return False
        key, one = still[number % len(still)]
        fact: registry.DisputeDecisionRequested | registry.DisputeSettled
        if one.requested:
            fact = fact_of(
                registry.DisputeSettled,
                dispute=key,
                manner=Manner.DELIBERATION,
                outcome="sepakat",
                number=None,
                document=None,
                final=False,
            )
        else:
            fact = registry.DisputeDecisionRequested(dispute=key)
        self.world.tell(fact)
        return True

    def give_notice(self, number: int) -> bool:
        """Early notice of the end."""
        if self.stage is not LAST:
            return False
        planned = self.world.on + timedelta(days=5 + number % 200)
        self.world.tell(fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=planned))
        return True

    def finish(self, number: int) -> bool:
        """It ends, or is given up before anything is signed; seldom."""
        if number % 3:
            return False
        if self.stage is LAST:
            self.world.tell(fact_of(registry.Ended, ground="mutual", open_items=[], reason="selesai"))
        elif self.world.case.accord_on is None:
            self.world.tell(registry.ProposalWithdrawn(reason="batal"))
        else:
            return False
        return True

    def work(self, number: int) -> bool:
        """An officer, or a party, does something with an open task."""
        tasks = sorted(self.world.case.tasks.values(), key=lambda one: one.id)
        if not tasks:
            return False
        self._do(tasks[number % len(tasks)])
        return True

    def _do(self, task: Task) -> None:
        context = self.world.context(task)
        told = task.duty == "d.4" or (task.with_receipt and task.remaining[0] in task.delivered)
        if task.for_parties and told:
            decisions = deciding.acknowledge(context, task.remaining[0])
        elif task.for_parties:
            decisions = deciding.deliver(context, task.remaining[0], [], "rapat")
        elif task.duty in ("c.1", "c.2"):
            decisions = deciding.complete(context, completion(), None)
        else:
            decisions = deciding.assign(context, "petugas-1")
        self.world.record(decisions)


def semesters(first: date, last: date) -> set[str]:
    """The semesters that days from one to another lie in."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return {f"{day.year}-S{1 if day.month <= 6 else 2}" for day in days}
