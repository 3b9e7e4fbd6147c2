"""A province's follower as a process, without the command around it, so that it starts fast: it may be killed and cut.

``python -m tests.support.platforms.following ORDER`` takes an order as JSON, see :func:`order`.
"""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from ksad.audit.feeds.command import opener, target
from ksad.audit.feeds.follower import HttpFeed, follow
from ksad.audit.feeds.subscription import NatsFeed
from tests.support.text.source import ROOT


def order(url: str, province: str, into: str, vkey: str, **more: Any) -> dict[str, Any]:
    """What to follow: the address of HTTP, the province, where to keep it, and the pinned key.

    :param more: ``token``, ``credentials`` (those of the broker, to take it over NATS), ``once``.
    """
    return {"url": url, "province": province, "into": into, "vkey": vkey, "token": "token", "once": False, **more}


def start(wanted: dict[str, Any]) -> subprocess.Popen[bytes]:
    """A follower that goes on until it is killed, or is done if it is to take it once."""
    command = [sys.executable, "-m", "tests.support.platforms.following", json.dumps(wanted)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def rows(file: Path) -> int:
    """How many entries are in an SQLite file, or lines in a file of lines, at this moment."""
    if file.suffix != ".sqlite":
        return file.read_bytes().count(b"\n") if file.exists() else 0
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as connection:
            found: int = connection.execute("SELECT count(*) FROM feed").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    return found


def proven(file: Path) -> int:
    """How many entries the newest verified head covers at this moment."""
    if file.suffix != ".sqlite":
        state = file.with_name(file.name + ".state")
        known = json.loads(state.read_text()) if state.exists() else {}
        return int.from_bytes(bytes.fromhex(known.get("confirmed", "00" * 8))[:8])
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as connection:
            found: int = connection.execute("SELECT checked FROM state").fetchone()[0]
    except (sqlite3.OperationalError, TypeError):
        return 0
    return found


def kept(into: str) -> tuple[list[bytes], int, bytes]:
    """All that is kept, and the size and root that the newest verified head confirmed."""
    opened = target(into)
    try:
        tree = opened.confirmed().tree
        return list(opened.leaves(0, opened.tip().size)), tree.size, tree.root()
    finally:
        opened.close()


def main(wanted: dict[str, Any]) -> None:
    """Follow as ordered."""
    origin = wanted["vkey"].partition("+")[0]
    open_note = opener(wanted["vkey"], origin)
    http = HttpFeed(wanted["url"], wanted["province"], wanted["token"], open_note)
    with closing(target(wanted["into"])) as stored, http:
        if wanted.get("credentials") is None:
            follow(http, stored, once=wanted["once"])
            return
        with NatsFeed(wanted["credentials"], wanted["province"], http, open_note) as feed:
            follow(feed, stored, once=wanted["once"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
