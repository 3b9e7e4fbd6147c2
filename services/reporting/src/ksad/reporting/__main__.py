"""``python -m ksad.reporting``: runs the service with settings from the environment."""

from __future__ import annotations

from ksad.chassis.service import serve
from ksad.reporting.app import SERVICE, build
from ksad.reporting.settings import ReportingSettings


def main() -> None:
    """Serve until asked to end."""
    settings = ReportingSettings.from_environment()
    serve(build(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
