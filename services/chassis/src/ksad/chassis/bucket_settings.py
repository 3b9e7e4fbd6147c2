"""Settings of the bucket in which documents are kept that several machines share, and what is refused of them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ksad.chassis.environment import EnvironmentSettings, RefusedSettingError
from ksad.chassis.loopback import is_loopback


class BucketAccess(NamedTuple):
    """How a bucket is reached: the server's address, the bucket's name, and who asks."""

    endpoint: str
    name: str
    region: str
    key_id: str
    secret: str
    ca_file: Path | None

    @property
    def where(self) -> str:
        """The bucket's address, without a secret."""
        return f"{self.endpoint}/{self.name}"


class BucketSettings(EnvironmentSettings):
    """Settings of every program that keeps documents or reads them."""

    documents_bucket: str | None = None
    """The S3 bucket, https://HOST:PORT/BUCKET, where documents are kept instead of in folders, for all services."""
    documents_bucket_region: str = "us-east-1"
    """The region that requests to the bucket are signed for; servers of one's own mostly take the default."""
    documents_bucket_key_id: str | None = None
    """Which key the requests to the bucket are signed with."""
    documents_bucket_secret: str | None = Field(default=None, repr=False)
    """That key; better in a file (``KSAD_DOCUMENTS_BUCKET_SECRET_FILE``) or a credential."""
    documents_bucket_ca_file: Path | None = None
    """The authority whose certificates are trusted at the bucket's address; none for those that the library brings."""

    @model_validator(mode="after")
    def _refuse_bucket(self) -> Self:
        message = self._bucket_fault() if self.documents_bucket else None
        if message is not None:
            raise RefusedSettingError(message)
        return self

    def bucket(self) -> BucketAccess | None:
        """How the bucket is reached; ``None`` if documents are kept in folders."""
        if not self.documents_bucket:
            return None
        address = urlsplit(self.documents_bucket)
        return BucketAccess(
            f"{address.scheme}://{address.netloc}",
            address.path.strip("/"),
            self.documents_bucket_region,
            self.documents_bucket_key_id or "",
            self.documents_bucket_secret or "",
            self.documents_bucket_ca_file,
        )

    def _bucket_fault(self) -> str | None:
        address = urlsplit(self.documents_bucket or "")
        name = address.path.strip("/")
        if address.scheme not in {"http", "https"} or not address.hostname or not name or "/" in name:
            return "KSAD_DOCUMENTS_BUCKET is no https://HOST:PORT/BUCKET"
        if address.scheme == "http" and not is_loopback(address.hostname):
            return f"KSAD_DOCUMENTS_BUCKET sends documents to {address.hostname} in the clear: give an https:// address"
        if not self.documents_bucket_key_id or not self.documents_bucket_secret:
            return (
                "KSAD_DOCUMENTS_BUCKET needs a key: set KSAD_DOCUMENTS_BUCKET_KEY_ID and "
                "KSAD_DOCUMENTS_BUCKET_SECRET_FILE"
            )
        if find_spec("boto3") is None:
            return "KSAD_DOCUMENTS_BUCKET needs the library boto3, which is not installed: pip install ksad-chassis[s3]"
        return None
