"""Settings of the registry service."""

from __future__ import annotations

from pathlib import Path

from ksad.chassis.settings import Settings


class RegistrySettings(Settings):
    """The settings of every service, and who lets days pass."""

    documents_dir_supervision: Path | None = None
    """The folder of supervision's documents, of which an office may cite its own here; reading is enough."""
    passes_days: bool = False
    """Whether the leader of the role calendar passes each day once it is over; otherwise `ksad pass-day` has to."""

    def others(self) -> dict[str, Path | None]:
        """The folder of the other service that takes documents."""
        return {"supervision": self.documents_dir_supervision}
