"""The commands of a service: ``python -m ksad.<service> serve``, ``migrate``, ``refill``, ``restore`` and its own.

They read their settings from the environment, like the service itself, so they work in the same places: beside
``ksad up``, in a container, under systemd. An error ends a command with one line on stderr and an exit code of
:class:`~ksad.chassis.terminal.Exit`.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn

import sqlalchemy as sa
import structlog
import typer

from ksad.chassis.database import BusyError, Database
from ksad.chassis.environment import RefusedSettingError
from ksad.chassis.logging import configure, lines
from ksad.chassis.migrations import SchemaError, Step, check
from ksad.chassis.migrations import migrate as carry_out
from ksad.chassis.places import BrokenPartError, MissingPartError, open_database
from ksad.chassis.relay import ContradictionError
from ksad.chassis.relay.lines import BrokenLinesError, JournalLines, whole
from ksad.chassis.relay.lines import refill as append_from
from ksad.chassis.settings import DatabaseSettings, ServerSettings
from ksad.chassis.starting import imported, importing
from ksad.chassis.store import EventStore
from ksad.chassis.terminal import Exit, complain, explain, say, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ksad.contracts.envelope import Envelope

    Follow = Callable[[sa.Connection, Sequence[Envelope]], None]

log = structlog.get_logger(__name__)
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document instead of lines.")]


class VerbError(Exception):
    """A command cannot be carried out; the message says why and what to do. ``code`` is the exit code."""

    def __init__(self, message: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(message)
        self.code = code


class ServiceProgram(NamedTuple):
    """What commands need of a service. ``app`` names the function that builds its app, imported only by ``serve``."""

    name: str
    steps: Sequence[Step]
    settings: type[ServerSettings]
    app: str

    @contextmanager
    def database(self, *, migrate: bool = False) -> Iterator[Database]:
        """The service's database, with the schema of this release.

        :param migrate: first execute missing steps, and create a missing SQLite file.
        :raises SchemaError: it has another schema.
        :raises MissingPartError: the SQLite file is missing.
        """
        found = Database.from_settings(DatabaseSettings.from_environment())
        with open_database(found, self.name, make=migrate) as database:
            if migrate:
                carry_out(database, self.name, self.steps)
            check(database, self.name, self.steps)
            yield database


def _version(context: typer.Context, asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        say(f"ksad-{context.obj} {version(f'ksad-{context.obj}')}")
        raise typer.Exit


def program(service: ServiceProgram) -> typer.Typer:
    """The program of a service with the commands that every service has: ``serve`` and ``migrate``."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"obj": service.name},
    )

    @app.callback(help=f"Commands of the service {service.name}. Settings come from the environment (KSAD_…).")
    def every(
        *,
        shown: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else.")
        ] = False,
    ) -> None:
        """The options that all verbs share."""
        del shown

    @app.command()
    def serve(
        *,
        migrate: Annotated[bool, typer.Option("--migrate", help="First execute missing steps of the schema.")] = False,
    ) -> None:
        """Run the service until it is stopped. Refuses a database with another schema (exit code 1)."""
        settings = service.settings.from_environment()
        configure(settings, service.name)
        with open_database(Database.from_settings(settings), service.name, make=migrate) as database:
            for step in carry_out(database, service.name, service.steps) if migrate else ():
                log.info("schema_step", number=step.number, name=step.name)
            check(database, service.name, service.steps)
        module, _, build = service.app.partition(":")
        with importing():  # here, because it takes a second
            run = import_module("ksad.chassis.service").serve
            built = getattr(import_module(module), build)(settings)
        run(built, settings, service.name)

    @app.command()
    def migrate(*, as_json: AsJson = False) -> None:
        """Bring the database to the schema of this release by executing missing steps."""
        found = Database.from_settings(DatabaseSettings.from_environment())
        with open_database(found, service.name, make=True) as database:
            done = carry_out(database, service.name, service.steps)
            number = check(database, service.name, service.steps)
        if as_json:
            steps = [{"number": step.number, "name": step.name} for step in done]
            show_json({"service": service.name, "schema": number, "steps": steps})
            return
        for step in done:
            say(f"{service.name}: step {step.number}, {step.name}")
        say(f"{service.name}: schema {number}" + ("" if done else ", as before"))

    return app


