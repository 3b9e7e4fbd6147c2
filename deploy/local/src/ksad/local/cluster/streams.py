"""Makes the broker's streams with as many replicas as are set, by users of its own that no service has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.broker import LOG_STREAM, LOG_SUBJECTS, Broker, StreamPlan
from ksad.contracts.asyncapi import FEEDS_STREAM

if TYPE_CHECKING:
    from ksad.local.settings import ProvisioningSettings

LOG_ACCOUNT_STREAMS = (StreamPlan(LOG_STREAM, LOG_SUBJECTS), StreamPlan("KSAD_HEADS", "ksad.head.>", newest_only=True))
"""The streams in the account of the log."""
FEEDS_ACCOUNT_STREAMS = (StreamPlan(FEEDS_STREAM, "ksad.feed.>"),)
"""The streams in the account of the feeds."""


class ProvisionedStream(NamedTuple):
    """A stream, and what was done to it: ``created``, the names of changed settings, or nothing."""

    stream: str
    changed: list[str]


async def provision(settings: ProvisioningSettings) -> list[ProvisionedStream]:
    """Makes all streams of the platform, or changes what they lack. What they have beyond it stays.

    :raises ksad.chassis.broker.UnavailableError: the broker does not answer, or refuses.
    """
    feeds_user = settings.provision_feeds_nkey_seed_file or settings.nats_nkey_seed_file
    users = ((settings.nats_nkey_seed_file, LOG_ACCOUNT_STREAMS), (feeds_user, FEEDS_ACCOUNT_STREAMS))
    done = []
    for seed, plans in users:
        async with Broker.from_settings(settings, "provision", seed) as broker:
            await broker.wait_connected()
            done += [ProvisionedStream(plan.name, await broker.provision(plan)) for plan in plans]
    return done
