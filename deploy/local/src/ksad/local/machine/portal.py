"""The portal's process on a data folder: its own port and database, and the addresses of the services that it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.chassis.places import SQLITE
from ksad.chassis.settings import LOCAL_ISSUER
from ksad.local.machine.reach import is_local_issuer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ksad.local.machine.folder import Folder


def portal_environment(folder: Folder, urls: Mapping[str, str], port: int, certificate: Path | None) -> dict[str, str]:
    """The environment of the portal's process; settings that are not in it are inherited.

    :param urls: the address of each service by its name.
    :param certificate: the one that the services show, where they speak TLS.
    """
    issuer = {"KSAD_ISSUER": LOCAL_ISSUER, "KSAD_ISSUER_KEYS_DIR": str(folder.issuer)}
    return {
        "KSAD_DATABASE_URL": f"{SQLITE}{folder.root / 'portal'}.sqlite",
        **{f"KSAD_{service.upper()}_URL": url for service, url in urls.items()},
        **({"KSAD_SERVICES_CERTIFICATE_FILE": str(certificate)} if certificate else {}),
        "KSAD_PORT": str(port),
        "KSAD_CLOCK": "simulated" if folder.clock.exists() else "real",
        "KSAD_CLOCK_FILE": str(folder.clock),
        **(issuer if is_local_issuer() else {}),
    }
