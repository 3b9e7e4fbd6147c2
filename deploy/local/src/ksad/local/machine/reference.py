"""Adopts what decisions rest on into the log: regions, legal profiles, policy periods and public holidays."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import holidays

from ksad.contracts.identifiers import command_id
from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import load_text as regions_text

if TYPE_CHECKING:
    from ksad.chassis.client import Client

OPERATOR = "operator"
HOLIDAY_YEARS = range(2009, 2036)
"""The log holds a fixed list: another release of the library adopts a new one, and replays keep the old."""


def holidays_text() -> str:
    """Indonesia's public holidays as JSON: a list of date and name, from the ``holidays`` library."""
    days = holidays.country_holidays("ID", years=HOLIDAY_YEARS, language="id")
    listed = [{"date": day.isoformat(), "name": name} for day, name in sorted(days.items())]
    return json.dumps({"country": "ID", "holidays": listed}, ensure_ascii=False, sort_keys=True)


def adopt_reference(client: Client) -> list[str]:
    """Adopt the package's reference data where the register has none, or an older one of the package's own.

    What is adopted now decides, and an equal content stays as it was adopted. What somebody else adopted stays, too:
    the names of those texts of which the package has another one are returned.
    """
    texts = [
        ("regions", "regions", regions_text(), "Kepmendagri 300.2.2-2430/2025, lampiran"),
        ("profile", "ksad-2009", law_text("ksad-2009"), "Permendagri 23/2009"),
        ("profile", "ksdd-2018", law_text("ksdd-2018"), "UU 23/2014; PP 28/2018"),
        ("policy", "policy", law_text("policy"), "kebijakan operator; peraturan tidak menetapkan jangka waktu"),
        ("holidays", "holidays", holidays_text(), f"python-holidays {version('holidays')}, kalender Indonesia"),
    ]
    now = {one["name"]: one for one in client.get("registry", "/references", OPERATOR)["items"]}
    left = []
    for kind, name, content, source in texts:
        digest = hashlib.sha256(content.encode()).hexdigest()
        known = now.get(name)
        if known is not None and known["sha256"] == digest:
            continue
        if known is not None and not _is_packaged(known):
            left.append(name)
            continue
        body = {"kind": kind, "name": name, "content": content, "sha256": digest, "source": source}
        key = _key(name, digest, known and known["event_id"])
        client.post("registry", "/references", OPERATOR, key, body)
    return left


def _key(name: str, digest: str, replaced: str | None) -> str:
    """The idempotency key under which the package's text takes the place of the one that an event adopted."""
    return "-".join(["adopt", name, digest[:16], *([replaced] if replaced else [])])


def _is_packaged(known: dict[str, Any]) -> bool:
    """Whether a start adopted it: its command is the one that such a start sends, or sent before it looked first."""
    keys = {_key(known["name"], known["sha256"], replaced) for replaced in (known["replaced_event_id"], None)}
    return known["command_id"] in {str(command_id(OPERATOR, key)) for key in keys}
