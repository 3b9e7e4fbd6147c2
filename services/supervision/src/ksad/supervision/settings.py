"""Settings of the supervision service."""

from __future__ import annotations

from pathlib import Path

from ksad.chassis.settings import Settings


class SupervisionSettings(Settings):
    """The settings of every service, and where the registry's documents are."""

    documents_dir_registry: Path | None = None
    """The folder of the registry's documents, of which an office may cite its own here; reading is enough."""

    def others(self) -> dict[str, Path | None]:
        """The folder of the other service that takes documents."""
        return {"registry": self.documents_dir_registry}
