"""``python -m ksad.supervision``: runs the service with settings from the environment."""

from __future__ import annotations

from ksad.chassis.service import serve
from ksad.supervision.app import SERVICE, build
from ksad.supervision.settings import SupervisionSettings


def main() -> None:
    """Serve until asked to end."""
    settings = SupervisionSettings.from_environment()
    serve(build(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
