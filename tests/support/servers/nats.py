"""A real nats-server with JetStream on the loopback interface, which a test may kill, restart and wipe."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from ksad.local.machine.ports import Port
from tests.support.servers.processes import end, port_open, wait_until


def nats_program() -> str:
    """The server's program: KSAD_NATS_SERVER, or the one that the wheel puts beside the interpreter."""
    return os.environ.get("KSAD_NATS_SERVER") or str(Path(sys.executable).parent / "nats-server")


class NatsServer:
    """One server with its own folder. Its port stays the same over restarts; it starts in some twenty milliseconds.

    `sync_interval` is JetStream's; "always" makes an acknowledged message survive a power cut, as in production.
    `extra` is further configuration text, such as accounts.
    """

    def __init__(self, folder: Path, *, sync_interval: str = "always", extra: str = "") -> None:
        self.folder = folder
        self.sync_interval = sync_interval
        self.extra = extra
        self._port = Port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The port it listens on, its own for as long as this object is used."""
        return self._port.number

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def jetstream(self) -> Path:
        """The folder that JetStream keeps its streams in."""
        return self.folder / "jetstream"

    @property
    def log(self) -> str:
        """What the server has logged since the folder was made."""
        return (self.folder / "nats.log").read_text()

    def __enter__(self) -> Self:
        """Starts the server."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the server in good order."""
        self.stop()
        self._port.close()

    def start(self) -> None:
        """Starts the server and returns when it takes connections; does nothing when it runs."""
        if self.process is not None and self.process.poll() is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._spawn()
        if not self._came_up():
            raise RuntimeError(f"nats-server did not start:\n{self.log}")

    def stop(self) -> None:
        """Ends the server in good order."""
        if self.process is not None:
            end(self.process)

    def kill(self) -> None:
        """Ends the server as a power cut would: SIGKILL."""
        if self.process is not None:
            end(self.process, how=signal.SIGKILL)

    def restart(self) -> None:
        """Stops the server if it runs and starts it on the same folder and port."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Deletes everything that JetStream kept. The server must be down."""
        if self.process is not None and self.process.poll() is None:
            raise RuntimeError("the server is running")
        shutil.rmtree(self.jetstream, ignore_errors=True)

    def _spawn(self) -> None:
        config = self.folder / "nats.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f"jetstream {{ store_dir: {str(self.folder)!r}, sync_interval: {self.sync_interval} }}\n"
            f"{self.extra}\n"
        )
        with (self.folder / "nats.log").open("ab") as log:
            self.process = subprocess.Popen([nats_program(), "-c", str(config)], stdout=log, stderr=log)

    def _came_up(self) -> bool:
        process = self.process
        if process is None:
            return False
        wait_until(lambda: process.poll() is not None or port_open(self.port), what="nats-server", every=0.005)
        return process.poll() is None
