"""Renders templates, and names the files that pages load by their content."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from ksad.contracts.policies import is_policy
from ksad.portal import naming
from ksad.portal.languages import language, rules
from ksad.portal.regulation import clause_links

if TYPE_CHECKING:
    from fastapi import Response

    from ksad.portal.languages import Language

MARK = "0" * 16
"""Where a page says its own mark, before it is known."""
MAIN = re.compile(r"<main.*</main>", re.DOTALL)
KEYS = re.compile(r'name="kunci_formulir" value="[^"]*"')
MEDIA_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


class File(NamedTuple):
    """A file that pages load: its name with a part of its hash, its bytes and its media type."""

    name: str
    content: bytes
    media_type: str


@cache
def files() -> dict[str, File]:
    """All files that pages load, by the name under which they are served."""
    found = {}
    for one in (resources.files("ksad.portal") / "static").iterdir():
        stem, _, ending = one.name.rpartition(".")
        if ending in MEDIA_TYPES:
            content = one.read_bytes()
            name = f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
            found[name] = File(name, content, MEDIA_TYPES[ending])
    return found


def address(plain: str) -> str:
    """The address of a file, by its plain name; a new content has a new address, so that browsers may keep it."""
    stem, _, ending = plain.rpartition(".")
    [found] = [name for name in files() if name.startswith(f"{stem}.") and name.endswith(f".{ending}")]
    return f"/berkas/{found}"


@cache
def _environment(code: str) -> Environment:
    made = Environment(
        loader=PackageLoader("ksad.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    tongue = language(code)
    made.install_gettext_callables(tongue.gettext, tongue.ngettext, newstyle=True)  # type: ignore[attr-defined] # of the extension
    made.globals |= {
        "file": address,
        "clause_links": clause_links,
        "is_policy": is_policy,
        "STAGES": list(naming.STAGES),
        "rules": rules(),
    }
    made.filters["upper_first"] = naming.upper_first
    return made


def rendered(template: str, tongue: Language, **model: object) -> str:
    """A page as text.

    :raises jinja2.UndefinedError: the template asks for what the model does not have.
    """
    return _environment(tongue.code).get_template(template).render(language=tongue.code, **model)


def page(template: str, tongue: Language, status: int = 200, **model: object) -> Response:
    """A page as a response."""
    text = rendered(template, tongue, **model)
    if model.get("live"):
        text = text.replace(f'data-mark="{MARK}"', f'data-mark="{fingerprint(text)}"')
    return HTMLResponse(text, status, {"Content-Language": tongue.code})


def fingerprint(text: str) -> str:
    """The mark of what a page shows: the same whenever, and for whomever, the same is shown; 16 hex digits."""
    found = MAIN.search(text)
    return hashlib.sha256(KEYS.sub("", found[0] if found else "").encode()).hexdigest()[:16]
