"""``ksad feed follow``: a province takes its feed into a file of its own and checks it as it goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ksad.audit.feeds.follower import FeedBrokenError, HttpFeed, VerifiedHead, follow
from ksad.audit.feeds.kept import Kept, LinesKept, SqliteKept
from ksad.ledger.log.checkpoint import open_checkpoint
from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.keys import read_public

if TYPE_CHECKING:
    from ksad.audit.feeds.subscription import NatsFeed

SQLITE = "sqlite:"


class Road(StrEnum):
    """How a feed comes."""

    HTTP = "http"
    NATS = "nats"


class TargetError(ValueError):
    """``--into``, the key or the credentials do not fit; the message says how."""


def target(into: str) -> Kept:
    """Where ``--into`` says: ``sqlite:PATH``, or a file of JSON Lines."""
    path = into.removeprefix(SQLITE)
    if not path:
        message = "--into takes sqlite:PATH or FILE"
        raise TargetError(message)
    try:
        return SqliteKept(Path(path)) if into.startswith(SQLITE) else LinesKept(Path(path))
    except OSError as error:
        raise TargetError(f"{path}: {error.strerror}") from error


def opener(vkey: str, origin: str) -> Callable[[bytes], VerifiedHead]:
    """Opens signed notes of one origin with one pinned key."""

    def open_note(note: bytes) -> VerifiedHead:
        try:
            head = open_checkpoint(note, origin, vkey)
        except TransparencyError as error:
            raise FeedBrokenError(
                f"the signed head is not one of {origin}, or not signed with its key: {error}"
            ) from error
        return VerifiedHead(head.size, head.root, note)

    return open_note


def _pinned(key: Path, province: str) -> Callable[[bytes], VerifiedHead]:
    try:
        found = [(one.name, one.vkey) for one in read_public(key) if f"/feed/{province}" in one.name]
    except TransparencyError as error:
        raise TargetError(str(error)) from error
    if not found:
        message = f"{key} has no key for the feed of {province}: take public.vkeys from the ministry out of band"
        raise TargetError(message)
    origin, vkey = found[0]
    return opener(vkey, origin)


def _nats_feed() -> type[NatsFeed]:
    """The follower over NATS, whose library is an extra: most follow over HTTP.

    :raises TargetError: the extra is not installed.
    """
    try:
        from ksad.audit.feeds.subscription import NatsFeed  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise TargetError("following over NATS needs the extra: install ksad-audit[nats]") from error
    return NatsFeed


class FeedAccess(NamedTuple):
    """Where a province takes its feed from: reporting's address, its token there, and its NATS credentials."""

    province: str
    url: str
    token: str
    credentials: Path | None


def run(source: FeedAccess, into: str, key: Path, *, over: Road = Road.HTTP, once: bool) -> int:
    """Follow a province's feed; how many entries were stored.

    :raises TargetError: the key file has no key for this feed's log, or the province has no credentials.
    :raises ksad.audit.feeds.follower.FeedBrokenError: the feed is not what was signed.
    :raises ksad.audit.feeds.follower.UnreachableError: nobody answers, and it is asked for once.
    """
    province = source.province
    open_note = _pinned(key, province)
    with closing(target(into)) as kept, HttpFeed(source.url, province, source.token, open_note) as http:
        if over is Road.HTTP:
            return follow(http, kept, once=once)
        if source.credentials is None or not source.credentials.exists():
            raise TargetError(f"{province} has no credentials: `ksad feeds provision`, or rotate after a revocation")
        with _nats_feed()(json.loads(source.credentials.read_text()), province, http, open_note) as feed:
            return follow(feed, kept, once=once)
