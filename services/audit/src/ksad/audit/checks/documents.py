"""Checks the documents of an archive against their hashes and against what leaves state about them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from ksad.audit.checks.verdict import Check
from ksad.contracts.wording import listed
from ksad.ledger.archive.archive import document_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

    from ksad.audit.checks.meaning import CitedDocument

SHOWN = 3
# Wider than what an upload may name: only what cannot be a media type is noted.
MEDIA_TYPE = re.compile(r"[!-~]{1,60}/[ -~]{1,60}", re.ASCII)


def documents(data: Traversable, cited: Mapping[CitedDocument, int]) -> Iterator[Check]:
    """Checks that each document has its hash, and that each cited document is stored under the leaf's service.

    A noted check lists leaves that state another size than the document has, or no valid media type.

    :param cited: the cited documents, with the index of the first leaf that cites each.
    """
    sizes: dict[tuple[str, str], int] = {}
    changed = []
    for service, path, sha256 in document_files(data):
        content = path.read_bytes()
        sizes[service, sha256] = len(content)
        if hashlib.sha256(content).hexdigest() != sha256:
            changed.append(sha256)
    missing = {one.sha256: at for one, at in cited.items() if (one.service, one.sha256) not in sizes}
    first = min((at for one, at in cited.items() if one.sha256 in {*changed, *missing}), default=None)
    named = {(one.service, one.sha256) for one in cited}
    detail = f"{len(sizes)} documents have their hash, all {len(named)} that leaves cite are here"
    if free := len(sizes.keys() - named):
        detail += f"; {free} were never cited"
    if changed or missing:
        told = listed(sorted(missing), SHOWN, "and {} more") or "none"
        gone = listed(changed, SHOWN, "and {} more") or "none"
        detail = f"changed: {gone}; missing where its service looks for it: {told}"
    yield Check("documents", not changed and not missing, detail, first)
    if believed := sorted(at for one, at in cited.items() if not _is_as_stored(one, sizes)):
        yield Check(
            "believed",
            ok=True,
            noted=True,
            detail=f"{len(believed)} leaves, the first of them {believed[0]}, say another size of a document than it "
            "has, or name no media type; earlier releases believed their clients",
        )


def _is_as_stored(one: CitedDocument, sizes: Mapping[tuple[str, str], int]) -> bool:
    return (
        sizes.get((one.service, one.sha256), one.size) == one.size and MEDIA_TYPE.fullmatch(one.media_type) is not None
    )
