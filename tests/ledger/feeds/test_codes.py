"""The map of region codes of rule 1 is frozen: held against its formula of then, kept here."""

import csv
import io
import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson

from ksad.contracts import registry
from ksad.contracts.envelope import seal
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.feeds import codes
from tests.support.histories.feed_lives import FIRST, NEW, REGIONS, small_table
from tests.support.histories.histories import origin


def facts(rng: random.Random) -> list[registry.BoundaryChangedV1 | registry.ReferenceAdoptedV1]:
    """Some facts of regions: changes in any order, and tables with ends, chains and days to come."""
    made: list[registry.BoundaryChangedV1 | registry.ReferenceAdoptedV1] = []
    table = small_table()
    for _ in range(rng.randrange(8)):
        region, successor = rng.choice([*REGIONS, *NEW]), rng.choice(NEW)
        day = FIRST + timedelta(days=rng.choice([-900, 0, 40]))
        if rng.random() < 0.5:
            values = {"region": region, "successor": successor, "effective_on": day, "legal_basis": "UU"}
            made.append(registry.BoundaryChangedV1.model_validate(values))
            continue
        with suppress(RuleBrokenError):
            table = table.with_boundary_change(region, successor, day)
        kind = rng.choice([registry.ReferenceKind.REGIONS, registry.ReferenceKind.HOLIDAYS])
        content = table.to_csv()
        values = {"kind": kind, "name": "regions", "content": content, "sha256": "0" * 64, "source": "uji"}
        made.append(registry.ReferenceAdoptedV1.model_validate(values, strict=False))
    return made


def old_new_codes(kind: str, data: dict[str, Any]) -> dict[str, str]:
    """What a fact said to the feeds of release 0.1.0."""
    if kind in codes.CHANGED:
        return {data["region"]: data["successor"]}
    if kind in codes.TEXTS and data["kind"] == "regions":
        table = list(csv.DictReader(io.StringIO(data["content"])))
        current = {row["lineage"]: row["code"] for row in table if not row["valid_to"]}
        return {row["code"]: current[row["lineage"]] for row in table if row["valid_to"] and row["lineage"] in current}
    return {}


def test_a_fact_brings_the_codes_that_it_brought(rng: random.Random, rounds: int) -> None:
    """For any run of reference facts the map, and the province of any region, are what the formula gave."""
    for _ in range(rounds * 30):
        places, old = codes.Codes({}), dict[str, str]()
        for fact in facts(rng):
            event = orjson.loads(seal(fact, "reference/uji", 1, origin()).to_bytes())
            places = places.after(event["type"], event["data"], event["time"])
            old |= old_new_codes(event["type"], event["data"])
        assert places.map == old
        for code in [*REGIONS, *NEW, "99.99", *old, *old.values()]:
            assert places.within([code]) == {old.get(code, code)[:2]}


def test_every_version_of_a_reference_fact_brings_the_same_codes(rng: random.Random, rounds: int) -> None:
    """Adopted with a decision or before decisions were asked for, or supplied with the software: codes move alike."""
    for _ in range(rounds * 10):
        for fact in facts(rng):
            data, name = fact.model_dump(mode="json"), fact.declaration.name
            before = codes.new_codes(f"{name}.v1", data)
            assert codes.new_codes(f"{name}.v2", data | {"decision": None}) == before
            if isinstance(fact, registry.ReferenceAdoptedV1):
                assert codes.new_codes("ksad.reference.text_supplied.v1", data) == before
