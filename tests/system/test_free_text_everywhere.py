"""Every text of every request of the three services is looked through: made from what the services describe."""

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import httpx
import pytest

from ksad.local.machine.platform import Platform
from tests.support.text.source import ROOT

pytestmark = [pytest.mark.xdist_group("import"), pytest.mark.timeout(300)]

SERVICES = ("registry", "supervision", "reporting")
OFFICES = ("operator", "minister", "joint_secretariat", "tkksd:33", "governor:33", "region:33.72")
FITS = ("33.72", "33", "a", "a" * 64, "application/pdf", "region:33.72", "2026-S1", "2026", "2026-01-01", "A-1")
"""Values of which one fits each pattern."""
BAD = {"Sampah \u202egnatul": "turned", "Sampah\x1b[31m": "controlled", "\u200b\u200b": "invisible"}
PERSONAL = "Pak Budi NIP 198503122010011004"
NAMED = {"office": "tkksd:33", "body": "tkksd:33", "on": "2026-01-01", "period": "2026-S1", "who": "region:33.72"}
"""Values of texts whose form only the models know."""
REGION = "^[1-9][0-9]("
WHOLE = {"content"}
"""Texts with lines, read by machines: of them no name is asked about."""
PRINTED = "/lists/print"
"""What is sent there comes back on paper, and nobody keeps it."""
UUID_OF_NOTHING = "00000000-0000-5000-8000-00000000a6a6"
NUMBERS = count()


class TextField(NamedTuple):
    """One free text of a request: where it is sent, its place in the body, and a body that has a text there."""

    service: str
    path: str
    field: tuple[str | int, ...]
    body: dict[str, Any]

    def sent(self, text: str) -> dict[str, Any]:
        """The body with another text in its place."""
        changed: dict[str, Any] = json.loads(json.dumps(self.body))
        inner: Any = changed
        assert self.field, self.path
        for name in self.field[:-1]:
            inner = inner[name]
        inner[self.field[-1]] = text
        if "content" in changed:
            changed["sha256"] = hashlib.sha256(changed["content"].encode()).hexdigest()
        return changed


class Described:
    """What one service says of itself."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.document = json.loads((ROOT / "contracts" / "schemas" / "openapi" / f"{service}.json").read_text())

    def fields(self) -> Iterator[TextField]:
        """Every free text of every request."""
        for path, operations in self.document["paths"].items():
            content = operations.get("post", {}).get("requestBody", {}).get("content", {})
            if "application/json" not in content or path == PRINTED:
                continue
            schema = content["application/json"]["schema"]
            address = re.sub(r"\{[a-z_]+\}", UUID_OF_NOTHING, path.replace("{kind}", "regions"))
            for place in self._texts(schema):
                body = self._made(schema, place)
                yield TextField(self.service, address, place, body)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return self._resolved(next(one for one in schema[word] if one.get("type") != "null"))
        return schema

    def _texts(self, schema: dict[str, Any]) -> Iterator[tuple[str | int, ...]]:
        found = self._resolved(schema)
        if found.get("type") == "string" and not found.keys() & {"enum", "const", "pattern", "format"}:
            yield ()
        for name, inner in found.get("properties", {}).items():
            if name != "confirms":
                yield from ((name, *place) for place in self._texts(inner))
        if found.get("type") == "array":
            yield from ((0, *place) for place in self._texts(found.get("items", {})))
        # Whatever a correction corrects, by name.
        if found.get("type") == "object" and found.get("additionalProperties") is True:
            yield ("title",)

    def _made(self, schema: dict[str, Any], place: tuple[str | int, ...]) -> Any:
        """The smallest value with a text in its place."""
        found = self._resolved(schema)
        at, rest = (place[0], place[1:]) if place else (None, ())
        if "enum" in found or "const" in found:
            return found.get("const", found.get("enum", [None])[0])
        match found.get("type"):
            case "object":
                return self._object(found, at, rest)
            case "array":
                return [self._made(found["items"], rest)] * max(1, found.get("minItems", 1))
            case "string":
                return self._text(found)
            case "integer":
                return int(found.get("minimum", 1))
            case "boolean":
                return False
        return None

    def _object(self, found: dict[str, Any], at: str | int | None, rest: tuple[str | int, ...]) -> dict[str, Any]:
        known = found.get("properties")
        if known is not None:
            wanted = [name for name in known if name in found.get("required", ()) or name == at]
            return {name: self._named(name, known[name], rest if name == at else ()) for name in wanted}
        if found.get("additionalProperties") is True:
            return {"title": "x"}
        by = next((one for name, one in found.get("patternProperties", {}).items() if name.startswith(REGION)), None)
        return {} if by is None else {"33.72": self._made(by, ())}

    def _named(self, name: str, schema: dict[str, Any], place: tuple[str | int, ...]) -> Any:
        free = self._resolved(schema).keys().isdisjoint({"enum", "const", "pattern", "format"})
        return NAMED[name] if name in NAMED and free else self._made(schema, place)

    @staticmethod
    def _text(schema: dict[str, Any]) -> str:
        if schema.get("format") == "uuid":
            return UUID_OF_NOTHING
        if schema.get("format") == "date":
            return "2026-01-01"
        pattern = schema.get("pattern", "")
        return next((one for one in FITS if re.search(pattern, one)), "x")


FIELDS = [one for service in SERVICES for one in Described(service).fields()]


def looked_through(
    client: httpx.Client, platform: Platform, field: TextField, text: str, senders: dict[str, str]
) -> str | None:
    """How the first office that may send it is answered, where its text is not what is refused; None where it is."""
    url = platform.endpoints[field.service] + field.path
    for office in [senders[field.path]] if field.path in senders else OFFICES:
        headers = {
            "Authorization": f"Bearer {platform.endpoints['tokens'][office]}",
            "Idempotency-Key": f"a6-{next(NUMBERS)}",
        }
        answer = client.post(url, json=field.sent(text), headers=headers)
        if answer.status_code != 403:
            senders[field.path] = office
            said = answer.json()
            named = {one["field"] for one in said.get("errors", ())}
            mine = ".".join(str(one) for one in field.field)
            # A model that looks at several fields names none: of what cannot be an office, that it is none.
            if answer.status_code == 422 and any(one in (mine, "") or one.endswith(f".{mine}") for one in named):
                return None
            return f"{answer.status_code} {said.get('rule')} {sorted(named)}"
    raise AssertionError(f"no office may send {field.path}")


@pytest.mark.fault("http D")
@pytest.mark.fault("http A13")
def test_every_text_of_every_request_is_looked_through(history_platform: Platform) -> None:
    """Whatever route and field: signs that nobody sees, and what looks like a person, are refused before all else."""
    assert len({(one.service, one.path) for one in FIELDS}) > 40
    let_through, senders = [], dict[str, str]()
    client = httpx.Client(trust_env=False, verify=False)  # noqa: S501 - it speaks to this machine, in the clear
    for number, field in enumerate(FIELDS):
        whole = field.field[-1] in WHOLE
        bad = list(BAD)[number % 2] if whole else list(BAD)[number % len(BAD)]
        for text in (bad,) if whole else (bad, PERSONAL):
            answered = looked_through(client, history_platform, field, text, senders)
            if answered is not None:
                let_through.append((field.path, field.field, text, answered))
    client.close()
    assert let_through == []
