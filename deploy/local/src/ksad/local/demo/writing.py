"""What the offices of the demonstration write in their reports: the drafts made from the data, in their own words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.chassis.client import Client

AT_FIRST = ("conclusions", "advice", "requests", "copies")
"""The sections that an office writes at once; obstacles and follow-up only when its addressee asks for them."""
EVERYTHING = ("conclusions", "obstacles", "advice", "follow_up", "requests", "copies")
OWN = {
    "conclusions": "Pembinaan berjalan; yang terlambat dijadwalkan kembali pada periode berikutnya (ilustrasi).",
    "advice": "Pemutakhiran dokumen pendukung pada register agar diselesaikan setiap semester (ilustrasi).",
    "follow_up": "Temuan dipantau sampai bukti tindak lanjutnya diterima (ilustrasi).",
}
"""What stands behind the draft of a section, or alone where the data suggest nothing; other sections are then empty."""
NOTHING = "Nihil."


class Written(NamedTuple):
    """A report that is written: its kind, the office that owes it, its period."""

    kind: str
    office: str
    period: str


def write(client: Client, report: Written, sections: Iterable[str], key: str) -> None:
    """Writes sections of the coming version of a report, from what the platform drafts.

    :param key: distinguishes the versions of a report.
    """
    named: dict[str, Any] = report._asdict()
    found = client.raw("reporting", f"/reports/narrative?{urlencode(named)}", report.office)
    drafts = {one["section"]: one["draft"] for one in json.loads(found)["sections"]}
    for section in sections:
        paragraphs = [*drafts[section], *([OWN[section]] if section in OWN else [])] or [NOTHING]
        name = f"demo-write-{key}-{section}"
        body = {**named, "section": section, "paragraphs": paragraphs}
        client.post("reporting", "/reports/narrative", report.office, name, body)
