"""What a release brings with it, as a software bill of materials (CycloneDX 1.6, JSON).

``python -m tests.support.releases.sbom FILE`` writes it. Libraries, versions and hashes are those of
``requirements.lock``, which is what is installed from; who needs whom, and the licences, are read from the metadata of
what is installed here. The same lock, version and time give the same bytes.
"""

import os
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tests.support.releases.lock import LOCK, Locked, locked
from tests.support.text.distributions import declared
from tests.support.text.source import ROOT, members

LICENCES = LicenseFactory()


def needs(*distributions: str) -> dict[str, set[str]]:
    """Each distribution that an installation of these brings, with what it needs itself."""
    todo, found = [(name, frozenset[str]()) for name in distributions], dict[str, set[str]]()
    seen = set()
    while todo:
        name, extras = todo.pop()
        wanted = declared(name, extras)
        found.setdefault(name, set()).update(needed for needed, _ in wanted)
        seen.add((name, extras))
        todo += [one for one in wanted if one not in seen]
    return found


def serial_number(version: str, lock: dict[str, Locked]) -> UUID:
    """The serial number of the document, which follows from what it is made from."""
    return uuid5(NAMESPACE_URL, f"ksad:sbom:{version}:{sorted(lock.items())}")


def bill(version: str, lock: dict[str, Locked], moment: datetime) -> Bom:
    """The bill of materials of all packages of a version.

    :raises KeyError: a library that is needed is not in the lock.
    """
    graph = needs(*(name.replace(".", "-") for name in sorted(members())))
    ours = sorted(name for name in graph if name.startswith("ksad-"))
    components = {
        name: _component(name, lock.get(name), version if name in ours else lock[name].version) for name in graph
    }
    whole = Component(
        name="ksad",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"ksad@{version}",
        licenses=[LICENCES.make_from_string("Apache-2.0")],
    )
    bom = Bom(
        components=components.values(),
        serial_number=serial_number(version, lock),
        metadata=BomMetaData(component=whole, timestamp=moment),
    )
    bom.register_dependency(whole, [components[name] for name in ours])
    for name, wanted in graph.items():
        bom.register_dependency(components[name], [components[one] for one in sorted(wanted)])
    return bom


def _component(name: str, pinned: Locked | None, version: str) -> Component:
    """A distribution of the release: one of ours, or a library that is installed from the lock."""
    purl = PackageURL("pypi", None, name, version)
    hashes = () if pinned is None else pinned.hashes
    files = [
        ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(purl.to_string()),
            comment="one of the files that requirements.lock admits",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one)],
        )
        for one in hashes
    ]
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=_licences(name),
        external_references=files,
    )


def _licences(name: str) -> list[License]:
    """The licences that a distribution's metadata names: its expression, else its classifiers, else what it says."""
    about = metadata.metadata(name)
    expressions = about.get_all("License-Expression") or []
    if expressions:
        return [LICENCES.make_from_string(one) for one in expressions]
    classifiers = about.get_all("Classifier") or []
    classified = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::")]
    said = [one.partition("\n")[0] for one in about.get_all("License") or []]
    return [LICENCES.make_with_name(one) for one in classified or said if one != "OSI Approved"]


def text(moment: datetime) -> str:
    """The document of this version."""
    bom = bill((ROOT / "VERSION").read_text().strip(), locked(LOCK.read_text()), moment)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write the document; ``SOURCE_DATE_EPOCH`` is its time where it is set."""
    [file] = arguments
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(int(seconds), UTC)
    Path(file).write_text(text(moment))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
