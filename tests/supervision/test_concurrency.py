"""Officers work while the log comes in: on both databases nothing is lost, and rows stay what the streams say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

from ksad.chassis.auth import Caller
from ksad.chassis.database import Database
from ksad.chassis.edge import Submission
from ksad.chassis.store import ConflictError
from ksad.contracts import registry
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import EVENTS, cooperation_id
from ksad.contracts.rules import RuleBrokenError
from ksad.supervision.application import Supervision
from ksad.supervision.domain.commands import Assign
from ksad.supervision.restoring import rebuild_cases
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS
from tests.support.platforms.fed_supervision import FedSupervision, Stopped

START = date(2026, 1, 5)
ATTEMPTS_MAX = 200


def patient(command: Callable[[], object]) -> None:
    """A follower tries a batch again when an officer was faster."""
    for _ in range(ATTEMPTS_MAX):
        try:
            command()
        except ConflictError:
            continue
        return
    raise AssertionError("never got through")


def test_officers_and_the_log_do_not_lose_each_others_work(database: Database, tmp_path: Path) -> None:
    """Handovers come in while officers assign the same tasks: every accepted deed and every handover is in the rows."""
    fed = FedSupervision(database, tmp_path).adopt()
    fed.register("solo", GOVERNORS, START)
    tasks = [one.id for one in fed.tasks() if one.open]
    supervision = Supervision(fed.store, fed.reference_cache, fed.documents, Stopped(), "urn:ksad:test:supervision")
    accepted: list[UUID] = []

    def assign(number: int) -> None:
        command, identity = Assign(assignee=f"petugas-{number}"), tasks[number % len(tasks)]
        for office in [
            "tkksd:33",
            "joint_secretariat",
        ] * ATTEMPTS_MAX:  # Whoever the task was handed over to meanwhile.
            key = uuid5(EVENTS, f"assign {number}")
            submission = Submission(Caller(office, "petugas"), key, f"{number:064}", None)
            try:
                accepted.extend(supervision.execute(submission, identity, command).record.events)
            except RuleBrokenError as error:
                assert error.rule == "owes"  # noqa: PT017 - any other refusal is a fault of the test
            else:
                return
        raise AssertionError("never got through")

    facts: list[registry.PartyJoined | registry.PartyWithdrew] = []
    for _ in range(6):
        facts.append(fact_of(registry.PartyJoined, region="34.71", reason=None, parties=[*GOVERNORS, "34.71"]))
        facts.append(fact_of(registry.PartyWithdrew, region="34.71", reason=None, parties=list(GOVERNORS)))
    heard = [fed.event(fact, f"cooperation/{cooperation_id('solo')}", START) for fact in facts]

    def follow() -> None:
        for event in heard:
            patient(lambda event=event: fed.see([event]))  # type: ignore[misc] # bound now

    with ThreadPoolExecutor(5) as pool:
        following = pool.submit(follow)
        list(pool.map(assign, range(60)))
        following.result()
    own = [Envelope.from_store(bytes(one.state)) for one in fed.store.notifications(0, 100_000)]
    assert len(accepted) == 60
    assert set(accepted) <= {event.id for event in own}
    assert sum(event.type == "ksad.task.handed_over.v1" for event in own) == 12 * len(tasks)
    rows = fed.rows()
    others = [event for event in fed.log if event.service != "supervision"]
    with database.write() as connection:
        rebuild_cases(connection, fed.store, fed.reference_cache, [*others, *own])
    assert fed.rows() == rows
