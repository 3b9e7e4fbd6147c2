"""What keeps a platform from starting: one sentence with the file or the address and what to do, and soon."""

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import running
from tests.support.platforms.command import Answer, ksad, start

SOON_SECONDS = 30
"""Ten on a quiet machine; tests share theirs."""
pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("failed starts")]


def refused(data: Path, *words: str, **environment: str) -> Answer:
    """How a start ends that cannot succeed."""
    began = time.monotonic()
    process = start("up", "--data-dir", data, *words, environment=environment)
    try:
        out, said = process.communicate(timeout=SOON_SECONDS)
    finally:
        process.kill()
    assert time.monotonic() - began < SOON_SECONDS
    return Answer(process.returncode, out.decode(), said.decode())


def one_sentence(answer: Answer, *told: object) -> None:
    """It is one line, no traceback, and tells these."""
    assert answer.code in {1, 4}, answer
    lines = [line for line in answer.err.splitlines() if line.startswith("ksad")]
    assert (len(lines), "Traceback" in answer.err, "Error:" in answer.err) == (1, False, False), answer.err
    for one in told:
        assert str(one) in lines[0], (one, lines[0])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a platform that has run and was ended."""
    data = tmp_path_factory.mktemp("ran") / "data"
    with running(Folder(data)):
        pass
    return data


@pytest.fixture
def data(ran: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, of which nothing is left for others to read."""
    copy = shutil.copytree(ran, tmp_path / "data")
    yield copy
    if copy.is_dir():
        shutil.rmtree(copy)


def _is_a_file(data: Path) -> tuple[Path, Path]:
    shutil.rmtree(data)
    data.write_text("x")
    return data, data


def _lies_in_a_file(data: Path) -> tuple[Path, Path]:
    shutil.rmtree(data)
    data.write_text("x")
    return data / "below", data


def _lock_is_a_folder(data: Path) -> tuple[Path, Path]:
    (data / "lock").unlink()
    (data / "lock").mkdir()
    return data, data / "lock"


def _emptied(name: str) -> Callable[[Path], tuple[Path, Path]]:
    def empty(data: Path) -> tuple[Path, Path]:
        (data / name).write_bytes(b"")
        return data, data / name

    return empty


def _half(name: str) -> Callable[[Path], tuple[Path, Path]]:
    def halve(data: Path) -> tuple[Path, Path]:
        file = data / name
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        return data, file

    return halve


def _overwritten(data: Path) -> tuple[Path, Path]:
    file = data / "registry.sqlite"
    with file.open("r+b") as opened:
        opened.write(b"no database at all")
    return data, file


CASES: dict[str, Callable[[Path], tuple[Path, Path]]] = {
    "the folder is a file": _is_a_file,
    "the folder lies in a file": _lies_in_a_file,
    "the lock is a folder": _lock_is_a_folder,
    "a broker's key is cut": _half("keys/registry.nk"),
    "the issuer's key is empty": _emptied("keys/issuer/issuer.pem"),
    "credentials are cut": _half("feeds/33.json"),
    "the ports are cut": _half("ports.json"),
    "a database is overwritten": _overwritten,
    "the signing key is cut": _half("keys/logs/national.key"),
    "what was signed is empty": _emptied("keys/logs/national.signed"),
    "the public keys are empty": _emptied("keys/public.vkeys"),
}
FEW = {"the folder is a file", "a broker's key is cut", "a database is overwritten", "what was signed is empty"}


@pytest.mark.fault(
    "operator F8",
    kind="a mistake of an operator is answered with a traceback, or after a minute",
    looked="every file that a start reads, the databases, the ports, the settings, the verbs on a full disk",
    found="the name of the platform and the clock were written so that a crash could leave them empty",
)
@pytest.mark.parametrize("how", [one if one in FEW else pytest.param(one, marks=pytest.mark.torture) for one in CASES])
def test_a_start_that_cannot_succeed_says_why(data: Path, how: str) -> None:
    """It names the file, says what to do, and leaves nobody behind."""
    folder, file = CASES[how](data)
    one_sentence(refused(folder), file)


@pytest.mark.fault("operator F8")
def test_a_database_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Its address is told without the password, and what to look at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"postgresql://someone:secret@127.0.0.1:{port}/nowhere"
    answer = refused(tmp_path / "data", KSAD_DATABASE_URL_REPORTING=url)
    one_sentence(answer, f"127.0.0.1:{port}/nowhere", "that it runs")
    assert "secret" not in answer.err


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Somebody else's server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.fault("operator F8")
def test_a_port_that_is_taken_is_named(data: Path, taken: socket.socket) -> None:
    """Whether it was asked for or is the folder's own: the sentence has the address, and how to choose others."""
    number = taken.getsockname()[1]
    one_sentence(refused(data, "--base-port", str(number)), f"127.0.0.1:{number}", "--base-port")
    ports = json.loads((data / "ports.json").read_text())
    (data / "ports.json").write_text(json.dumps(ports | {"reporting": number}))
    one_sentence(refused(data), f"reporting: 127.0.0.1:{number}", "--base-port")


@pytest.mark.fault("province F6")
@pytest.mark.fault("operator F8")
def test_a_folder_keeps_its_ports_and_two_go_on_side_by_side(data: Path, tmp_path: Path) -> None:
    """A folder is found where it was, also beside another platform; ports that are asked for are kept from then on.

    A record of processes of zero bytes, as a crash may leave it, is nothing that a start depends on.
    """
    (data / "processes.json").write_bytes(b"")
    before = json.loads((data / "ports.json").read_text())
    with running(Folder(data)) as one, running(Folder(tmp_path / "other")) as other:
        addresses = {name: int(url.rpartition(":")[2]) for name, url in one.endpoints.items() if name != "tokens"}
        assert len(json.loads((data / "processes.json").read_text())["children"]) == 4
        assert one.put_back == {}
        broker, _ = before["nats-server"], before.pop("portal")  # Kept for whoever starts it with `ksad up`.
        assert addresses.pop("feeds") == broker
        assert addresses == {"nats" if name == "nats-server" else name: port for name, port in before.items()}
        assert not set(before.values()) & set(json.loads((tmp_path / "other" / "ports.json").read_text()).values())
        with other.client() as client:
            assert client.get("registry", "/status", "operator")["service"] == "registry"
        assert ksad("status", "--data-dir", data).code == 0
