"""A valid event is one whose type is known, whose data is as the type has it, and whose service and platform fit."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from ksad.audit.checks.facts import wrong
from ksad.audit.checks.shapes import shape
from ksad.contracts import canonical
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.examples import example
from ksad.contracts.identifiers import event_id
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import Audited, checked, failed, forged, leaves_of
from tests.support.histories.histories import generated

Change = Callable[[dict[str, Any]], object]
ENDED = "ksad.cooperation.ended.v1"
VALID = pytest.mark.fault(
    "audit F5",
    kind="A check looks at the wrapping and calls the content valid.",
    looked="Type, version, data, schema, service and platform of each leaf; documents that leaves cite, in size, type "
    "and place; legacy facts; anchors, days and reports, which other checks read.",
    found="Documents in another service's folder (audit F9); sizes and media types that earlier releases believed, and "
    "legacy facts without a file: these are noted.",
)


def next_of(leaves: list[bytes], kind: str, **changes: Any) -> dict[str, Any]:
    """One more event of the first cooperation, of another type."""
    first = orjson.loads(leaves[0])
    versions = [event["streamversion"] for event in map(orjson.loads, leaves) if event["subject"] == first["subject"]]
    number = max(versions) + 1
    head = {"type": kind, "dataschema": f"urn:ksad:schema:{kind}", "streamversion": number}
    time = orjson.loads(leaves[-1])["time"]
    made: dict[str, Any] = first | head | {"id": str(event_id(first["subject"], number)), "time": time}
    return made | changes


@VALID
@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("ksad.cooperation.blessed.v1", {}, "does not know ksad.cooperation.blessed.v1"),
        ("ksad.cooperation.ended.v9", {}, "does not know ksad.cooperation.ended.v9"),
        (ENDED, {"data": {}}, "Field required"),
        (ENDED, {"data": {"ground": "term", "ended_on": "kemarin", "note": None}}, ENDED),
        (ENDED, {"dataschema": "urn:evil"}, "names the schema urn:evil"),
        (ENDED, {"source": "urn:ksad:bench:supervision"}, "is of registry, not of supervision"),
        (ENDED, {"source": "urn:ksad:palsu:registry"}, "of the platform palsu, not of bench"),
    ],
    ids=["unknown", "newer", "empty", "no day", "schema", "service", "platform"],
)
def test_a_fact_that_is_none_is_refused(
    whole: Audited, tmp_path: Path, log_key: SigningKey, kind: str, changes: dict[str, Any], says: str
) -> None:
    """Row 41 to 48: the envelope is valid and signed, the fact in it is not one of this platform: named by its leaf."""
    size = len(leaves_of(whole.archive))
    good = example(DECLARATIONS[ENDED]).data

    def more(leaves: list[bytes]) -> list[bytes]:
        return [*leaves, canonical.encode(next_of(leaves, kind, **{"data": good, **changes}))]

    bad = forged(whole.archive, tmp_path / "bad.tar", more, key=log_key)

    check = checked(bad, whole.keys)["facts"]
    assert (check.ok, check.first_bad) == (False, size)
    assert says in check.detail


@VALID
def test_the_twin_is_a_fact(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """The same event with the data of its type, from the service and platform of the log, is accepted."""
    good = example(DECLARATIONS[ENDED]).data

    def more(leaves: list[bytes]) -> list[bytes]:
        return [*leaves, canonical.encode(next_of(leaves, ENDED, data=good))]

    twin = forged(whole.archive, tmp_path / "twin.tar", more, key=log_key)

    assert failed(checked(twin, whole.keys)).keys() <= {"feed 33", "feed 32", "feed 34", "feed 35", "feed 91"}


@VALID
@pytest.mark.parametrize(
    ("change", "check", "noted"),
    [
        (lambda document: document.pop("media_type"), "facts", False),
        (lambda document: document.update(sha256="ab" * 32), "documents", False),
        (lambda document: document.update(size=999), "believed", True),
        (lambda document: document.update(media_type="teks – \n"), "believed", True),
    ],
    ids=["no type", "absent", "size", "type"],
)
def test_a_document_is_as_the_fact_says(
    whole: Audited,
    tmp_path: Path,
    log_key: SigningKey,
    change: Callable[[dict[str, Any]], object],
    check: str,
    noted: bool,
) -> None:
    """A cited document has media type, hash and place; what earlier releases believed of it is noted with its leaf."""

    def changed(leaves: list[bytes]) -> list[bytes]:
        at = next(at for at, raw in enumerate(leaves) if b'"media_type"' in raw)
        event = orjson.loads(leaves[at])
        change(event["data"]["document"])
        return [*leaves[:at], canonical.encode(event), *leaves[at + 1 :]]

    bad = forged(whole.archive, tmp_path / "bad.tar", changed, key=log_key, keys_dir=whole.source.keys)

    checks = checked(bad, whole.keys)
    assert (checks[check].ok, checks[check].noted) == (noted, noted)
    assert set(failed(checks)) == (set() if noted else {check})


@VALID
def test_a_legacy_fact_without_its_file_is_noted(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """A legacy fact that names no source file was taken by earlier releases: it holds, and is noted with its leaf."""

    def changed(leaves: list[bytes]) -> list[bytes]:
        legacy = [canonical.encode(orjson.loads(leaves[at]) | {"legacy": True}) for at in (10, 20)]
        sourced = canonical.encode(orjson.loads(leaves[5]) | {"legacy": True, "sourcefile": "ab" * 32})
        return [*leaves[:5], sourced, *leaves[6:10], legacy[0], *leaves[11:20], legacy[1], *leaves[21:]]

    file = forged(whole.archive, tmp_path / "bad.tar", changed, key=log_key, keys_dir=whole.source.keys)

    checks = checked(file, whole.keys)
    assert failed(checks) == {}
    assert checks["unsourced"].noted
    assert "2 legacy facts, the first of them 10" in checks["unsourced"].detail


def test_every_type_is_described() -> None:
    """Each model of a fact has a description, so that no type is judged one by one."""
    assert [kind for kind, one in DECLARATIONS.items() if shape(one.model) is None] == []


@pytest.mark.parametrize("kind", DECLARATIONS)
def test_a_description_takes_nothing_that_its_model_refuses(kind: str, rng: random.Random) -> None:
    """Of hundreds of mutilated facts of each type, a description accepts only what the model takes and writes alike."""
    declaration = DECLARATIONS[kind]
    described = shape(declaration.model)
    assert described is not None
    good = as_in_leaves(example(declaration).data)
    assert described.fits([good, good])
    refused = 0
    for _ in range(300):
        bad = as_in_leaves(mutated(good, rng))
        right = is_right(declaration.model, bad)
        refused += not right
        assert (wrong(declaration, bad) is None) is right, bad
        if described.fits([good, bad, good]):
            assert right, bad
    assert refused > 100


def test_generated_facts_are_seen_at_a_glance() -> None:
    """What services write fits its description, so that the slow way is for what is in doubt."""
    for event in generated(400):
        described = shape(DECLARATIONS[event.type].model)
        assert described is not None
        assert described.fits([as_in_leaves(event.data)]), event


def as_in_leaves(data: Any) -> Any:
    """Data with its names in the order of canonical bytes."""
    return orjson.loads(canonical.encode(data))


def is_right(model: type[BaseModel], data: Any) -> bool:
    """The definition: the model takes it, strictly, and writes it again as it is."""
    try:
        written = model.model_validate_json(orjson.dumps(data), strict=True).model_dump(mode="json")
    except ValidationError:
        return False
    return bool(written == data)


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    7,
    2**53 - 1,
    "",
    " ",
    " x ",
    "x" * 501,
    "33.72",
    "2026-01-05T00:00:00",
    "2026-02-30",
    [],
    {},
]
ODD += ["2026-01-05T00:00:00", "2026-02-30"]
ODD += [[None], ["33.72"], {"33.72": ""}, "AB" * 32, "00000000-0000-5000-8000-00000000000G", "minister", "region:1"]


def mutated(value: Any, rng: random.Random) -> Any:
    """The same with one thing else in it, anywhere."""
    copy = orjson.loads(orjson.dumps(value))
    place = copy
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = rng.choice([*keys, "other"] if isinstance(place, dict) else keys) if keys else "other"
        inner = place.get(key) if isinstance(place, dict) else place[key]
        if isinstance(inner, dict | list) and inner and rng.random() < 0.6:
            place = inner
            continue
        if isinstance(place, dict) and key in place and rng.random() < 0.2:
            del place[key]
        else:
            place[key] = rng.choice(ODD)
        return copy
