"""An S3 server on loopback (moto), with buckets that lock what they are given, or do not."""

import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import boto3

from ksad.chassis.bucket_settings import BucketAccess
from ksad.local.machine.ports import Port
from tests.support.servers.authority import IssuedCertificate
from tests.support.servers.processes import end, wait_until

KEY = "ksad"
RETENTION = {"Mode": "COMPLIANCE", "Years": 10}


class BucketServer:
    """The server; it forgets everything when it ends."""

    def __init__(self, host: str = "127.0.0.1", issued: IssuedCertificate | None = None) -> None:
        """:param issued: what it shows who connects; none for plain HTTP."""
        self._host, self._issued = host, issued
        self._port = Port()
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def __enter__(self) -> Self:
        number = self._port.number
        command = [sys.executable, "-m", "moto.server", "-H", self._host, "-p", str(number)]
        if self._issued is not None:
            command += ["-c", str(self._issued.certificate), "-k", str(self._issued.key)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self._answers(number), what="the S3 server", seconds=60, every=0.1)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end(self._process)
        self._port.close()

    @property
    def client(self) -> Any:
        """Somebody who may do everything."""
        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": KEY, "region_name": "us-east-1"}
        verify = None if self._issued is None else str(self._issued.certificate.with_name("ca.pem"))
        return boto3.client("s3", endpoint_url=self._address, verify=verify, **keys)

    @property
    def _address(self) -> str:
        return f"{'http' if self._issued is None else 'https'}://{self._host}:{self._port.number}"

    def _answers(self, number: int) -> bool:
        with suppress(OSError), socket.create_connection((self._host, number), timeout=1):
            return True
        return False

    def bucket(self, *, locks: bool = True, retention: dict[str, Any] | None = RETENTION) -> BucketAccess:
        """A new bucket."""
        self._made += 1
        name = f"documents-{self._made}"
        self.client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locks)
        if locks and retention is not None:
            rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
            self.client.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
        return BucketAccess(self._address, name, "us-east-1", KEY, KEY, None)

    def fill(self, access: BucketAccess, service: str, folder: Path) -> None:
        """Copies a folder of documents as any S3 program does: an object is named as its file is."""
        for path in sorted(folder.rglob("*"), key=lambda one: one.stat().st_mtime_ns):
            if path.is_file():
                key = f"{service}/{path.relative_to(folder).as_posix()}"
                self.client.put_object(Bucket=access.name, Key=key, Body=path.read_bytes())


def settings_of(access: BucketAccess) -> dict[str, str]:
    """The settings by which a service keeps its documents in a bucket."""
    return {
        "documents_bucket": access.where,
        "documents_bucket_key_id": access.key_id,
        "documents_bucket_secret": access.secret,
    }
