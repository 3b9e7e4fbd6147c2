"""Follow-ups of findings: which office does what by when, until evidence closes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import in_words
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.supervision import FollowUpClosed, TaskCompleted
from ksad.supervision.domain.task import head_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from ksad.contracts.catalogue import DocumentRef
    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.task import Task


ACTING = ("minister", "joint_secretariat")
"""The offices that can be called upon to do something, beside those of provinces and regions."""


def check_conforming(task: Task, fact: TaskCompleted) -> None:
    """Checks that a finding calls for something where it does not conform, and only there.

    :raises RuleBrokenError: it does otherwise.
    """
    for number, finding in enumerate(fact.findings, 1):
        if finding.conforms and finding.follow_up is not None:
            detail = f"Temuan nomor {number} sesuai; tindak lanjut hanya diminta atas temuan yang tidak sesuai."
            raise RuleBrokenError("follow-up-of-deviation", detail, task.clause, finding=number)
        if not finding.conforms and finding.follow_up is None:
            detail = f"Temuan nomor {number} tidak sesuai. Sebutkan siapa yang menindaklanjuti, apa, dan sampai kapan."
            raise RuleBrokenError("follow-up-of-deviation", detail, task.clause, finding=number)


def check_follow_ups(task: Task, fact: TaskCompleted, on: date, parties: Collection[str], regions: RegionTable) -> None:
    """Checks that what findings call for is due after they were filed, from an office that may know of them.

    :param parties: of the cooperation and its agreements, and who left them.
    :raises RuleBrokenError: one is due earlier, or from nobody that the finding concerns.
    """
    for finding in fact.findings:
        due = finding.follow_up
        if due is None:
            continue
        if due.by < on:
            detail = f"Tenggat tindak lanjut ({in_words(due.by)}) mendahului temuannya ({in_words(on)})."
            raise RuleBrokenError("follow-up-ahead", detail, task.clause, by=due.by)
        if not _concerned(due.who, task, on, parties, regions):
            detail = (
                "Tindak lanjut diminta dari pihak kerja sama ini, Gubernur atau TKKSD provinsinya, pembinanya, "
                "Sekretariat Bersama, atau Menteri. Periksa siapa yang menindaklanjuti temuan ini."
            )
            raise RuleBrokenError("follow-up-by-office", detail, task.clause, who=due.who)


def _concerned(office: str, task: Task, on: date, parties: Collection[str], regions: RegionTable) -> bool:
    """Whether an office reads what was found: a stranger that is named would be shown the finding of others."""
    kind, _, code = office.partition(":")
    if office in (*ACTING, task.body, head_of(task.body)):
        return True
    if kind in {"governor", "tkksd"}:
        return code in {regions.code_on(one, on)[:2] for one in parties}
    # Under its code of that day: under an older one nobody acts any more (P1.1).
    return kind == "region" and code in {regions.code_on(one, on) for one in parties}


def check_refiled(task: Task, fact: TaskCompleted, *, conforming: bool) -> None:
    """Checks that corrected findings keep the follow-ups that evidence has closed.

    :param conforming: whether they are new ones, which call for something where they do not conform, and only there.
    :raises RuleBrokenError: a number that was closed calls for nothing any more, or as for :func:`check_conforming`.
    """
    kept = {number for number, one in enumerate(fact.findings, 1) if one.follow_up is not None}
    lost = sorted(set(task.follow_ups_closed) - kept)
    if lost:
        detail = f"Tindak lanjut temuan nomor {', '.join(map(str, lost))} sudah ditutup dan tetap pada nomornya."
        raise RuleBrokenError("follow-up-kept", detail, task.clause, kind=RefusalKind.CONFLICT, findings=lost)
    if conforming:
        check_conforming(task, fact)


def close_follow_up(
    task: Task, finding: int, outcome: str, documents: Sequence[DocumentRef], on: date
) -> FollowUpClosed:
    """The closing of a follow-up by its evidence.

    :param finding: the number of the finding among those filed, from 1.
    :raises RuleBrokenError: the finding calls for nothing, it is closed already, or the day is before the finding.
    """
    if finding not in task.follow_ups:
        known = ", ".join(map(str, task.follow_ups)) or "tidak ada"
        detail = f"Temuan nomor {finding} tidak meminta tindak lanjut. Yang meminta: {known}."
        raise RuleBrokenError("follow-up-known", detail, task.clause, kind=RefusalKind.UNKNOWN, finding=finding)
    if finding in task.follow_ups_closed:
        detail = f"Tindak lanjut temuan nomor {finding} sudah ditutup."
        raise RuleBrokenError("follow-up-open", detail, task.clause, kind=RefusalKind.CONFLICT, finding=finding)
    assert task.completed is not None  # noqa: S101 - findings are filed by the completion
    if on < task.completed.on:
        detail = f"Temuan ini baru dicatat pada {in_words(task.completed.on)}."
        raise RuleBrokenError("task-in-order", detail, task.clause, on=on)
    return FollowUpClosed(cooperation_id=task.cooperation_id, finding=finding, outcome=outcome, documents=[*documents])
