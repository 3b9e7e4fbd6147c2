"""The reference texts of this package, with which a new platform opens; they bind until others are adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.law import PROFILES, affairs_text, holidays_text, load_text
from ksad.contracts.regions import load_text as regions_text
from ksad.contracts.regions import sha256
from ksad.contracts.registry import PackagedText, PlatformOpened, ReferenceKind, TextSupplied

if TYPE_CHECKING:
    from datetime import date

SOURCES = {
    "regions": "Kepmendagri 300.2.2-2430/2025, lampiran",
    "ksad-2009": "Permendagri 23/2009",
    "ksdd-2018": "UU 23/2014; PP 28/2018",
    "policy": "usulan perangkat lunak; peraturan tidak menetapkan jangka waktu",
    "holidays": "python-holidays 0.109, kalender Indonesia",
    "affairs": "UU 23/2014 Pasal 12",
}
"""Where each text of this package comes from, by its name."""


def packaged_texts() -> tuple[TextSupplied, ...]:
    """Every text of this package, a profile after the one that it extends."""
    texts = {
        "regions": (ReferenceKind.REGIONS, regions_text()),
        **{name: (ReferenceKind.PROFILE, load_text(name)) for name in PROFILES},
        "policy": (ReferenceKind.POLICY, load_text("policy")),
        "holidays": (ReferenceKind.HOLIDAYS, holidays_text()),
        "affairs": (ReferenceKind.AFFAIRS, affairs_text()),
    }
    return tuple(
        TextSupplied(kind=kind, name=name, content=text, sha256=sha256(text), source=SOURCES[name])
        for name, (kind, text) in texts.items()
    )


def opening(day: date, *, training: bool = False) -> tuple[PlatformOpened, *tuple[TextSupplied, ...]]:
    """The facts with which a platform opens on a day: the hashes of the texts, and the texts themselves."""
    texts = packaged_texts()
    listed = [PackagedText(kind=one.kind, name=one.name, sha256=one.sha256, source=one.source) for one in texts]
    return PlatformOpened(day=day, texts=listed, training=training), *texts
