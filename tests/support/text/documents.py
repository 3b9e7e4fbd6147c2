"""What the project's pages promise: targets, verbs, links and named files, read out of the Markdown."""

import re
from pathlib import Path

FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
NAMED_FILE = re.compile(r"`((?:tests|docs|contracts|services|deploy)/[\w./-]+)`")


def commands(page: str) -> list[str]:
    """The command lines of a page's sh blocks, without comments."""
    lines = [line for block in FENCE.findall(page) for line in block.splitlines()]
    return [command for line in lines if (command := line.partition("#")[0].strip())]


def make_targets(text: str) -> set[str]:
    """The targets that a page tells to make."""
    return {words[1] for words in map(str.split, commands(text)) if words[0] == "make" and len(words) > 1}


def verbs(text: str) -> set[str]:
    """The verbs of ksad that a page tells to call."""
    called = [words for words in map(str.split, commands(text)) if Path(words[0]).name == "ksad"]
    return {words[1] for words in called if not words[1].startswith("-")}


def missing_files(page: Path, root: Path) -> list[str]:
    """The links, relative to the page, and the files named by their path from the root, that lead nowhere."""
    text = page.read_text()
    links = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    return links + [name for name in NAMED_FILE.findall(text) if not (root / name).exists()]
