"""Reports compiled from what a platform of the tests has recorded, whatever was compiled on it."""

from collections.abc import Iterator, Sequence
from datetime import date

import orjson

from ksad.chassis.documents import Documents
from ksad.contracts.dates import Period
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.compiling import ReportOrder, compile_unchecked
from ksad.ledger.figures.content.model import ReportContent
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier
from ksad.local.machine.folder import Folder
from tests.support.platforms.evidence import journal

Wanted = tuple[ReportKind, str, str]
"""Kind, office and period of a report."""


def compiled_from(folder: Folder, wanted: Sequence[Wanted], on: date) -> Iterator[ReportContent]:
    """The contents of reports, as they would be compiled on a day from the whole journal."""
    leaves = [Entry(at, raw) for at, raw in enumerate(journal(folder))]
    source = WholeLog(leaves, Frontier.empty()._replace(size=len(leaves)), no_history)
    documents = Documents(folder.documents("reporting"))

    for kind, office, period in wanted:
        order = ReportOrder(kind, office, Period.parse(period), "ksad/uji/national", on, documents.get)
        yield compile_unchecked(source, order).content


def keys_of(folder: Folder) -> frozenset[str]:
    """The keys by which people registered cooperations, as they typed them."""
    events = map(orjson.loads, journal(folder))
    return frozenset(one["data"]["key"] for one in events if one["type"].startswith("ksad.cooperation.registered."))
