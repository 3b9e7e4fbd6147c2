"""A release with its libraries is checked and installed on a machine that has no network."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.text.source import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

VERSION = (ROOT / "VERSION").read_text().strip()
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index")


def ran(*words: object, cwd: Path = ROOT, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A command that has ended, well or not."""
    return subprocess.run(list(map(str, words)), cwd=cwd, input=given, capture_output=True, check=False, timeout=600)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key of whoever makes releases; beside it, who may have signed one."""
    path = tmp_path_factory.mktemp("key") / "release"
    assert ran("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path).returncode == 0
    path.with_name("signers").write_text(f"release {path.with_suffix('.pub').read_text()}")
    return path


@pytest.fixture(scope="module")
def bundle(key: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make bundle` fills."""
    folder = tmp_path_factory.mktemp("bundle")
    made = ran("make", "--silent", "bundle", f"DIST={folder}", f"KEY={key}")
    assert made.returncode == 0, made.stderr
    return folder


def test_who_signed_and_what_was_signed_can_be_checked(bundle: Path, key: Path) -> None:
    """The list of hashes is signed and complete; a changed list or library is found by tools that any machine has."""
    listed = (bundle / "SHA256SUMS").read_bytes()
    verify = ("ssh-keygen", "-q", "-Y", "verify", "-f", key.with_name("signers"), "-I", "release", "-n", "ksad", "-s")
    signature = bundle / "SHA256SUMS.sig"
    assert ran(*verify, signature, given=listed).returncode == 0
    assert ran(*verify, signature, given=listed.replace(b"a", b"b", 1)).returncode != 0
    check = ("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS")
    assert ran(*check, cwd=bundle).returncode == 0
    files = {str(one.relative_to(bundle)) for one in bundle.rglob("*") if one.is_file()}
    assert {line.split("  ")[1] for line in listed.decode().splitlines()} == {
        name for name in files if not name.startswith((".", "SHA256SUMS"))
    }
    library = next(bundle.glob("libraries/*"))
    kept = library.read_bytes()
    library.write_bytes(kept + b" ")
    try:
        assert ran(*check, cwd=bundle).returncode != 0
    finally:
        library.write_bytes(kept)


def test_it_installs_where_there_is_no_network(bundle: Path, tmp_path: Path) -> None:
    """Libraries by their hashes, then our wheels, in a network namespace that has no way out; the commands answer."""
    alone = ("unshare", "--net")
    assert ran(*alone, sys.executable, "-m", "venv", tmp_path / "there").returncode == 0
    python = tmp_path / "there" / "bin" / "python"
    libraries = ("--require-hashes", "--no-deps", "-r", f"ksad-{VERSION}-offline.txt")
    done = ran(*alone, python, *PIP, *libraries, cwd=bundle)
    assert done.returncode == 0, done.stderr
    done = ran(*alone, python, *PIP, "--no-deps", *bundle.glob("ksad*.whl"))
    assert done.returncode == 0, done.stderr
    assert ran(*alone, python, "-m", "pip", "check").returncode == 0
    for program in ("ksad", "ksad-audit"):
        told = ran(*alone, python.with_name(program), "--version")
        assert told.stdout.decode() == f"{program} {VERSION}\n", told.stderr
