"""The auditor's documents are walked through to the letter: docs/auditing.md, and the VERIFY.md in an archive."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
from pathlib import Path

import pytest
import zstandard

from tests.support.forgers.audited import Audited, feed_with, forged
from tests.support.text.source import ROOT

AT = 150
STANDING_IN = {"2026-06-30": "2015-03-03", "2026-06-01": "2015-03-01", "kedungsepur": "naskah"}
"""What the demo has, and the data folder of these tests has under another name."""
ZSTD = f"""#!{sys.executable}
import sys, zstandard
for name in sys.argv[2:]:
    with open(name, "rb") as file:
        zstandard.ZstdDecompressor().copy_stream(file, sys.stdout.buffer)
"""


def blocks(text: str) -> list[str]:
    """The shell blocks of a document."""
    return [textwrap.dedent(found) for found in re.findall(r"(?:^ {4}.*\n)+", text, re.MULTILINE)]


def shell(block: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What a person gets who types a block in a folder."""
    tools = folder / ".tools"
    tools.mkdir(exist_ok=True)
    if shutil.which("zstd") is None and not (tools / "zstd").exists():
        (tools / "zstd").write_text(ZSTD)
        (tools / "zstd").chmod(0o755)
    path = os.pathsep.join([str(Path(sys.executable).parent), str(tools), os.environ["PATH"]])
    command = ["bash", *options, "-c", block]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(400)
def test_the_manual_is_true(whole: Audited, tmp_path: Path) -> None:
    """Every shell block of docs/auditing.md does what the text around it says, down to the tampering that is found."""
    shutil.copytree(whole.source.root, tmp_path / "var" / "demo")
    province, _, leaves = feed_with(whole, AT)
    (tmp_path / "feed.sqlite").write_bytes(b"".join(leaf + b"\n" for leaf in leaves))
    text = (ROOT / "docs" / "auditing.md").read_text().replace("--feed 33=", f"--feed {province}=")
    for demo, ours in STANDING_IN.items():
        text = text.replace(demo, ours)
    code, found = {}, {}
    for block in blocks(text):
        done = shell(block, tmp_path)
        code[block], found[block] = done.returncode, done.stdout + done.stderr

    failing = {block: found[block] for block in code if code[block]}
    said = "\n".join(failing.values())
    assert [block.split()[:3] for block in failing] == [
        ["ksad-audit", "prove-report", "audit.tar"],
        ["ksad", "audit", "reconcile"],
    ], failing
    assert "no report REPORT-ID in this archive; it has: none" in said
    assert said.count(f"(journal entry {AT})") == 2
    assert f"not the hash of the leaves from {AT} on (first bad index: {AT})" in said
    assert sum("everything holds" in one for one in found.values()) == 2


def unpacked(archive: Path, whole: Audited, folder: Path) -> list[str]:
    """What each block of an archive's own VERIFY.md says that went wrong, after it was unpacked beside the keys."""
    folder.mkdir()
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    shutil.copyfile(whole.keys, folder / "public.vkeys")
    bag = folder / "ksad-archive"
    guide = (bag / "data" / "VERIFY.md").read_text()
    ours, *foreign = blocks(guide)
    assert ours.startswith("ksad-audit verify")
    done = [shell(block, bag, "-e") for block in foreign]
    assert len(done) == 5
    return [one.stdout + one.stderr for one in done if one.returncode]


def test_an_archive_explains_itself(whole: Audited, tmp_path: Path) -> None:
    """VERIFY.md, typed in as it stands with openssl, zstd and any Python, finds an honest archive whole."""
    assert unpacked(whole.archive, whole, tmp_path / "honest") == []


@pytest.mark.parametrize("part", ["log/checkpoint", "events/000000000.jsonl.zst", "log/tile/0/000", "documents"])
def test_an_archive_explains_its_faults(whole: Audited, tmp_path: Path, part: str) -> None:
    """VERIFY.md finds a changed head, other facts, another tile and another document, though the bag's sums fit."""

    def change(data: Path) -> None:
        path = data / part
        if path.is_dir():
            path = next(one for one in path.rglob("*") if one.is_file())
        raw = path.read_bytes()
        if path.suffix == ".zst":
            path.write_bytes(zstandard.ZstdCompressor().compress(b'{"no":"fact"}\n'))
        else:
            path.write_bytes(raw[:5] + bytes([raw[5] ^ 1]) + raw[6:])

    bad = forged(whole.archive, tmp_path / "bad.tar", edit=change)

    assert unpacked(bad, whole, tmp_path / "bad")
