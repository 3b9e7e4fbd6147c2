"""History files in the making, played into a running platform by the `ksad` command."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from ksad.chassis.clock import RealClock, today
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import Platform
from tests.support.platforms.command import Answer, ksad

PARTIES = '["33.72", "33.11"]'
LATER = "stage: implementation_and_termination, legacy: true"
RECENTLY = str(today(RealClock()) - timedelta(days=20))
"""A day that a live fact may be of: within the days of the policy."""
SIGNED = (
    '{on: "2020-05-01", do: sign_agreement, legacy: true, numbers: {"33.72": "1", "33.11": "2"}, ends_on: "2030-01-01"}'
)


def written(key: str, *steps: str, parties: str = PARTIES, extra: str = "") -> str:
    """One cooperation of a history file: six lines and one for each step; `extra` stands above its parties."""
    lines = [f"  - key: {key}", f"    title: Kerja sama {key}", "    object: air baku", "    affair: pekerjaan_umum"]
    lines += [f"    {extra}"] if extra else []
    return "\n".join([*lines, f"    parties: {parties}", "    history:", *(f"      - {step}" for step in steps)]) + "\n"


def registered(on: str = "2019", rest: str = LATER) -> str:
    """The first step."""
    return f'{{on: "{on}", do: register, {rest}}}'


class HistoryImporter:
    """History files, and the platform that they are played into."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform = platform
        self.file = folder / "riwayat.yaml"

    def write(self, *cooperations: str) -> None:
        """The file holds these cooperations from now on."""
        self.file.write_text("format: ksad-history/1\ncooperations:\n" + "".join(cooperations))

    def play(self, *words: str, office: str = "joint_secretariat") -> Answer:
        """Import the file."""
        return ksad("import", self.file, "--office", office, "--data-dir", self.platform.folder.root, *words)

    def failures(self, *words: str) -> list[dict[str, Any]]:
        """Why cooperations stopped."""
        answer = self.play("--json", *words)
        found: list[dict[str, Any]] = answer.json["failures"]
        assert answer.code == (1 if found else 0)
        return found

    def events(self, key: str) -> list[dict[str, Any]]:
        """What the register has of a cooperation."""
        with self.platform.client() as client:
            path = f"/cooperations/{cooperation_id(key)}"
            if client.get("registry", "/status", "operator")["head"] == 0:
                return []
            found: list[dict[str, Any]] = client.get("registry", f"{path}/events", "auditor")["items"]
            return found

    def head(self) -> int:
        """How many events the register has."""
        with self.platform.client() as client:
            return int(client.get("registry", "/status", "operator")["head"])
