"""The ``ksad`` command: the whole platform on one machine, and what its operators, clerks and auditors do with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import structlog
import typer

from ksad.client import ProblemError, SilentError
from ksad.folder import NoPlatformError
from ksad.output import Exit, complain
from ksad.restoring import restore
from ksad.verbs import care, feeds, records, running
from reporting.audit.__main__ import app as audit

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
app.command()(running.up)
app.command()(running.down)
app.command()(running.demo)
app.command("import")(records.import_)
app.command("pass-day")(records.pass_day)
app.command()(care.status)
app.command()(care.rebuild)
app.add_typer(care.park, name="park")
app.command()(records.token)
app.command()(care.backup)
app.command()(restore)
app.add_typer(feeds.feeds, name="feeds")
app.add_typer(feeds.feed, name="feed")
app.add_typer(audit, name="audit", help="What an auditor does with an archive and public keys, offline.")
app.command()(running.bench)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; problems of services and missing platforms end it with one line and a code."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    try:
        app(arguments)
    except NoPlatformError as error:
        _end(Exit.NO_PLATFORM, str(error))
    except SilentError as error:
        _end(Exit.NO_PLATFORM, f"{error}; `ksad status` says what runs")
    except ProblemError as error:
        clause = f" ({error.clause})" if error.clause else ""
        _end(Exit.REFUSED, f"{error.rule}{clause}: {error}")
    except (TimeoutError, OSError) as error:
        _end(Exit.REFUSED, str(error))


def _end(code: Exit, message: str) -> None:
    complain(message)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
