"""Settings: what would lose or forge facts is refused at start, and the refusal says what to set instead."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from ksad.chassis.loopback import is_loopback
from ksad.chassis.settings import Settings

GOOD = {
    "KSAD_DATABASE_URL": "sqlite:////data/registry.sqlite",
    "KSAD_NATS_URL": "nats://127.0.0.1:4222",
    "KSAD_DOCUMENTS_DIR": "documents",
    "KSAD_ISSUER_KEYS_DIR": "keys",
}
MINISTRY = {
    "KSAD_ISSUER": "https://sso.example",
    "KSAD_JWKS_URL": "https://sso.example/keys",
    "KSAD_HOST": "0.0.0.0",  # noqa: S104 - the address of a production service
}
SEVERAL = {
    "KSAD_NATS_REPLICAS": "3",
    "KSAD_NATS_URL": "tls://n1:4222,tls://n2:4222,tls://n3:4222",
    "KSAD_DATABASE_URL": "postgresql://registry@n1,n2,n3/registry?sslmode=verify-full&sslrootcert=ca.pem",
}
IN_MEMORY = "forgets every fact: give KSAD_DATABASE_URL a file"
CLOCK = "a simulated clock serves loopback only: set KSAD_CLOCK=real"
SWAPPED = "give KSAD_JWKS_URL an https:// address"


def read(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]) -> Settings:
    """The settings of an environment."""
    for name in [name for name in os.environ if name.startswith("KSAD_")]:
        monkeypatch.delenv(name)
    for name, value in (GOOD | changed).items():
        monkeypatch.setenv(name, value)
    return Settings.from_environment()


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"POSTGRES_ENABLE_DB_FUNCTIONS": "y"}, "Unset it"),
        ({"POSTGRES_ENABLE_DB_FUNCTIONS": "TRUE"}, "Unset it"),
        ({"KSAD_DATABASE_URL": "mysql://db/registry"}, "must be sqlite:///PATH or postgresql://"),
        ({"KSAD_DATABASE_URL": "registry.sqlite"}, "must be sqlite:///PATH or postgresql://"),
        ({"KSAD_DATABASE_URL": "sqlite:///"}, IN_MEMORY),
        ({"KSAD_DATABASE_URL": "sqlite:///:memory:"}, IN_MEMORY),
        ({"KSAD_DATABASE_URL": "sqlite:///file::memory:?cache=shared"}, IN_MEMORY),
        (MINISTRY | {"KSAD_CLOCK": "simulated", "KSAD_CLOCK_FILE": "clock"}, CLOCK),
        ({"KSAD_CLOCK": "simulated"}, "needs KSAD_CLOCK_FILE"),
        ({"KSAD_CLOCK": "sundial"}, "KSAD_CLOCK: "),
        ({"KSAD_HOST": "10.0.0.7"}, "set KSAD_ISSUER and KSAD_JWKS_URL"),
        ({"KSAD_HOST": "::"}, "set KSAD_ISSUER and KSAD_JWKS_URL"),
        ({"KSAD_HOST": "registry.example"}, "set KSAD_ISSUER and KSAD_JWKS_URL"),
        ({"KSAD_ISSUER": "https://sso.example"}, "KSAD_ISSUER without KSAD_JWKS_URL"),
        ({"KSAD_JWKS_URL": "https://sso.example/keys"}, "KSAD_JWKS_URL without KSAD_ISSUER"),
        (MINISTRY | {"KSAD_JWKS_URL": "http://sso.example/keys"}, SWAPPED),
        (MINISTRY | {"KSAD_JWKS_URL": "http://10.0.0.7/keys"}, SWAPPED),
        (MINISTRY | {"KSAD_JWKS_URL": "http://127.0.0.1.evil.example/keys"}, SWAPPED),
        (MINISTRY | {"KSAD_JWKS_URL": "http://127.0.0.1@evil.example/keys"}, SWAPPED),
        (MINISTRY | {"KSAD_JWKS_URL": "file:///etc/keys"}, SWAPPED),
        ({"KSAD_PLATFORM": "Ministry of Home Affairs"}, "KSAD_PLATFORM: "),
        ({"KSAD_AUDIENCE": ""}, "KSAD_AUDIENCE: "),
        ({"KSAD_REQUESTS_PER_MINUTE": "0"}, "KSAD_REQUESTS_PER_MINUTE: "),
        ({"KSAD_DATABASE_POOL_SIZE": "1"}, "KSAD_DATABASE_POOL_SIZE: "),
        ({"KSAD_PORT": "70000"}, "KSAD_PORT: "),
        ({"KSAD_NATS_CERTIFICATE_FILE": "broker.pem"}, "is for tls:// addresses, and KSAD_NATS_URL has nats://"),
        (
            {"KSAD_NATS_URL": "tls://10.0.0.7:4222", "KSAD_NATS_CERTIFICATE_FILE": "no.pem"},
            "KSAD_NATS_CERTIFICATE_FILE=no.pem is no certificate that can be read",
        ),
        (
            {"KSAD_NATS_URL": "tls://10.0.0.7:4222", "KSAD_NATS_CA_FILE": "no.pem"},
            "KSAD_NATS_CA_FILE=no.pem is no certificate that can be read",
        ),
        ({"KSAD_NATS_CA_FILE": "ca.pem", "KSAD_NATS_CERTIFICATE_FILE": "own.pem"}, "set one of them"),
        ({"KSAD_NATS_CLIENT_CERTIFICATE_FILE": "own.pem"}, "a certificate needs its key"),
        (SEVERAL | {"KSAD_NATS_URL": "tls://n1:4222,nats://n2:4222"}, "KSAD_NATS_URL goes to n2 in the clear"),
        (SEVERAL | {"KSAD_DATABASE_URL": "sqlite:////data/registry.sqlite"}, "several machines share one database"),
        (SEVERAL | {"KSAD_DATABASE_URL": "postgresql://registry@db/registry"}, "sslmode=verify-full&sslrootcert="),
        (SEVERAL | {"KSAD_DATABASE_URL": "postgresql://registry@db/registry?sslmode=require"}, "that nobody checks"),
        (SEVERAL | {"KSAD_DATABASE_URL": "postgresql://r@/r?host=127.0.0.1&host=db2"}, "that nobody checks"),
        ({"KSAD_DATABASE_URL_FILE": "url"}, "is given by KSAD_DATABASE_URL and by KSAD_DATABASE_URL_FILE: keep one"),
        ({"KSAD_PLATFORM_FILE": "no-such-file"}, "KSAD_PLATFORM_FILE: no-such-file cannot be read by this user"),
    ],
)
def test_a_setting_that_would_harm_is_refused(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], advice: str
) -> None:
    """The process does not start, and its one line says what to set instead."""
    with pytest.raises(SystemExit) as refused:
        read(monkeypatch, changed)
    assert advice in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_the_local_issuer_needs_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an issuer and without a folder for the local one's key nothing starts."""
    monkeypatch.delitem(GOOD, "KSAD_ISSUER_KEYS_DIR")
    with pytest.raises(SystemExit, match="set KSAD_ISSUER_KEYS_DIR, or KSAD_ISSUER"):
        read(monkeypatch, {})


