"""Each package imports with nothing but what its own pyproject.toml declares: what an image of it would hold.

The developers' environment holds every package, so an undeclared import would go unnoticed there, and import-linter
does not see imports by name. Here an interpreter without site hooks sees the package, the members that it declares and
the libraries that those declare, with everything else refused.
"""

import json
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.text.distributions import closure, normal
from tests.support.text.source import members

LIBRARIES = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
DISTRIBUTIONS = {name: name.replace(".", "-") for name in members()}
EXTRAS = {"ksad.audit.feeds.subscription": "nats", "ksad.ledger.printing": "print"}
"""The modules whose libraries only an extra brings, and its name."""
IMPORTER = """
import importlib, json, pkgutil, sys
order = json.loads(sys.argv[1])
class OnlyDeclared:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in order["refused"]:
            raise ModuleNotFoundError(f"{name} belongs to no declared dependency", name=name)
sys.path[:0] = order["path"]
sys.meta_path.insert(0, OnlyDeclared())
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


@pytest.mark.parametrize("package", sorted(DISTRIBUTIONS))
def test_a_package_needs_only_what_it_declares(package: str, tmp_path: Path) -> None:
    """All modules of a package import without settings, without undeclared neighbours, and without doing anything."""
    installed = closure(DISTRIBUTIONS[package])
    mine = {name for name, distribution in DISTRIBUTIONS.items() if distribution in installed}
    owners = metadata.packages_distributions()
    refused = [name for name, by in owners.items() if not {normal(one) for one in by} & installed]
    order = {
        "package": package,
        "path": [
            *(str(members()[name]) for name in mine),
            sysconfig.get_path("purelib"),
            sysconfig.get_path("platlib"),
        ],
        "refused": [name for name in refused if name not in mine],
        "strangers": sorted(set(members()) - mine),
        "extras": sorted(EXTRAS),
    }

    result = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", IMPORTER, json.dumps(order)],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert not list(tmp_path.iterdir()), "importing wrote files"


def test_the_services_do_not_bring_one_another() -> None:
    """An installation of one service holds neither of the other two."""
    services = {"ksad-registry", "ksad-supervision", "ksad-reporting"}
    for service in services:
        assert closure(service) & services == {service}


def test_an_undeclared_import_is_refused(tmp_path: Path) -> None:
    """The importer notices a library that is installed here and declared by nobody in question."""
    (tmp_path / "sinner.py").write_text("import importlib\nimportlib.import_module('pytest')\n")
    order = {"package": "sinner", "path": [str(tmp_path), *LIBRARIES], "refused": ["pytest"]}
    command = [
        sys.executable,
        "-I",
        "-S",
        "-B",
        "-c",
        IMPORTER,
        json.dumps({**order, "strangers": [], "extras": ["none"]}),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "pytest belongs to no declared dependency" in result.stderr
