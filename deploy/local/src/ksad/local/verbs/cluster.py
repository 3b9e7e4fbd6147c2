"""Commands for a platform on several machines."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ksad.chassis.broker import UnavailableError
from ksad.chassis.terminal import Exit, fail, show_json, show_table
from ksad.local.cluster.streams import provision as provision_streams
from ksad.local.settings import ProvisioningSettings

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document instead of tables.")]
cluster = typer.Typer(
    no_args_is_help=True, help="A platform on several machines. Settings come from the environment (KSAD_…)."
)


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
