"""Facts of newer versions, from as much as their first version says: what is tested names only what it is about."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

from ksad.contracts.catalogue import DECLARATIONS, UPCASTERS, Fact, load_fact

F = TypeVar("F", bound=Fact)
JSON: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def fact_of(kind: type[F], /, **fields: Any) -> F:
    """A fact of a kind as its first version would be read today, and other values for what that did not know."""
    name = kind.declaration.name
    first = f"{name}.v1"
    plain = JSON.dump_python(fields, mode="json")
    if first not in UPCASTERS:
        return kind.model_validate(plain, strict=False)
    known = DECLARATIONS[first].model.model_fields
    read = load_fact(first, {key: value for key, value in plain.items() if key in known})
    newer = {key: value for key, value in fields.items() if key not in known}
    return kind.model_validate(dict(read) | newer)
