"""Each package imports with nothing but what its own pyproject.toml declares: what an image of it would hold.

The developers' environment holds every package, so an undeclared import would go unnoticed there, and import-linter
does not see imports by name. Here the wheel of a package is installed with the members and libraries that are declared.
"""

import json
from pathlib import Path

import pytest

from tests.support.releases.environment import Environment, install
from tests.support.text.distributions import closure
from tests.support.text.source import members

DISTRIBUTIONS = {name: name.replace(".", "-") for name in members()}
EXTRAS = {"ksad.audit.feeds.subscription": "nats", "ksad.ledger.printing": "print"}
"""The modules and packages whose libraries only an extra brings, and its name."""
NEEDY = ["ksad.audit.feeds.subscription", "ksad.ledger.printing.pdf", "ksad.ledger.printing.xlsx"]
IMPORTER = """
import importlib, json, pkgutil, sys
order = json.loads(sys.argv[1])
package = importlib.import_module(order["package"])
for module in pkgutil.walk_packages(package.__path__, f"{order['package']}."):
    if not module.name.endswith("__main__") and not module.name.startswith(tuple(order["extras"])):
        importlib.import_module(module.name)
for stranger in order["strangers"]:
    try:
        importlib.import_module(stranger)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{stranger} can be imported")
"""


def imported(environment: Environment, package: str, cwd: Path, *, strangers: list[str]) -> str:
    """Imports all modules of a package in an environment; what went wrong, or nothing."""
    order = {"package": package, "strangers": strangers, "extras": sorted(EXTRAS)}
    ended = environment.run(environment.python, "-I", "-B", "-c", IMPORTER, json.dumps(order), cwd=cwd)
    return ended.stderr if ended.returncode else ""


@pytest.mark.parametrize("package", sorted(DISTRIBUTIONS))
def test_a_package_needs_only_what_it_declares(package: str, wheels: dict[str, Path], tmp_path: Path) -> None:
    """All modules of a package import without settings, without undeclared neighbours, and without doing anything."""
    environment = install(tmp_path / "environment", wheels, DISTRIBUTIONS[package])
    others = [name for name, by in DISTRIBUTIONS.items() if by not in environment.distributions()]
    (tmp_path / "empty").mkdir()

    assert imported(environment, package, tmp_path / "empty", strangers=others) == ""
    assert not list((tmp_path / "empty").iterdir()), "importing wrote files"


@pytest.mark.parametrize("module", NEEDY)
def test_an_extra_brings_what_its_modules_need(module: str, wheels: dict[str, Path], tmp_path: Path) -> None:
    """A module that needs more than its package declares imports with the extra that is told, and not without it."""
    [extra] = [extra for prefix, extra in EXTRAS.items() if module.startswith(prefix)]
    distribution = "-".join(module.split(".")[:2])
    plain = install(tmp_path / "plain", wheels, distribution)
    extended = install(tmp_path / "extended", wheels, f"{distribution}[{extra}]")
    asked = ["-I", "-B", "-c", f"import {module}"]
    assert "ModuleNotFoundError" in plain.run(plain.python, *asked, cwd=tmp_path).stderr
    assert extended.run(extended.python, *asked, cwd=tmp_path).returncode == 0


def test_the_services_do_not_bring_one_another() -> None:
    """An installation of one service holds neither of the other two."""
    services = {"ksad-registry", "ksad-supervision", "ksad-reporting"}
    for service in services:
        assert closure(service) & services == {service}


def test_an_undeclared_import_is_refused(wheels: dict[str, Path], tmp_path: Path) -> None:
    """The importer notices a library that is installed here and declared by nobody in question."""
    environment = install(tmp_path / "environment", wheels, "ksad-contracts")
    (environment.site / "ksad" / "contracts" / "sinner.py").write_text(
        "import importlib\nimportlib.import_module('nats')\n"
    )
    assert "No module named 'nats'" in imported(environment, "ksad.contracts", tmp_path, strangers=[])
