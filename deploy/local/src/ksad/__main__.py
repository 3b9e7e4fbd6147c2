"""The ``ksad`` command: the whole platform on one machine, and what its operators, clerks and auditors do with it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import structlog
import typer

from ksad import backups, history, operations, provision
from ksad import feed as feed_kit
from ksad.client import Client, ProblemError
from ksad.demo.play import DemoOptions, run_demo
from ksad.folder import Folder, NoPlatformError
from ksad.offices import development_tokens, offices
from ksad.output import Exit, console, errors, fail, progress_bar, show_json, show_table
from ksad.platform import pass_days, running
from ksad.restoring import restore
from reporting.audit.__main__ import app as audit
from reporting.feeds.follower import FeedBrokenError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
park = typer.Typer(no_args_is_help=True, help="Events that could not be applied: list them, try them again.")
feeds = typer.Typer(no_args_is_help=True, help="Credentials of the provinces' feeds.")
app.add_typer(park, name="park")
app.add_typer(feeds, name="feeds")
app.add_typer(audit, name="audit", help="What an auditor does with an archive and public keys, offline.")
app.command()(restore)
feed = typer.Typer(no_args_is_help=True, help="A province takes its feed.")
app.add_typer(feed, name="feed")

DataDir = Annotated[Path, typer.Option("--data-dir", help="Where the platform keeps everything.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")]


def _folder(path: Path) -> Folder:
    return Folder(path.resolve())


@app.command()
def up(
    data_dir: DataDir,
    simulated: Annotated[str | None, typer.Option(help="Run on a simulated clock that starts on this date.")] = None,
) -> None:
    """Start nats-server and the three services; restart what dies; Ctrl-C ends all."""
    folder = _folder(data_dir)
    with running(folder, starts_on=date.fromisoformat(simulated) if simulated else None) as platform:
        rows = [[name, platform.endpoints[name]] for name in ("registry", "supervision", "reporting", "nats")]
        show_table("KSAD is ready", ("service", "address"), rows)
        console.print(f"addresses and development tokens: {folder.endpoints}")
        operations.wait_for_the_end()


@app.command()
def demo(
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
    keep_running: Annotated[bool, typer.Option("--keep-running", help="Leave the platform up afterwards.")] = False,
    days: Annotated[int, typer.Option(help="How many days pass.", min=1, max=3660)] = 365,
) -> None:
    """Play real cooperations and a year of supervision, then prove that everything can be rebuilt from the log."""
    raise typer.Exit(run_demo(_folder(data_dir), DemoOptions(as_json=as_json, keep_running=keep_running, days=days)))


@app.command("import")
def import_(
    file: Path,
    office: Annotated[str, typer.Option(help="The office that records it, such as joint_secretariat.")],
    data_dir: DataDir,
    *,
    check: Annotated[bool, typer.Option("--check", help="Do everything but write.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play a history file into the register; the same file twice adds nothing."""
    try:
        with _client(data_dir) as client, progress_bar("import", quiet=as_json) as progress:
            done = history.play(client, file, office=office, check=check, progress=progress)
    except (history.HistoryError, OSError) as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        failures = [failure._asdict() for failure in done.failures]
        show_json({"cooperations": done.cooperations, "steps": done.steps, "failures": failures})
    else:
        console.print(f"{done.cooperations} cooperations, {done.steps} steps" + (" would be recorded" if check else ""))
        for failure in done.failures:
            clause = f" ({failure.clause})" if failure.clause else ""
            errors.print(
                f"{failure.file}:{failure.line}: {failure.key}: {failure.do}: {failure.rule}{clause}: {failure.detail}",
                soft_wrap=True,
            )
    if done.failures:
        raise typer.Exit(Exit.REFUSED)


@app.command("pass-day")
def pass_day(
    through: Annotated[str, typer.Option(help="The last day to pass, YYYY-MM-DD.")],
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
) -> None:
    """Let days pass: what is due becomes due, what is late becomes late."""
    with _client(data_dir) as client:
        passed = pass_days(_folder(data_dir), client, _date(through))
    if as_json:
        show_json({"passed": [day.isoformat() for day in passed]})
    else:
        console.print(f"{len(passed)} days passed" + (f", the last {passed[-1]}" if passed else ""))


