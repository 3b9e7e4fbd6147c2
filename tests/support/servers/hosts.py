"""Three hosts on one machine: each a network namespace with an address, a root folder and processes of its own."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.support.servers.processes import wait_until

BRIDGE = "ksadbr0"
GATEWAY = "10.231.9.254"
"""The address of this machine as the hosts see it."""
NAMES = ("n1", "n2", "n3")
ADDRESSES = {name: f"10.231.9.{number}" for number, name in enumerate(NAMES, 1)}


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Host:
    """One of the hosts. Paths of an installation, such as ``/etc``, lie below its root folder."""

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self.address = ADDRESSES[name]
        self.root = root
        self.namespace = f"ksad-{name}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def make(self) -> None:
        """Makes the namespace and its line to the others."""
        _ip("netns", "add", self.namespace)
        _ip("link", "add", f"ksadv-{self.name}", "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        _ip("link", "set", f"ksadv-{self.name}", "master", BRIDGE, "up")
        _ip("-n", self.namespace, "addr", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("eth0", "lo"):
            _ip("-n", self.namespace, "link", "set", device, "up")
        for folder in ("etc", "run", "var/lib", "log"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        """Kills what runs and removes the namespace."""
        self.kill()
        # The kernel takes a namespace away some time after it was deleted, and its line with it.
        for words in (("link", "del", f"ksadv-{self.name}"), ("netns", "del", self.namespace)):
            subprocess.run(["ip", *words], check=False, capture_output=True)

    def path(self, installed: str) -> Path:
        """Where a path of an installation lies."""
        return self.root / installed.lstrip("/")

    def command(self, words: Sequence[str], user: str | None = None) -> list[str]:
        """A command line that runs on this host."""
        switched = [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        return ["ip", "netns", "exec", self.namespace, *switched, *words]

    def start(
        self, name: str, words: Sequence[str], environment: Mapping[str, str] | None = None, user: str | None = None
    ) -> None:
        """Starts a program under a name, which has its log."""
        with (self.root / "log" / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.command(words, user),
                env={**_plain(), **_of(user), **(environment or {})},
                stdout=log,
                stderr=log,
                cwd=self.root,
                start_new_session=True,
            )

    def call(self, words: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
        """Runs a program to its end; what it wrote."""
        done = subprocess.run(
            self.command(words),
            env={**_plain(), **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """A program that was started."""
        return self.running[name]

    def stop(self, name: str, seconds: float = 30) -> None:
        """Ends a program in good order."""
        process = self.running.pop(name)
        process.terminate()
        process.wait(seconds)

    def be_deaf_to(self, *addresses: str) -> None:
        """Drops what comes from these addresses, silently; they still hear this host, unless they are deaf to it."""
        told = "\n".join(f"add rule inet deaf input ip saddr {one} drop" for one in addresses)
        chain = "add chain inet deaf input { type filter hook input priority 0; }"
        subprocess.run(
            self.command(["nft", "-f", "-"]), input=f"add table inet deaf\n{chain}\n{told}\n", text=True, check=True
        )

    def hear(self) -> None:
        """Hears everybody again."""
        self.call(["nft", "delete", "table", "inet", "deaf"])

    def pids(self) -> list[int]:
        """All processes of this host."""
        found = subprocess.run(["ip", "netns", "pids", self.namespace], capture_output=True, text=True, check=False)
        return [int(one) for one in found.stdout.split()]

    def kill(self) -> None:
        """Kills everything on it at once, as a power cut would."""

        def gone() -> bool:
            for pid in self.pids():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            for process in self.running.values():
                process.poll()
            return not self.pids()

        wait_until(gone, what=f"the end of {self.name}", every=0.05)
        for process in self.running.values():
            process.wait(10)
        self.running.clear()

    def log(self, name: str) -> str:
        """What a program has logged."""
        return (self.root / "log" / f"{name}.log").read_text()

    def give(self, path: str, user: str) -> Path:
        """Makes a folder that belongs to a user."""
        folder, account = self.path(path), pwd.getpwnam(user)
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, account.pw_uid, account.pw_gid)
        folder.chmod(0o700)
        return folder


def _of(user: str | None) -> dict[str, str]:
    """What systemd tells a program of its user: else it would look into the home folder of root."""
    return {} if user is None else {"HOME": pwd.getpwnam(user).pw_dir, "USER": user}


def _plain() -> dict[str, str]:
    """The environment without anything of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KSAD_")}


class Hosts:
    """All three, and the bridge between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all = {name: Host(name, folder / name) for name in NAMES}

    def __enter__(self) -> Self:
        self._clear()
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for host in self.all.values():
            host.make()
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def _clear(self) -> None:
        """Removes what an earlier run that was killed has left, too."""
        for host in self.all.values():
            host.remove()
        subprocess.run(["ip", "link", "del", BRIDGE], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
