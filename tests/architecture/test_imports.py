"""The import rules hold, and each of them is shown failing on a violation.

The rules are asked in this process about one graph of the source, into which violations are put: every wall of every
layered rule is climbed once, all of a rule at a time. A few violations are written into a copy of the source instead
and linted as in ``make check``, so that it is known how a violation in a file becomes one in the graph.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby, pairwise, permutations, product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from importlinter.adapters.building import GraphBuilder
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract, ContractCheck

from tests.support.text.source import ROOT, members

CONFIGURED = read_configuration(str(ROOT / "pyproject.toml"))
LINTER: dict[str, Any] = CONFIGURED["session_options"]
RULES: dict[str, dict[str, Any]] = {one["id"]: one for one in CONFIGURED["contracts_options"]}
KINDS: dict[str, type[Contract]] = {"layers": LayersContract, "forbidden": ForbiddenContract}
SEEDS = [
    ("rooms", "ksad.registry.domain", "ksad.supervision"),
    ("rooms", "ksad.reporting.projections", "ksad.supervision"),
    ("rooms", "ksad.chassis.store", "ksad.registry"),
    ("rooms", "ksad.contracts.dates", "ksad.chassis"),
    ("rooms", "ksad.reporting.app", "ksad.local"),
    ("rooms", "ksad.ledger.log", "ksad.chassis"),
    ("rooms", "ksad.audit.replay", "ksad.reporting"),
    ("rooms", "ksad.local.machine", "ksad.bench"),
    ("audit-alone", "ksad.ledger.folds", "sqlalchemy"),
    ("audit-alone", "ksad.audit.checks", "structlog"),
    ("local-asks", "ksad.local.machine", "ksad.reporting.keeping"),
    ("local-asks", "ksad.local.demo", "ksad.supervision"),
    ("local-asks", "ksad.local.verbs", "ksad.registry.migrations"),
    ("decide-without-ledger", "ksad.supervision.domain", "ksad.ledger.log"),
    ("rooms", "ksad.portal.gateway", "ksad.registry"),
    ("local-asks", "ksad.local.machine", "ksad.portal.app"),
    ("portal-holds-nothing", "ksad.portal.gateway", "ksad.chassis.broker"),
    ("portal-holds-nothing", "ksad.portal.telling", "ksad.ledger.folds"),
    ("inside-registry", "ksad.registry.domain", "ksad.registry.api"),
    ("inside-supervision", "ksad.supervision.queries", "ksad.supervision.application"),
    ("inside-reporting", "ksad.reporting.journal", "ksad.reporting.api"),
    ("inside-reporting", "ksad.reporting.projections", "ksad.reporting.checkpoints"),
    ("inside-ledger", "ksad.ledger.log", "ksad.ledger.folds"),
    ("rules-frozen", "ksad.ledger.rules.v1.telling", "ksad.ledger.figures.content"),
    ("rules-frozen", "ksad.ledger.rules.v1.folds", "ksad.contracts.corrections"),
    ("inside-audit", "ksad.audit.checks", "ksad.audit.replay"),
    ("chassis-closed", "ksad.chassis.settings", "ksad.chassis.service"),
    ("contracts-closed", "ksad.contracts.canonical", "ksad.contracts.envelope"),
    ("chassis-wordless", "ksad.chassis.follower", "ksad.contracts.supervision"),
    ("contracts-pure", "ksad.contracts.registry", "nats"),
    ("domain-pure", "ksad.registry.domain", "fastapi"),
    ("domain-pure", "ksad.supervision.domain", "sqlalchemy"),
    ("domain-pure", "ksad.reporting.domain", "ksad.chassis"),
]
"""A rule, a module, and what it must not import by that rule."""
WRITTEN = [
    ("rooms", "ksad.registry.application", "def late() -> None:\n    import ksad.reporting"),
    (
        "rooms",
        "ksad.supervision.reactions",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ksad.registry",
    ),
    ("domain-pure", "ksad.registry.domain", "import fastapi"),
    ("inside-reporting", "ksad.reporting.misc", ""),
]
"""A rule, a module, and lines that break the rule when they stand in it."""


ALONE = 3
"""So many modules in a folder can be in each other's way."""


class Wall(NamedTuple):
    """A module and one that it must not import by a layered rule, or None where the module itself must not be there."""

    rule: str
    importer: str
    imported: str | None


def walls() -> Iterator[Wall]:
    """Every wall of every layered rule: to the layer above, to a sibling behind ``|``, and around a closed list."""
    for name, rule in RULES.items():
        if rule["type"] != "layers":
            continue
        layers = [(line, [one.strip() for one in line.replace("|", ":").split(":")]) for line in rule["layers"]]
        for container in rule.get("containers", [""]):
            full = f"{container}.".lstrip(".")
            for (_, above), (_, below) in pairwise(layers):
                yield from (Wall(name, full + low, full + high) for high, low in product(above, below))
            for line, beside in layers:
                if "|" in line:
                    yield from (Wall(name, full + one, full + other) for one, other in permutations(beside, 2))
            if rule.get("exhaustive"):
                yield Wall(name, f"{full}helpers", None)


