"""Ports that stay with whoever asked for them, and the ports of a data folder, which it keeps for life."""

from __future__ import annotations

import errno
import json
import random
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ksad.chassis import durable
from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import BROKER, PORTAL, NoPlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.local.machine.folder import Folder

LOOPBACK = "127.0.0.1"
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 20_000
"""Below are the ports that other servers are known by."""
HIGHEST = 32_768
PORT_MAX = 65_535
ATTEMPTS_MAX = 1_000


class Port:
    """A reserved port: no other program gets it until it is closed, even while its server is not running.

    Between asking for a free port and listening on it, the system may assign it to an outgoing connection or another
    program. A socket that is bound and never listens reserves it (on Linux neither ``connect`` nor a bind to port 0
    selects it), while a server with ``SO_REUSEADDR``, which all services set, may still listen on it.
    """

    def __init__(self, number: int = 0, host: str = LOOPBACK) -> None:
        """:param number: which; 0 for a free one.

        :raises OSError: somebody listens on it, or this machine has no such address.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, number))
        except OSError:
            self._socket.close()
            raise
        self.number: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Releases the port."""
        self._socket.close()


def take(folder: Folder, base: int | None = None, hosts: Mapping[str, str] | None = None) -> dict[str, Port]:
    """The ports of a folder's platform by process, held: those it had before, or chosen free at its first start.

    :param base: the first of consecutive ports, which the folder keeps from now on; the services' come first.
    :param hosts: the address that a process listens on, where that is not loopback.
    :raises NoPlatformError: a port is taken, or what the folder has noted cannot be read; the message says which.
    """
    names = (*SERVICES, BROKER, PORTAL)
    wanted = _noted(folder) if base is None else {name: base + number for number, name in enumerate(names)}
    if max(wanted.values(), default=0) > PORT_MAX:
        raise NoPlatformError(f"--base-port {base} is too high: the platform needs {len(names)} ports from it on")
    held: dict[str, Port] = {}
    try:
        for name in names:
            host = (hosts or {}).get(name, LOOPBACK)
            held[name] = _chosen(host, held) if name not in wanted else _held(name, wanted[name], host)
        numbers = {name: port.number for name, port in held.items()}
        if numbers != _noted(folder, strict=False):
            durable.replace(folder.ports, (json.dumps(numbers, indent=1) + "\n").encode(), durable.PRIVATE)
    except BaseException:
        for port in held.values():
            port.close()
        raise
    return held


def _noted(folder: Folder, *, strict: bool = True) -> dict[str, int]:
    try:
        found = json.loads(folder.ports.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        found = None
    if isinstance(found, dict) and all(type(one) is int and 0 < one <= PORT_MAX for one in found.values()):
        return found
    if not strict:
        return {}
    raise NoPlatformError(f"{folder.ports} holds no ports: delete it to have some chosen anew, or give --base-port N")


def _held(name: str, number: int, host: str) -> Port:
    try:
        return Port(number, host)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = (
                f"{name}: {host}:{number} is taken by another program; end that, or give this folder other ports with "
                "`ksad up --base-port N`"
            )
        elif error.errno == errno.EACCES:
            message = f"{name}: this user may not listen on {host}:{number}; give `ksad up --base-port N` above 1023"
        else:
            message = f"{name}: {host}:{number} cannot be listened on ({error.strerror}); see KSAD_HOST and --base-port"
        raise NoPlatformError(message) from error


def _chosen(host: str, held: Mapping[str, Port]) -> Port:
    """A free port that no outgoing connection is ever given, so that it is free at the next start, too.

    Not bound by anybody at all: another platform may hold one on which it does not listen at this moment.
    """
    taken = {port.number for port in held.values()}
    end = _first_ephemeral()
    for _ in range(ATTEMPTS_MAX if end > LOWEST else 0):
        number = random.SystemRandom().randrange(LOWEST, end)
        with suppress(OSError):
            if number not in taken and _is_nobodys(number, host):
                return Port(number, host)
    return Port(0, host)


def _is_nobodys(number: int, host: str) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        try:
            probe.bind((host, number))
        except OSError:
            return False
    return True


def _first_ephemeral() -> int:
    with suppress(OSError, ValueError):
        return int(EPHEMERAL.read_text().split()[0])
    return HIGHEST
