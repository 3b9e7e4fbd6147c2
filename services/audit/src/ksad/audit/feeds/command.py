"""Checks the options of ``ksad-audit follow`` and runs the follower."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from ksad.audit.feeds.follower import FeedBrokenError, HttpFeed, UnreachableError, VerifiedHead, follow
from ksad.audit.feeds.kept import InUseError, Kept, LinesKept, SqliteKept, alone
from ksad.ledger.log.checkpoint import open_checkpoint
from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.keys import read_public

if TYPE_CHECKING:
    from ksad.audit.feeds.subscription import NatsFeed

SQLITE = "sqlite:"
PROVINCE = re.compile(r"[1-9][0-9]")
ORIGIN = re.compile(r"ksad/[a-z0-9-]+/feed/(?P<province>[1-9][0-9])(/[1-9][0-9]*)?")
"""The name of a feed's log; the number at its end counts the times that it went on under new keys."""
# As in contracts.dates, which brings pydantic along: a follower has no use for it.
JAKARTA = timezone(timedelta(hours=7))
CONSUMER = "prov_"
CREDENTIALS = ("url", "nkey_seed", "stream", "consumer", "api_prefix", "inbox_prefix")


class Road(StrEnum):
    """The transport of a feed."""

    HTTP = "http"
    NATS = "nats"


class TargetError(ValueError):
    """An option (``--into``, key, token, credentials, address) is unusable; the message says how to correct it."""


def target(into: str) -> Kept:
    """Opens the destination of ``--into``: ``sqlite:PATH``, or a file of JSON Lines.

    :raises TargetError: it cannot be opened, or holds something else than a followed feed.
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


@contextmanager
def _alone(into: str) -> Iterator[None]:
    """Keeps other followers away from the destination.

    :raises TargetError: another one has it.
    """
    try:
        with alone(Path(path)) if (path := into.removeprefix(SQLITE)) else nullcontext():
            yield
    except InUseError as error:
        raise TargetError(f"--into {into}: {error}; give each its own file") from error


def opener(vkey: str, origin: str) -> Callable[[bytes], VerifiedHead]:
    """A function that verifies signed checkpoints of one origin with one pinned key.

    The function raises FeedBrokenError for any other note.
    """

    def open_note(note: bytes) -> VerifiedHead:
        try:
            head = open_checkpoint(note, origin, vkey)
        except TransparencyError as error:
            raise FeedBrokenError(
                f"the signed head is not one of {origin}, or not signed with its key: {error}"
            ) from error
        return VerifiedHead(head.size, head.root, note)

    return open_note


def _pinned(key: Path, province: str, origin: str | None, followed: str) -> tuple[str, str]:
    """The origin of a province's feed, and its public key, from the key file, which may be that of several platforms.

    :param origin: the feed's origin, if the caller names it.
    :param followed: the origin of what was stored so far, which decides between several; empty if there is nothing.
    :raises TargetError: the file cannot be read, or has no key for this feed, or several and nothing decides.
    """
    try:
        named = {
            one: held
            for one, held in read_public(key).items()
            if (log := ORIGIN.fullmatch(one.name)) and log["province"] == province and origin in {None, one.name}
        }
    except TransparencyError as error:
        raise TargetError(f"--key {error}") from error
    if not named:
        wanted = f"{origin}" if origin is not None else f"the feed of {province}"
        raise TargetError(f"{key} has no key for {wanted}: take public.vkeys from the ministry out of band")
    today = datetime.now(JAKARTA).date()
    found = [(one.name, one.vkey) for one, held in named.items() if held.goes_on(today)]
    if not found:
        told = ", ".join(f"{one.name}{held}" for one, held in named.items())
        raise TargetError(f"{key} has no key for the feed of {province} that still holds ({told}): take a newer file")
    if len({name for name, _ in found}) > 1:
        told = ", ".join(name for name, _ in found)
        found = [(name, vkey) for name, vkey in found if name == followed]
        if not found:
            raise TargetError(f"{key} has keys of several logs ({told}): say with --origin which one is followed")
    return found[0]


def _origin_of(kept: Kept) -> str:
    """The origin of the feed that a destination holds; empty if nothing of it was confirmed yet."""
    return kept.confirmed().note.partition(b"\n")[0].decode(errors="replace")


def _of_this_feed(kept: Kept, into: str, origin: str) -> None:
    """Checks that the destination does not hold another feed, which would look like a forked log.

    :raises TargetError: it does.
    """
    own = _origin_of(kept)
    if own not in {"", origin}:
        raise TargetError(f"--into {into} holds {own}: name another file for {origin}")


def _nats_feed() -> type[NatsFeed]:
    """The class for following over NATS. Its library is an optional extra, because most provinces follow over HTTP.

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
    """The source of a feed: province, address of reporting, token, and NATS credentials if there are any.

    ``token`` returns the present token. Tokens expire, and a renewed one replaces the content of the token file.
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
    origin: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Follows a province's feed; returns the number of entries stored.

    :param into: ``sqlite:PATH``, or a file of JSON Lines.
    :param key: the file of public keys.
    :param once: stop when all entries are stored; otherwise continue until interrupted.
    :param origin: the name of the feed's log; needed if the key file has keys of several platforms.
    :param tell: called with a message when NATS does not answer and HTTP is used instead, and when another process
        takes messages with the same credentials.
    :raises TargetError: the key file has no key for this feed, the file holds another feed or another process follows
        into it, or credentials are missing.
    :raises ksad.audit.feeds.follower.FeedBrokenError: the feed is not what was signed.
    :raises ksad.audit.feeds.follower.DeniedError: the token or the credentials do not give access to this feed.
    :raises ksad.audit.feeds.follower.UnreachableError: nothing answers, and ``once`` is set.
    """
    province = source.province
    with _alone(into), closing(target(into)) as kept:
        origin, vkey = _pinned(key, province, origin, _origin_of(kept))
        _of_this_feed(kept, into, origin)
        open_note = opener(vkey, origin)
        with HttpFeed(source.url, province, source.token, open_note) as http:
            if over is Road.HTTP:
                return follow(http, kept, once=once)
            if source.credentials is None:
                raise TargetError(
                    f"following over NATS needs the credentials of {province}, which the ministry hands over"
                )
            with _nats_feed()(source.credentials, province, http, open_note, tell) as feed:
                return follow(feed, kept, once=once)


def read_credentials(file: Path) -> dict[str, Any]:
    """Reads the credentials that ``ksad feeds provision`` wrote for a province.

    :raises TargetError: the file cannot be read, lacks a field, or is accessible to other users.
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
    """The code of the province: the one given, or the one whose consumer the credentials open.

    :raises TargetError: neither is given, they differ, or it is not a two-digit code.
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
    """A function that reads the token file whenever a token is needed, so that a renewed token is used.

    :raises TargetError: the file has no token or is accessible to other users. Later, the function raises
        UnreachableError instead, which is retried.
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
    """The address of reporting without a trailing slash.

    :raises TargetError: it is not an http(s) address, or is http to another machine, which would expose the token.
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

    :raises TargetError: it cannot be read, or its mode gives other users access or its group the right to write.
    """
    try:
        mode = file.stat().st_mode
        if mode & (stat.S_IRWXO | stat.S_IWGRP):
            raise TargetError(f"{option} {file}: others may read or change it: chmod 600 {file}")
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TargetError(f"{option} {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TargetError(f"{option} {file}: it is no text") from error
