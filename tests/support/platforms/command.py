"""The `ksad` command as an operator or a program calls it: its exit code, what it prints, and the shape of its JSON."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from ksad.local.__main__ import main

PROGRAM = str(Path(sys.executable).parent / "ksad")
SHAPES: dict[str, Any] = json.loads(Path(__file__).with_name("command_shapes.json").read_text())
"""What each verb's JSON document has at least; a program outside may rely on it."""


class Answer(NamedTuple):
    """How a verb ended, and what it wrote to stdout and to stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def ksad(*words: object) -> Answer:
    """Call a verb inside this process, which spares the seconds that starting another one takes."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as ended:
            code = ended.code
    return Answer(int(str(code or 0)), out.getvalue(), err.getvalue())


def start(*words: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a verb as a process with a group of its own, as a shell does."""
    return subprocess.Popen(
        [PROGRAM, *map(str, words)],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def shape(value: Any) -> Any:
    """The shape of a JSON value: the type of each field; of a list that of its first item."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "null" if value is None else type(value).__name__


def keeps(golden: Any, found: Any) -> bool:
    """Whether a shape has all that the golden one promises; it may have more. A field `*` speaks for all fields."""
    if isinstance(golden, dict):
        if not isinstance(found, dict):
            return False
        if "*" in golden:
            return all(keeps(golden["*"], item) for item in found.values())
        return all(name in found and keeps(promised, found[name]) for name, promised in golden.items())
    if isinstance(golden, list):
        return isinstance(found, list) and (not golden or not found or keeps(golden[0], found[0]))
    return bool(golden == found)
