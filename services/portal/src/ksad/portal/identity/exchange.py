"""What is remembered of a sign-in, what the provider gives, and how it is refused."""

from __future__ import annotations

from typing import NamedTuple

from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind

SECRET_BYTES = 32
ALIVE = "session-alive"
"""The rule by which a request is refused that has no session, and is led to the entrance."""
CALLBACK, AFTER = "/masuk/selesai", "/masuk"
"""Where the provider sends a browser after signing in, and after signing out; both are registered with it."""


class BegunLogin(NamedTuple):
    """What is remembered of a sign-in until the provider answers, and the address to which the browser is sent."""

    state: str
    nonce: str
    verifier: str
    address: str


class OfficerTokens(NamedTuple):
    """What the provider gave for one officer; ``renewing`` is missing where it gives no refresh tokens."""

    access: str
    renewing: str | None
    identity: str | None


def unreachable() -> Problem:
    """The refusal while the provider does not answer: nobody can sign in, and nothing that was recorded is lost."""
    detail = (
        "Penyedia identitas kementerian belum menjawab, sehingga Anda belum dapat masuk. Coba lagi beberapa menit "
        "lagi. Yang sudah tercatat dan konsep Anda tetap tersimpan."
    )
    return Problem(RefusalKind.UNAVAILABLE, "provider-reachable", detail, headers={"Retry-After": "30"})


def not_signed_in() -> Problem:
    """The refusal of an answer of the provider that does not fit what was asked: not asked here, old, or changed."""
    detail = "Proses masuk ini tidak dapat diteruskan: sudah terlalu lama, atau tidak dimulai di sini. Mulai lagi."
    return Problem(RefusalKind.FORBIDDEN, "login-begun-here", detail)


def over() -> Problem:
    """The refusal of a request without session, or whose session can no longer ask the services."""
    detail = "Sesi Anda sudah berakhir, atau Anda belum masuk. Masuk dahulu, lalu lanjutkan."
    return Problem(RefusalKind.UNIDENTIFIED, ALIVE, detail)


def without_office() -> Problem:
    """The refusal of an account that the provider knows and that holds no office here."""
    detail = (
        "Akun Anda belum memegang jabatan di register ini. Mintalah administrator penyedia identitas menambahkannya."
    )
    return Problem(RefusalKind.FORBIDDEN, "token-office", detail)
