"""The import rules hold, and each of them is shown failing on a violation seeded into a copy of the source."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.text.source import ROOT, members, settings

SEEDS = [
    ("rooms", "ksad.registry.domain", "import ksad.supervision"),
    ("rooms", "ksad.registry.application", "def late() -> None:\n    import ksad.reporting"),
    (
        "rooms",
        "ksad.supervision.reactions",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ksad.registry",
    ),
    ("rooms", "ksad.reporting.projections", "import ksad.supervision"),
    ("rooms", "ksad.chassis.store", "import ksad.registry"),
    ("rooms", "ksad.contracts.dates", "import ksad.chassis"),
    ("rooms", "ksad.reporting.app", "import ksad.local"),
    ("rooms", "ksad.ledger.log", "import ksad.chassis"),
    ("rooms", "ksad.audit.replay", "import ksad.reporting"),
    ("rooms", "ksad.local.output", "import ksad.bench"),
    ("audit-alone", "ksad.ledger.folds", "import sqlalchemy"),
    ("audit-alone", "ksad.audit.checks", "import structlog"),
    ("decide-without-ledger", "ksad.supervision.domain", "import ksad.ledger.log"),
    ("inside-registry", "ksad.registry.domain", "import ksad.registry.api"),
    ("inside-registry", "ksad.registry.application", "import ksad.registry.reactions"),
    ("inside-registry", "ksad.registry.helpers", ""),
    ("inside-supervision", "ksad.supervision.unit_of_work", "import ksad.supervision.application"),
    ("inside-supervision", "ksad.supervision.utils", ""),
    ("inside-reporting", "ksad.reporting.journal", "import ksad.reporting.api"),
    ("inside-reporting", "ksad.reporting.projections", "import ksad.reporting.checkpoints"),
    ("inside-reporting", "ksad.reporting.misc", ""),
    ("inside-ledger", "ksad.ledger.log", "import ksad.ledger.folds"),
    ("inside-ledger", "ksad.ledger.misc", ""),
    ("inside-audit", "ksad.audit.checks", "import ksad.audit.replay"),
    ("inside-audit", "ksad.audit.misc", ""),
    ("chassis-closed", "ksad.chassis.settings", "import ksad.chassis.service"),
    ("chassis-closed", "ksad.chassis.common", ""),
    ("chassis-wordless", "ksad.chassis.follower", "import ksad.contracts.supervision"),
    ("contracts-closed", "ksad.contracts.canonical", "import ksad.contracts.envelope"),
    ("contracts-closed", "ksad.contracts.shared", ""),
    ("contracts-pure", "ksad.contracts.registry", "import nats"),
    ("domain-pure", "ksad.registry.domain", "import fastapi"),
    ("domain-pure", "ksad.supervision.domain", "import sqlalchemy"),
    ("domain-pure", "ksad.reporting.domain", "import ksad.chassis"),
]


def lint(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs import-linter on the packages below this root, which take precedence over the installed ones."""
    sources = [str(root / source.relative_to(ROOT)) for source in members().values()]
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sources), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the platform's source with the root settings."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for source in members().values():
        ignored = shutil.ignore_patterns("__pycache__", "*.json", "*.csv", "*.yaml")
        shutil.copytree(source, tmp_path / source.relative_to(ROOT), ignore=ignored)
    return tmp_path


def module_file(root: Path, module: str) -> Path:
    """The file of a module in a copy, be it a file, a folder or not yet there."""
    package = ".".join(module.split(".")[:2])
    stem = (root / members()[package].relative_to(ROOT)).joinpath(*module.split("."))
    return stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")


def test_the_import_rules_hold(copy: Path) -> None:
    """The source as it is breaks no import rule."""
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("contract", "module", "violation"), SEEDS)
def test_a_seeded_violation_is_found(copy: Path, contract: str, module: str, violation: str) -> None:
    """Each import rule fails, and names the module, when that module breaks it."""
    for name in [module, *(word for word in violation.split() if word.count(".") > 1)]:
        module_file(copy, name).touch()
    seeded = module_file(copy, module)
    seeded.write_text(f"{seeded.read_text()}\n{violation}\n")

    result = lint(copy, "--contract", contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert module in result.stdout


def test_every_import_rule_has_a_seed() -> None:
    """No import rule can be added without showing that it can fail."""
    contracts = {contract["id"] for contract in settings()["tool"]["importlinter"]["contracts"]}
    assert contracts == {contract for contract, _, _ in SEEDS}


def test_no_package_is_left_out_of_the_import_rules() -> None:
    """Every package of the workspace is a root package, and every service has a closed list of modules."""
    linter = settings()["tool"]["importlinter"]
    closed = {
        container
        for contract in linter["contracts"]
        if contract.get("exhaustive")
        for container in contract["containers"]
    }
    assert set(members()) == set(linter["root_packages"])
    assert {name for name, source in members().items() if "services" in source.parts} | {"ksad.contracts"} == closed
