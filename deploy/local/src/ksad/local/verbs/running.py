"""Commands that run a platform: up, down, demo, bench."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ksad.chassis.terminal import Exit, fail, say, show_json, show_table
from ksad.local.demo.play import DemoOptions, run_demo
from ksad.local.machine import operations, ownership
from ksad.local.machine.folder import NoPlatformError
from ksad.local.machine.platform import running
from ksad.local.machine.signals import end_on_signals
from ksad.local.verbs.options import AsJson, DataDir, a_day, folder_of

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder

PARTS = ("portal", "registry", "supervision", "reporting", "nats")
DETACH_SECONDS = 120.0


def up(
    data_dir: DataDir,
    *,
    simulated: Annotated[
        date | None,
        typer.Option(parser=a_day, metavar="DATE", help="Use a simulated clock that starts on this date."),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return when ready; end it with `ksad down`.")] = False,
    base_port: Annotated[
        int | None,
        typer.Option(
            "--base-port",
            envvar="KSAD_BASE_PORT",
            min=1,
            max=65_531,
            help="The first of its ports: registry, supervision, reporting, nats, portal. Else free ones, then kept.",
        ),
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="Open a new platform for training: all that it shows says LATIHAN.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run nats-server, the services and the portal, and restart those that die, until Ctrl-C or `ksad down`."""
    folder = folder_of(data_dir)
    if detach:
        _detach(folder, simulated, base_port, training=training)
        _tell(folder, as_json=as_json)
        return
    end_on_signals()
    # Outermost: who is told to end while it starts, tells or stops, and then ends in order, has done what it was told.
    options: dict[str, Any] = {"starts_on": simulated, "base_port": base_port, "training": training}
    with suppress(KeyboardInterrupt), running(folder, name="latihan" if training else "local", portal=True, **options):
        _tell(folder, as_json=as_json)
        operations.wait_for_the_end()


def _tell(folder: Folder, *, as_json: bool) -> None:
    endpoints = folder.running()
    if as_json:
        show_json({"endpoints": str(folder.endpoints), **{name: endpoints[name] for name in PARTS}})
        return
    show_table("KSAD is ready", ("service", "address"), [[name, endpoints[name]] for name in PARTS])
    say(f"addresses and development tokens: {folder.endpoints}")
    say(f"open in a browser: {endpoints['portal']}")


def _detach(folder: Folder, simulated: date | None, base_port: int | None, *, training: bool) -> None:
    """Starts `ksad up` as a separate process and waits until it is ready.

    :raises NoPlatformError: it does not become ready; the message has its output.
    """
    if ownership.owner(folder) is not None:
        ownership.take(folder).close()
    folder.make()
    # A file that a killed platform left would look like one that is ready.
    folder.endpoints.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "ksad.local", "up", "--data-dir", str(folder.root)]
    argv += [] if simulated is None else ["--simulated", simulated.isoformat()]
    argv += [] if base_port is None else ["--base-port", str(base_port)]
    argv += ["--training"] if training else []
    path = folder.logs / "up.log"
    with path.open("wb") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + DETACH_SECONDS
    while not folder.endpoints.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.terminate()
            raise NoPlatformError(_last_words(path))
        time.sleep(0.05)


def _last_words(path: Path) -> str:
    """What the platform said at its end, without the name that the command is going to say again."""
    lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    return lines[-1].removeprefix("ksad: ") if lines else f"the platform did not get ready, and said nothing in {path}"


def down(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Stop the platform that runs on the folder, wherever it was started, and wait until it has ended."""
    ended = ownership.end(folder_of(data_dir))
    if as_json:
        show_json({"ended": ended})
    else:
        say(f"ended (process {ended})")


def demo(
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
    keep_running: Annotated[bool, typer.Option("--keep-running", help="Leave the platform running.")] = False,
    days: Annotated[int, typer.Option(help="The number of days to pass.", min=1, max=3660)] = 365,
) -> None:
    """Play real cooperations and a year of supervision, then rebuild everything from the log and compare.

    Exit code 3 if the rebuild differs.
    """
    end_on_signals()
    options = DemoOptions(as_json=as_json, keep_running=keep_running, days=days)
    raise typer.Exit(run_demo(folder_of(data_dir), options))


def bench(
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Measure on this folder's disk; default: a temporary folder.")
    ] = None,
    *,
    events: Annotated[int | None, typer.Option(help="Events to rebuild from; default: 20,000 and 200,000.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure against baselines that run at the same time; FULL=1 adds a million events. Exit code 3 below a bound."""
    if find_spec("ksad.bench") is None:
        fail(Exit.REFUSED, "the benchmarks are a package of their own: install ksad-bench")
    command = [sys.executable, "-m", "ksad.bench"]
    command += [] if data_dir is None else ["--data-dir", str(data_dir)]
    command += [] if events is None else ["--events", str(events)]
    command += ["--json"] if as_json else []
    raise typer.Exit(subprocess.run(command, check=False).returncode)
