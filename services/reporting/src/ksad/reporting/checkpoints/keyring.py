"""The keys of all logs: per log a private key and the record of what was signed last, and one file of public keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.chassis import durable
from ksad.ledger.log.checkpoint import open_checkpoint, parse_checkpoint
from ksad.ledger.log.errors import CheckpointError, KeyElsewhereError, NoteError, SignerError
from ksad.ledger.log.keys import Validity, read_public
from ksad.reporting.checkpoints.keys import create_key, load_key, write_public
from ksad.reporting.checkpoints.signer import LogSigner, found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from ksad.ledger.log.note import Verifier
    from ksad.reporting.checkpoints.memory import ClaimMemory
    from ksad.reporting.checkpoints.signing import SigningKey

PUBLIC = "public.vkeys"
CONTINUED = "continued"


class Keyring:
    """The folder of a platform's keys: ``public.vkeys``, and private keys and records in ``logs/``."""

    def __init__(self, folder: Path, platform: str) -> None:
        self.folder = folder
        self._logs = folder / "logs"
        self._platform = platform

    @property
    def public(self) -> Path:
        """The file for auditors and followers: the public keys of all logs, one per line."""
        return self.folder / PUBLIC

    def origin(self, log: str) -> str:
        """The origin of a log: the name of its key, or the name that a new key will get.

        It is ``ksad/<platform>/<log>``, followed by a number if a restore had to continue without the old keys.
        """
        key = self._key(log)
        if key.exists():
            return load_key(key).name
        continued = self._logs / CONTINUED
        suffix = f"/{continued.read_text().strip()}" if continued.exists() else ""
        return f"ksad/{self._platform}/{log}{suffix}"

    def continue_under(self, number: int, old: Mapping[Verifier, Validity], last: date) -> None:
        """Starts all logs in this folder under origins with a number, because the old keys are lost.

        :param old: the public keys so far; they stay listed, for the old heads, and are valid until ``last``.
        """
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.replace(self._logs / CONTINUED, f"{number}\n".encode(), durable.PUBLIC)
        retired = {one: held._replace(last=min(last, held.last or last)) for one, held in old.items()}
        write_public(self.public, retired)

    def signer(self, log: str, memories: Sequence[ClaimMemory] = ()) -> LogSigner:
        """Opens the signer of a log; creates its key if the log has none anywhere.

        A new key is claimed with the log's beginning before anything else is signed. Of machines that make one at the
        same time, the slower one sets its key aside, with which nothing was signed.

        :param memories: the claims shared with the signers of other machines.
        :raises SignerError: another process has it open, or the key or the record of what was signed is missing or
            damaged.
        :raises KeyElsewhereError: another machine has the key.
        :raises MemoryAwayError: a memory does not answer.
        """
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        key_file, record = self._key(log), self._record(log)
        if record.exists() and not key_file.exists():
            raise SignerError(f"{key_file.name} is lost: bring it back, or go on under a new origin (docs/auditing.md)")
        if not key_file.exists():
            self._refuse_second(log, memories)
        key = load_key(key_file) if key_file.exists() else create_key(key_file, self.origin(log))
        begins = not record.exists() or _begun_by_another(record, key)
        if begins and self._may_begin(key.verifier, memories):
            record.unlink(missing_ok=True)
            found(record, key)
        signer = LogSigner(record, key, memories)
        try:
            if signer.last.size:
                self._list(key.verifier, Validity())
            elif self._lost(key.verifier, memories):
                self._set_aside(log, key.verifier)
                self._refuse_second(log, memories)
        except BaseException:
            signer.close()
            raise
        return signer

    def _lost(self, key: Verifier, memories: Sequence[ClaimMemory]) -> bool:
        """Whether a key with which nothing was signed is another's by every memory that knows the log."""
        claims = [claim for memory in memories if (claim := memory.read(key.name)) is not None]
        return bool(claims) and all(claim.vkey != key.vkey for claim in claims) and key not in self.listed()

    def _set_aside(self, log: str, key: Verifier) -> None:
        """Takes a key out of use; its file stays, under a name that nothing reads."""
        self._record(log).unlink()
        file = self._key(log)
        file.rename(file.with_suffix(f".{key.key_id.hex()}.unused"))
        durable.sync(self._logs)

    def _may_begin(self, key: Verifier, memories: Sequence[ClaimMemory]) -> bool:
        """Whether a signer without a record may begin one, at the empty tree.

        A key that is in no memory and not in the public list has signed nothing that anyone holds. Otherwise two
        memories that do not fail together are as good as the record: they lead to what was signed last.
        """
        known = sum(memory.read(key.name) is not None for memory in memories)
        return known > 1 or not (known or key in self.listed())

    def _refuse_second(self, log: str, memories: Sequence[ClaimMemory]) -> None:
        """Refuses to create a second key for a log.

        :raises KeyElsewhereError: another machine has the key.
        """
        claims = [memory.read(self.origin(log)) for memory in memories]
        known = next((claim for claim in claims if claim is not None), None)
        if known is not None:
            raise KeyElsewhereError(
                f"{self._key(log).name} is not here, and {known.vkey} signs for {known.origin}: bring that key here "
                "from the machine that has it (docs/operating.md)"
            )

    def listed(self) -> dict[Verifier, Validity]:
        """The public keys with their validity, as in the file that auditors are given."""
        return read_public(self.public) if self.public.exists() else {}

    def expect(self, log: str, day: date) -> None:
        """Expects the key of a log to be valid on the day of the head that it is to sign.

        A key that is not listed yet is listed as valid from that day on.

        :raises SignerError: its last day was before.
        """
        key = load_key(self._key(log)).verifier
        last = self.listed().get(key, Validity()).last
        if last is not None and day > last:
            raise SignerError(
                f"{log}: {self.public.name} says that its key holds until {last}, so no fact of a later day is signed; "
                "restore an archive without the old keys, and the log goes on under new ones (docs/auditing.md)"
            )
        self._list(key, Validity(day))

    def last_day(self, log: str) -> date | None:
        """The last day on which the key of a log is valid; ``None`` if the list states none."""
        return self.listed().get(load_key(self._key(log)).verifier, Validity()).last

    def _list(self, key: Verifier, validity: Validity) -> None:
        """Adds a key that is not listed, before those with a last day: readers that take the first one find it."""
        listed = self.listed()
        if key not in listed:
            going_on = {one: held for one, held in listed.items() if held.last is None}
            write_public(self.public, {**going_on, key: validity, **listed})

    def _key(self, log: str) -> Path:
        return self._logs / f"{log.replace('/', '-')}.key"

    def _record(self, log: str) -> Path:
        return self._logs / f"{log.replace('/', '-')}.signed"


def _begun_by_another(record: Path, key: SigningKey) -> bool:
    """Whether a record is the empty tree under another key's signature, which holds nobody to anything.

    It is left where a machine had made a key of its own and was then brought the one that another machine has.
    """
    try:
        note = record.read_bytes()
        beginning = parse_checkpoint(note.decode().partition("\n\n")[0] + "\n")
    except (CheckpointError, UnicodeDecodeError):
        return False
    if (beginning.origin, beginning.size) != (key.name, 0):
        return False
    try:
        open_checkpoint(note, key.name, [key.verifier])
    except NoteError:
        return True
    return False
