"""The command ``ksad-audit follow``, which runs on a province's machine without any other part of the platform."""

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
    url: Annotated[str, typer.Option("--url", help="Address of the ministry's reporting service (https).")],
    token_file: Annotated[
        Path, typer.Option("--token-file", help="File with the token of feed:NN, read for every request.")
    ],
    key: Annotated[
        Path, typer.Option("--key", help="public.vkeys, received from the ministry independently of the feed.")
    ],
    into: Annotated[str, typer.Option("--into", help="Destination: sqlite:PATH, or FILE for JSON Lines.")],
    *,
    credentials: Annotated[
        Path | None, typer.Option("--credentials", help="NN.json from the ministry; required with --over nats.")
    ] = None,
    province: Annotated[
        str | None, typer.Option("--province", help="The province's code; default: that of the credentials.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option("--origin", help="The name of the feed's log, if --key has keys of several platforms.")
    ] = None,
    over: Annotated[command.Road, typer.Option("--over", help="Transport of the feed.")] = command.Road.HTTP,
    once: Annotated[bool, typer.Option("--once", help="Stop when all entries are stored; default: run on.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document instead of lines.")] = False,
) -> None:
    """Store a province's feed in a file and verify it against every signed checkpoint; see subscribing.md.

    Exit code 3 if the feed is not what was signed, 1 if it cannot be followed, 130 if interrupted.
    """
    # A service manager stops the command by SIGTERM; it then ends like Ctrl-C, with its file closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        known = None if credentials is None else command.read_credentials(credentials)
        taking = command.province_of(known, province)
        source = command.FeedAccess(taking, command.address(url), command.token_from(token_file), known)
        count = command.run(source, into, key, over=over, once=once, origin=origin, tell=output.warn)
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
