"""``python -m registry``: runs the service with settings from the environment."""

from __future__ import annotations

from chassis.service import serve
from registry.app import SERVICE, build
from registry.settings import RegistrySettings


def main() -> None:
    """Serve until asked to end."""
    settings = RegistrySettings.from_environment()
    serve(build(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
