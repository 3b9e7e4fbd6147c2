"""Permissions: which office may take a step of a report, read reports and feeds, and see which parts of the
register.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ksad.contracts.access.reporting import TABLE
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.sight import admits, former_party, sight

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Audience
    from ksad.contracts.regions import RegionTable
    from ksad.contracts.sight import FormerParty
    from ksad.ledger.folds.report_state import Report


def check_compiling(office: str, from_office: str) -> None:
    """Checks that an office compiles a report that it owes itself.

    :raises RuleBrokenError: the report is another office's (kind ``FORBIDDEN``).
    """
    TABLE.check(office, "compile", lambda _: office == from_office)


def check_drafting(office: str, from_office: str) -> None:
    """Checks that an office reads what a report that is not compiled would say: whoever owes it, and auditors.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    TABLE.check(office, "read-draft", lambda _: office == from_office)


def check_step(office: str, report: Report, step: str) -> None:
    """Checks who takes a step: who owes a report submits or discards it, its addressee accepts or returns it.

    :raises RuleBrokenError: another office takes the step (kind ``FORBIDDEN``).
    """
    rule, owner = (
        ("own-report", report.from_office) if step in {"submit", "discard"} else ("addressee", report.to_office)
    )
    if office != owner:
        who = "yang menyusun" if rule == "own-report" else "penerima"
        detail = f"Hanya {who} laporan ini yang dapat melakukan hal ini."
        raise RuleBrokenError(rule, detail, kind=RefusalKind.FORBIDDEN, office=owner)


def check_correcting(office: str, recorded_by: str) -> None:
    """Checks that an office corrects only what it recorded itself.

    :raises RuleBrokenError: another office recorded it (kind ``FORBIDDEN``).
    """
    if office != recorded_by:
        detail = "Catatan hanya dapat diperbaiki oleh yang mencatatnya."
        raise RuleBrokenError("own-event", detail, kind=RefusalKind.FORBIDDEN, office=recorded_by)


def own_chain(office: str) -> tuple[str, ...] | None:
    """The offices whose reports an office of a province may read; ``None`` for an office that may read all."""
    role, _, code = office.partition(":")
    return (f"tkksd:{code}", f"governor:{code}") if role in {"governor", "tkksd"} else None


def check_reading(office: str, report: Report) -> None:
    """Checks that an office may read a report: a province's offices only those of their own chain.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    check_reading_of(office, report.from_office)


def check_reading_of(office: str, from_office: str) -> None:
    """Checks that an office may read the reports that another one owes.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    own = own_chain(office)
    TABLE.check(office, "read-report", lambda _: own is not None and from_office in own)


def check_reading_feed(office: str, province: str) -> None:
    """Checks that an office may read a feed: a province's offices their own, ministry and auditors all.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    TABLE.check(office, "read-feed", lambda _: office.rpartition(":")[2] == province)


def check_adopting_rule(office: str, *, untold: bool) -> None:
    """Checks that an office may adopt another version of the feeds' rule; an operator only before anybody was told.

    :param untold: no feed has an entry yet.
    :raises RuleBrokenError: of kind FORBIDDEN, it may not.
    """
    TABLE.check(office, "adopt-feed-rule", lambda _: untold)


def sight_of(office: str, item: dict[str, Any], regions: RegionTable, day: date) -> Audience:
    """The widest audience to which an office belongs for a row of the register, on a day."""
    bodies = {item["supervising_body"], *item.get("supervisors", ())}
    return sight(office, item["parties"], bodies, lambda code: regions.code_on(code, day))


def visible(event: dict[str, Any], seen: Audience, former: FormerParty | None) -> bool:
    """Whether an office may see an event of a cooperation; ``former`` is what it is as a former party."""
    if admits(seen, event["type"]):
        return True
    on = date.fromisoformat(event["occurredon"])
    return former is not None and former.admits(event["type"], on, event["data"])


def former_of(office: str, item: dict[str, Any], regions: RegionTable, day: date) -> FormerParty | None:
    """What an office is as a former party of a cooperation; ``None`` if it is none."""
    left = [(region, date.fromisoformat(on)) for region, on in item["former"]]
    participants = {key: {*one["between"], *one["left"]} for key, one in item["agreements"].items()}
    return former_party(office, left, participants, lambda code: regions.code_on(code, day))
