"""``make release`` hands over what can be installed and checked: wheels, pinned libraries, contents, checksums."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.releases import release, sbom
from tests.support.releases.environment import UV, Environment, empty
from tests.support.releases.lock import LOCK, Locked, locked, part
from tests.support.releases.wheels import build_all
from tests.support.text.source import ROOT, members

VERSION = (ROOT / "VERSION").read_text().strip()
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("release")


def run(*words: object) -> None:
    """Run a command at the root; it must succeed."""
    subprocess.run(list(map(str, words)), cwd=ROOT, check=True, timeout=100)


def committed() -> str:
    """The time of the newest commit, in seconds."""
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout.strip()


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``make release`` fills."""
    folder = tmp_path_factory.mktemp("released")
    run("make", "--silent", "release", f"DIST={folder}")
    return folder


@pytest.fixture(scope="module")
def installed(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An empty environment into which a release was installed by its own list of libraries, each held to its hash."""
    environment = empty(tmp_path_factory.mktemp("installed") / "environment")
    # Sync takes the pinned wheels from the cache that `make setup` filled; install would ask the index for metadata.
    run(
        UV,
        "pip",
        "sync",
        "--quiet",
        "--offline",
        "--python",
        environment.python,
        "--require-hashes",
        released / f"ksad-{VERSION}-requirements.txt",
    )
    install = (UV, "pip", "install", "--quiet", "--offline", "--python", environment.python)
    run(*install, "--no-deps", *released.glob("*.whl"))
    return environment


@pytest.fixture(scope="module")
def bill(released: Path) -> dict[str, Any]:
    """The bill of materials of the release."""
    found: dict[str, Any] = json.loads((released / f"ksad-{VERSION}.cdx.json").read_text())
    return found


def listed(released: Path) -> Iterator[tuple[str, str]]:
    """Each file's checksum and name, as the list has them."""
    for line in (released / release.SUMS).read_text().splitlines():
        told, _, name = line.partition("  ")
        yield told, name


def test_a_release_installs_into_an_empty_environment(installed: Environment, tmp_path: Path) -> None:
    """Every package is there with its data; nothing is in conflict; commands answer, and services make their tables."""
    run(UV, "pip", "check", "--quiet", "--python", installed.python)
    assert {name.replace(".", "-") for name in members()} <= installed.distributions()
    for program in ("ksad", "ksad-audit"):
        assert installed.run(installed.program(program), "--version", cwd=tmp_path).stdout == f"{program} {VERSION}\n"
    for service in ("registry", "supervision", "reporting"):
        answered = installed.run(installed.python, "-m", f"ksad.{service}", "serve", cwd=tmp_path)
        assert answered.returncode == 1
        assert "KSAD_DATABASE_URL: Field required" in answered.stderr
        made = installed.run(
            installed.python,
            *("-m", f"ksad.{service}", "migrate", "--json"),
            cwd=tmp_path,
            KSAD_DATABASE_URL=f"sqlite:///{tmp_path / service}.sqlite",
        )
        assert json.loads(made.stdout)["schema"] >= 1, made.stderr


def test_nothing_of_the_developers_is_handed_over(installed: Environment) -> None:
    """What is installed is what the packages declare and need in turn, and no test runner or linter."""
    ours = {name.replace(".", "-") for name in members()}
    assert installed.distributions() == release.libraries() | ours
    assert not {"pytest", "ruff", "mypy", "hatchling", "cyclonedx-python-lib"} & installed.distributions()


def test_every_file_has_its_checksum(released: Path) -> None:
    """The list names every file of the release once, with its SHA-256, in the form of ``sha256sum --check``."""
    sums = dict(listed(released))
    files = {file.name for file in released.iterdir() if file.name not in {release.SUMS, ".gitignore"}}
    assert set(map(str, sums.values())) == files
    for told, name in listed(released):
        assert hashlib.sha256((released / name).read_bytes()).hexdigest() == told


def test_the_same_commit_gives_the_same_wheels(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel that is built again has the same bytes, so that anybody can check that a release is of its commit."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", committed())
    for wheel in build_all(tmp_path).values():
        assert wheel.read_bytes() == (released / wheel.name).read_bytes()


def test_a_folder_with_other_wheels_is_no_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where wheels are missing, or of another version, nothing is written and the difference is named."""
    (tmp_path / "ksad_audit-0.0.1-py3-none-any.whl").touch()
    assert release.main([str(tmp_path)]) == 1
    assert "ksad_audit-0.0.1-py3-none-any.whl" in capsys.readouterr().err
    assert len(list(tmp_path.iterdir())) == 1


def test_the_bill_of_materials_is_valid(released: Path) -> None:
    """The document is CycloneDX 1.6 by the published schema, and a document with a wrong part is not."""
    text = (released / f"ksad-{VERSION}.cdx.json").read_text()
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"type": "library"', '"type": "liberty"')) is not None


def test_the_bill_of_materials_is_what_is_installed(bill: dict[str, Any], installed: Environment) -> None:
    """It names all that is installed, with version, licence, the hashes of libraries, and who needs what."""
    components = {one["name"]: one for one in bill["components"]}
    assert set(components) == installed.distributions()
    for name, one in components.items():
        assert one["licenses"], name
        assert name.startswith("ksad-") or one["externalReferences"], name
        assert one["version"] == installed.version(name)
    needed = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert f"pkg:pypi/ksad-ledger@{VERSION}" in needed[f"pkg:pypi/ksad-audit@{VERSION}"]
    assert {ref for refs in needed.values() for ref in refs} <= {one["bom-ref"] for one in bill["components"]}


def test_the_bill_of_materials_is_the_same_again(released: Path) -> None:
    """The same version, lock and time give the same bytes; another version of a library gives another serial number."""
    lock = locked(LOCK.read_text())
    again = sbom.text(datetime.fromtimestamp(int(committed()), UTC))
    assert again == (released / f"ksad-{VERSION}.cdx.json").read_text()
    other = lock | {"httpx": lock["httpx"]._replace(version="0.0.1")}
    assert sbom.serial_number(VERSION, lock) != sbom.serial_number(VERSION, other)


def test_a_library_without_a_pin_is_found() -> None:
    """What is needed and not in the lock ends the making of a release."""
    lock = locked(
        "httpx==0.28.1 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via ksad-audit\nidna==3.20 \\\n    --hash=x\n"
    )
    assert lock["httpx"] == Locked("0.28.1", ("0" * 64,), lock["httpx"].text)
    assert part(lock, {"httpx"}) == "httpx==0.28.1 \\\n    --hash=sha256:" + "0" * 64 + "\n"
    with pytest.raises(KeyError, match="orjson"):
        part(lock, {"orjson"})
    with pytest.raises(KeyError):
        sbom.bill(VERSION, lock, MOMENT)
