"""What lies beside the wheels of a release: libraries with hashes, the bill of materials, the list of checksums.

``python -m tests.support.releases.release FOLDER`` writes them for the wheels that are there.
"""

import hashlib
import sys
from pathlib import Path

from tests.support.releases import sbom
from tests.support.releases.lock import LOCK, locked, part
from tests.support.text.distributions import closure
from tests.support.text.source import ROOT, members

SUMS = "SHA256SUMS"


def libraries() -> set[str]:
    """What an installation of all packages brings that is not ours."""
    every = closure(*(name.replace(".", "-") for name in members()))
    return {name for name in every if not name.startswith("ksad-")}


def main(arguments: list[str]) -> int:
    """Write the three files; 1 where a wheel is missing or foreign."""
    [folder] = map(Path, arguments)
    version = (ROOT / "VERSION").read_text().strip()
    expected = {f"{name.replace('.', '_')}-{version}-py3-none-any.whl" for name in members()}
    wheels = {file.name for file in folder.glob("*.whl")}
    if wheels != expected:
        sys.stderr.write(f"the wheels of {version} are not what lies there: {sorted(wheels ^ expected)}\n")
        return 1
    (folder / f"ksad-{version}-requirements.txt").write_text(part(locked(LOCK.read_text()), libraries()))
    sbom.main([str(folder / f"ksad-{version}.cdx.json")])
    files = sorted(file for file in folder.iterdir() if file.name.startswith("ksad"))
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (folder / SUMS).write_text("".join(sums))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
