"""Compiles what offices asked for, all of it in one pass over the journal, and records each version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import sqlalchemy as sa
import structlog

from ksad.chassis.problems import problem_of
from ksad.chassis.store import StoreClosedError
from ksad.contracts.rules import RefusalKind
from ksad.reporting.reports import queue
from ksad.reporting.reports.queue import CompilationState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import date
    from uuid import UUID

    from ksad.contracts.dates import Period
    from ksad.ledger.figures.compiling import Compiled
    from ksad.reporting.reports.compiling import CompileOne
    from ksad.reporting.reports.queue import CompilationOrder, CompilationQueue
    from ksad.reporting.reports.recording import ReportResult

    Ending: TypeAlias = ReportResult | Exception
    Told: TypeAlias = Callable[[CompilationOrder, CompilationState | ReportResult | Exception], None]

PASS_MAX = 50
"""The most orders of one pass: a semester's reports of all provinces and of the ministry."""
PASSING = (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError, StoreClosedError)
"""Errors that mostly say nothing of a report: it stays ordered, and is attempted again after a while."""
log = structlog.get_logger(__name__)


class Cases(Protocol):
    """The use cases that a pass calls; :class:`ksad.reporting.reports.application.Reporting` says what they do."""

    def begin(self) -> tuple[date, AbstractContextManager[CompileOne]]:
        """The day of what is compiled now, and the pass."""
        ...

    def check_order(self, order: CompilationOrder) -> Period:
        """Refuses what can be refused before anything is compiled."""
        ...

    def compiled_before(self, order: CompilationOrder) -> ReportResult | None:
        """The version that an order gave before."""
        ...

    def record_compiled(self, order: CompilationOrder, compiled: Compiled, day: date) -> ReportResult:
        """Prints and records a version."""
        ...


class PassStoppedError(Exception):
    """The service ends: what the pass has not recorded yet is left to the next."""


def run(cases: Cases, orders: Sequence[CompilationOrder], tell: Told) -> list[Ending]:
    """Compiles some orders from one snapshot of the journal, and records a version for each.

    One that is refused does not affect the others.

    :param tell: is told each step of each order, and how it ended: by a version, or by the error.
    :return: how each order ended.
    :raises Exception: one of :data:`PASSING`, or what ``tell`` raised; the orders that have not ended may be run again.
    """
    ended: dict[UUID, Ending] = {}
    compiled: dict[UUID, Compiled] = {}

    def end(order: CompilationOrder, how: Ending) -> None:
        ended[order.submission.command_id] = how
        tell(order, how)

    day, compiling = cases.begin()
    with compiling as compile_one:
        for order in orders:
            tell(order, CompilationState.COMPILING)
            try:
                known = cases.compiled_before(order)
                if known is None:
                    made = compile_one(order.kind, order.office, cases.check_order(order))
                    compiled[order.submission.command_id] = made
                    continue
            except PASSING:
                raise
            except Exception as error:  # noqa: BLE001 - it is this order's end and nobody else's
                end(order, error)
            else:
                end(order, known)
    for order in orders:
        if (figures := compiled.get(order.submission.command_id)) is None:
            continue
        tell(order, CompilationState.PRINTING)
        try:
            result = cases.record_compiled(order, figures, day)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            end(order, error)
        else:
            end(order, result)
    return [ended[order.submission.command_id] for order in orders]


class CompilationWorker:
    """Runs what is in the queue. Several workers share one queue."""

    def __init__(self, queue: CompilationQueue, cases: Cases, stopping: Callable[[], bool]) -> None:
        """:param stopping: whether the service ends."""
        self._queue = queue
        self._cases = cases
        self._stopping = stopping

    def step(self) -> int:
        """Compiles the orders that wait, in one pass; returns their number."""
        orders = [] if self._stopping() else self._queue.take(PASS_MAX)
        if not orders:
            return 0
        in_hand: list[CompilationOrder] = []

        def tell(order: CompilationOrder, how: CompilationState | Ending) -> None:
            in_hand[:] = [order]
            self._tell(order, how)

        try:
            run(self._cases, orders, tell)
        except PassStoppedError:
            self._queue.release()
        except StoreClosedError as error:
            # Held meanwhile, so that it is not compiled over and over until the store is open.
            self._queue.release(queue.HELD_SECONDS)
            log.warning("compilations_wait", count=len(orders), error=str(error)[:300])
        except PASSING as error:
            # Only the order in hand waits: the error may be its own, and come back whenever it is attempted.
            for order in in_hand:
                self._queue.put_off(order.submission.command_id, f"{type(error).__name__}: {error}"[:500])
                log.warning("compilation_put_off", **_named(order), count=len(orders), error=str(error)[:300])
            self._queue.release()
            if not in_hand:
                raise
        return len(orders)

    def _tell(self, order: CompilationOrder, how: CompilationState | Ending) -> None:
        command = order.submission.command_id
        if isinstance(how, CompilationState):
            if self._stopping():
                raise PassStoppedError
            self._queue.tell(command, how)
            return
        named = _named(order)
        if not isinstance(how, Exception):
            self._queue.tell(command, CompilationState.DONE)
            log.info("report_compiled", **named, report_id=str(how.report_id))
            return
        problem = problem_of(how)
        if problem.kind is RefusalKind.FAULT:
            log.error("platform_fault", **named, exc_info=how)
        self._queue.tell(command, CompilationState.REFUSED, problem.details(f"/reports/compilations/{command}"))
        log.info("report_refused", **named, rule=problem.rule)


def _named(order: CompilationOrder) -> dict[str, str]:
    """An order, as a log line names it."""
    command = str(order.submission.command_id)
    return {"command_id": command, "kind": order.kind.value, "office": order.office, "period": order.period}
