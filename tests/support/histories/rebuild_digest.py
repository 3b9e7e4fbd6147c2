"""Rebuilds all projections of a database in a process of its own, without a network, and prints the rows' digest."""

import hashlib
import os
import socket
import sys
import time
from typing import NoReturn

from ksad.chassis.database import Database
from ksad.reporting.journal import Journal
from ksad.reporting.projections import comparing, generations
from ksad.reporting.projections.runner import Runner

MOMENT = float(os.environ["KSAD_TEST_MOMENT"])


def _no_network(*_: object) -> NoReturn:
    raise OSError("a rebuild needs no network")


def main(url: str) -> None:
    """Freeze the clock at a moment, cut the network, rebuild, print."""
    time.time = lambda: MOMENT
    socket.socket = _no_network  # type: ignore[assignment, misc] # this process may reach nobody
    database = Database(url)
    runner = Runner(database, Journal(database))
    runner.catch_up()
    runner.rebuild()
    digest = hashlib.sha256()
    with database.read() as connection:
        for generation in generations.live(connection):
            for line in comparing.dump(connection, runner.projections[generation.name], generation):
                digest.update(line + b"\n")
    sys.stdout.write(digest.hexdigest() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
