"""The page on history files says what the commands are: a table that drifts from them is found."""

import re
from pathlib import Path

from ksad.local.history.reading import COMMANDS as WORDS
from ksad.local.history.reading import read
from ksad.registry.domain.commands import COMMANDS, Register
from tests.support.text.source import ROOT

PAGE = (ROOT / "docs" / "importing.md").read_text()
SHARED = {"on", "legacy", "source", "confirms"}


def test_the_table_has_every_command_with_its_fields() -> None:
    """Each command of a history file stands there with all its fields, and what may be left out in italics."""
    told = {}
    for name, fields in re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE):
        words = re.findall(r"(\*?)(\w+)\*?", fields.replace("from the head", ""))
        told[name] = {word: not mark for mark, word in words}
    wanted = {
        name: {
            field: info.is_required()
            for field, info in (
                Register if name == "register" else COMMANDS[name.replace("_", "-")]
            ).model_fields.items()
            if field not in SHARED
        }
        for name in WORDS
    }

    assert told == wanted


def test_the_example_is_a_history(tmp_path: Path) -> None:
    """The file on the page is read without a failure."""
    [example] = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "riwayat.yaml"
    file.write_text(example)

    found = read(file)
    assert ([one.key for one in found.cooperations], found.failures) == (["bantargebang"], [])
