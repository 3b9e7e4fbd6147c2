"""Periods of the present, for platforms that run by the real clock."""

from datetime import UTC, datetime

from ksad.contracts.dates import jakarta_day

HALF = 6


def running_half() -> str:
    """The half-year that is not over yet."""
    now = jakarta_day(datetime.now(UTC))
    return f"{now.year}-S{1 if now.month <= HALF else 2}"
