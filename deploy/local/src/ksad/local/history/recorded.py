"""What the register already has of a cooperation: its commands, and what became of the acts that they proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis.client import ProblemError
from ksad.chassis.clock import RealClock, today
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.regions import RegionTable, office_name
from ksad.contracts.regions import load_text as regions_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.chassis.client import Client

NOT_FOUND = 404
CLOSED = "ksad.cooperation.backfill_closed"
PROPOSED = "ksad.cooperation.act_proposed"
REFUSED = "ksad.cooperation.act_refused"
WITHOUT_EFFECT = (REFUSED, "ksad.cooperation.act_closed")
WHY = {
    "withdrawn": "ditarik kembali oleh pengusulnya",
    "expired": "tidak dikonfirmasi sampai batas waktunya",
    "overtaken": "tidak dapat berlaku lagi",
}
"""Why a proposal was closed, in words."""


class RecordedHistory(NamedTuple):
    """The ids of a cooperation's commands, whether its backfill is closed, and the commands that had to wait.

    ``by`` is the office that registered it; None where nobody has. ``waiting`` has the proposals that still wait by the
    command that proposed each; ``without_effect`` says of commands whose proposal was closed why it was.
    """

    commands: frozenset[str] = frozenset()
    closed: bool = False
    waiting: Mapping[str, str] = {}
    without_effect: Mapping[str, str] = {}
    by: str | None = None


def recorded(client: Client, office: str, key: str) -> RecordedHistory:
    """What the register has of the cooperation with a key, as an office sees it."""
    path = f"/cooperations/{cooperation_id(key)}"
    try:
        events = client.get("registry", f"{path}/events", office)["items"]
    except ProblemError as error:
        if error.status != NOT_FOUND:
            raise
        return RecordedHistory()
    proposals = {one["id"]: one.get("commandid") or "" for one in events if one["type"].startswith(PROPOSED)}
    over = {
        one["data"]["proposal"]: _why(one["type"], one["data"])
        for one in events
        if one["type"].startswith(WITHOUT_EFFECT)
    }
    pending = client.get("registry", path, office)["pending"] if proposals.keys() - over.keys() else []
    return RecordedHistory(
        frozenset(one["commandid"] for one in events if one.get("commandid")),
        any(one["type"].startswith(CLOSED) for one in events),
        {proposals[one["proposal"]]: one["proposal"] for one in pending if one["proposal"] in proposals},
        {proposals[proposal]: why for proposal, why in over.items() if proposal in proposals},
        events[0]["actoroffice"] if events else None,
    )


def _why(kind: str, data: Mapping[str, Any]) -> str:
    what = f"ditolak oleh {_region(data['region'])}" if kind.startswith(REFUSED) else WHY[data["why"]]
    reason = data.get("reason")
    return f"{what} ({reason.rstrip('.')})" if reason else what


def _region(code: str) -> str:
    """The name of a region, as this release knows it."""
    return RegionTable.from_csv(regions_text()).names([code])


def named_office(office: str) -> str:
    """The name of an office, as this release knows the regions."""
    return office_name(office, RegionTable.from_csv(regions_text()), today(RealClock()))
