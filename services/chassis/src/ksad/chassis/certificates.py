"""Whom a client trusts: one certificate of a server, an authority, or the machine's authorities."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509

if TYPE_CHECKING:
    from pathlib import Path

SECONDS_A_DAY = 86_400
CERTIFICATES = ("tls_certificate_file", "nats_certificate_file", "nats_ca_file", "nats_client_certificate_file")
"""The settings that name files with certificates."""


@cache
def authorities() -> ssl.SSLContext:
    """Trusts the public authorities that come with the HTTP library, in one context for all clients of a process.

    Reading them takes longer than any other part of making a client.
    """
    from httpx import create_ssl_context  # noqa: PLC0415 - most programs that look at certificates call nobody

    return create_ssl_context(trust_env=False)


def trusting(certificate: Path) -> ssl.SSLContext:
    """Trusts the server that shows this certificate, and no other.

    Only the holder of its key can present it, so the name that the server is called by does not matter.
    """
    context = ssl.create_default_context(cafile=certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def days_left(path: Path) -> float:
    """The days until the first certificate in a file ends; negative if one has ended.

    :raises OSError: the file cannot be read.
    :raises ValueError: there is no certificate in it.
    """
    ends = min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(path.read_bytes()))
    return (ends - datetime.now(UTC)).total_seconds() / SECONDS_A_DAY


class ClientTls(NamedTuple):
    """The files of a client's TLS: the server's own certificate, or an authority that vouches for names; its own."""

    certificate: Path | None = None
    authority: Path | None = None
    own_certificate: Path | None = None
    own_key: Path | None = None

    def context(self) -> ssl.SSLContext | None:
        """The settings of a connection, from the files as they are now; None where there are none.

        :raises OSError: a file cannot be read.
        :raises ValueError: a file is no certificate.
        """
        if not any(self):
            return None
        if self.certificate is not None:
            context = trusting(self.certificate)
        else:
            context = ssl.create_default_context(cafile=self.authority)
        if self.own_certificate is not None:
            context.load_cert_chain(self.own_certificate, self.own_key)
        return context
