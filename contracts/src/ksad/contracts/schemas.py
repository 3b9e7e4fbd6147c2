"""Generates ``contracts/schemas``: a JSON Schema for each event type, the AsyncAPI document, and the list of names.

Below ``reading`` are the schemas for readers.

``python -m ksad.contracts.schemas [DIR]`` writes the files. With ``--check`` it writes nothing, names every file that
is not up to date, and exits with 1 if there is one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ksad.contracts import asyncapi, reading
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.envelope import Envelope
from ksad.contracts.examples import example

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Declaration

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def event_schema(declaration: Declaration) -> dict[str, Any]:
    """The JSON Schema of one event type: the envelope with the type's data. Unknown properties are not allowed."""
    envelope = Envelope.model_json_schema()
    data = declaration.model.model_json_schema()
    definitions = {**envelope.pop("$defs", {}), **data.pop("$defs", {})}
    properties = envelope["properties"]
    for attribute in properties.values():
        attribute.pop("title", None)
        attribute.pop("default", None)
        # Pydantic describes an optional attribute as "or null". In an event it is absent instead, and never null.
        if "anyOf" in attribute:
            present = [option for option in attribute.pop("anyOf") if option != {"type": "null"}]
            attribute.update(present[0])
    properties["type"] = {"const": declaration.type}
    properties["dataschema"] = {"const": f"urn:ksad:schema:{declaration.type}"}
    properties["data"] = data
    required = [name for name, field in Envelope.model_fields.items() if field.is_required()]
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": f"urn:ksad:schema:{declaration.type}",
        "title": declaration.type,
        "description": data.pop("description", ""),
        "x-ksad-service": declaration.service.value,
        "x-ksad-audience": declaration.audience.value,
        "x-ksad-correctable": sorted(declaration.correctable),
        "type": "object",
        "additionalProperties": False,
        "required": sorted({*required, "specversion", "datacontenttype"}),
        "properties": properties,
        "examples": [example(declaration).model_dump(mode="json", exclude_none=True) | {"data": _data(declaration)}],
    }
    if definitions:
        schema["$defs"] = definitions
    return schema


def _data(declaration: Declaration) -> dict[str, Any]:
    return example(declaration).data


def generate() -> dict[str, str]:
    """The text of every generated file, by its path below the schemas folder."""
    files = {
        f"events/{declaration.type}.json": json.dumps(event_schema(declaration), indent=2, sort_keys=True) + "\n"
        for declaration in DECLARATIONS.values()
    }
    files["event-names.txt"] = "".join(f"{name}\n" for name in sorted(DECLARATIONS))
    files["asyncapi.json"] = json.dumps(asyncapi.document(), indent=2, sort_keys=True) + "\n"
    return files


def generate_reading() -> dict[str, str]:
    """The text of every schema for readers, by its path below the schemas folder.

    No archive has these: an auditor judges by what the writers promised.
    """
    strict = {declaration.type: event_schema(declaration) for declaration in DECLARATIONS.values()}
    fed = {one.type: strict[one.type] for one in DECLARATIONS.values() if one.noun in asyncapi.FEED_NOUNS}
    files = {f"reading/{name}.json": reading.event(schema) for name, schema in strict.items()}
    files["reading/event.json"] = reading.union(fed)
    return {name: json.dumps(schema, indent=2, sort_keys=True) + "\n" for name, schema in files.items()}


def main(arguments: list[str]) -> int:
    """Writes the files, or checks them.

    :param arguments: those of the command line: a folder, ``--check``.
    :returns: the exit code.
    """
    check = "--check" in arguments
    folders = [argument for argument in arguments if not argument.startswith("-")]
    root = Path(folders[0] if folders else "contracts/schemas")
    stale = 0
    for name, text in {**generate(), **generate_reading()}.items():
        path = root / name
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if check:
            sys.stderr.write(f"{path} is stale: run `make schemas` and commit\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
