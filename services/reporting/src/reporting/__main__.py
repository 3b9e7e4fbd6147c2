"""``python -m reporting``: runs the service with settings from the environment."""

from __future__ import annotations

from chassis.service import serve
from reporting.app import SERVICE, build
from reporting.settings import ReportingSettings


def main() -> None:
    """Serve until asked to end."""
    settings = ReportingSettings.from_environment()
    serve(build(settings), settings, SERVICE)


if __name__ == "__main__":
    main()
