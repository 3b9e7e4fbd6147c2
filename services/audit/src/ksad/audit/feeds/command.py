"""``ksad-audit follow``: a province takes its feed into a file of its own and checks it as it goes."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ksad.audit.feeds.follower import FeedBrokenError, HttpFeed, UnreachableError, VerifiedHead, follow
from ksad.audit.feeds.kept import Kept, LinesKept, SqliteKept
from ksad.ledger.log.checkpoint import open_checkpoint
from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.keys import read_public

if TYPE_CHECKING:
    from ksad.audit.feeds.subscription import NatsFeed

SQLITE = "sqlite:"
PROVINCE = re.compile(r"[1-9][0-9]")
CONSUMER = "prov_"
CREDENTIALS = ("url", "nkey_seed", "stream", "consumer", "api_prefix", "inbox_prefix")


class Road(StrEnum):
    """How a feed comes."""

    HTTP = "http"
    NATS = "nats"


class TargetError(ValueError):
    """``--into``, the key, the token or the credentials do not fit; the message says how."""


def target(into: str) -> Kept:
    """Where ``--into`` says: ``sqlite:PATH``, or a file of JSON Lines.

    :raises TargetError: it can be neither, or holds something else.
    """
    path = into.removeprefix(SQLITE)
    if not path:
        raise TargetError("--into takes sqlite:PATH or FILE")
    try:
        return SqliteKept(Path(path)) if into.startswith(SQLITE) else LinesKept(Path(path))
    except OSError as error:
        raise TargetError(f"--into {path}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise TargetError(f"--into {path}: {error}; name a new file, or the one that was followed into") from error
    except (ValueError, KeyError) as error:
        raise TargetError(f"--into {path}: {path}.state is not what a follower left there ({error})") from error


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


def _pinned(key: Path, province: str) -> tuple[str, str]:
    """The origin of a province's feed and its public key."""
    try:
        found = [(one.name, one.vkey) for one in read_public(key) if f"/feed/{province}" in one.name]
    except TransparencyError as error:
        raise TargetError(f"--key {error}") from error
    if not found:
        raise TargetError(
            f"{key} has no key for the feed of {province}: take public.vkeys from the ministry out of band"
        )
    return found[0]


def _of_this_feed(kept: Kept, into: str, origin: str) -> None:
    """Another feed's file would look like a forked log."""
    own = kept.confirmed().note.partition(b"\n")[0].decode(errors="replace")
    if own not in {"", origin}:
        raise TargetError(f"--into {into} holds {own}: name another file for {origin}")


def _nats_feed() -> type[NatsFeed]:
    """The follower over NATS, whose library is an extra: most follow over HTTP.

    :raises TargetError: the extra is not installed.
    """
    try:
        from ksad.audit.feeds.subscription import NatsFeed  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise TargetError(
            "following over NATS needs the extra: install ksad-audit[nats], or follow over HTTP"
        ) from error
    return NatsFeed


class FeedAccess(NamedTuple):
    """Where a province takes its feed from: reporting's address, its token there, and its NATS credentials.

    ``token`` gives the token as it is now: an issuer's tokens expire, and a new one takes the old one's place.
    """

    province: str
    url: str
    token: Callable[[], str]
    credentials: dict[str, Any] | None


def run(
    source: FeedAccess,
    into: str,
    key: Path,
    *,
    over: Road = Road.HTTP,
    once: bool,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Follow a province's feed; how many entries were stored.

    :param tell: is told when NATS does not answer and HTTP stands in.
    :raises TargetError: the key file has no key for this feed's log, the file is another feed's, or credentials lack.
    :raises ksad.audit.feeds.follower.FeedBrokenError: the feed is not what was signed.
    :raises ksad.audit.feeds.follower.DeniedError: the token does not open this feed.
    :raises ksad.audit.feeds.follower.UnreachableError: nobody answers, and it is asked for once.
    """
    province = source.province
    origin, vkey = _pinned(key, province)
    open_note = opener(vkey, origin)
    with closing(target(into)) as kept, HttpFeed(source.url, province, source.token, open_note) as http:
        _of_this_feed(kept, into, origin)
        if over is Road.HTTP:
            return follow(http, kept, once=once)
        if source.credentials is None:
            raise TargetError(f"following over NATS needs the credentials of {province}, which the ministry hands over")
        with _nats_feed()(source.credentials, province, http, open_note, tell) as feed:
            return follow(feed, kept, once=once)


def read_credentials(file: Path) -> dict[str, Any]:
    """What ``ksad feeds provision`` wrote for a province.

    :raises TargetError: it is not readable, readable by everybody, or something else.
    """
    try:
        known = json.loads(_private(file, "--credentials"))
    except ValueError as error:
        raise TargetError(f"--credentials {file}: {error}; give the NN.json that the ministry handed over") from error
    missing = [name for name in CREDENTIALS if not isinstance(known, dict) or not isinstance(known.get(name), str)]
    if missing:
        raise TargetError(
            f"--credentials {file} lacks {', '.join(missing)}; give the NN.json that the ministry handed over"
        )
    found: dict[str, Any] = known
    return found


def province_of(credentials: dict[str, Any] | None, named: str | None) -> str:
    """The province that follows: the one that is named, or the one whose consumer the credentials open.

    :raises TargetError: neither says so, or they differ.
    """
    own = credentials["consumer"].removeprefix(CONSUMER) if credentials is not None else None
    province = named or own
    if province is None:
        raise TargetError("whose feed? Give --province NN, or --credentials NN.json")
    if own not in {None, province}:
        raise TargetError(f"--province {province}: the credentials are those of {own}")
    if not PROVINCE.fullmatch(province):
        raise TargetError(f"--province {province}: a province's code has two digits, such as 32")
    return province


def token_from(file: Path) -> Callable[[], str]:
    """Reads the token in a file, each time it is needed, so that a renewed one is taken up.

    :raises TargetError: there is none, or everybody may read it.
    """

    def token() -> str:
        found = _private(file, "--token-file").strip()
        if not found or len(found.split()) > 1 or not found.isascii():
            raise TargetError(f"--token-file {file}: it has to hold one line, the token of feed:NN, and nothing else")
        return found

    token()

    def renewed() -> str:
        try:
            return token()
        except TargetError as error:
            raise UnreachableError(str(error)) from error

    return renewed


def address(url: str) -> str:
    """The address of reporting, without a slash at its end.

    :raises TargetError: it is none, or the token would travel in the clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TargetError(f"--url {url}: give the https:// address of the ministry's reporting service")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise TargetError(f"--url {url}: whoever sits on the line could read the token; give an https:// address")
    return url.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _private(file: Path, option: str) -> str:
    """The text of a file that holds a secret.

    :raises TargetError: it cannot be read, or others than its owner and group may.
    """
    try:
        mode = file.stat().st_mode
        if mode & (stat.S_IRWXO | stat.S_IWGRP):
            raise TargetError(f"{option} {file}: others may read or change it: chmod 600 {file}")
        return file.read_text()
    except OSError as error:
        raise TargetError(f"{option} {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TargetError(f"{option} {file}: it is no text") from error