@app.command()
def status(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Head of the log, positions, lag, what is held, parked or late; non-zero when something needs care."""
    with _client(data_dir) as client:
        report = operations.status(client)
    if as_json:
        show_json(report)
    else:
        operations.show_status(report)
    if report["attention"]:
        raise typer.Exit(Exit.REFUSED)


@app.command()
def rebuild(
    data_dir: DataDir,
    projection: Annotated[str | None, typer.Argument(help="One projection; all where none is named.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Compare only; the live tables stay live.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fold the journal anew beside the live tables, compare row for row, and switch."""
    cancel = threading.Event()
    try:
        with progress_bar("rebuild", quiet=as_json) as progress:
            report = operations.rebuild(
                _folder(data_dir), projection, switch=not check, cancel=cancel, progress=progress
            )
    except KeyboardInterrupt:
        fail(Exit.REFUSED, "cancelled; the same command goes on from here, the live tables are untouched")
    except LookupError as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        show_json(report)
    else:
        identical = "yes" if report["identical"] else "NO: " + str(report["differing"])
        console.print(f"{report['events']:,} events, {report['events_per_second']:,} events/s, identical: {identical}")
    if not report["identical"]:
        raise typer.Exit(Exit.DIFFERENT)


@park.command("list")
def park_list(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """What is parked, where, and why."""
    with _client(data_dir) as client:
        rows = operations.parked(client)
    if as_json:
        show_json(rows)
        return
    columns = ("where", "stream", "event", "reason", "code version")
    names = ("where", "stream", "event_id", "reason", "code_version")
    show_table("Parked", columns, [[row.get(name, "") for name in names] for row in rows])


@park.command("retry")
def park_retry(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Apply what is parked again, in order; after the code that could not has been mended."""
    with _client(data_dir) as client:
        drained = operations.retry_parked(client)
    if as_json:
        show_json(drained)
    else:
        show_table(
            "Tried again",
            ("where", "drained", "left"),
            [[name, *numbers.values()] for name, numbers in drained.items()],
        )


@app.command()
def token(
    office: Annotated[str, typer.Option(help="Such as governor:32, tkksd:32, region:32.75.")], data_dir: DataDir
) -> None:
    """A development token of the local issuer, which services accept on loopback only."""
    folder = _folder(data_dir)
    if office not in offices():
        fail(Exit.REFUSED, f"{office} is no office; `ksad up` lists them in {folder.endpoints}")
    console.print(development_tokens(folder.issuer)[office], soft_wrap=True)


@app.command()
def backup(out: Path, data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Copy the databases (consistently, while they are used), documents and keys into a folder."""
    try:
        copied = backups.backup(_folder(data_dir), out.resolve())
    except (OSError, ValueError) as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        show_json(copied)
    else:
        show_table("Copied", ("what", "bytes"), list(copied.items()))


@app.command()
def bench(
    *,
    events: Annotated[int | None, typer.Option(help="Events to rebuild from; 20,000 and 200,000 else.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure against baselines that run in the same minutes; FULL=1 adds a million events."""
    from ksad.bench.run import bench as run_bench  # noqa: PLC0415 - the other verbs need no benchmark

    if not run_bench(events=events, as_json=as_json):
        raise typer.Exit(Exit.DIFFERENT)


@feed.command("follow")
def feed_follow(
    province: Annotated[str, typer.Option(help="The province's code, such as 32.")],
    into: Annotated[str, typer.Option(help="Where to store it: sqlite:PATH.")],
    data_dir: DataDir,
    *,
    key: Annotated[Path | None, typer.Option(help="Public keys; D/keys/public.vkeys if absent.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when everything there is has been taken.")] = False,
) -> None:
    """Take a province's feed into a file of one's own and verify it against every signed checkpoint."""
    folder = _folder(data_dir)
    try:
        count = feed_kit.run(folder, province, feed_kit.target(into), key or folder.keys / "public.vkeys", once=once)
    except (feed_kit.TargetError, FeedBrokenError) as error:
        fail(Exit.DIFFERENT, str(error))
    console.print(f"{count:,} entries stored and verified")


@feeds.command("provision")
def feeds_provision(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Write credentials for every province that has none, readable by the owner only."""
    folder = _folder(data_dir)
    made = provision.provision(folder)
    if as_json:
        show_json({"made": made, "folder": str(folder.feeds)})
    else:
        console.print(f"{len(made)} provinces got credentials in {folder.feeds}")


@feeds.command("rotate")
def feeds_rotate(province: str, data_dir: DataDir) -> None:
    """Give one province a new key; the old one is refused from then on."""
    _change_key(provision.rotate, province, data_dir)


@feeds.command("revoke")
def feeds_revoke(province: str, data_dir: DataDir) -> None:
    """Take one province's key away."""
    _change_key(provision.revoke, province, data_dir)


def _change_key(change: Callable[[Folder, str], None], province: str, data_dir: Path) -> None:
    try:
        change(_folder(data_dir), province)
    except provision.UnknownProvinceError as error:
        fail(Exit.REFUSED, str(error))


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day, no moment
    except ValueError:
        fail(Exit.REFUSED, f"{text!r} is no date: write YYYY-MM-DD")


def _client(data_dir: Path) -> Client:
    return Client(_folder(data_dir).running())


def main() -> None:
    """Run the command; problems of services and missing platforms end it with one line and a code."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    try:
        app()
    except NoPlatformError as error:
        _end(Exit.NO_PLATFORM, str(error))
    except ProblemError as error:
        clause = f" ({error.clause})" if error.clause else ""
        _end(Exit.REFUSED, f"{error.rule}{clause}: {error}")


def _end(code: Exit, message: str) -> None:
    errors.print(f"[bold red]ksad:[/] {message}", soft_wrap=True)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
