"""Settings of signing in: what is refused at the start, and how long a session lives."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ksad.portal.settings import PortalSettings

ISSUER = "https://sso.example"


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    """Settings with which officers sign in."""
    key, secret = tmp_path / "key", tmp_path / "secret"
    key.write_text("k" * 32)
    secret.write_text("rahasia\n")
    return {
        "database_url": f"sqlite:///{tmp_path / 'portal.sqlite'}",
        "registry_url": "http://127.0.0.1:1",
        "supervision_url": "http://127.0.0.1:1",
        "reporting_url": "http://127.0.0.1:1",
        "issuer": ISSUER,
        "jwks_url": f"{ISSUER}/keys",
        "portal_url": "https://portal.example",
        "oidc_client_id": "portal",
        "oidc_client_secret_file": secret,
        "session_key_file": key,
    }


def test_secrets_come_from_files(given: dict[str, Any]) -> None:
    """The secret of the registration is the file's only line, the key its bytes; cookies are those of HTTPS."""
    settings = PortalSettings.model_validate(given)
    assert (settings.oidc_client_secret, settings.session_key) == ("rahasia", b"k" * 32)
    assert settings.tls
    assert (settings.session_idle_seconds, settings.session_whole_seconds) == (1_800, 36_000)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"portal_url": None}, "KSAD_OIDC_CLIENT_ID needs KSAD_PORTAL_URL"),
        ({"portal_url": "http://portal.example"}, "KSAD_PORTAL_URL is the portal's https:// address"),
        ({"portal_url": "https://portal.example/masuk"}, "without a path"),
        ({"portal_url": "javascript:alert(1)"}, "KSAD_PORTAL_URL is the portal's https:// address"),
        ({"issuer": "http://sso.example"}, "could take codes and tokens"),
        ({"issuer": "sso.example"}, "KSAD_ISSUER must be https://HOST"),
        ({"issuer": "local", "jwks_url": None, "issuer_keys_dir": "keys"}, "KSAD_OIDC_CLIENT_ID without KSAD_ISSUER"),
        ({"session_key_file": None}, "KSAD_OIDC_CLIENT_ID needs KSAD_SESSION_KEY_FILE"),
        ({"session_key_file": "nowhere"}, "KSAD_SESSION_KEY_FILE=nowhere cannot be read"),
        ({"oidc_client_secret_file": "nowhere"}, "KSAD_OIDC_CLIENT_SECRET_FILE=nowhere cannot be read"),
        ({"session_idle_seconds": 1}, "session_idle_seconds"),
    ],
)
def test_what_would_let_others_in_is_refused(given: dict[str, Any], changed: dict[str, Any], said: str) -> None:
    """An address that is not safe, a key or secret that is missing, a time that is none: each is named."""
    with pytest.raises(ValidationError, match=said):
        PortalSettings.model_validate(given | changed)


def test_a_short_key_is_refused(given: dict[str, Any], tmp_path: Path) -> None:
    """A key has thirty-two bytes at least; how many a shorter one has is said."""
    (tmp_path / "key").write_text("short")
    with pytest.raises(ValidationError, match="has 5 bytes, and needs at least 32"):
        PortalSettings.model_validate(given)
