"""``ksad feed follow``: a province takes its feed into a file of its own and checks it as it goes."""

import json
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from ksad.folder import Folder
from ksad.subscription import NatsFeed
from reporting.feeds.follower import FeedBrokenError, Head, HttpFeed, follow
from reporting.feeds.kept import Kept, LinesKept, SqliteKept
from reporting.transparency.checkpoint import open_checkpoint
from reporting.transparency.errors import TransparencyError
from reporting.transparency.keys import read_public

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


def opener(vkey: str, origin: str) -> Callable[[bytes], Head]:
    """Opens signed notes of one origin with one pinned key."""

    def open_note(note: bytes) -> Head:
        try:
            head = open_checkpoint(note, origin, vkey)
        except TransparencyError as error:
            raise FeedBrokenError(
                f"the signed head is not one of {origin}, or not signed with its key: {error}"
            ) from error
        return Head(head.size, head.root, note)

    return open_note


def _pinned(key: Path, province: str) -> Callable[[bytes], Head]:
    try:
        found = [(one.name, one.vkey) for one in read_public(key) if f"/feed/{province}" in one.name]
    except TransparencyError as error:
        raise TargetError(str(error)) from error
    if not found:
        message = f"{key} has no key for the feed of {province}: take public.vkeys from the ministry out of band"
        raise TargetError(message)
    origin, vkey = found[0]
    return opener(vkey, origin)


def run(folder: Folder, province: str, into: str, key: Path, *, over: Road = Road.HTTP, once: bool) -> int:
    """Follow the feed of the platform that runs on a folder; how many entries were stored.

    :raises TargetError: the key file has no key for this feed's log, or the province has no credentials.
    :raises reporting.feeds.follower.FeedBrokenError: the feed is not what was signed.
    :raises reporting.feeds.follower.UnreachableError: nobody answers, and it is asked for once.
    """
    endpoints = folder.running()
    open_note, token = _pinned(key, province), endpoints["tokens"][f"feed:{province}"]
    with closing(target(into)) as kept, HttpFeed(endpoints["reporting"], province, token, open_note) as http:
        if over is Road.HTTP:
            return follow(http, kept, once=once)
        known = folder.feeds / f"{province}.json"
        if not known.exists():
            raise TargetError(f"{province} has no credentials: `ksad feeds provision`, or rotate after a revocation")
        with NatsFeed(json.loads(known.read_text()), province, http, open_note) as feed:
            return follow(feed, kept, once=once)
