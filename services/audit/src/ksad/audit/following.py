"""The verb ``follow`` of ``ksad-audit``, for a province's machine that has nothing else of ours."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from ksad.audit import output
from ksad.audit.feeds import command
from ksad.audit.feeds.follower import DeniedError, FeedBrokenError, UnreachableError

INTERRUPTED = 130


def follow(  # noqa: PLR0913 - the options of a command
    url: Annotated[str, typer.Option("--url", help="The https:// address of the ministry's reporting service.")],
    token_file: Annotated[Path, typer.Option("--token-file", help="A file with the token of feed:NN.")],
    key: Annotated[Path, typer.Option("--key", help="public.vkeys, from the ministry by another way than the feed.")],
    into: Annotated[str, typer.Option("--into", help="Where to store it: sqlite:PATH, or a FILE of JSON Lines.")],
    *,
    credentials: Annotated[
        Path | None, typer.Option("--credentials", help="NN.json from the ministry; needed over NATS.")
    ] = None,
    province: Annotated[
        str | None, typer.Option("--province", help="The province's code; else by credentials.")
    ] = None,
    over: Annotated[command.Road, typer.Option("--over", help="The road it comes by.")] = command.Road.HTTP,
    once: Annotated[bool, typer.Option("--once", help="Stop when everything there is has been taken.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")] = False,
) -> None:
    """Take a province's feed into a file of one's own and verify it against every signed head; see subscribing.md."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        known = None if credentials is None else command.read_credentials(credentials)
        taking = command.province_of(known, province)
        source = command.FeedAccess(taking, command.address(url), command.token_from(token_file), known)
        count = command.run(source, into, key, over=over, once=once, tell=output.warn)
    except (command.TargetError, DeniedError, UnreachableError, OSError) as error:
        output.fail(str(error))
    except FeedBrokenError as error:
        output.fail(str(error), code=output.DIFFERENT)
    except KeyboardInterrupt:
        output.fail("ended; the same command goes on from here", code=INTERRUPTED)
    if as_json:
        output.show({"province": taking, "stored": count})
    else:
        output.line(f"{count:,} entries stored and verified")
