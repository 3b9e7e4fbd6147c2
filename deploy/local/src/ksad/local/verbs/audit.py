"""What an auditor does, and what the ministry does for one: archives, comparing the stores with the journal."""

from __future__ import annotations

import typer

from ksad.audit.__main__ import app as auditor
from ksad.reporting.keeping.command import app as keeper

audit = typer.Typer(no_args_is_help=True, help="Make an archive of the log; verify, replay, compare and trace one.")
audit.registered_commands = [*keeper.registered_commands, *auditor.registered_commands]
