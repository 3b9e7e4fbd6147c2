"""``python -m ksad.registry``: runs the service with settings from the environment."""

from __future__ import annotations

from ksad.chassis.service import serve
from ksad.registry.app import SERVICE, build
from ksad.registry.settings import RegistrySettings


def main() -> None:
    """Serve until asked to end."""
    settings = RegistrySettings.from_environment()
    serve(build(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
