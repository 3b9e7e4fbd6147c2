"""The broker's accounts on several machines: no service makes a stream there, and users of their own do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ksad.local.machine.broker import FEEDS_ACCOUNT, LOG_ACCOUNT, SYSTEM, accounts_of, user_of
from ksad.local.machine.folder import write_private
from ksad.local.machine.provision import make_credentials

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.local.machine.folder import Folder

PROVISIONERS = {LOG_ACCOUNT: "provision", FEEDS_ACCOUNT: "provision-feeds"}
"""Who makes the streams of an account."""
CREATING = f"{SYSTEM}.STREAM.CREATE."


def write_accounts(folder: Folder, feeds_url: str) -> Path:
    """Writes ``accounts.conf`` for the configuration of every server, and keys that are missing.

    Called again it changes no key; a key that was deleted is made anew.

    :param feeds_url: the broker's address as provinces are told it.
    :raises ksad.local.machine.folder.NoPlatformError: a file holds something else than a key.
    """
    folder.make()
    make_credentials(folder, feeds_url)
    accounts = accounts_of(folder)
    for account, name in PROVISIONERS.items():
        for user in accounts[account]["users"]:
            allowed = user["permissions"]["publish"]
            allowed["allow"] = [subject for subject in allowed["allow"] if not subject.startswith(CREATING)]
        streams = [f"{SYSTEM}.STREAM.{call}.*" for call in ("INFO", "CREATE", "UPDATE")]
        accounts[account]["users"].append(user_of(folder.keys / f"{name}.nk", streams))
    path = folder.root / "accounts.conf"
    write_private(path, f"accounts: {json.dumps(accounts, indent=1)}\n")
    return path
