"""``ksad-audit``: the commands of an auditor, and of a province that follows its feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from importlib.resources.abc import Traversable
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from ksad.audit import diff, output, proving, replay, tell
from ksad.audit.about import About, about
from ksad.audit.checks import verify
from ksad.audit.checks.verdict import Check
from ksad.audit.following import follow
from ksad.audit.output import DIFFERENT, fail, line, show, warn
from ksad.audit.reports import NoSuchReportError
from ksad.contracts.dates import jakarta_day
from ksad.ledger.archive import archive, inside
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.keys import Validity, read_public
from ksad.ledger.log.note import Verifier

HELP = "Verify, replay, compare and trace an archive of the log offline, with public keys obtained independently of it."
UNVERIFIED = "NOTHING WAS VERIFIED: whoever made this file may have written anything into it"
app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP, pretty_exceptions_enable=False)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The archive, a tar file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document instead of lines.")]
Key = Annotated[
    Path | None, typer.Option("--key", help="File of public keys from outside the archive; verifies the archive first.")
]


def _version(asked: bool) -> None:  # noqa: FBT001 - how typer calls it
    if asked:
        line(f"ksad-audit {version('ksad-audit')}")
        raise typer.Exit


@app.callback()
def _audit(
    *,
    shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Write the version and exit.")
    ] = False,
) -> None:
    del shown


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no date: write YYYY-MM-DD")


def _keys(path: Path) -> dict[Verifier, Validity]:
    try:
        return read_public(path)
    except TransparencyError as error:
        fail(f"--key {error}")


def _today() -> date:
    return jakarta_day(datetime.now(UTC))


@contextmanager
def _opened(file: Path, key: Path | None) -> Iterator[Traversable]:
    """The data folder of an archive. The archive is verified first; without keys a warning says that it was not.

    An archive that cannot be read, does not verify, or has facts of another shape than expected ends the command.
    """
    if key is None:
        warn(f"{UNVERIFIED}; give the ministry's public keys with --key")
    else:
        broken = [
            check for check in verify.verify(file, verify.Asked(_keys(key), today=_today())).checks if not check.ok
        ]
        if broken:
            lines = (f"{file} does not verify, so nothing was done with it:", *map(output.described, broken))
            fail(*lines, code=DIFFERENT)
    try:
        with inside.opened(file) as bag:
            yield bag / "data"
    except archive.ArchiveError as error:
        fail(str(error))
    # Reading an archive that nobody verified: its facts may lack fields or have other types.
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        fail(f"{file} holds facts of another shape than ours ({type(error).__name__}: {error}); verify it with --key")


@app.command("verify")
def verify_(
    file: File,
    key: Annotated[Path, typer.Option("--key", help="File of public keys from outside the archive.")],
    *,
    since: Annotated[
        list[Path] | None, typer.Option("--since", help="Checkpoint kept from earlier; may be given several times.")
    ] = None,
    feed: Annotated[
        list[str] | None, typer.Option("--feed", help="NN=FILE, a feed as its province stored it; several times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run all checks on an archive. Exit code 0 if all hold, 3 if one fails, 1 for unusable arguments."""
    asked = [_feed(one) for one in feed or []]
    feeds = dict(asked)
    if len(feeds) < len(asked):
        fail("--feed: one province twice; verify each of its files alone")
    keys = _keys(key)
    kept = [_kept(path) for path in since or []]
    verdict = verify.verify(file, verify.Asked(keys, kept, feeds, _today()))
    _checks(verdict.checks, about(file, keys), as_json=as_json)


def _feed(asked: str) -> tuple[str, Path]:
    province, _, path = asked.partition("=")
    if not verify.PROVINCE.fullmatch(province) or not path:
        fail(f"--feed {asked}: write NN=FILE with a province's code, such as 33=feed.sqlite")
    if not Path(path).is_file():
        fail(f"--feed {asked}: there is no file {path}")
    return province, Path(path)


