"""Verbs of the provinces' feeds: the ministry's credentials for them, and what a province does with its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ksad.audit.feeds import command as feed_kit
from ksad.audit.feeds.follower import DeniedError, FeedBrokenError, UnreachableError
from ksad.chassis.terminal import Exit, complain, fail, say, show_json
from ksad.local.machine import provision
from ksad.local.machine.folder import Folder
from ksad.local.verbs.options import AsJson, DataDir, folder_of

feeds = typer.Typer(no_args_is_help=True, help="Credentials of the provinces' feeds.")
feed = typer.Typer(no_args_is_help=True, help="A province takes its feed.")


@feed.command("follow")
def feed_follow(
    province: Annotated[str, typer.Option(help="The province's code, such as 32.")],
    into: Annotated[str, typer.Option(help="Where to store it: sqlite:PATH, or a FILE of JSON Lines.")],
    data_dir: DataDir,
    *,
    over: Annotated[feed_kit.Road, typer.Option(help="The road it comes by.")] = feed_kit.Road.HTTP,
    key: Annotated[Path | None, typer.Option(help="Public keys; D/keys/public.vkeys if absent.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when everything there is has been taken.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a province's feed into a file of one's own and verify it against every signed checkpoint."""
    folder = folder_of(data_dir)
    try:
        endpoints = folder.running()
        file, token = folder.feeds / f"{province}.json", endpoints["tokens"].get(f"feed:{province}", "")
        if over is feed_kit.Road.NATS and not file.exists():
            fail(Exit.REFUSED, f"{province} has no credentials: `ksad feeds provision`, or rotate after a revocation")
        known = feed_kit.read_credentials(file) if file.exists() else None
        source = feed_kit.FeedAccess(province, endpoints["reporting"], lambda: token, known)
        count = feed_kit.run(source, into, key or folder.keys / "public.vkeys", over=over, once=once, tell=complain)
    except (feed_kit.TargetError, DeniedError, UnreachableError, OSError) as error:
        fail(Exit.REFUSED, str(error))
    except FeedBrokenError as error:
        fail(Exit.DIFFERENT, str(error))
    if as_json:
        show_json({"province": province, "stored": count})
    else:
        say(f"{count:,} entries stored and verified")


@feeds.command("provision")
def feeds_provision(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Write credentials for every province that has none, readable by the owner only."""
    folder = folder_of(data_dir)
    made = provision.provision(folder)
    if as_json:
        show_json({"made": made, "folder": str(folder.feeds)})
    else:
        say(f"{len(made)} provinces got credentials in {folder.feeds}")


@feeds.command("rotate")
def feeds_rotate(province: str, data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Give one province a new key; the old one is refused from then on."""
    folder = _changed(provision.rotate, province, data_dir)
    written = folder.feeds / f"{province}.json"
    if as_json:
        show_json({"province": province, "credentials": str(written)})
    else:
        say(f"province {province} has a new key; hand over {written}; the old key is refused from now on")


@feeds.command("revoke")
def feeds_revoke(province: str, data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Take one province's key away."""
    _changed(provision.revoke, province, data_dir)
    if as_json:
        show_json({"province": province, "credentials": None})
    else:
        say(f"province {province} has no key any more; `ksad feeds rotate {province}` gives it a new one")


def _changed(change: Callable[[Folder, str], None], province: str, data_dir: Path) -> Folder:
    folder = folder_of(data_dir)
    try:
        change(folder, province)
    except provision.UnknownProvinceError as error:
        fail(Exit.REFUSED, str(error))
    return folder
