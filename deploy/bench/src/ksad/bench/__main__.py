"""``python -m ksad.bench``: runs the benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ksad.bench.run import bench
from ksad.chassis.terminal import Exit


def main(
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Measure on this folder's disk; default: a temporary folder.")
    ] = None,
    *,
    events: Annotated[int | None, typer.Option(help="Events to rebuild from; default: 20,000 and 200,000.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document instead of tables.")] = False,
) -> None:
    """Measure against baselines that run at the same time; FULL=1 adds a million events. Exit code 3 below a bound."""
    if not bench(events=events, as_json=as_json, beside=data_dir):
        raise typer.Exit(Exit.DIFFERENT)


if __name__ == "__main__":
    typer.run(main)