def add_doctor(app: typer.Typer, service: ServiceProgram) -> None:
    """Adds the command that examines what a service with a store and a broker stands on."""

    @app.command()
    def doctor(*, as_json: AsJson = False) -> None:
        """Examine what the service stands on, and say what mends each fault. Exit code 1 if there is one."""
        settings = service.settings.from_environment()
        examine = import_module("ksad.chassis.doctor").examine  # here, because it takes a while
        with open_database(Database.from_settings(settings), service.name, make=False) as database:
            found = examine(service.name, service.steps, settings, database)
        if as_json:
            show_json([one._asdict() for one in found])
        else:
            rows = [["to mend" if one.mend else "ok", *one] for one in found]
            show_table(f"What {service.name} stands on", ("state", "part", "where", "seen", "what to do"), rows)
        if any(one.mend for one in found):
            raise typer.Exit(Exit.REFUSED)


def add_refill(app: typer.Typer, service: ServiceProgram, follow: Callable[[EventStore], Follow] | None = None) -> None:
    """Adds the command that restores missing events.

    :param follow: returns a function that updates the service's own tables with the appended events.
    """

    @app.command()
    def refill(*, as_json: AsJson = False) -> None:
        """Append to the store its own events that it lacks, from the journal on stdin. Exit code 3 on contradiction."""
        with whole(sys.stdin.buffer) as lines, service.database(migrate=True) as database:
            store = EventStore(database)
            try:
                count = append_from(store, service.name, lines, follow(store) if follow is not None else None)
            except ContradictionError as error:
                raise VerbError(
                    f"{error} Compare with `ksad audit reconcile` and restore (docs/auditing.md).", Exit.DIFFERENT
                ) from error
        _told(service, count, "put back", as_json=as_json)


def add_restore(
    app: typer.Typer, service: ServiceProgram, rebuild: Callable[[EventStore, JournalLines], None] | None = None
) -> None:
    """Adds the command that fills an empty database from the journal.

    :param rebuild: folds the service's own tables from the whole journal.
    """

    @app.command()
    def restore(*, as_json: AsJson = False) -> None:
        """Fill an empty database from the whole journal on stdin; events keep their notification ids."""
        with whole(sys.stdin.buffer) as lines, service.database(migrate=True) as database:
            store = EventStore(database)
            if store.head():
                raise VerbError(f"the store of {service.name} is not empty: refill it, or name an empty database")
            with database.whole():  # Half a store would be in the way of the next attempt.
                count = append_from(store, service.name, lines, under_old_ids=True)
                if rebuild is not None:
                    rebuild(store, lines)
        _told(service, count, "restored", as_json=as_json)


def _told(service: ServiceProgram, count: int, done: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"service": service.name, "events": count})
    else:
        say(f"{service.name}: {count:,} events {done}")


def main(app: typer.Typer, service: str) -> None:
    """Runs a service's program as the main program. Files that it creates are accessible to their owner only."""
    imported()
    os.umask(0o077)
    run(app, service)


def run(app: typer.Typer, service: str, arguments: Sequence[str] | None = None) -> None:
    """Runs a command; an error ends it with one line on stderr and an exit code."""
    structlog.configure(logger_factory=lines)
    try:
        app(arguments)
    except VerbError as error:
        _end(service, error, error.code)
    except (SchemaError, MissingPartError, BrokenPartError, BrokenLinesError, RefusedSettingError, BusyError) as error:
        _end(service, error)
    except OSError as error:
        _end(service, explain(error))


def _end(service: str, message: object, code: Exit = Exit.REFUSED) -> NoReturn:
    complain(" ".join(str(message).split()), f"ksad-{service}")
    raise SystemExit(code)
