"""What the supervising body records from the document: late facts, and corrections of what others have recorded.

Whoever recorded an entry mends it. What stands by the consent of several is mended by none of them alone, but for its
own number and signatory: a correction would else be an amendment that nobody has signed (P1.4).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ksad.contracts.corrections import substituted
from ksad.contracts.dates import in_words
from ksad.contracts.envelope import newest
from ksad.contracts.regions import office_name
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.sight import team_of
from ksad.registry.domain import permissions
from ksad.registry.domain.acts import act_of
from ksad.registry.domain.commands import CloseBackfill, Correct, ReturnEntry, VerifyEntries
from ksad.registry.domain.corrections import target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

SAYING_NOTHING = (CloseBackfill, Correct, ReturnEntry, VerifyEntries)
"""Commands by which nothing is said to have happened in the cooperation."""
OWN = frozenset({"numbers", "signatories"})


def check(office: str, command: Command, state: Cooperation, context: Context) -> None:
    """Checks that an office may give a command today, about a fact of that day.

    :raises RuleBrokenError: it may not.
    """
    permissions.check(office, command, state, context)
    check_in_time(office, command, state, context)


def check_in_time(office: str, command: Command, state: Cooperation, context: Context) -> None:
    """Checks that a live fact is recorded within the days that the policy names, or by the supervising body.

    :raises RuleBrokenError: it happened earlier, and another office records it, or the document is missing.
    """
    limit = context.adopted.policy.late_recording_days if context.adopted.policy else None
    if limit is None or context.legacy or isinstance(command, SAYING_NOTHING):
        return
    if context.until >= context.today - timedelta(days=limit.days):
        return
    detail = f"Peristiwa ini terjadi lebih dari {limit.days} hari yang lalu ({in_words(context.when)})."
    body = permissions.body_of(command, state, context.now)
    if body != team_of(office) or office.startswith("region:"):
        detail = f"{detail} Mintalah {_named(body, context)} mencatatnya berdasarkan naskahnya."
        raise RuleBrokenError("recorded-in-time", detail, kind=RefusalKind.FORBIDDEN, days=limit.days)
    if "document" in type(command).model_fields and not command.documents():
        detail = f"{detail} Unggah naskahnya, lalu sebutkan naskah itu."
        raise RuleBrokenError("recorded-in-time", detail, days=limit.days)


def _named(body: str | None, context: Context) -> str:
    return "pembina kerja samanya" if body is None else office_name(body, context.adopted.regions, context.today)


def check_correction(
    office: str, stream: Sequence[Envelope], command: Correct, state: Cooperation, context: Context
) -> None:
    """Checks that an office may correct an entry: as the one that recorded it, as a party, or as the supervising body.

    :raises RuleBrokenError: it may not, or the supervising body names no deed.
    """
    target = target_of(stream, command)
    recorded = _same(office, target.actoroffice, context)
    body = permissions.body_of(command, state, context.now)
    if body == team_of(office):
        if not recorded and command.document is None and "document" not in command.fields:
            detail = "Pembetulan atas catatan pihak lain memerlukan naskahnya. Unggah naskah itu, lalu sebutkan."
            raise RuleBrokenError("correction-has-deed", detail, "P1.4")
        return
    standing = target.data.get("standing") or {}
    by_consent = standing.get("by") == "parties"
    if not (recorded or by_consent):
        detail = (
            f"Catatan ini dibuat oleh kantor lain. Mintalah kantor itu, atau {_named(body, context)}, membetulkannya."
        )
        raise RuleBrokenError("own-entry", detail, kind=RefusalKind.FORBIDDEN)
    # Also of what a party has recorded before the others were asked.
    if by_consent or (office.startswith("region:") and act_of(newest(target).fact()) is not None):
        _check_own(office, stream, target, command, context)


def _same(office: str, other: str, context: Context) -> bool:
    """Whether two are one office, also where the code of its region has changed since."""
    if office == other or not (office.startswith("region:") and other.startswith("region:")):
        return office == other
    return _lineage(office, context) == _lineage(other, context)


def _lineage(code: str, context: Context) -> str:
    region = code.removeprefix("region:")
    try:
        return context.adopted.regions.lineage(region)
    except RuleBrokenError:
        return region


def _check_own(office: str, stream: Sequence[Envelope], target: Envelope, command: Correct, context: Context) -> None:
    present = next(one.data for one in substituted(stream) if one.id == target.id)
    mine = _lineage(office, context)
    if set(command.fields) <= OWN and all(
        {code for code in old.keys() | new.keys() if old.get(code) != new.get(code)} <= {mine}
        for old, new in (
            (_by_region(present.get(name), context), _by_region(value, context))
            for name, value in command.fields.items()
        )
    ):
        return
    detail = (
        "Naskah ini mengikat beberapa pihak. Satu pihak hanya dapat membetulkan nomor dan "
        "penandatangannya sendiri; selebihnya diperbaiki oleh pembina kerja samanya berdasarkan naskahnya."
    )
    raise RuleBrokenError("own-number-only", detail, "P1.4", kind=RefusalKind.FORBIDDEN)


def _by_region(value: Any, context: Context) -> dict[str, Any]:  # noqa: ANN401 - as asked, not yet read strictly
    """Numbers or signatories, each by the lineage of its region; whatever is no such value is of nobody."""
    if isinstance(value, dict):
        return {_lineage(code, context): one for code, one in value.items()}
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        found = [(_lineage(str(one.get("region")), context), one) for one in value]
        return {lineage: [one for owner, one in found if owner == lineage] for lineage, _ in found}
    return {"": value}
