"""The expected contents of projections, computed from generated facts independently of the log and the folds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from ksad.contracts import registry as reg
from ksad.contracts import supervision as sup
from ksad.ledger.folds.recap import RECAP
from ksad.ledger.folds.register import COOPERATIONS, JURISDICTIONS
from ksad.ledger.folds.tasks import TASKS
from ksad.ledger.folds.timeline import TIMELINE
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from ksad.contracts.envelope import Envelope

OPEN = {"proposed", "running"}


class WrongResultError(AssertionError):
    """The projections differ from the expected contents; the message says where."""


class Tally:
    """An independent computation: plain dictionaries, one pass over the facts."""

    def __init__(self) -> None:
        self._cooperations: dict[str, dict[str, Any]] = {}
        self._tasks: dict[str, dict[str, Any]] = {}
        self._entries: Counter[str] = Counter()

    def take(self, event: Envelope) -> None:
        """Adds a fact."""
        noun, _, identity = event.subject.partition("/")
        fact = event.fact()
        if noun == "task":
            self._task(identity, fact)
        else:
            self._cooperation(identity, fact)
        self._entries[str(getattr(fact, "cooperation_id", identity))] += 1

    def _cooperation(self, identity: str, fact: object) -> None:
        if isinstance(fact, reg.Registered):
            self._cooperations[identity] = {
                "title": fact.title,
                "parties": fact.parties,
                "stage": fact.stage.value,
                "status": "proposed",
                "ends_on": None,
                "problems": set(),
            }
        one = self._cooperations[identity]
        if isinstance(fact, sup.JurisdictionResolved):
            one |= {"tier": fact.tier.value, "body": fact.supervising_body}
        elif isinstance(fact, reg.StageEntered):
            one["stage"] = fact.stage.value
        elif isinstance(fact, reg.AccordSigned):
            one["status"] = "running"
        elif isinstance(fact, reg.AgreementSigned):
            one |= {"agreements": 1, "status": "running", "ends_on": fact.ends_on and fact.ends_on.isoformat()}
        elif isinstance(fact, reg.ProposalWithdrawn):
            one["status"] = "withdrawn"
        elif isinstance(fact, reg.ProblemReported):
            one["problems"].add(fact.problem)
        elif isinstance(fact, reg.ProblemResolved):
            one["problems"].discard(fact.problem)

    def _task(self, identity: str, fact: object) -> None:
        if isinstance(fact, sup.TaskScheduled):
            due_on = fact.due_on.isoformat()
            row = {"duty": fact.duty, "body": fact.body, "due_on": due_on, "status": "open", "given": 0}
            self._tasks[identity] = row
        elif isinstance(fact, sup.TaskDelivered):
            self._tasks[identity]["given"] += 1
        elif isinstance(fact, sup.TaskOverdue):
            self._tasks[identity]["status"] = "overdue"
        elif isinstance(fact, sup.TaskCompleted):
            self._tasks[identity]["status"] = "completed"

    def _recap(self) -> dict[tuple[str, str], int]:
        counts: Counter[tuple[str, str]] = Counter()
        for one in self._cooperations.values():
            measures = {"cooperations": 1, one["status"]: 1}
            if "agreements" in one:
                in_force = one["stage"] == reg.Stage.IMPLEMENTATION_AND_TERMINATION
                measures["agreements_in_force" if in_force else "agreements_signed"] = one["agreements"]
            if one["status"] in OPEN:
                measures |= {f"stage_{one['stage']}": 1, "problems_open": len(one["problems"])}
                measures |= {f"tier_{one['tier']}": 1} if "tier" in one else {}
            for scope in {"nation", *one["parties"], *(code[:2] for code in one["parties"])}:
                for measure, number in measures.items():
                    counts[scope, measure] += number
        return {key: number for key, number in counts.items() if number}

    def check(self, connection: sa.Connection) -> None:
        """Compares the live projections with the tally, row by row.

        :raises WrongResultError: they differ.
        """
        views = Views(connection)
        homes = views.table("register", JURISDICTIONS)
        register = views.table("register", COOPERATIONS)
        joined = sa.select(register, homes.c.tier, homes.c.supervising_body).join_from(
            register, homes, register.c.cooperation_id == homes.c.cooperation_id, isouter=True
        )
        found = {
            row.cooperation_id: (row.title, row.stage, row.status, row.ends_on, row.tier, row.supervising_body)
            for row in connection.execute(joined)
        }
        wanted = {
            key: (one["title"], one["stage"], one["status"], one["ends_on"], one.get("tier"), one.get("body"))
            for key, one in self._cooperations.items()
        }
        _equal("register", found, wanted)
        tasks = connection.execute(sa.select(views.table("tasks", TASKS)))
        done = {
            row.task_id: (row.duty, row.body, row.due_on, row.status, len(orjson.loads(row.detail)["delivered"]))
            for row in tasks
        }
        _equal("tasks", done, {key: tuple(one.values()) for key, one in self._tasks.items()})
        lines = views.table("timeline", TIMELINE)
        entries = sa.select(lines.c.cooperation_id, sa.func.count()).group_by(lines.c.cooperation_id)
        _equal("timeline", {row[0]: row[1] for row in connection.execute(entries)}, dict(self._entries))
        recap = connection.execute(sa.select(views.table("recap", RECAP)))
        _equal("recap", {(row.scope, row.measure): row.number for row in recap if row.number}, self._recap())


def _equal(what: str, found: dict[Any, Any], wanted: dict[Any, Any]) -> None:
    if found != wanted:
        key = next(key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key))
        message = f"{what}: {key} is {found.get(key)}, the facts add up to {wanted.get(key)}"
        raise WrongResultError(message)
