"""One entry of the log as it was recorded, with its proof; the newest signed head; and how anybody checks both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import Depends, Path, Query, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.transfer import download
from ksad.contracts.rules import RefusalKind
from ksad.portal.telling import lines
from ksad.portal.visits import Anyone, Officer, officer

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

Number = Annotated[int, Path(ge=1, le=2**53 - 1)]
CHECK = """\
import base64, hashlib, json
entry = open("catatan.json", "rb").read()
proof = json.load(open("bukti.json"))
found = hashlib.sha256(b"\\0" + entry).digest()
place, last = proof["index"], proof["size"] - 1
for one in map(base64.b64decode, proof["hashes"]):
    if place % 2 or place == last:
        found = hashlib.sha256(b"\\1" + one + found).digest()
        while not place % 2 and place:
            place, last = place // 2, last // 2
    else:
        found = hashlib.sha256(b"\\1" + found + one).digest()
    place, last = place // 2, last // 2
print("cocok" if last == 0 and found == base64.b64decode(proof["root"]) else "TIDAK cocok")
"""
"""The check of an inclusion proof (RFC 9162, section 2.1.3.2) with nothing but Python; the page shows it to copy."""
NOTE = re.compile(r"(?P<origin>[^\n]+)\n(?P<size>\d+)\n(?P<root>\S+)\n")


def router() -> Router:
    """The routes of entries and heads."""
    routes = Router()
    known = [Depends(officer)]

    @routes.get("/catatan", response_class=Response, dependencies=known)
    def find_entry(visit: Officer, nomor: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None) -> Response:
        """Where the number of an entry is typed in."""
        if nomor is not None:
            return RedirectResponse(f"/catatan/{nomor}", 303)
        return visit.page("entries.html")

    @routes.get("/catatan/{nomor}", response_class=Response, dependencies=known)
    def get_entry(visit: Officer, nomor: Number) -> Response:
        """An entry as far as the office may see it: what it says, its bytes, its hash, its proof."""
        found = _entry(visit, nomor)
        [line] = lines(visit.names, [{"index": nomor - 1, "event": found["event"], "corrects": None}], {})
        return visit.page("entry.html", number=nomor, found=found, line=line, check=CHECK)

    @routes.get("/catatan/{nomor}/isi", response_class=Response, dependencies=known)
    def get_bytes(visit: Officer, nomor: Number) -> Response:
        """The exact bytes of an entry, as a download."""
        return download(_entry(visit, nomor)["bytes"].encode(), "catatan", "application/json")

    @routes.get("/catatan/{nomor}/bukti", response_class=Response, dependencies=known)
    def get_proof(visit: Officer, nomor: Number) -> Response:
        """The proof of an entry, as a download."""
        proof = _entry(visit, nomor)["proof"]
        if proof is None:
            detail = "Log belum ditandatangani sampai catatan ini. Coba lagi beberapa saat lagi."
            raise Problem(RefusalKind.UNKNOWN, "entry-signed", detail)
        told = {"index": nomor - 1, **{name: proof[name] for name in ("size", "root", "hashes", "checkpoint")}}
        return download(orjson.dumps(told), "bukti", "application/json")

    @routes.get("/titik-periksa", response_class=Response)
    def get_head(visit: Anyone) -> Response:
        """The newest signed head of the national log, for anybody, and how an archive is checked."""
        note = visit.parts.gateway.text_publicly("reporting", "/checkpoint")
        read = NOTE.match(note)
        return visit.page("head.html", note=note, head=None if read is None else read.groupdict())

    return routes


def _entry(visit: Visit, number: int) -> dict[str, Any]:
    found: dict[str, Any] = visit.read("reporting", f"/entries/{number - 1}")
    return found
