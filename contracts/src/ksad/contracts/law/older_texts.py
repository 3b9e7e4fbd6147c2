"""Reads profiles in the form that earlier releases adopted them in: logs and archives hold such texts for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATUTES = ("categories", "council_approval", "leadership_change")
"""Tables of earlier releases that became statutes."""
GONE = (*STATUTES, "steps", "term_cooperation")
SHORT = "KSAD"
"""What Permendagri 23/2009 calls a cooperation; earlier releases had the name of it under later laws in a field."""


def upcast(document: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document of a profile in today's form. What is missing or of a wrong type stays so.

    Until statutes were dated, each profile said for its own time how disputes are settled, which categories there are
    and when councils approve.
    """
    found = dict(document)
    if isinstance(disputes := found.get("disputes"), Mapping):
        found["disputes"] = [disputes]  # One rule that has always held.
    if isinstance(bodies := found.get("bodies"), list):
        found["bodies"] = [_without(one, "seat_today") for one in bodies]
    name, renamings = found.get("term_cooperation"), found.get("renamings", [])
    if name not in {None, SHORT} and isinstance(renamings, list):
        called = {"then": SHORT, "now": name, "source": str(found.get("title")), "basis": "text"}
        found["renamings"] = [called, *renamings]
    statutes = _statutes(found)
    for table in GONE:
        found.pop(table, None)
    return {"statutes": statutes} | found


def _without(table: object, field: str) -> object:
    return {key: value for key, value in table.items() if key != field} if isinstance(table, Mapping) else table


def _statutes(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for key in STATUTES:
        table = document.get(key)
        if isinstance(table, Mapping) and table.get("known") != []:
            found.append({"key": key, **{name: table.get(name) for name in ("says", "source", "basis")}})
    endings = document.get("endings")
    for one in endings if isinstance(endings, list) else []:
        if isinstance(one, Mapping) and one.get("key") == "term_expired":
            said = {"says": one.get("label"), "source": one.get("source"), "basis": one.get("basis")}
            found.append({"key": "expiry", **said})
    return found
