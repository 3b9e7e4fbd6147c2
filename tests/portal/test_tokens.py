"""The colours of both schemes can be read: ink on its ground has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

import re

import pytest

from tests.support.text.source import ROOT

TOKENS = (ROOT / "services" / "portal" / "src" / "ksad" / "portal" / "static" / "tokens.css").read_text()
STATES = ("late", "soon", "wait", "done", "idle", "law")
PAIRS = [
    *((state, f"{state}-tint") for state in STATES),
    *((state, "surface") for state in STATES),
    *((ink, ground) for ink in ("ink", "ink-2", "link") for ground in ("paper", "surface", "surface-2")),
    ("action-ink", "action"),
    ("action-ink", "action-hover"),
]
LEAST = 4.5


def schemes() -> dict[str, dict[str, str]]:
    """The colours of each scheme by name: the light one stands first, the dark one is given twice and the same."""
    light, *dark = re.split(r"(?=@media screen)", TOKENS)
    found = [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", part)) for part in (light, *dark)]
    assert len(found) == 3
    assert found[1] == found[2], "the system's dark scheme and the chosen one differ"
    return {"light": found[0], "dark": found[0] | found[1]}


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ink_can_be_read_on_its_ground(scheme: str) -> None:
    """Every pair of text and ground that the style sheet makes is readable."""
    colours = schemes()[scheme]
    found = {(ink, ground): contrast(colours[ink], colours[ground]) for ink, ground in PAIRS}
    assert {pair: value for pair, value in found.items() if value < LEAST} == {}
    assert contrast("#777777", "#888888") < LEAST < contrast("#000000", "#ffffff")
