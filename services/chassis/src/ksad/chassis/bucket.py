"""A bucket with object lock: what was kept in it can be hidden or covered by a newer version, but not taken away."""

from __future__ import annotations

import base64
import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ksad.chassis.bucket_settings import BucketAccess

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0
ATTEMPTS = 3
CONNECTIONS = 32
ABSENT = {"404", "NoSuchKey", "NotFound"}


class Named(NamedTuple):
    """A blob's name in a listing, and when it was kept, in nanoseconds of Unix time."""

    name: str
    kept_ns: int


class BucketAwayError(OSError):
    """The bucket does not answer, or refuses what is asked of it; the message says why."""


class _AbsentError(BucketAwayError):
    """There is no object of this name."""


class Bucket:
    """The blobs of one service in a bucket, under its name as prefix. Safe for any number of threads and machines."""

    def __init__(self, access: BucketAccess, prefix: str) -> None:
        import boto3  # noqa: PLC0415 - an extra, and a third of a second, for those who keep documents so
        from botocore.config import Config  # noqa: PLC0415 - as above

        self.where = access.where
        self._name, self._prefix = access.name, f"{prefix}/"
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=CONNECTIONS,
            s3={"addressing_style": "path"},
            # SHA-256 is sent with each object; servers of one's own refuse other sums that AWS has thought of since.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self._client = boto3.session.Session().client(
            "s3",
            endpoint_url=access.endpoint,
            region_name=access.region,
            aws_access_key_id=access.key_id,
            aws_secret_access_key=access.secret,
            verify=str(access.ca_file) if access.ca_file is not None else None,
            config=config,
        )

    def keep(self, name: str, content: bytes) -> None:
        """Keeps a blob, unless there is one of this name.

        :raises BucketAwayError: it was not kept.
        """
        if self.size(name) is None:
            total = base64.b64encode(hashlib.sha256(content).digest()).decode()
            with self._asked():
                self._client.put_object(
                    **self._at(name), Body=content, ChecksumAlgorithm="SHA256", ChecksumSHA256=total
                )

    def settle(self, name: str, received: Path) -> None:
        """Keeps what lies in a file."""
        self.keep(name, received.read_bytes())

    def take_back(self, name: str) -> None:
        """Leaves the blob: what is locked cannot be taken away, and nobody finds it without its hash."""

    def versions(self, name: str) -> Iterator[bytes]:
        """The contents that a name has had, the newest first: older ones only if somebody asks on."""
        newest = self._read(name)
        if newest is not None:
            yield newest
        asked = {"Bucket": self._name, "Prefix": self._prefix + name}
        for page in self._pages("list_object_versions", asked):
            for one in page.get("Versions", []):
                if one["Key"] == self._prefix + name and not (one["IsLatest"] and newest is not None):
                    older = self._read(name, VersionId=one["VersionId"])
                    if older is not None:
                        yield older

    def size(self, name: str) -> int | None:
        """The bytes of the newest version; ``None`` if there is none."""
        try:
            with self._asked():
                return int(self._client.head_object(**self._at(name))["ContentLength"])
        except _AbsentError:
            return None

    def named(self, prefix: str) -> list[Named]:
        """All blobs whose names begin so, by name, and when each was kept, to the second."""
        asked = {"Bucket": self._name, "Prefix": self._prefix + prefix}
        return [
            Named(one["Key"].removeprefix(self._prefix), int(one["LastModified"].timestamp() * 1e9))
            for page in self._pages("list_objects_v2", asked)
            for one in page.get("Contents", [])
        ]

    def fault(self) -> str | None:
        """Why documents are not safe in this bucket; ``None`` if new ones are locked for a time by themselves.

        :raises BucketAwayError: it does not answer.
        """
        try:
            with self._asked():
                found = self._client.get_object_lock_configuration(Bucket=self._name)["ObjectLockConfiguration"]
        except BucketAwayError as error:
            if "ObjectLockConfigurationNotFound" not in str(error):
                raise
            return "has no object lock: make a bucket with it and move the documents there, or they can be deleted"
        held = found.get("Rule", {}).get("DefaultRetention", {})
        if found.get("ObjectLockEnabled") != "Enabled" or not held:
            return "locks no new object by itself: give it a default retention (put-object-lock-configuration)"
        return None

    def _read(self, name: str, **which: str) -> bytes | None:
        try:
            with self._asked():
                content: bytes = self._client.get_object(**self._at(name), **which)["Body"].read()
        except _AbsentError:
            return None
        return content

    def _pages(self, operation: str, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
        with self._asked():
            yield from self._client.get_paginator(operation).paginate(**asked)

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._name, "Key": self._prefix + name}

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Turns the library's errors into ours."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError  # noqa: PLC0415 - as above

        try:
            yield
        except ClientError as error:
            absent = error.response["Error"]["Code"] in ABSENT
            raise (_AbsentError if absent else BucketAwayError)(f"{self.where}: {error}") from error
        except (BotoCoreError, HTTPClientError) as error:
            raise BucketAwayError(f"{self.where}: {error}") from error