@pytest.mark.parametrize(
    "changed",
    [
        {},
        MINISTRY,
        {"KSAD_DATABASE_URL": "postgresql://registry@db/registry"},
        {"KSAD_CLOCK": "simulated", "KSAD_CLOCK_FILE": "clock"},
        {"KSAD_ISSUER": "https://sso.example", "KSAD_JWKS_URL": "http://[::1]:8080/keys"},
        {"POSTGRES_ENABLE_DB_FUNCTIONS": "no"},
        SEVERAL,
        SEVERAL | {"KSAD_DATABASE_URL": "postgresql://registry@127.0.0.1:6432/registry"},
        SEVERAL | {"KSAD_DATABASE_URL": "postgresql://registry@/registry?host=/run/postgresql"},
        SEVERAL | {"KSAD_DATABASE_URL": "postgresql://registry@[::1]:5432/registry"},
    ],
)
def test_what_one_machine_or_the_ministry_sets_is_accepted(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    """The embedded default, production with the ministry's issuer, and an issuer of one's own on loopback start."""
    assert read(monkeypatch, changed).source("registry") == "urn:ksad:local:registry"


def test_a_secret_may_stand_in_a_file_or_a_credential(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address with its password is read from a file, or from systemd's credential; a credential may be the file."""
    secret = "postgresql://registry:hunter2@127.0.0.1/registry"
    monkeypatch.delitem(GOOD, "KSAD_DATABASE_URL")
    (tmp_path / "url").write_text(f"{secret}\n")
    assert read(monkeypatch, {"KSAD_DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == secret
    assert "hunter2" not in str(os.environ)

    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    (folder / "KSAD_DATABASE_URL").write_text(secret)
    (folder / "KSAD_NATS_NKEY_SEED_FILE").write_text("SU…")
    found = read(monkeypatch, {})
    assert found.database_url == secret
    assert found.nats_nkey_seed_file == folder / "KSAD_NATS_NKEY_SEED_FILE"
    with pytest.raises(SystemExit, match="is given by KSAD_DATABASE_URL and by the credential KSAD_DATABASE_URL"):
        read(monkeypatch, {"KSAD_DATABASE_URL": secret})
    (folder / "KSAD_DATABASE_URL").write_text("")
    with pytest.raises(SystemExit, match="is empty: put the value there"):
        read(monkeypatch, {})


def test_what_lacks_is_named_and_what_is_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every missing or refused setting has a line with its full name; a password in one of them is in none."""
    with pytest.raises(SystemExit) as refused:
        read(monkeypatch, {"KSAD_DATABASE_URL": "mysql://registry:hunter2@db", "KSAD_PORT": "x", "KSAD_HOST": "::"})
    assert "KSAD_PORT: " in str(refused.value)
    with pytest.raises(ValidationError) as raised:
        Settings.model_validate({"database_url": "mysql://registry:hunter2@db", "nats_url": "", "documents_dir": "x"})
    assert "hunter2" not in f"{refused.value}{raised.value}"


def test_a_service_refuses_at_start(tmp_path: Path) -> None:
    """A process with a refused setting ends with an error and one line, before it opens anything."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KSAD_")}
    environment |= GOOD | {"POSTGRES_ENABLE_DB_FUNCTIONS": "y"}
    command = [sys.executable, "-m", "ksad.registry", "serve"]
    ended = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100
    )
    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)
    assert ended.stderr.startswith("Value error, POSTGRES_ENABLE_DB_FUNCTIONS")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - the address of every interface
        ("::", False),
        ("10.0.0.7", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_only(host: str, here: bool) -> None:
    """What other machines can reach, or what a name server decides, is not loopback."""
    assert is_loopback(host) is here
