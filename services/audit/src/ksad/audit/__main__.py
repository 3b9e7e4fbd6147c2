"""``ksad-audit``: what an auditor does with an archive and public keys, offline."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib.metadata import version
from importlib.resources.abc import Traversable
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from ksad.audit import proving, replay, tell
from ksad.audit.checks import verify
from ksad.audit.checks.verdict import Check
from ksad.ledger.archive import archive, inside
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.keys import read_public

REFUSED, DIFFERENT = 1, 3
HELP = "Verify, replay, compare and trace an archive of the log, offline and with public keys from outside it."
app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP, pretty_exceptions_enable=False)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The archive.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")]


def _version(asked: bool) -> None:  # noqa: FBT001 - how typer calls it
    if asked:
        _line(f"ksad-audit {version('ksad-audit')}")
        raise typer.Exit


@app.callback()
def _audit(
    *,
    shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else.")
    ] = False,
) -> None:
    del shown


def _fail(message: str, code: int = REFUSED) -> NoReturn:
    sys.stderr.write(f"ksad-audit: {message}\n")
    raise typer.Exit(code)


def _show(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")


@contextmanager
def _opened(file: Path) -> Iterator[Traversable]:
    """The data folder of an archive; what is no archive ends the command with one line."""
    try:
        with inside.opened(file) as bag:
            yield bag / "data"
    except archive.ArchiveError as error:
        _fail(str(error))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _fail(f"{text!r} is no date: write YYYY-MM-DD")


@app.command("verify")
def verify_(
    file: File,
    key: Annotated[Path, typer.Option("--key", help="Public keys, from outside the archive.")],
    *,
    since: Annotated[list[Path] | None, typer.Option("--since", help="A checkpoint kept from earlier.")] = None,
    feed: Annotated[list[str] | None, typer.Option("--feed", help="NN=FILE: a feed as its province has it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check everything that can be checked; exit code 0 only if all of it holds."""
    asked = [_feed(one) for one in feed or []]
    feeds = dict(asked)
    if len(feeds) < len(asked):
        _fail("--feed: one province twice; verify each of its files alone")
    try:
        keys = read_public(key)
    except TransparencyError as error:
        _fail(f"--key {error}")
    verdict = verify.verify(file, verify.Asked(keys, [_kept(path) for path in since or []], feeds))
    _checks(verdict.checks, as_json=as_json)


def _feed(asked: str) -> tuple[str, Path]:
    province, _, path = asked.partition("=")
    if not verify.PROVINCE.fullmatch(province) or not path:
        _fail(f"--feed {asked}: write NN=FILE with a province's code, such as 33=feed.sqlite")
    if not Path(path).is_file():
        _fail(f"--feed {asked}: there is no file {path}")
    return province, Path(path)


def _kept(path: Path) -> bytes:
    """A checkpoint that was kept; what is none is a slip of the auditor, not a finding."""
    try:
        note = path.read_bytes()
        claimed(note)
    except (TransparencyError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        _fail(f"--since {path}: {reason}; a checkpoint is what /checkpoint of the platform gave")
    return note


def _checks(checks: Sequence[Check], *, as_json: bool) -> None:
    ok = all(check.ok for check in checks)
    if as_json:
        _show({"ok": ok, "checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            _line(f"{'ok    ' if check.ok else 'FAILED'} {check.name}: {check.detail}{_where(check)}")
        _line("everything holds" if ok else "NOT EVERYTHING HOLDS")
    if not ok:
        raise typer.Exit(DIFFERENT)


def _where(check: Check) -> str:
    if check.first_bad is None:
        return ""
    last = "" if check.up_to is None else f" to {check.up_to - 1}, which one cannot be told"
    return f" (first bad index: {check.first_bad}{last})"


@app.command("replay")
def replay_(
    file: File,
    as_of: Annotated[str, typer.Option("--as-of", help="YYYY-MM-DD.")],
    into: Annotated[Path, typer.Option("--into", help="The SQLite file to write.")],
    *,
    occurred: Annotated[
        bool, typer.Option("--occurred/--known", help="What had occurred by the day, or was known on it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fold the same projections as the platform into a fresh SQLite file, and print the digest of its rows."""
    day = _date(as_of)
    if not into.parent.is_dir():
        _fail(f"{into}: there is no folder {into.parent}")
    with _opened(file) as data:
        read = partial(archive.read_events, data / "events")
        try:
            if occurred:
                done = replay.replay(lambda: replay.occurred_by(read(), day), into)
            else:
                size = replay.known_on(read(), day)
                done = replay.replay(lambda: islice(read(), size), into)
        except (FileExistsError, replay.NoSuchDayError) as error:
            _fail(str(error))
    if as_json:
        _show(done._asdict())
        return
    rows = ", ".join(f"{name} {count}" for name, count in done.rows.items())
    _line(f"{done.entries} entries; rows: {rows}; digest {done.digest}")
    for stream, reason in done.parked.items():
        _line(f"not folded to its end: {stream}: {reason}")


@app.command("diff")
def diff_(file: File, first: str, second: str, *, as_json: AsJson = False) -> None:
    """The rows that changed between two days, each with the entries that changed it."""
    days = sorted((_date(first), _date(second)))
    with _opened(file) as data:
        events = data / "events"
        try:
            sizes = [replay.known_on(archive.read_events(events), day) for day in days]
        except replay.NoSuchDayError as error:
            _fail(str(error))
        changes = list(replay.diff(lambda: archive.read_events(events), *sizes))
    if as_json:
        _show([{**change._asdict(), "causes": [cause._asdict() for cause in change.causes]} for change in changes])
        return
    for change in changes:
        kind = "new" if change.before is None else "gone" if change.after is None else "changed"
        causes = ", ".join(f"{cause.entry} {cause.type}" for cause in change.causes)
        _line(f"{change.table} {'/'.join(map(str, change.key))}: {kind} by {causes}")
        for name, old, new in filter(itemgetter(0), replay.differences(change.before, change.after)):
            _line(f"    {name}: {tell.short(old)} -> {tell.short(new)}")
    _line(f"{len(changes)} rows differ between {days[0]} and {days[1]}")


@app.command("trace")
def trace_(file: File, cooperation: str, *, as_json: AsJson = False) -> None:
    """The history of one cooperation (its id, or its key in the register), fact by fact."""
    with _opened(file) as data:
        lines = list(tell.trace(archive.read_events(data / "events"), cooperation))
    if not lines:
        _fail(f"nothing in this archive is about {cooperation}: name a cooperation's id, or its key in the register")
    if as_json:
        _show([line._asdict() for line in lines])
        return
    for one in lines:
        cause = "" if one.cause is None else f" because of {one.cause}"
        clause = f" [{one.clause}]" if one.clause else ""
        _line(f"{one.number:>8}  {one.occurred:<10}  {one.office:<18}{clause} {one.what}{cause}: {one.says}")


@app.command("prove-report")
def prove_report(file: File, report: str, *, as_json: AsJson = False) -> None:
    """Recompute a report from its prefix of the log; run `verify` first, which proves the log itself."""
    with _opened(file) as data:
        try:
            checks = proving.prove(data, report)
        except LookupError as error:
            _fail(str(error))
        _checks(checks, as_json=as_json)


def main(run: Callable[..., Any] = app) -> None:
    """Run the command."""
    run()


if __name__ == "__main__":
    main()
