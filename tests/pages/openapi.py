"""The OpenAPI documents that are committed under ``contracts/schemas/openapi``, from the apps themselves."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ksad.registry.app import build as build_registry
from ksad.registry.settings import RegistrySettings
from ksad.reporting.app import build as build_reporting
from ksad.reporting.settings import ReportingSettings
from ksad.supervision.app import build as build_supervision
from ksad.supervision.settings import SupervisionSettings
from tests.support.text.source import ROOT

if TYPE_CHECKING:
    from ksad.chassis.service import Application

FOLDER = ROOT / "contracts" / "schemas" / "openapi"


def apps(scratch: Path) -> dict[str, Application]:
    """The three apps, opened on nothing: their lifespans never begin."""
    given = {
        "database_url": f"sqlite:///{scratch}/none.sqlite",
        "nats_url": "nats://127.0.0.1:4222",
        "documents_dir": scratch,
        "issuer_keys_dir": scratch,
    }
    return {
        "registry": build_registry(RegistrySettings.model_validate(given)),
        "supervision": build_supervision(SupervisionSettings.model_validate(given)),
        "reporting": build_reporting(ReportingSettings.model_validate(given | {"keys_dir": scratch})),
    }


def generate() -> dict[str, str]:
    """Each document's text by its file name."""
    with tempfile.TemporaryDirectory() as scratch:
        return {
            f"{name}.json": json.dumps(app.openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
            for name, app in apps(Path(scratch)).items()
        }


def documents() -> dict[Path, str]:
    """Each document in its place."""
    return {FOLDER / name: text for name, text in generate().items()}
