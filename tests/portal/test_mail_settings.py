"""Settings of mail: what is refused at the start, without a word of the password."""

from typing import Any

import pytest
from pydantic import ValidationError

from ksad.portal.settings import PortalSettings
from tests.portal.test_identity_settings import given

__all__ = ["given"]
MAIL = {"smtp_url": "smtps://ksad:rahasia@mail.example", "mail_from": "ksad@kemendagri.example"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"smtp_url": "https://ksad:rahasia@mail.example"}, "KSAD_SMTP_URL is smtps://"),
        ({"smtp_url": "smtps://ksad:rahasia@"}, "KSAD_SMTP_URL is smtps://"),
        ({"smtp_url": "smtps://ksad:rahasia@mail.example:x"}, "KSAD_SMTP_URL is smtps://"),
        ({"smtp_url": "smtps://ksad:rahasia@mail.example/a?b"}, "KSAD_SMTP_URL is smtps://"),
        ({"mail_from": None}, "KSAD_SMTP_URL needs KSAD_MAIL_FROM"),
        ({"mail_from": "ksad@kemendagri.example\nBcc: x@y.example"}, "KSAD_SMTP_URL needs KSAD_MAIL_FROM"),
        ({"portal_url": None, "oidc_client_id": None}, "KSAD_SMTP_URL needs KSAD_PORTAL_URL"),
        ({"smtp_ca_file": "nowhere"}, "KSAD_SMTP_CA_FILE=nowhere cannot be read"),
    ],
)
def test_what_no_mail_could_be_sent_with_is_refused(given: dict[str, Any], changed: dict[str, Any], said: str) -> None:
    """An address that is no mail server's, no sender, no page for links: each is named, and no password is shown."""
    PortalSettings.model_validate(given | MAIL)
    with pytest.raises(ValidationError, match=said) as refused:
        PortalSettings.model_validate(given | MAIL | changed)
    assert "rahasia" not in str(refused.value)
