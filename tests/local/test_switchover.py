"""`ksad cluster switchover` where it can do nothing: it says why, and what to look at."""

from pathlib import Path

import pytest

from ksad.local.settings import SwitchoverSettings
from tests.support.platforms.command import ksad


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file with Patroni's password, named in the environment."""
    file = tmp_path / "password"
    file.write_text("rahasia\n")
    monkeypatch.setenv("KSAD_PATRONI_PASSWORD_FILE", str(file))
    return file


@pytest.mark.usefixtures("password")
def test_where_no_patroni_answers_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each address is named with its fault; the password is not."""
    monkeypatch.setenv("KSAD_PATRONI_URLS", "https://127.0.0.1:1, https://127.0.0.1:2/")
    answer = ksad("cluster", "switchover")
    assert answer.code == 1
    for part in ("https://127.0.0.1:1: ConnectError", "https://127.0.0.1:2: ConnectError", "KSAD_PATRONI_URLS"):
        assert part in answer.err
    assert "rahasia" not in answer.err


@pytest.mark.parametrize(("urls", "said"), [("n1", "is no https://HOST:PORT"), (" , ", "addresses of Patroni")])
def test_addresses_that_are_none_are_refused(
    password: Path, monkeypatch: pytest.MonkeyPatch, urls: str, said: str
) -> None:
    """So is a password file that is not there."""
    monkeypatch.setenv("KSAD_PATRONI_URLS", urls)
    password.unlink()
    with pytest.raises(SystemExit, match=said) as refused:
        SwitchoverSettings.from_environment()
    assert "KSAD_PATRONI_PASSWORD_FILE" in str(refused.value)
