"""Generates the OpenAPI documents that are committed under ``contracts/schemas/openapi``, from the apps themselves.

``python -m tests.pages.openapi`` writes; ``--check`` fails when what is there differs.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ksad.registry.app import build as build_registry
from ksad.registry.settings import RegistrySettings
from ksad.reporting.app import build as build_reporting
from ksad.reporting.settings import ReportingSettings
from ksad.supervision.app import build as build_supervision
from ksad.supervision.settings import SupervisionSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

FOLDER = Path("contracts/schemas/openapi")


def apps(scratch: Path) -> dict[str, FastAPI]:
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


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    stale = 0
    for name, text in generate().items():
        path = FOLDER / name
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if "--check" in arguments:
            sys.stderr.write(f"{path} is stale: run `make schemas` and commit\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return 1 if "--check" in arguments and stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
