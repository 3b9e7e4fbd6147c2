"""Clerks who write whatever happens to the platform, and what the register must show of all that was accepted.

What must be shown is folded from the commands that were sent, never from the log. Supervision's tasks are what a
cooperation alone, in memory, gives rise to when it is told the same facts.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

import httpx

from ksad.chassis.client import Client, ProblemError
from ksad.contracts import registry
from ksad.contracts.catalogue import Fact
from ksad.contracts.identifiers import cooperation_id
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import World, reference

HEAD = {"object": "sampah", "affair": "lingkungan_hidup", "category": None, "initiator": None}
PARTIES = (("33.72", "33.13"), ("31", "32.75"), ("34.02", "34.71"))
SUPERVISED: dict[tuple[str, ...], tuple[str, str]] = {
    PARTIES[0]: ("governor", "tkksd:33"),
    PARTIES[2]: ("governor", "tkksd:34"),
}
AWAY = {429, 503}
PACE_SECONDS = 0.03
"""A clerk's rest between two commands: load enough, and the machine is left to what is tested."""
NEXT = {"exploration": "negotiation", "negotiation": "signing", "signing": "negotiation"}
Counts = dict[str, dict[str, int]]


@dataclass
class Sent:
    """One cooperation as its clerk knows it: the commands that were accepted, and the ids of their events."""

    key: str
    parties: tuple[str, ...]
    stage: str = "exploration"
    status: str = "proposed"
    problems: dict[str, str | None] = field(default_factory=dict)
    disputes: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    @property
    def identity(self) -> str:
        """Its id."""
        return str(cooperation_id(self.key))

    @property
    def clerk(self) -> str:
        """The office that records it: its first party's."""
        return f"region:{self.parties[0]}"

    def registration(self) -> tuple[str, dict[str, Any], Fact]:
        """The first command: its path, its body, and the fact that it makes."""
        body = {**HEAD, "key": self.key, "title": f"Kerja sama {self.key}", "parties": list(self.parties)}
        fact = {**body, "stage": "exploration", "profile": "ksdd-2018"}
        return "/cooperations", body, registry.Registered.model_validate(fact)

    def next(self, rng: random.Random) -> tuple[str, dict[str, Any], Fact]:
        """A command that no rule refuses, chosen at random."""
        unsolved = [key for key, outcome in self.problems.items() if outcome is None]
        ways = ["report-problem", "enter-stage", "raise-dispute", *["resolve-problem"] * bool(unsolved)]
        body: dict[str, Any]
        fact: Fact
        match way := rng.choice(ways):
            case "report-problem":
                body = {"problem": f"p{len(self.problems)}", "description": "terlambat"}
                fact = fact_of(registry.ProblemReported, **body)
            case "resolve-problem":
                body = {"problem": rng.choice(unsolved), "outcome": "selesai"}
                fact = fact_of(registry.ProblemResolved, **body)
            case "raise-dispute":
                body = {"dispute": f"d{len(self.disputes)}", "between": list(self.parties), "description": "selisih"}
                fact = fact_of(registry.DisputeRaised, **body)
            case _:
                body = {"stage": NEXT[self.stage]}
                fact = fact_of(registry.StageEntered, **{"left": self.stage, **body})
        return f"/cooperations/{self.identity}/{way}", body, fact

    def accepted(self, fact: Fact, events: Iterable[str]) -> None:
        """The registry has answered; fold what was sent."""
        self.facts.append(fact)
        self.events.extend(events)
        match fact:
            case registry.ProblemReported():
                self.problems[fact.problem] = None
            case registry.ProblemResolved():
                self.problems[fact.problem] = fact.outcome
            case registry.DisputeRaised():
                self.disputes.append(fact.dispute)
            case registry.StageEntered():
                self.stage = fact.stage.value

    def shown(self) -> dict[str, Any]:
        """Its row of the register."""
        tier, body = SUPERVISED.get(self.parties, ("minister", "joint_secretariat"))
        return {
            "cooperation_id": self.identity,
            "title": f"Kerja sama {self.key}",
            "stage": self.stage,
            "status": self.status,
            "parties": list(self.parties),
            "tier": tier,
            "supervising_body": body,
            "problems": self.problems,
            "disputes": dict.fromkeys(self.disputes, "raised"),
        }

    def counted(self) -> Counts:
        """Its share of the recapitulation."""
        tier = SUPERVISED.get(self.parties, ("minister", ""))[0]
        numbers = {
            "cooperations": 1,
            self.status: 1,
            f"stage_{self.stage}": 1,
            f"tier_{tier}": 1,
            "problems_open": sum(outcome is None for outcome in self.problems.values()),
            "disputes_open": len(self.disputes),
        }
        scopes = {"nation", *(code[:2] for code in self.parties), *self.parties}
        return {scope: {name: number for name, number in numbers.items() if number} for scope in scopes}

    def owed(self, on: date) -> Counter[tuple[str, ...]]:
        """The tasks that it gives rise to, each as duty, clause, body, status and due date."""
        # A platform has a policy, and verification in it, before its first fact.
        world = World(self.parties, on=on, key=self.key, law=reference("1970-01-01T00:00:00Z"))
        for fact in self.facts:
            world.tell(fact)
        return Counter(
            (one.duty, one.clause, one.body, one.status.value, one.due_on.isoformat()) for one in world.tasks()
        )


