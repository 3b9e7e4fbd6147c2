"""Authority over reports and feeds: which office may take a step or read, and what it may see of the register."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ksad.contracts.access.reporting import TABLE
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.sight import sight
from ksad.ledger.folds.regions import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.contracts.catalogue import Audience
    from ksad.ledger.folds.report_state import Report


def check_compiling(office: str, from_office: str) -> None:
    """An office compiles the reports that it owes itself.

    :raises RuleBrokenError: of kind FORBIDDEN, the report is another office's.
    """
    TABLE.check(office, "compile", lambda _: office == from_office)


def check_step(office: str, report: Report, step: str) -> None:
    """Who wrote a report submits it, and its addressee accepts or returns it.

    :raises RuleBrokenError: of kind FORBIDDEN, the office is not the one.
    """
    rule, owner = ("own-report", report.from_office) if step == "submit" else ("addressee", report.to_office)
    if office != owner:
        detail = f"Hanya {owner} yang dapat melakukan ini atas laporan ini."
        raise RuleBrokenError(rule, detail, kind=RefusalKind.FORBIDDEN, office=owner)


def check_correcting(office: str, recorded_by: str) -> None:
    """An office corrects what it recorded itself.

    :raises RuleBrokenError: of kind FORBIDDEN, another office recorded it.
    """
    if office != recorded_by:
        detail = f"Hanya {recorded_by} yang dapat membetulkan catatannya sendiri."
        raise RuleBrokenError("own-event", detail, kind=RefusalKind.FORBIDDEN, office=recorded_by)


def own_chain(office: str) -> tuple[str, ...] | None:
    """The offices between which a province's reports go; None for an office that reads those of all."""
    role, _, code = office.partition(":")
    return (f"tkksd:{code}", f"governor:{code}") if role in {"governor", "tkksd"} else None


def check_reading(office: str, report: Report) -> None:
    """A province's offices read the reports of their own chain only.

    :raises RuleBrokenError: of kind FORBIDDEN, the report is of another one.
    """
    own = own_chain(office)
    TABLE.check(office, "read-report", lambda _: own is not None and report.from_office in own)


def check_reading_feed(office: str, province: str) -> None:
    """A province's offices read its own feed only; ministry and auditors read all.

    :raises RuleBrokenError: of kind FORBIDDEN, the feed is another province's.
    """
    TABLE.check(office, "read-feed", lambda _: office.rpartition(":")[2] == province)


def sight_of(office: str, item: dict[str, Any], codes: Mapping[str, str]) -> Audience:
    """The widest audience of a row of the register that the office belongs to.

    :param codes: from every code that ended to the one that its region has now.
    """
    return sight(office, item["parties"], item["supervising_body"], partial(now, codes))
