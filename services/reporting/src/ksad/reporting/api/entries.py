"""Routes of single entries of the log: their exact bytes with a proof, and what a cooperation was on a day."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Path

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import require_current
from ksad.contracts.access.reporting import TABLE
from ksad.contracts.rules import RefusalKind
from ksad.ledger.log.checkpoint import parse_checkpoint
from ksad.ledger.log.proof import inclusion_proof, verify_inclusion
from ksad.reporting.api import answering
from ksad.reporting.journal import NATIONAL
from ksad.reporting.parts import Parts, Running
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.requests import Router

    Visible = Callable[[Parts, Views, Caller, UUID, int], bool]

Reader = Annotated[Caller, Depends(require_current("read"))]


def add_entries(routes: Router, visible: Visible) -> None:
    """Adds the route.

    :param visible: tells whether an entry of a cooperation's timeline is shown to a caller.
    """

    @routes.get("/entries/{index}", **answers(answering.EntryResponse))
    def get_entry(caller: Reader, parts: Running, index: Annotated[int, Path(ge=0, le=2**53 - 1)]) -> dict[str, Any]:
        """One entry of the log: its exact bytes, its leaf hash, and the proof that the signed log contains it.

        Without a proof while the log is not signed so far. 404 for an entry that is none or that the caller may not
        see, without saying which.
        """
        with parts.journal.database.read() as connection:
            found = parts.journal.entries(connection, index, 1)
            views = Views(connection)
            about = views.about(index)
            reads_log = bool(TABLE.grants_for(caller.office, "read_log"))
            if not found or not (reads_log or (about is not None and visible(parts, views, caller, about, index))):
                raise Problem(RefusalKind.UNKNOWN, "entry-known", "Catatan ini tidak ada, atau tidak untuk Anda.")
            raw, leaf = found[0].raw, parts.journal.leaf_hashes(connection, [index])[index]
            key = None if about is None else views.key_of(about)
        return {
            "index": index,
            "bytes": raw.decode(),
            "event": orjson.loads(raw),
            "cooperation_id": about,
            "key": key,
            "leaf_hash": leaf.hex(),
            "proof": _proof(parts, index, leaf),
        }


def _proof(parts: Parts, index: int, leaf: bytes) -> dict[str, Any] | None:
    """The proof that the newest signed head contains a leaf, which was verified; ``None`` if the head is older."""
    note = parts.checkpoints.note(NATIONAL)
    if note is None:
        return None
    signed = parse_checkpoint(note.decode().partition("\n\n")[0] + "\n")
    if index >= signed.size:
        return None
    path = inclusion_proof(index, signed.size, parts.checkpoints.hashes(signed.size))
    verify_inclusion(leaf, index, signed.size, path, signed.root)
    return {
        "origin": signed.origin,
        "size": signed.size,
        "root": base64.b64encode(signed.root).decode(),
        "hashes": [base64.b64encode(one).decode() for one in path],
        "checkpoint": note.decode(),
        "checked_on": today(parts.clock),
    }
