"""Commands for a platform on several machines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ksad.chassis.broker import UnavailableError
from ksad.chassis.terminal import Exit, fail, say, show_json, show_table
from ksad.local.cluster.nodes import ask_all
from ksad.local.cluster.streams import provision as provision_streams
from ksad.local.cluster.switchover import SwitchoverError, switch_over
from ksad.local.machine.accounts import write_accounts
from ksad.local.machine.folder import Folder, NoPlatformError
from ksad.local.settings import NodesSettings, ProvisioningSettings, SwitchoverSettings

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document instead of tables.")]
cluster = typer.Typer(
    no_args_is_help=True, help="A platform on several machines. Settings come from the environment (KSAD_…)."
)


@cluster.command()
def accounts(
    folder: Annotated[Path, typer.Argument(help="The folder of keys; what is missing in it is made.")],
    *,
    feeds_url: Annotated[str, typer.Option("--feeds-url", help="The broker's address as provinces are told it.")],
    as_json: AsJson = False,
) -> None:
    """Write accounts.conf for every server of the broker: users of services, of provinces and of provisioning.

    Keys that are there stay. Delete one and call again to change it; every server then has to read the file anew.
    """
    try:
        written = write_accounts(Folder(folder), feeds_url)
    except NoPlatformError as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        show_json({"accounts": str(written)})
    else:
        say(f"{written}; keys of services in {folder / 'keys'}, of provinces in {folder / 'feeds'}")


@cluster.command()
def provision(*, as_json: AsJson = False) -> None:
    """Make the broker's streams with KSAD_NATS_REPLICAS replicas, or change what they lack; nothing is taken away.

    The user of KSAD_NATS_NKEY_SEED_FILE has to be one that may make streams; services have other users.
    """
    settings = ProvisioningSettings.from_environment()
    try:
        done = asyncio.run(provision_streams(settings))
    except UnavailableError as error:
        fail(
            Exit.REFUSED,
            f"the streams were not made: {error}. See KSAD_NATS_URL ({settings.nats_url}), whether the user of "
            "KSAD_NATS_NKEY_SEED_FILE may make streams, and whether as many servers run as there are to be replicas",
        )
    if as_json:
        show_json([one._asdict() for one in done])
    else:
        rows = [[one.stream, ", ".join(one.changed) or "nothing"] for one in done]
        show_table("Streams", ("stream", "changed"), rows)


@cluster.command()
def status(*, as_json: AsJson = False) -> None:
    """Ask all processes of KSAD_NODE_URLS whether they are ready and who leads each role; exit code 1 if one is not,
    nobody leads a role, or several do.
    """
    found = asyncio.run(ask_all(NodesSettings.from_environment()))
    findings = found.findings()
    if as_json:
        nodes, roles = ([one._asdict() for one in many] for many in (found.nodes, found.roles))
        show_json({"nodes": nodes, "roles": roles, "findings": findings})
    else:
        rows = [
            [one.address, one.service, "yes" if one.ready else "NO", ", ".join(one.leads), "; ".join(_said(one.checks))]
            for one in found.nodes
        ]
        show_table("Processes", ("address", "service", "ready", "leads", "not well"), rows)
        for line in findings:
            say(line)
    if findings:
        raise typer.Exit(Exit.REFUSED)


@cluster.command()
def switchover(
    *,
    to: Annotated[str | None, typer.Option(help="The machine to take over, as Patroni calls it; default: any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Have another machine lead PostgreSQL, before work on the one that leads. Writes stop for some seconds.

    Only a standby that has every commit takes over; without one nothing is changed.
    """
    try:
        done = switch_over(SwitchoverSettings.from_environment(), to)
    except SwitchoverError as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        show_json(done._asdict())
    else:
        say(f"{done.now} leads PostgreSQL instead of {done.before}, {done.seconds:.1f} s after the order")


def _said(checks: dict[str, str]) -> list[str]:
    return [f"{name}: {said}" for name, said in checks.items()]
