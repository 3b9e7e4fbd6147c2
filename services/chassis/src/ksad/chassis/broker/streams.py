"""What a stream has to be like: how it is made, what is checked of it, and what of it can be put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.broker.connection import UnavailableError

if TYPE_CHECKING:
    from typing import Any

# How long the server recognises a repeated message id. The guard by sequence has no such limit.
DUPLICATE_SECONDS = 120
CLUSTER_VERSION = (2, 15, 0)
"""The oldest nats-server for clusters. In earlier ones a guard could be compared with a part of another message."""


class UnprovisionedError(UnavailableError):
    """A stream, or the server, is not what the log needs; the message says what is to be done."""


class StreamPlan(NamedTuple):
    """A stream. One that is ``newest_only`` keeps the newest message of each subject."""

    name: str
    subjects: str
    newest_only: bool = False

    def config(self, replicas: int) -> dict[str, Any]:
        """The configuration of the stream, on disk and without limits."""
        return {
            "name": self.name,
            "subjects": [self.subjects],
            "storage": "file",
            "retention": "limits",
            # If the stream ever had a limit, new messages would be refused; with ``old`` the server would delete the
            # first ones.
            "discard": "new",
            "num_replicas": replicas,
            "duplicate_window": DUPLICATE_SECONDS * 10**9,
            "allow_direct": True,
            "allow_atomic": True,
            # Nobody can delete messages by the API, and the server does not allow these two to be unset.
            "deny_delete": True,
            "deny_purge": True,
            "max_msgs": -1,
            "max_bytes": -1,
            "max_age": 0,
            "max_msgs_per_subject": 1 if self.newest_only else -1,
            "max_msg_size": -1,
            "max_consumers": -1,
        }

    def changes(self, found: dict[str, Any], replicas: int) -> dict[str, Any]:
        """What a stream's configuration lacks, by setting; fewer replicas are never a change."""
        wanted = self.config(max(replicas, found.get("num_replicas", 1)))
        # What is false or zero, the server leaves out.
        return {name: value for name, value in wanted.items() if found.get(name, False) != value and name != "max_age"}

    def check(self, found: dict[str, Any], replicas: int) -> None:
        """Checks the configuration of a stream.

        :raises UnprovisionedError: it would lose facts, or cannot take them.
        """
        faults = []
        if found.get("storage") != "file":
            faults.append("keeps its messages in memory")
        if not found.get("allow_atomic"):
            faults.append("takes no atomic batches (allow_atomic)")
        if found.get("num_replicas", 1) < replicas:
            faults.append(f"has {found.get('num_replicas', 1)} replicas instead of {replicas}")
        if replicas > 1 and not (found.get("deny_delete") and found.get("deny_purge")):
            faults.append("lets messages be deleted (deny_delete, deny_purge)")
        if replicas > 1 and (found.get("max_age") or found.get("max_msgs", -1) > 0 or found.get("max_bytes", -1) > 0):
            faults.append("has a limit of age, messages or bytes")
        if faults:
            raise UnprovisionedError(
                f"stream {self.name} {' and '.join(faults)}: run `ksad cluster provision` (docs/production.md#streams)"
            )

    def missing(self) -> UnprovisionedError:
        """The error of a cluster that does not have the stream."""
        return UnprovisionedError(
            f"stream {self.name} is missing, and on a cluster no service makes it: run `ksad cluster provision` "
            "(docs/production.md#streams)"
        )


def check_server(version: tuple[int, int, int]) -> None:
    """Checks the release of a server of a cluster.

    :raises UnprovisionedError: it is too old.
    """
    if version < CLUSTER_VERSION:
        raise UnprovisionedError(
            f"nats-server {'.'.join(map(str, version))} is too old for a cluster: install "
            f"{'.'.join(map(str, CLUSTER_VERSION))} or later on every machine, one after the other"
        )
