"""All rules by which reports were ever compiled, by number, with what a proof needs of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ksad.ledger.figures import compiling as newest
from ksad.ledger.figures import offices as newest_offices
from ksad.ledger.figures.content import model as newest_model
from ksad.ledger.figures.whole import NamedStreams
from ksad.ledger.rules.v1 import compiling as compiling_1
from ksad.ledger.rules.v1 import offices as offices_1
from ksad.ledger.rules.v1.content import model as model_1
from ksad.ledger.rules.v1.prefix import Prefix as Prefix1

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from ksad.contracts.dates import Period
    from ksad.contracts.reporting import ReportKind
    from ksad.ledger.folds.rows import History
    from ksad.ledger.log.entries import Entry
    from ksad.ledger.log.tree import Frontier


class FoldedPrefix(Protocol):
    """A prefix of the log, folded under some rules."""

    def extend(self, entries: Iterable[Entry], frontier: Frontier) -> None:
        """Adds further entries.

        :raises PoisonError: an entry is unknown to the rules, where they fold it at once.
        """


class Remade(NamedTuple):
    """A report compiled again: its id, what its event must state, its content, and the entries behind its figures.

    ``printable`` is the content for the printed forms; ``None`` under rules whose form is not kept.
    """

    report: str
    stated: dict[str, Any]
    content: bytes
    events: bytes
    printable: newest_model.ReportContent | None


class Asked(NamedTuple):
    """What is taken from a report to compile it again: kind, office, period, the log's origin, and its day.

    ``read`` gives the bytes of a document that the log cites; rules 1 need none.
    """

    kind: ReportKind
    office: str
    period: Period
    origin: str
    day: date
    read: Callable[[str], bytes]


class Rules(NamedTuple):
    """One version of the rules: how a prefix is folded, a report compiled from it, and a kept content read."""

    folded: Callable[[Iterable[Entry], Frontier, History], FoldedPrefix]
    compiled: Callable[[Any, Asked], Remade]
    read: Callable[[bytes], Any]


def _compiled_1(prefix: Prefix1, asked: Asked) -> Remade:
    office = offices_1.from_office(asked.kind, asked.office)
    made = compiling_1.compile_report(
        prefix, compiling_1.ReportOrder(asked.kind, office, asked.period, asked.origin, asked.day)
    )
    return Remade(made.content.report_id, made.stated(), model_1.encode(made.content), made.events(), None)


def _compiled_2(prefix: NamedStreams, asked: Asked) -> Remade:
    office = newest_offices.from_office(asked.kind, asked.office)
    order = newest.ReportOrder(asked.kind, office, asked.period, asked.origin, asked.day, asked.read)
    made = newest.compile_report(prefix, order)
    raw = newest_model.encode(made.content)
    return Remade(made.content.report_id, made.stated(), raw, made.events(), made.content)


RULES = {
    1: Rules(Prefix1, _compiled_1, model_1.decode),
    newest.RULES: Rules(NamedStreams, _compiled_2, newest_model.decode),
}
"""By number. Those under the highest are what the platform compiles by; the others are frozen."""
