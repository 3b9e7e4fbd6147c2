"""``ksad feed follow``: a province takes its feed into a file of its own and checks it as it goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reporting.feeds.follower import Head, HttpFeed, Store, follow
from reporting.transparency.checkpoint import open_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable


class TargetError(ValueError):
    """``--into`` names no target; the message says how."""


def target(into: str) -> Path:
    """The SQLite file that ``sqlite:PATH`` or a bare path names."""
    path = into.removeprefix("sqlite:")
    if not path:
        message = "--into takes sqlite:PATH"
        raise TargetError(message)
    return Path(path)


def opener(vkey: str, origin: str) -> Callable[[bytes], Head]:
    """Opens signed notes of one origin with one pinned key."""

    def open_note(note: bytes) -> Head:
        head = open_checkpoint(note, origin, vkey)
        return Head(head.size, head.root)

    return open_note


def run(url: str, province: str, token: str, vkey: str, origin: str, into: Path, *, once: bool) -> int:
    """Follow the feed; how many entries were stored."""
    store = Store(into)
    try:
        with HttpFeed(url, province, token, opener(vkey, origin)) as feed:
            return follow(feed, store, once=once)
    finally:
        store.close()
