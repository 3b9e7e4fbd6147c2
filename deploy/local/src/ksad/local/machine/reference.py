"""Adopts what decisions rest on into the log: regions, legal profiles, policy periods and public holidays."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING

import holidays

from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import load_text as regions_text

if TYPE_CHECKING:
    from ksad.chassis.client import Client

HOLIDAY_YEARS = range(2009, 2036)
"""The log holds a fixed list: another release of the library adopts a new one, and replays keep the old."""


def holidays_text() -> str:
    """Indonesia's public holidays as JSON: a list of date and name, from the ``holidays`` library."""
    days = holidays.country_holidays("ID", years=HOLIDAY_YEARS, language="id")
    listed = [{"date": day.isoformat(), "name": name} for day, name in sorted(days.items())]
    return json.dumps({"country": "ID", "holidays": listed}, ensure_ascii=False, sort_keys=True)


def adopt_reference(client: Client) -> None:
    """Adopt all reference data that the register does not have yet; the same content twice adds nothing."""
    texts = [
        ("regions", "regions", regions_text(), "Kepmendagri 300.2.2-2430/2025, lampiran"),
        ("profile", "ksad-2009", law_text("ksad-2009"), "Permendagri 23/2009"),
        ("profile", "ksdd-2018", law_text("ksdd-2018"), "UU 23/2014; PP 28/2018"),
        ("policy", "policy", law_text("policy"), "kebijakan operator; peraturan tidak menetapkan jangka waktu"),
        ("holidays", "holidays", holidays_text(), f"python-holidays {version('holidays')}, kalender Indonesia"),
    ]
    for kind, name, content, source in texts:
        digest = hashlib.sha256(content.encode()).hexdigest()
        body = {"kind": kind, "name": name, "content": content, "sha256": digest, "source": source}
        client.post("registry", "/references", "operator", f"adopt-{name}-{digest[:16]}", body)
