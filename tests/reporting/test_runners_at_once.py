"""Several runners, and several threads of one, over the same entries: each is folded once."""

import threading
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.ledger.log.entries import Entry
from ksad.reporting.journal import Journal
from ksad.reporting.projections.generations import MovedError
from ksad.reporting.projections.live import PAGE
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.stored import StoredFold
from tests.support.histories.histories import admit, generated


def test_two_runners_at_once(database: Database) -> None:
    """Two runners on one database, one of them asked by several threads, fold every entry once, without a crash."""
    journal = Journal(database)
    runners = [Runner(database, journal) for _ in range(2)]
    stop = threading.Event()
    failures: list[BaseException] = []

    def work(runner: Runner) -> None:
        try:
            while not stop.is_set():
                runner.step()
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(runner,)) for runner in (*runners, runners[0], runners[0])]
    for thread in threads:
        thread.start()
    for start in range(0, 400, 25):
        admit(journal, generated(400)[start : start + 25])
    runners[0].catch_up()
    stop.set()
    for thread in threads:
        thread.join()

    assert failures == []
    checked = Runner(database, journal).rebuild()
    assert checked is not None
    assert checked.identical


class Early(Journal):
    """A journal that lets a thread come late twice: into its first batch, and into the middle of its second."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.late_comes, self.half_folded, self.late_gave_up = threading.Event(), threading.Event(), threading.Event()
        self.pages = 0

    def entries(self, connection: sa.Connection, after: int, limit: int) -> list[Entry]:
        """The entries, after a pause in which the other thread may come as far as it can."""
        if threading.current_thread().name == "early":
            self.pages += 1
            if self.pages == 1:
                self.late_comes.wait(1)
            if self.pages == 4:
                self.half_folded.set()
                self.late_gave_up.wait(1)
        return super().entries(connection, after, limit)


class Late(Runner):
    """A runner whose thread that comes late forgets what it had at the worst moment."""

    journal: Early

    def _advance(self, folds: Sequence[StoredFold], limit: int, *, park: bool = True) -> int:
        if threading.current_thread().name == "late":
            self.journal.late_comes.set()
        return super()._advance(folds, limit, park=park)

    def _forget(self, folds: Sequence[StoredFold]) -> None:
        if threading.current_thread().name == "late":
            self.journal.half_folded.wait(1)
        super()._forget(folds)
        self.journal.late_gave_up.set()


def test_a_step_that_comes_too_late_spoils_no_other(database: Database) -> None:
    """Another thread's step over the same entries takes nothing away from the batch that is folded meanwhile."""
    journal = Early(database)
    admit(journal, generated(4 * PAGE))
    runner = Late(database, journal)
    threads = [
        threading.Thread(target=lambda times=times: [runner.step(2 * PAGE) for _ in range(times)], name=name)
        for name, times in (("early", 2), ("late", 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    runner.catch_up()

    checked = runner.rebuild()

    assert checked is not None
    assert checked.differing == {}


@pytest.mark.fault(
    "bug-reports 17",
    kind="Two that do the same work in one place end in a traceback, or one takes away what the other reads.",
    looked="Each use of a generation: folding, indexing, comparing, switching, going back; the verbs rebuild and"
    " rebuild --back; the service, which rebuilds after an upgrade and tries again.",
    found="One that compared or made indexes while the other dropped the tables would have failed in the database.",
)
@pytest.mark.parametrize("batch", [150, 10_000])
@pytest.mark.parametrize("switch", [True, False])
def test_of_two_rebuilds_one_is_told(database: Database, batch: int, *, switch: bool) -> None:
    """A rebuild that another one overtakes says so wherever it is, and what the other one has made stays."""
    journal = Journal(database)
    admit(journal, generated(400))
    first, second = (Runner(database, journal) for _ in range(2))
    first.catch_up()
    others: list[bool] = []

    def overtaken(*_: int) -> None:
        if not others:
            done = second.rebuild(switch=switch)
            assert done is not None
            others.append(done.identical)

    with pytest.raises(MovedError, match="another rebuild is at work on it; run this command again"):
        first.rebuild(batch=batch, progress=overtaken)
    assert others == [True]
    again = first.rebuild(batch=batch)
    assert again is not None
    assert again.identical
