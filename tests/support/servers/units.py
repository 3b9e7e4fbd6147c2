"""Starts what a systemd unit says: its command, its settings and its credentials, on a host below a root folder."""

import shutil
import sys
from pathlib import Path

from tests.support.servers.hosts import Host

PROGRAMS = Path(sys.executable).parent
"""Where this checkout has what an installation has in ``/usr/lib/ksad/bin``."""


class Unit:
    """A unit that was rendered to a host, for an instance where it is a template."""

    def __init__(self, host: Host, name: str) -> None:
        """:param name: as systemd knows it, ``ksad@registry`` or ``nats-server``."""
        self._host, self.name = host, name
        template, _, instance = name.partition("@")
        folder = host.path("/etc/systemd/system")
        text = (folder / f"{template}{'@' if instance else ''}.service").read_text()
        for addition in sorted((folder / f"{name}.service.d").glob("*.conf")):
            text += addition.read_text()
        pairs = [line.partition("=") for line in text.replace("%i", instance).splitlines() if line[:1] not in "#["]
        self._said = [(key, value) for key, _, value in pairs if key]

    def _all(self, key: str) -> list[str]:
        return [value for name, value in self._said if name == key]

    def _here(self, word: str) -> str:
        program = word.removeprefix("/usr/lib/ksad/bin/")
        if program != word:
            return str(PROGRAMS / program)
        return str(self._host.path(word)) if word.startswith(("/etc/", "/var/lib/")) else word

    def environment(self) -> dict[str, str]:
        """The settings of its files, and the folder of its credentials."""
        found: dict[str, str] = {}
        for file in self._all("EnvironmentFile"):
            lines = Path(self._here(file)).read_text().splitlines()
            found |= dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
        credentials = self._host.path(f"/run/credentials/{self.name}")
        shutil.rmtree(credentials, ignore_errors=True)
        credentials.mkdir(parents=True)
        for one in self._all("LoadCredential"):
            name, _, path = one.partition(":")
            (credentials / name).write_bytes(Path(self._here(path)).read_bytes())
            (credentials / name).chmod(0o400)
        for state in self._all("StateDirectory"):
            self._host.path(f"/var/lib/{state}").mkdir(parents=True, exist_ok=True)
        return found | {"CREDENTIALS_DIRECTORY": str(credentials)}

    def command(self) -> list[str]:
        """Its command line."""
        [line] = self._all("ExecStart")
        return [self._here(word) for word in line.split()]

    def start(self) -> None:
        """Starts it."""
        self._host.start(self.name, self.command(), self.environment())
