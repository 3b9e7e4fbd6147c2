"""``python -m ksad.bench``: measure against baselines that run in the same minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ksad.bench.run import bench
from ksad.chassis.terminal import Exit


def main(
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Measure on this folder's disk; a temporary folder else.")
    ] = None,
    *,
    events: Annotated[int | None, typer.Option(help="Events to rebuild from; 20,000 and 200,000 else.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout instead of tables.")] = False,
) -> None:
    """Measure against baselines that run in the same minutes; FULL=1 adds a million events."""
    if not bench(events=events, as_json=as_json, beside=data_dir):
        raise typer.Exit(Exit.DIFFERENT)


if __name__ == "__main__":
    typer.run(main)
