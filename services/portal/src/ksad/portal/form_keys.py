"""Keys of forms: each rendered form has a new one, which proves where it came from and makes pressing twice harmless.

A key is a random part and its HMAC under the session's secret and the form's address. The random part is also the
idempotency key of what the form records.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from ksad.portal.sessions import OfficerSession

KEY = "kunci_formulir"
"""The field of a form that has its key."""
RANDOM_BYTES = 16


def form_key(session: OfficerSession, path: str) -> str:
    """A new key for the form that is sent to a path."""
    number = secrets.token_urlsafe(RANDOM_BYTES)
    return f"{number}.{_proof(session, path, number)}"


def number_of(session: OfficerSession, path: str, key: str) -> str:
    """The random part of a form's key.

    :raises Problem: 403, the key is of another session or another form.
    """
    number, _, proof = key.partition(".")
    if not number or not hmac.compare_digest(proof.encode(), _proof(session, path, number).encode()):
        detail = "Formulir ini bukan dari sesi Anda yang sekarang. Buka ulang halamannya, lalu isi kembali."
        raise Problem(RefusalKind.FORBIDDEN, "form-of-session", detail)
    return number


def _proof(session: OfficerSession, path: str, number: str) -> str:
    return hmac.new(session.secret, f"{path}\n{number}".encode(), hashlib.sha256).hexdigest()
