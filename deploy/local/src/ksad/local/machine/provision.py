"""Credentials of the provinces' feeds: made once, rotated and revoked one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ksad.contracts.asyncapi import FEEDS_STREAM
from ksad.local.machine.broker import API_PREFIX, consumer, new_seed, reload_broker, write_broker_config
from ksad.local.machine.folder import write_private
from ksad.local.machine.offices import provinces

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder


class UnknownProvinceError(LookupError):
    """No province has this code today."""


def _credentials(url: str, province: str) -> dict[str, Any]:
    return {
        "url": url,
        "nkey_seed": new_seed(),
        "stream": FEEDS_STREAM,
        "consumer": consumer(province),
        "api_prefix": API_PREFIX,
        "inbox_prefix": f"_INBOX_{province}",
    }


def make_credentials(folder: Folder, port: int) -> list[str]:
    """Give every province that has none its credentials; those made now. The address follows the broker's port."""
    url = f"nats://127.0.0.1:{port}"
    made = []
    for province in provinces():
        path = folder.feeds / f"{province}.json"
        if (folder.feeds / f"{province}.revoked").exists():
            continue
        known = json.loads(path.read_text()) if path.exists() else None
        if known is None:
            made.append(province)
        if known is None or known["url"] != url:
            fresh = _credentials(url, province) if known is None else known | {"url": url}
            write_private(path, json.dumps(fresh, indent=1) + "\n")
    return made


def _port(folder: Folder) -> int:
    return int(folder.running()["nats"].rpartition(":")[2])


def provision(folder: Folder) -> list[str]:
    """Make what is missing and have the broker take it over; the provinces that got credentials now.

    :raises NoPlatformError: no platform runs on the folder.
    """
    made = make_credentials(folder, _port(folder))
    write_broker_config(folder, _port(folder))
    reload_broker(folder)
    return made


def rotate(folder: Folder, province: str) -> None:
    """Give a province a new key; the old one is refused from then on, others notice nothing.

    :raises UnknownProvinceError: no province has this code.
    """
    _check(province)
    port = _port(folder)
    (folder.feeds / f"{province}.revoked").unlink(missing_ok=True)
    path = folder.feeds / f"{province}.json"
    write_private(path, json.dumps(_credentials(f"nats://127.0.0.1:{port}", province), indent=1) + "\n")
    write_broker_config(folder, port)
    reload_broker(folder)


def revoke(folder: Folder, province: str) -> None:
    """Take a province's key away; it reads over HTTP or not at all until it is given another.

    :raises UnknownProvinceError: no province has this code.
    """
    _check(province)
    (folder.feeds / f"{province}.json").unlink(missing_ok=True)
    write_private(folder.feeds / f"{province}.revoked", "")
    write_broker_config(folder, _port(folder))
    reload_broker(folder)


def _check(province: str) -> None:
    if province not in provinces():
        message = f"{province} is no province: one of {', '.join(provinces())}"
        raise UnknownProvinceError(message)
