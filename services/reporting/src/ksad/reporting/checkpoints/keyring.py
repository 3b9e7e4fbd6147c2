"""The keys of all logs: one private key and one record of what was signed last per log, one list of public keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.chassis import durable
from ksad.ledger.log.errors import SignerError
from ksad.ledger.log.keys import read_public
from ksad.reporting.checkpoints.keys import create_key, load_key, write_public
from ksad.reporting.checkpoints.signer import LogSigner, found

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.ledger.log.note import Verifier

PUBLIC = "public.vkeys"
CONTINUED = "continued"


class Keyring:
    """The folder of keys of a platform: ``public.vkeys``, and below ``logs/`` what is private."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.folder = folder
        self._logs = folder / "logs"
        self._platform = platform

    @property
    def public(self) -> Path:
        """The file that auditors and followers are given: the public keys of all logs, one per line."""
        return self.folder / PUBLIC

    def origin(self, log: str) -> str:
        """The origin of a log: its key's name, or what a new key will be named.

        ``ksad/<platform>/<log>``, with a number behind it where a restore had to go on without the old keys.
        """
        key = self._key(log)
        if key.exists():
            return load_key(key).name
        continued = self._logs / CONTINUED
        suffix = f"/{continued.read_text().strip()}" if continued.exists() else ""
        return f"ksad/{self._platform}/{log}{suffix}"

    def continue_under(self, number: int) -> None:
        """Have all logs here begin under origins with a number, because the old keys are lost."""
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.replace(self._logs / CONTINUED, f"{number}\n".encode(), durable.PUBLIC)

    def signer(self, log: str) -> LogSigner:
        """The signer of a log, with a new key where the log has none.

        :raises SignerError: another process has it, or the key or the record of what was signed is lost or damaged.
        """
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        key_file, record = self._key(log), self._record(log)
        if record.exists() and not key_file.exists():
            raise SignerError(f"{key_file.name} is lost: bring it back, or go on under a new origin (docs/auditing.md)")
        key = load_key(key_file) if key_file.exists() else create_key(key_file, self.origin(log))
        if not record.exists() and not (self.public.exists() and key.verifier in read_public(self.public)):
            # A key that was never listed has signed nothing that anybody holds: its log begins now.
            found(record, key)
        signer = LogSigner(record, key)
        self._list(key.verifier)
        return signer

    def _list(self, key: Verifier) -> None:
        listed = list(read_public(self.public)) if self.public.exists() else []
        if key not in listed:
            write_public(self.public, [*listed, key])

    def _key(self, log: str) -> Path:
        return self._logs / f"{log.replace('/', '-')}.key"

    def _record(self, log: str) -> Path:
        return self._logs / f"{log.replace('/', '-')}.signed"