def _kept(path: Path) -> bytes:
    """The bytes of a checkpoint kept from earlier. A file that is not a checkpoint is a mistake, not a finding."""
    try:
        note = path.read_bytes()
        claimed(note)
    except (TransparencyError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        fail(f"--since {path}: {reason}; a checkpoint is what /checkpoint of the platform gave")
    return note


def _checks(checks: Sequence[Check], subject: About, *, as_json: bool, verified: bool = True) -> None:
    ok = all(check.ok for check in checks)
    if as_json:
        told = {} if verified else {"verified": False}
        keys = [key._asdict() for key in subject.keys]
        stated = {"about": {**subject._asdict(), "keys": keys}, "checks": [check._asdict() for check in checks]}
        show({"ok": ok, **told, **stated})
    else:
        for stated_line in subject.lines():
            line(stated_line)
        for check in checks:
            line(output.described(check))
        line(output.verdict(checks) + ("" if verified else f", as far as this file is genuine. {UNVERIFIED}"))
    if not ok:
        raise typer.Exit(DIFFERENT)


def _parked(parked: dict[str, str]) -> None:
    """Ends the command with exit code 3 if streams could not be folded, because the result is then incomplete."""
    if parked:
        lines = [f"not folded to its end: {stream}: {reason}" for stream, reason in parked.items()]
        warn(f"{len(parked)} streams hold facts that this release cannot fold; take the one that knows them", *lines)
        raise typer.Exit(DIFFERENT)


@app.command("replay")
def replay_(
    file: File,
    as_of: Annotated[str, typer.Option("--as-of", help="The day, YYYY-MM-DD.")],
    into: Annotated[Path, typer.Option("--into", help="The SQLite file to create; it must not exist.")],
    *,
    key: Key = None,
    occurred: Annotated[
        bool, typer.Option("--occurred/--known", help="Facts that had occurred by the day, or facts recorded by it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compute the platform's tables as of a day, write them to a new SQLite file, and print their digest."""
    day = _date(as_of)
    if not into.parent.is_dir():
        fail(f"{into}: there is no folder {into.parent}")
    with _opened(file, key) as data:
        read = partial(archive.read_events, data / "events")
        try:
            if occurred:
                done = replay.replay(lambda: replay.occurred_by(read(), day), into)
            else:
                size = replay.known_on(read(), day)
                done = replay.replay(lambda: islice(read(), size), into)
        except (FileExistsError, replay.NoSuchDayError) as error:
            fail(str(error))
    if as_json:
        show({**done._asdict(), "verified": key is not None})
    else:
        rows = ", ".join(f"{name} {count}" for name, count in done.rows.items())
        line(f"{done.entries} entries; rows: {rows}; digest {done.digest}")
    _parked(done.parked)


@app.command("diff")
def diff_(file: File, first: str, second: str, *, key: Key = None, as_json: AsJson = False) -> None:
    """List the rows that differ between two days, each with the log entries that changed it."""
    days = sorted((_date(first), _date(second)))
    with _opened(file, key) as data:
        events = data / "events"
        try:
            sizes = [replay.known_on(archive.read_events(events), day) for day in days]
        except replay.NoSuchDayError as error:
            fail(str(error))
        found = diff.diff(lambda: archive.read_events(events), *sizes)
    if as_json:
        show([{**one._asdict(), "causes": [cause._asdict() for cause in one.causes]} for one in found.changes])
    else:
        _changed(found.changes)
        line(f"{len(found.changes)} rows differ between {days[0]} and {days[1]}")
    _parked(found.parked)


def _changed(changes: Sequence[diff.Change]) -> None:
    for change in changes:
        kind = "new" if change.before is None else "gone" if change.after is None else "changed"
        causes = ", ".join(f"{cause.entry} {cause.type}" for cause in change.causes)
        line(f"{change.table} {'/'.join(map(str, change.key))}: {kind} by {causes}")
        for name, old, new in filter(itemgetter(0), diff.differences(change.before, change.after)):
            line(f"    {name}: {tell.short(old)} -> {tell.short(new)}")


@app.command("trace")
def trace_(file: File, cooperation: str, *, key: Key = None, as_json: AsJson = False) -> None:
    """List the facts of one cooperation, given by its id or by its registration key, in the order of the log."""
    with _opened(file, key) as data:
        lines = list(tell.trace(archive.read_events(data / "events"), cooperation))
    if not lines:
        fail(f"nothing in this archive is about {cooperation}: name a cooperation's id, or its key in the register")
    if as_json:
        show([one._asdict() for one in lines])
        return
    for one in lines:
        cause = "" if one.cause is None else f" because of {one.cause}"
        clause = f" [{one.clause}]" if one.clause else ""
        line(f"{one.number:>8}  {one.occurred:<10}  {one.office:<18}{clause} {one.what}{cause}: {one.says}")


@app.command("prove-report")
def prove_report(
    file: File,
    report: Annotated[str | None, typer.Argument(help="The report's id, a UUID.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Prove all reports; list those due but not compiled.")] = False,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Recompute reports from the log and compare, by the rules they name; print them again where form and programs are
    those that they name.
    """
    if every is (report is not None):
        fail("name one report by its id, or write --all")
    with _opened(file, key) as data:
        try:
            checks = proving.prove_all(data) if report is None else proving.prove(data, report)
        except NoSuchReportError as error:
            fail(*str(error).split("\n"))
        if not checks:
            fail("there is no report in this archive, and none is owed: nothing was proved")
        subject = about(file, {} if key is None else _keys(key))
        _checks(checks, subject, as_json=as_json, verified=key is not None)


app.command("follow")(follow)


def main(run: Callable[..., Any] = app) -> None:
    """Runs ``ksad-audit``."""
    run()


if __name__ == "__main__":
    main()
