"""``python -m tests.pages`` writes every generated document; ``--check`` fails, and names it, where one is stale."""

import sys

from tests.pages import (
    access,
    architecture,
    commands,
    explaining,
    faults,
    feed_rule,
    openapi,
    order,
    portal,
    settings,
    traceability,
)
from tests.support.text.source import ROOT

GENERATORS = (
    openapi,
    access,
    traceability,
    faults,
    commands,
    settings,
    architecture,
    explaining,
    feed_rule,
    order,
    portal,
)


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    stale = [
        (path, text)
        for generator in GENERATORS
        for path, text in generator.documents().items()
        if not path.exists() or path.read_text() != text
    ]
    if "--check" in arguments:
        sys.stderr.writelines(f"{path.relative_to(ROOT)} is stale: make schemas\n" for path, _ in stale)
        return 1 if stale else 0
    for path, text in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