def recapitulated(sent: Iterable[Sent]) -> Counts:
    """The recapitulation of these cooperations."""
    total: dict[str, Counter[str]] = {}
    for one in sent:
        for scope, numbers in one.counted().items():
            total.setdefault(scope, Counter()).update(numbers)
    return {scope: dict(numbers) for scope, numbers in total.items()}


class Clerk(threading.Thread):
    """Registers cooperations and writes on, each command with its key, again and again until it is accepted."""

    def __init__(self, endpoints: dict[str, Any], name: str, seed: object, each: int = 4) -> None:
        """:param endpoints: where it writes; it sees when they are changed.

        :param each: how many commands follow each registration.
        """
        super().__init__(name=name)
        self._client = Client(endpoints, attempts=1)
        self._rng = random.Random(f"{seed}/{name}")
        self._each = each
        self.ending = threading.Event()
        self.sent: list[Sent] = []
        self.refused: Exception | None = None

    def run(self) -> None:
        """Write until told to end; what was begun is brought to its end."""
        try:
            with self._client:
                while not self.ending.is_set():
                    self._write(Sent(f"{self.name}-{len(self.sent)}", self._rng.choice(PARTIES)))
        except Exception as error:  # noqa: BLE001 - whatever it was, the block of the clerks ends with it
            self.refused = error

    def _write(self, one: Sent) -> None:
        self.sent.append(one)
        self._send(one, *one.registration())
        for _ in range(self._each):
            time.sleep(PACE_SECONDS)
            self._send(one, *one.next(self._rng))

    def _send(self, one: Sent, path: str, body: Mapping[str, Any], fact: Fact) -> None:
        key = f"{one.key}-{len(one.events)}"
        while True:
            try:
                answer = self._client.post("registry", path, one.clerk, key, dict(body))
            except ProblemError as error:
                if error.status not in AWAY:
                    raise
            except httpx.TransportError:
                pass
            else:
                one.accepted(fact, answer["events"])
                return
            time.sleep(0.1)


class Clerks:
    """Several clerks for the length of a block, at whose end they have come to the end of what they began."""

    def __init__(self, endpoints: dict[str, Any], names: Iterable[str], seed: object) -> None:
        self._clerks = [Clerk(endpoints, name, seed) for name in names]

    def __enter__(self) -> Self:
        for clerk in self._clerks:
            clerk.start()
        return self

    def __exit__(self, *_: object) -> None:
        for clerk in self._clerks:
            clerk.ending.set()
        for clerk in self._clerks:
            clerk.join(120)
        assert [clerk.refused for clerk in self._clerks if clerk.refused or clerk.is_alive()] == []

    @property
    def sent(self) -> list[Sent]:
        """All cooperations so far."""
        return [one for clerk in self._clerks for one in clerk.sent]

    def __iter__(self) -> Iterator[Sent]:
        return iter(self.sent)
