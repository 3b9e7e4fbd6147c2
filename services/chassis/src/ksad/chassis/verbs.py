"""The verbs of a service: ``python -m ksad.<service> serve``, ``migrate``, ``refill``, ``restore`` and its own ones.

They take their settings from the environment, as the service itself does, so that they work wherever it does: beside
``ksad up``, in a container, under systemd. What is wrong ends a verb with one line on stderr and a code of
:class:`~ksad.chassis.terminal.Exit`.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn

import sqlalchemy as sa
import structlog
import typer

from ksad.chassis.database import BusyError, Database
from ksad.chassis.logging import configure, lines
from ksad.chassis.migrations import SchemaError, Step, check
from ksad.chassis.migrations import migrate as carry_out
from ksad.chassis.places import MissingPartError, open_database
from ksad.chassis.relay import ContradictionError
from ksad.chassis.relay.lines import BrokenLinesError, JournalLines, whole
from ksad.chassis.relay.lines import refill as append_from
from ksad.chassis.settings import DatabaseSettings, RefusedSettingError, Settings
from ksad.chassis.store import EventStore
from ksad.chassis.terminal import Exit, complain, say, show_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ksad.contracts.envelope import Envelope

    Follow = Callable[[sa.Connection, Sequence[Envelope]], None]

log = structlog.get_logger(__name__)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")]


class VerbError(Exception):
    """A verb cannot do what it was asked for; the message says why and what to do, ``code`` how the program ends."""

    def __init__(self, message: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(message)
        self.code = code


class ServiceProgram(NamedTuple):
    """What the verbs need to know of a service; ``app`` is where its app is built, imported only to serve it."""

    name: str
    steps: Sequence[Step]
    settings: type[Settings]
    app: str

    @contextmanager
    def database(self, *, migrate: bool = False) -> Iterator[Database]:
        """The service's database, at the schema that this release works with.

        :param migrate: carry out what it lacks first; an SQLite file that is not there is made.
        :raises SchemaError: it has another one.
        :raises MissingPartError: it is an SQLite file that is not there.
        """
        found = Database.from_settings(DatabaseSettings.from_environment())
        with open_database(found, self.name, make=migrate) as database:
            if migrate:
                carry_out(database, self.name, self.steps)
            check(database, self.name, self.steps)
            yield database


def program(service: ServiceProgram) -> typer.Typer:
    """The verbs that every service has: serve, migrate."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.callback(help=f"The verbs of {service.name}; settings come from the environment (KSAD_…).")
    def every() -> None:
        """What they share: nothing."""

    @app.command()
    def serve(
        *,
        migrate: Annotated[bool, typer.Option("--migrate", help="Carry out what the schema lacks first.")] = False,
    ) -> None:
        """Run the service until it is asked to end; refuse a database of another schema."""
        settings = service.settings.from_environment()
        configure(settings, service.name)
        with open_database(Database.from_settings(settings), service.name, make=migrate) as database:
            for step in carry_out(database, service.name, service.steps) if migrate else ():
                log.info("schema_step", number=step.number, name=step.name)
            check(database, service.name, service.steps)
        module, _, build = service.app.partition(":")
        run = import_module("ksad.chassis.service").serve  # What serves takes a second to import.
        run(getattr(import_module(module), build)(settings), settings, service.name)

    @app.command()
    def migrate(*, as_json: AsJson = False) -> None:
        """Bring the database to the schema of this release, step by step; none where it has it."""
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


def add_refill(app: typer.Typer, service: ServiceProgram, follow: Callable[[EventStore], Follow] | None = None) -> None:
    """Add the verb that brings back what a store lacks.

    :param follow: makes what has the service's own tables follow the events that are appended.
    """

    @app.command()
    def refill(*, as_json: AsJson = False) -> None:
        """Append the own events that the store lacks and the journal on stdin has, byte for byte."""
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
    """Add the verb that fills an empty database from the journal.

    :param rebuild: folds the service's own tables anew from the whole journal.
    """

    @app.command()
    def restore(*, as_json: AsJson = False) -> None:
        """Fill an empty database from the whole journal on stdin; own events get the ids that they had."""
        with whole(sys.stdin.buffer) as lines, service.database(migrate=True) as database:
            store = EventStore(database)
            if store.head():
                raise VerbError(f"the store of {service.name} is not empty: refill it, or name an empty database")
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
    """Run a service's program as the process that it is: what it writes is its owner's alone."""
    os.umask(0o077)
    run(app, service)


def run(app: typer.Typer, service: str, arguments: Sequence[str] | None = None) -> None:
    """Run a verb of a service's program; what is wrong ends it with one line and a code."""
    structlog.configure(logger_factory=lines)
    try:
        app(arguments)
    except VerbError as error:
        _end(service, error, error.code)
    except (SchemaError, MissingPartError, BrokenLinesError, RefusedSettingError, BusyError, OSError) as error:
        _end(service, error)
    except sa.exc.OperationalError as error:
        _end(service, f"the database does not answer, or not as it should: {error.orig}")


def _end(service: str, message: object, code: Exit = Exit.REFUSED) -> NoReturn:
    complain(" ".join(str(message).split()), f"ksad-{service}")
    raise SystemExit(code)
