"""What cannot be compiled is given up after some attempts, told with its reason, and holds up no other report."""

import hashlib

import pytest

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.reporting.reports import queue as queue_module
from ksad.reporting.reports.passes import CompilationWorker
from ksad.reporting.reports.queue import CompilationOrder, CompilationQueue
from tests.support.histories.report_chain import PERIOD, TEAM, Chain, life, ordered

OTHER = "tkksd:32"


def never() -> bool:
    """The service goes on."""
    return False


def _state(queue: CompilationQueue, order: CompilationOrder) -> str:
    status = queue.find(order.submission.command_id)
    assert status is not None
    return status.state.value


def test_what_ends_its_process_each_time_is_parked(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order whose workers are all killed is given up with its reason, others do not wait, and a verb takes it up."""
    monkeypatch.setattr(queue_module, "HELD_SECONDS", 0.0)
    chain.admit(life("a", TEAM) + life("b", OTHER))
    for office in (TEAM, OTHER):
        chain.owe(ReportKind.R2, office, PERIOD)
    queue = CompilationQueue(chain.journal.database)
    killer, other = ordered(queue, ReportKind.R2, TEAM), ordered(queue, ReportKind.R2, OTHER, after=1)

    # What a killed process leaves in the database: it took the orders, and told no more of them.
    assert CompilationQueue(chain.journal.database).take(50) == [killer, other]
    assert CompilationQueue(chain.journal.database).take(50) == [killer]
    assert CompilationWorker(queue, chain.cases, never).step() == 1
    assert (_state(queue, killer), _state(queue, other)) == ("waiting", "done")
    for _ in range(queue_module.ATTEMPTS_MAX - 2):
        assert CompilationQueue(chain.journal.database).take(50) == [killer]
    assert queue.parked() == []
    assert CompilationWorker(queue, chain.cases, never).step() == 0

    (parked,) = queue.parked()
    assert (parked.command_id, queue.parked_count()) == (killer.submission.command_id, 1)
    assert "ended in each of 5 attempts" in parked.reason
    assert queue.take_up_again() == 1
    assert CompilationWorker(queue, chain.cases, never).step() == 1
    assert (_state(queue, killer), queue.parked()) == ("done", [])


def test_what_meets_an_error_each_time_holds_up_nobody(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a pass that a disk's error ends, the other reports are compiled at once; the one that met it waits longer
    each time, and is parked with the error.
    """
    monkeypatch.setattr(queue_module, "HELD_SECONDS", 0.0)
    chain.admit(life("a", TEAM) + life("b", OTHER))
    for office in (TEAM, OTHER):
        chain.owe(ReportKind.R2, office, PERIOD)
    queue = CompilationQueue(chain.journal.database)
    failing, other = ordered(queue, ReportKind.R2, TEAM), ordered(queue, ReportKind.R2, OTHER, after=1)
    _, alone = chain.cases.begin()
    with alone as compile_one:
        made = compile_one(ReportKind.R2, TEAM, chain.cases.check_order(failing))
    taken = chain.documents_dir / "types" / hashlib.sha256(model.encode(made.content)).hexdigest()
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"where the kinds of the content's document have their folder")

    worker = CompilationWorker(queue, chain.cases, never)
    assert [worker.step() for _ in range(2)] == [2, 1]
    assert (_state(queue, failing), _state(queue, other)) == ("printing", "done")
    assert [worker.step() for _ in range(queue_module.ATTEMPTS_MAX)] == [*[1] * (queue_module.ATTEMPTS_MAX - 1), 0]

    (parked,) = queue.parked()
    assert parked.command_id == failing.submission.command_id
    assert parked.reason.startswith("UnkeptError: ")
    taken.unlink()
    assert queue.take_up_again() == 1
    assert worker.step() == 1
    assert _state(queue, failing) == "done"
