"""Routes of signed checkpoints, hash tiles and proofs, which need no token; bundles of leaves do need one."""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated, Any

from fastapi import Depends, Query, Response

from ksad.chassis.access import require
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.asyncapi import CHECKPOINT_TYPE
from ksad.contracts.rules import RefusalKind
from ksad.ledger.log.errors import ProofError, TileError
from ksad.ledger.log.proof import consistency_proof, inclusion_proof
from ksad.ledger.log.tiles import Tile, bundle, parse_path
from ksad.reporting.api.feeds import Province
from ksad.reporting.journal import NATIONAL
from ksad.reporting.parts import Parts, Running

BYTES = "application/octet-stream"
YEAR_SECONDS = 365 * 24 * 3600
Size = Annotated[int, Query(ge=1, le=2**53 - 1)]


def router() -> Router:
    """The routes of checkpoints, tiles and proofs."""
    routes = Router(tags=["transparency"])

    @routes.get("/checkpoint", response_class=Response)
    def get_checkpoint(parts: Running) -> Response:
        """The newest signed checkpoint of the national log (C2SP tlog-checkpoint). 404 if nothing was signed yet."""
        return _note(parts, NATIONAL)

    @routes.get("/feeds/{province}/checkpoint", response_class=Response)
    def get_feed_checkpoint(parts: Running, province: Province) -> Response:
        """The newest signed checkpoint of a province's feed (C2SP tlog-checkpoint). 404 if nothing was signed yet."""
        return _note(parts, f"feed/{province}")

    @routes.get("/tile/entries/{path:path}", response_class=Response, dependencies=[Depends(require("read_log"))])
    def get_entries(parts: Running, path: str) -> Response:
        """A bundle of leaves (C2SP tlog-tiles), for offices that may read the log. 404 beyond the signed size."""
        tile = _parsed(f"tile/entries/{path}")
        _within(parts, tile.first + tile.width)
        with parts.journal.database.read() as connection:
            entries = parts.journal.entries(connection, tile.first, tile.width)
        return _immutable(bundle([entry.raw for entry in entries]), "private")

    @routes.get("/tile/{path:path}", response_class=Response)
    def get_tile(parts: Running, path: str) -> Response:
        """A tile of hashes (C2SP tlog-tiles); hashes reveal no content. 404 beyond the signed size."""
        tile = _parsed(f"tile/{path}")
        _within(parts, tile.leaf(tile.width))
        try:
            raw = parts.checkpoints.tiles.read(tile)
        except TileError as error:
            raise Problem(RefusalKind.UNKNOWN, "tile-known", f"Ubin {path} tidak ada.") from error
        return _immutable(raw, "public")

    @routes.get("/proofs/inclusion")
    def get_inclusion(parts: Running, index: Annotated[int, Query(ge=0, le=2**53 - 1)], size: Size) -> dict[str, Any]:
        """The inclusion proof of a leaf in the tree of ``size`` leaves (RFC 9162, section 2.1.3): hashes in Base64.

        404 beyond the signed size, 400 if there is no such proof.
        """
        _within(parts, size)
        try:
            path = inclusion_proof(index, size, parts.checkpoints.hashes(size))
        except ProofError as error:
            raise _impossible(error) from error
        return {"index": index, "size": size, "hashes": _shown(path)}

    @routes.get("/proofs/consistency")
    def get_consistency(
        parts: Running,
        first: Annotated[int, Query(alias="from", ge=1, le=2**53 - 1)],
        second: Annotated[int, Query(alias="to", ge=1, le=2**53 - 1)],
    ) -> dict[str, Any]:
        """The consistency proof between the trees of ``from`` and ``to`` leaves (RFC 9162, section 2.1.4): hashes in
        Base64.

        404 beyond the signed size, 400 if there is no such proof.
        """
        _within(parts, second)
        try:
            path = consistency_proof(first, second, parts.checkpoints.hashes(second))
        except ProofError as error:
            raise _impossible(error) from error
        return {"from": first, "to": second, "hashes": _shown(path)}

    return routes


def _note(parts: Parts, log: str) -> Response:
    note, refused = parts.checkpoints.note(log), parts.checkpoints.refused
    if note is None and refused is not None:
        raise Problem(RefusalKind.UNAVAILABLE, "log-signed", f"Log ini tidak ditandatangani: {refused}")
    if note is None:
        raise Problem(RefusalKind.UNKNOWN, "checkpoint-known", "Log ini belum mempunyai kepala yang ditandatangani.")
    return Response(note, media_type=CHECKPOINT_TYPE, headers={"Cache-Control": "no-cache", "ETag": _tag(note)})


def _immutable(raw: bytes, who: str) -> Response:
    """A response that may be cached for ever: a signed tile of a given width never changes."""
    headers = {"Cache-Control": f"{who}, max-age={YEAR_SECONDS}, immutable", "ETag": _tag(raw)}
    return Response(raw, media_type=BYTES, headers=headers)


def _tag(raw: bytes) -> str:
    return f'"{hashlib.sha256(raw).hexdigest()}"'


def _parsed(path: str) -> Tile:
    try:
        return parse_path(path)
    except TileError as error:
        raise Problem(RefusalKind.UNKNOWN, "tile-known", "Alamat ini bukan alamat ubin tlog-tiles.") from error


def _within(parts: Parts, size: int) -> None:
    signed = parts.checkpoints.signed_size()
    if size > signed:
        raise Problem(
            RefusalKind.UNKNOWN,
            "size-signed",
            f"Log ditandatangani sampai {signed} entri; diminta {size}.",
            size=signed,
        )


def _impossible(error: ProofError) -> Problem:
    detail = "Bukti tidak dapat dibuat: entri atau pohon yang lebih kecil harus termasuk dalam pohon yang diminta."
    return Problem(RefusalKind.UNREADABLE, "proof-possible", detail, reason=str(error))


def _shown(path: list[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in path]
