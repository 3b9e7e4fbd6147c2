"""Commands on provinces' feeds: their credentials, and following a feed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ksad.audit.feeds import command as feed_kit
from ksad.audit.feeds.follower import DeniedError, FeedBrokenError, UnreachableError
from ksad.chassis.terminal import Exit, complain, fail, say, show_json
from ksad.local.machine import feed_rule, provision
from ksad.local.machine.folder import Folder
from ksad.local.machine.offices import provinces
from ksad.local.verbs.options import AsJson, DataDir, a_day, client_of, folder_of

feeds = typer.Typer(no_args_is_help=True, help="Credentials for provinces' feeds.")
feed = typer.Typer(no_args_is_help=True, help="The feed of a province.")


@feed.command("follow")
def feed_follow(
    province: Annotated[str, typer.Option(help="The province's code, such as 32.")],
    into: Annotated[str, typer.Option(help="Destination: sqlite:PATH, or FILE for JSON Lines.")],
    data_dir: DataDir,
    *,
    over: Annotated[feed_kit.Road, typer.Option(help="Transport of the feed.")] = feed_kit.Road.HTTP,
    key: Annotated[Path | None, typer.Option(help="Public keys; default: those in the data folder.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when all entries are stored; default: run on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Store a province's feed in a file and verify it against every signed checkpoint.

    Exit code 3 if the feed is not what was signed, 1 if it cannot be followed.
    """
    folder = folder_of(data_dir)
    try:
        endpoints = folder.running()
        if province not in provinces(folder.regions):
            fail(Exit.REFUSED, f"{province} is no province of this platform: give its code, such as 32")
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
    """Create missing credentials of provinces, readable by the owner only, and reload the broker."""
    folder = folder_of(data_dir)
    made = provision.provision(folder)
    if as_json:
        show_json({"made": made, "folder": str(folder.feeds)})
    else:
        say(f"{len(made)} provinces got credentials in {folder.feeds}")


@feeds.command("rotate")
def feeds_rotate(province: str, data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Give a province a new key. The old one is refused from then on."""
    folder = _changed(provision.rotate, province, data_dir)
    written = folder.feeds / f"{province}.json"
    if as_json:
        show_json({"province": province, "credentials": str(written)})
    else:
        say(f"province {province} has a new key; hand over {written}; the old key is refused from now on")


@feeds.command("revoke")
def feeds_revoke(province: str, data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Revoke a province's key."""
    _changed(provision.revoke, province, data_dir)
    if as_json:
        show_json({"province": province, "credentials": None})
    else:
        say(f"province {province} has no key any more; `ksad feeds rotate {province}` gives it a new one")


@feeds.command("rule")
def feeds_rule(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Tell which version of the feed rule holds, and by which decision."""
    with client_of(data_dir) as client:
        rule = client.get("reporting", feed_rule.PATH)
    if as_json:
        show_json(rule)
        return
    say(f"the feeds follow version {rule['held']} of the feed rule; this release knows version {rule['newest']}")
    if rule["decision_number"] is not None:
        say(f"adopted by {rule['recorded_by']}: {rule['decision_number']} of {rule['decided_on']}")


@feeds.command("adopt-rule")
def feeds_adopt_rule(
    version: Annotated[int, typer.Option("--version", help="The version that is to hold.")],
    number: Annotated[str, typer.Option(help="Number of the decision.")],
    on: Annotated[date, typer.Option("--on", parser=a_day, metavar="DATE", help="Date of the decision, YYYY-MM-DD.")],
    office: Annotated[str, typer.Option(help="Who decided: minister, or joint_secretariat.")],
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
) -> None:
    """Record that the feeds follow another version of their rule from now on; nothing leads back."""
    body = {"version": version, "decision_number": number, "decided_on": on.isoformat()}
    with client_of(data_dir) as client:
        recorded = client.post("reporting", feed_rule.PATH, office, f"feed-rule-{version}", body)
    if as_json:
        show_json(recorded)
    else:
        say(f"version {version} of the feed rule holds from now on ({recorded['position']})")


def _changed(change: Callable[[Folder, str], None], province: str, data_dir: Path) -> Folder:
    folder = folder_of(data_dir)
    try:
        change(folder, province)
    except provision.UnknownProvinceError as error:
        fail(Exit.REFUSED, str(error))
    return folder
