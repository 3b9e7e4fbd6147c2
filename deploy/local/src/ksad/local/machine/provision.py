"""Credentials for provinces' feeds: creating, rotating and revoking them."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from ksad.chassis.client import Client
from ksad.contracts.asyncapi import FEEDS_STREAM
from ksad.contracts.regions import AdoptedRegions
from ksad.local.machine.broker import API_PREFIX, change_broker, consumer, credentials_in, new_seed
from ksad.local.machine.folder import write_private
from ksad.local.machine.offices import development_tokens, provinces
from ksad.local.machine.reach import is_local_issuer
from ksad.local.machine.reference import OPERATOR

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder


class UnknownProvinceError(LookupError):
    """There is no province with this code today."""


def _credentials(url: str, province: str) -> dict[str, Any]:
    return {
        "url": url,
        "nkey_seed": new_seed(),
        "stream": FEEDS_STREAM,
        "consumer": consumer(province),
        "api_prefix": API_PREFIX,
        "inbox_prefix": f"_INBOX_{province}",
    }


def make_credentials(folder: Folder, url: str) -> list[str]:
    """Give every province that has none its credentials; those made now.

    :param url: the broker's address as provinces are told it, which known credentials follow, too.
    """
    made = []
    for province in provinces(folder.regions):
        path = folder.feeds / f"{province}.json"
        # A revoked province gets a new key by rotation only, and not by the next start.
        if (folder.feeds / f"{province}.revoked").exists():
            continue
        known = credentials_in(path) if path.exists() else None
        if known is None:
            made.append(province)
        if known is None or known["url"] != url:
            fresh = _credentials(url, province) if known is None else known | {"url": url}
            write_private(path, json.dumps(fresh, indent=1) + "\n")
    return made


def learn_regions(folder: Folder, client: Client) -> None:
    """Keeps the regions that the log has adopted, with their boundary changes: who is given a token and credentials."""
    regions = AdoptedRegions(client.get("registry", "/references/regions", OPERATOR)["content"])
    for change in client.get("registry", "/boundary-changes", OPERATOR)["items"]:
        day = date.fromisoformat(change["effective_on"])
        regions = regions.changing(change["region"], change["successor"], day)
    text = regions.table.to_csv()
    if not folder.regions.exists() or folder.regions.read_text() != text:
        write_private(folder.regions, text)


def provision(folder: Folder) -> list[str]:
    """Creates missing credentials and reloads the broker; returns the provinces that received new credentials.

    Provinces that were adopted since are among them, and get tokens, too.

    :raises NoPlatformError: no platform runs on the folder.
    """
    endpoints = folder.running()
    if "registry" in endpoints:
        with Client(endpoints) as client:
            learn_regions(folder, client)
        if is_local_issuer():
            endpoints["tokens"] = development_tokens(folder.issuer, folder.regions) | endpoints["tokens"]
        write_private(folder.endpoints, json.dumps(endpoints, indent=1) + "\n")
    made = make_credentials(folder, endpoints["feeds"])
    change_broker(folder)
    return made


def rotate(folder: Folder, province: str) -> None:
    """Gives a province a new key. The old one is refused from then on; other provinces are not affected.

    :raises UnknownProvinceError: there is no province with this code.
    """
    _check(folder, province)
    url = folder.running()["feeds"]
    (folder.feeds / f"{province}.revoked").unlink(missing_ok=True)
    path = folder.feeds / f"{province}.json"
    write_private(path, json.dumps(_credentials(url, province), indent=1) + "\n")
    change_broker(folder)


def revoke(folder: Folder, province: str) -> None:
    """Revokes a province's key. Until it receives a new one, it can read its feed over HTTP only.

    :raises UnknownProvinceError: there is no province with this code.
    """
    _check(folder, province)
    (folder.feeds / f"{province}.json").unlink(missing_ok=True)
    write_private(folder.feeds / f"{province}.revoked", "")
    change_broker(folder)


def _check(folder: Folder, province: str) -> None:
    if province not in provinces(folder.regions):
        message = f"{province} is no province: one of {', '.join(provinces(folder.regions))}"
        raise UnknownProvinceError(message)
