"""The compatibility gate: what was released may change only so that stored events and live consumers both go on.

Stored events must fit the new schema as it is (closed). New events must fit the old schema read tolerantly, as
``docs/subscribing.md`` asks of consumers: a property they do not know is no error.
"""

from __future__ import annotations

import json
from typing import Any

import jsoncompat

ANNOTATIONS = frozenset({"title", "description", "examples", "$comment", "$id", "default"})
Schemas = dict[str, dict[str, Any]]


def _plain(schema: Any, *, closed: bool) -> Any:
    if isinstance(schema, list):
        return [_plain(item, closed=closed) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for name, value in schema.items():
        if name == "properties":
            kept[name] = {key: _plain(item, closed=closed) for key, item in value.items()}
        elif name in ANNOTATIONS or name.startswith("x-") or (name == "additionalProperties" and not closed):
            continue
        else:
            kept[name] = _plain(value, closed=closed)
    return kept


def breaking(old: Schemas, new: Schemas) -> list[str]:
    """What breaks between released schemas and today's: one line per event type and side."""
    found = []
    for name, schema in sorted(old.items()):
        if name not in new:
            found.append(f"{name}: no longer declared")
            continue
        sides = {"stored events": (True, "deserializer"), "live consumers": (False, "serializer")}
        for side, (closed, role) in sides.items():
            before, after = (json.dumps(_plain(one, closed=closed)) for one in (schema, new[name]))
            if before != after and not jsoncompat.check_compat(before, after, role):  # type: ignore[arg-type] # two literals
                found.append(f"{name}: breaks {side}")
    return found
