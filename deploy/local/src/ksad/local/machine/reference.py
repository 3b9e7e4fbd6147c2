"""Opens a new platform with the reference texts of its software. Texts in use are left as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.texts import packaged_texts

if TYPE_CHECKING:
    from ksad.chassis.client import Client

OPERATOR = "operator"


class TextsToDecide(NamedTuple):
    """The names of texts that wait for a decision of the Minister or the Joint Secretariat.

    ``provisional`` texts are in use without anybody having adopted them. Of ``differing`` ones, this software's version
    is not the one in use.
    """

    provisional: list[str]
    differing: list[str]


def open_platform(client: Client) -> TextsToDecide:
    """Opens a new platform; returns the texts that wait for a decision."""
    client.post("registry", "/opening", OPERATOR, "opening")
    binding = {one["name"]: one for one in client.get("registry", "/references", OPERATOR)["items"]}
    return TextsToDecide(
        [name for name, one in binding.items() if one["provisional"]],
        [one.name for one in packaged_texts() if binding.get(one.name, {}).get("sha256") != one.sha256],
    )