@pytest.fixture(scope="module")
def graph() -> Any:
    """What imports what in the source as it is."""
    return GraphBuilder().build(
        LINTER["root_packages"], cache_dir=None, include_external_packages=True, exclude_type_checking_imports=False
    )


def checked(graph: Any, rule: str) -> ContractCheck:
    """What a rule says of a graph."""
    options = {key: value for key, value in RULES[rule].items() if key not in {"id", "type"}}
    return KINDS[RULES[rule]["type"]](rule, LINTER, options).check(graph, verbose=False)


def broken(graph: Any, rule: str) -> str | None:
    """What breaks a rule, or None where nothing does."""
    check = checked(graph, rule)
    return None if check.kept else str(check.metadata)


@contextmanager
def climbed(graph: Any, *walls: Wall) -> Iterator[None]:
    """The graph with modules that are there, or import others, against rules; it is as before afterwards."""
    named = {one for wall in walls for one in (wall.importer, wall.imported) if one is not None}
    made = named - graph.modules
    for module in made:
        graph.add_module(module, is_squashed=not module.startswith("ksad."))
    imports = [{"importer": wall.importer, "imported": wall.imported} for wall in walls if wall.imported is not None]
    for one in imports:
        assert not graph.direct_import_exists(**one)
        graph.add_import(**one, line_number=1, line_contents="seeded")
    yield
    for one in imports:
        graph.remove_import(**one)
    for module in made:
        graph.remove_module(module)


def stopped(graph: Any, rule: str) -> Iterator[tuple[str, str | None]]:
    """The importers and what they import themselves against a layered rule, and the modules that it does not list."""
    found = checked(graph, rule).metadata
    yield from ((module, None) for module in found["undeclared_modules"])
    for one in found["invalid_dependencies"]:
        if any(len(route["chain"]) == 1 for route in one["routes"]):
            yield one["importer"], one["imported"]


@pytest.mark.parametrize("rule", RULES)
def test_the_import_rules_hold(graph: Any, rule: str) -> None:
    """The source as it is breaks no import rule."""
    assert broken(graph, rule) is None


@pytest.mark.parametrize(("rule", "module", "imported"), SEEDS)
def test_a_seeded_violation_is_found(graph: Any, rule: str, module: str, imported: str) -> None:
    """Each import rule fails, and names the module, when that module breaks it."""
    with climbed(graph, Wall(rule, module, imported)):
        found = broken(graph, rule)
    assert found is not None
    assert module in found


def test_every_wall_stands(graph: Any) -> None:
    """No layer imports one above it, or a sibling that it must not know, and a module that nobody listed is found."""
    for rule, every in groupby(walls(), lambda wall: wall.rule):
        standing = list(every)
        with climbed(graph, *standing):
            told = set(stopped(graph, rule))
        assert [wall for wall in standing if (wall.importer, wall.imported) not in told] == []


def test_every_folder_with_layers_has_a_list(graph: Any) -> None:
    """Three modules or more beside one another are a closed list, in the vocabulary and in every service."""
    rooms = [name for name, source in members().items() if "deploy" not in source.parts]
    folders = {one for one in graph.modules if one.startswith(tuple(rooms)) and len(graph.find_children(one)) >= ALONE}
    listed = {container for rule in RULES.values() if rule.get("exhaustive") for container in rule["containers"]}
    assert folders - listed == set()


def test_layers_name_modules_that_exist(graph: Any) -> None:
    """A closed list names nothing that is gone, and none of its modules may be missing."""
    named = {one for wall in walls() for one in (wall.importer, wall.imported) if one and wall.imported}
    assert named - graph.modules == set()
    assert [line for rule in RULES.values() for line in rule.get("layers", ()) if "(" in line] == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the platform's source with the root settings."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for source in members().values():
        ignored = shutil.ignore_patterns("__pycache__", "*.json", "*.csv", "*.yaml")
        shutil.copytree(source, tmp_path / source.relative_to(ROOT), ignore=ignored)
    return tmp_path


@pytest.mark.parametrize(("rule", "module", "lines"), WRITTEN)
def test_a_violation_in_a_file_is_found(copy: Path, rule: str, module: str, lines: str) -> None:
    """A late import, one for types only, one from outside and a file that nobody listed fail the linter itself."""
    stem = (copy / members()[".".join(module.split(".")[:2])].relative_to(ROOT)).joinpath(*module.split("."))
    file = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
    file.touch()
    file.write_text(f"{file.read_text()}\n{lines}\n")
    sources = [str(copy / source.relative_to(ROOT)) for source in members().values()]

    result = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--contract", rule],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sources), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert module in result.stdout


def test_every_import_rule_has_a_seed() -> None:
    """No import rule can be added without showing that it can fail."""
    assert set(RULES) == {rule for rule, _, _ in SEEDS} | {wall.rule for wall in walls()}


def test_no_package_is_left_out_of_the_import_rules() -> None:
    """Every package of the workspace is a root package, and every service has a closed list of modules."""
    closed = {container for rule in RULES.values() if rule.get("exhaustive") for container in rule["containers"]}
    assert set(members()) == set(LINTER["root_packages"])
    services = {name for name, source in members().items() if "services" in source.parts}
    assert services | {"ksad.contracts"} <= closed
