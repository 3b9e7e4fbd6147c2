"""A real standby of a real PostgreSQL: it follows, answers readings, and refuses every write with 25006."""

import os
import subprocess

from tests.support.servers.postgres import PostgresServer, unprivileged


class Standby(PostgresServer):
    """Streams from a primary, from a base backup on. It is ready when it answers readings."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__()
        self._primary = primary
        self.password = primary.password

    def _make_cluster(self) -> None:
        command = [str(self._programs / "pg_basebackup"), "-D", str(self.data), "-R", "-X", "stream", "-c", "fast"]
        command += ["-h", "127.0.0.1", "-p", str(self._primary.port), "-U", self.user, "--no-sync"]
        environment = os.environ | {"PGPASSWORD": self.password}
        account = unprivileged()
        if account is not None:
            # The folder's owner makes the copy, as the server that runs in it must own it.
            self.folder.chmod(0o777)
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, env=environment, user=account)
        self.data.chmod(0o700)
