"""docs/settings.md and the code know the same settings."""

import ast
import re
from collections.abc import Iterator

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings

from tests.pages import settings as generator
from tests.pages.settings import PAGE, PREFIX, kind_of, of_models, page
from tests.support.text.source import ROOT, members, text_files

NAMED = re.compile(rf"\b{PREFIX}[A-Z][A-Z_]*")
PAST = {ROOT / "CHANGELOG.md", ROOT / "docs" / "upgrading.md"}
"""Pages that speak of settings that are gone."""
STREAMS = {"KSAD_LOG", "KSAD_FEEDS", "KSAD_HEADS"}
"""Streams of the broker, which are called alike."""
ROW = re.compile(r"^\| `(KSAD_[A-Z_]+)`", re.MULTILINE)
TOLD = ROW.findall(page())


def mentioned() -> Iterator[tuple[str, str]]:
    """Each name with our prefix that a text of the project holds, with the file; not of schemas and the page itself."""
    for file in text_files():
        if file not in {PAGE, *PAST} and file.suffix not in {".json", ".lock"}:
            yield from ((name, str(file.relative_to(ROOT))) for name in NAMED.findall(file.read_text()))


def test_every_setting_that_is_named_is_on_the_page() -> None:
    """What code, tests, examples and pages call a setting stands on the page, or is the file of one in a model."""
    told = {*TOLD, *(f"{name}_FILE" for name in of_models())}
    unknown = {
        (name, file)
        for name, file in mentioned()
        if name not in STREAMS and not any(one == name or (name[-1] == "_" and one.startswith(name)) for one in told)
    }
    assert unknown == set()


def test_every_setting_on_the_page_is_read() -> None:
    """A setting stands on the page because a model has it, or because a file that is no page names it."""
    of_code = {name for name, file in mentioned() if not file.endswith(".md") and not file.startswith("tests/pages/")}
    assert len(set(TOLD)) == len(TOLD)
    for name in set(TOLD) - set(of_models()):
        assert any(one == name or (one[-1] == "_" and name.startswith(one)) for one in of_code), name


def test_every_setting_of_a_model_is_used() -> None:
    """No model asks for what nothing uses afterwards."""
    used = set()
    for package, source in members().items():
        for file in (source / package.replace(".", "/")).rglob("*.py"):
            used |= {one.attr for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.Attribute)}
    assert {name for name in of_models() if name.removeprefix(PREFIX).lower() not in used} == set()


def test_a_setting_says_what_it_means(monkeypatch: pytest.MonkeyPatch) -> None:
    """A field without a docstring, and a model that nobody is known to read, are refused."""

    class Bare(BaseSettings):
        port: int

    class Told(BaseSettings):
        port: int = Field(4, ge=1, le=9)
        """The
        port."""

    monkeypatch.setattr(generator, "models", lambda: iter([Bare]))
    with pytest.raises(LookupError, match=r"Bare: who reads it\?"):
        of_models()
    monkeypatch.setattr(generator, "READERS", {"Bare": "registry", "Told": "reporting"})
    with pytest.raises(LookupError, match=r"Bare\.port does not say"):
        of_models()
    monkeypatch.setattr(generator, "models", lambda: iter([Told]))
    [found] = of_models().values()
    assert found == ("KSAD_PORT", "whole number, 1 to 9", "`4`", "The port.", ("reporting",))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "pattern": "^a$"}, "text like `^a$`"),
        ({"type": "string", "format": "path"}, "path"),
        ({"anyOf": [{"type": "string", "format": "path"}, {"type": "null"}]}, "path"),
        ({"enum": ["real", "simulated"], "type": "string"}, "`real`, `simulated`"),
        ({"type": "integer", "minimum": 1}, "whole number, at least 1"),
        ({"type": "number", "exclusiveMinimum": 0}, "number, more than 0"),
        ({"type": "boolean"}, "`true` or `false`"),
    ],
)
def test_types_are_told_in_words(part: dict[str, object], words: str) -> None:
    """A type and its bounds are told as an operator reads them."""
    assert kind_of(part) == words


def test_what_the_platform_gives_is_marked() -> None:
    """The settings that `ksad up` gives its services are marked, and only these."""
    marked = set(re.findall(r"^\| `(KSAD_[A-Z_]+)` \*\*up\*\*", page(), re.MULTILINE))
    assert {"KSAD_DATABASE_URL", "KSAD_PORT", "KSAD_ISSUER"} <= marked
    assert "KSAD_LOG_LEVEL" not in marked
