"""Whom a client trusts: one certificate of a server, an authority, or the machine's authorities."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


def trusting(certificate: Path) -> ssl.SSLContext:
    """Trusts the server that shows this certificate, and no other.

    Only the holder of its key can present it, so the name that the server is called by does not matter.
    """
    context = ssl.create_default_context(cafile=certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


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
