"""The ``ksad`` command: the whole platform on one machine, for operators, clerks and auditors."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import structlog
import typer
from typer.core import TyperCommand, TyperGroup

from ksad.chassis.client import ProblemError, SilentError
from ksad.chassis.environment import RefusedSettingError
from ksad.chassis.logging import lines
from ksad.chassis.starting import importing
from ksad.chassis.terminal import Exit, complain, explain
from ksad.local.machine.backups import BackupError
from ksad.local.machine.calling import VerbFailedError
from ksad.local.machine.folder import NoPlatformError
from ksad.local.machine.stores import OtherStoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

VERBS = {
    "up": "ksad.local.verbs.running:up",
    "down": "ksad.local.verbs.running:down",
    "demo": "ksad.local.verbs.running:demo",
    "import": "ksad.local.verbs.records:import_",
    "pass-day": "ksad.local.verbs.records:pass_day",
    "status": "ksad.local.verbs.care:status",
    "rebuild": "ksad.local.verbs.care:rebuild",
    "token": "ksad.local.verbs.records:token",
    "backup": "ksad.local.verbs.care:backup",
    "restore": "ksad.local.verbs.care:restore",
    "restore-drill": "ksad.local.verbs.care:restore_drill",
    "bench": "ksad.local.verbs.running:bench",
    "park": "ksad.local.verbs.care:park",
    "feeds": "ksad.local.verbs.feeds:feeds",
    "feed": "ksad.local.verbs.feeds:feed",
    "audit": "ksad.local.verbs.audit:audit",
    "cluster": "ksad.local.verbs.cluster:cluster",
}


class Verbs(TyperGroup):
    """Imports a command when it is used, because importing all of them takes three seconds."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # Typer's own context
        """All commands, in the order of the documentation."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: typer.Context, cmd_name: str):  # type: ignore[no-untyped-def,override] # noqa: ANN201 - Typer has no public name for it
        """A command; ``None`` if there is none with this name."""
        if cmd_name not in self.commands and cmd_name in VERBS:
            module, _, attribute = VERBS[cmd_name].partition(":")
            with importing():
                found = getattr(import_module(module), attribute)
            self.commands[cmd_name] = (
                _group(cmd_name, found) if isinstance(found, typer.Typer) else _verb(cmd_name, found)
            )
        return super().get_command(ctx, cmd_name)


def _group(name: str, verbs: typer.Typer) -> TyperGroup:
    group = typer.main.get_group(verbs)
    group.name = name
    return group


def _verb(name: str, work: Callable[..., None]) -> TyperCommand:
    alone = typer.Typer(add_completion=False)
    alone.command(name)(work)
    made = typer.main.get_command(alone)
    assert isinstance(made, TyperCommand)  # noqa: S101 - of a program with one verb
    return made


app = typer.Typer(cls=Verbs, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"ksad {version('ksad-local')}\n")
        raise typer.Exit


@app.callback(help=__doc__)
def ksad(
    *,
    shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Write the version and exit.")
    ] = False,
) -> None:
    """The common options."""
    del shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; refusals of services and missing platforms end it with one line on stderr and an exit code."""
    structlog.configure(logger_factory=lines)
    try:
        app(arguments)
    except VerbFailedError as error:
        if str(error):
            sys.stderr.write(f"{error}\n")
        raise SystemExit(error.code) from None
    except (NoPlatformError, RefusedSettingError) as error:
        _end(Exit.NO_PLATFORM, str(error))
    except SilentError as error:
        _end(Exit.NO_PLATFORM, f"{error}; `ksad status` says what runs")
    except ProblemError as error:
        serves = "policy, for " if error.policy else ""
        clause = f" ({serves}{error.clause})" if error.clause else ""
        _end(Exit.REFUSED, f"{error.rule}{clause}: {error}")
    except (OtherStoreError, BackupError) as error:
        _end(Exit.REFUSED, str(error))
    except OSError as error:
        _end(Exit.REFUSED, explain(error))


def _end(code: Exit, message: str) -> None:
    complain(message)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
