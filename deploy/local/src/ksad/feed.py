"""``ksad feed follow``: a province takes its feed into a file of its own and checks it as it goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reporting.feeds.follower import Head, HttpFeed, Store, follow
from reporting.transparency.checkpoint import open_checkpoint
from reporting.transparency.keys import read_public

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.folder import Folder


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


def run(folder: Folder, province: str, into: Path, key: Path, *, once: bool) -> int:
    """Follow the feed of the platform that runs on a folder; how many entries were stored.

    :raises TargetError: the key file has no key for this feed's log.
    :raises reporting.feeds.follower.FeedBrokenError: the feed is not what was signed.
    """
    endpoints = folder.running()
    ending = f"/feed/{province}"
    found = [(one.name, one.vkey) for one in read_public(key) if one.name.endswith(ending)]
    if len(found) != 1:
        message = f"{key} has no key for the feed of {province}: take public.vkeys from the ministry out of band"
        raise TargetError(message)
    (origin, vkey), token = found[0], endpoints["tokens"][f"feed:{province}"]
    store = Store(into)
    try:
        with HttpFeed(endpoints["reporting"], province, token, opener(vkey, origin)) as feed:
            return follow(feed, store, once=once)
    finally:
        store.close()
