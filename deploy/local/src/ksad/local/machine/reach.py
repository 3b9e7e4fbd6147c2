"""Under which addresses a platform on one machine is reached, and with which tokens: what its environment says."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis.settings import LOCAL_ISSUER
from ksad.local.machine.offices import development_tokens
from ksad.local.machine.ports import LOOPBACK

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder


def is_local_issuer() -> bool:
    """Whether the platform's own development issuer is trusted, and not the ministry's."""
    return os.environ.get("KSAD_ISSUER", LOCAL_ISSUER) == LOCAL_ISSUER


class Reach(NamedTuple):
    """The address that services and broker listen on, and the certificate with its key where they speak TLS."""

    host: str = LOOPBACK
    certificate: Path | None = None
    key: Path | None = None

    @classmethod
    def from_environment(cls) -> Reach:
        """What ``KSAD_HOST`` and the two ``KSAD_TLS_…_FILE`` say, which the services read as well."""
        files = (os.environ.get(f"KSAD_TLS_{name}_FILE") for name in ("CERTIFICATE", "KEY"))
        return cls(os.environ.get("KSAD_HOST", LOOPBACK), *(Path(one).resolve() if one else None for one in files))

    def url(self, port: int) -> str:
        """The address of a service for programs on this machine."""
        return f"http{'s' if self.certificate else ''}://{_callable(self.host)}:{port}"

    @property
    def broker_host(self) -> str:
        """Where the broker listens: without TLS nobody outside this machine may read what it carries."""
        return self.host if self.certificate else LOOPBACK

    def listening(self, port: int) -> dict[str, Any]:
        """Where the broker listens and with which certificate, as nats-server's configuration says it."""
        host = f"[{self.broker_host}]" if ":" in self.broker_host else self.broker_host
        tls = {"tls": {"cert_file": str(self.certificate), "key_file": str(self.key)}} if self.certificate else {}
        return {"listen": f"{host}:{port}", **tls}

    def broker_url(self, port: int) -> str:
        """The broker's address for programs on this machine."""
        return f"{'tls' if self.certificate else 'nats'}://{_callable(self.broker_host)}:{port}"

    def feeds_url(self, port: int) -> str:
        """The broker's address as provinces are told it: ``KSAD_FEEDS_URL``, or else that for this machine."""
        return os.environ.get("KSAD_FEEDS_URL") or self.broker_url(port)

    def entrance(self, folder: Folder) -> dict[str, Any]:
        """What ``endpoints.json`` says of how to be let in: tokens, or the file of one, and the certificate."""
        found: dict[str, Any] = {
            "tokens": development_tokens(folder.issuer, folder.regions) if is_local_issuer() else {}
        }
        file = os.environ.get("KSAD_TOKEN_FILE")
        if not is_local_issuer() and file:
            found["token_file"] = str(Path(file).resolve())
        if self.certificate is not None:
            found["certificate"] = str(self.certificate)
        return found


def _callable(host: str) -> str:
    return LOOPBACK if _is_any(host) else f"[{host}]" if ":" in host else host


def _is_any(host: str) -> bool:
    """Whether an address stands for all of this machine's."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
