"""Opens a new platform with the reference texts of its software. Texts in use are left as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.client import ProblemError
from ksad.contracts.texts import packaged_texts
from ksad.local.machine.folder import NoPlatformError

if TYPE_CHECKING:
    from ksad.chassis.client import Client

OPERATOR = "operator"
FOR_WORK = "opened-for-training"


class TextsToDecide(NamedTuple):
    """The names of texts that wait for a decision of the Minister or the Joint Secretariat.

    ``provisional`` texts are in use without anybody having adopted them. Of ``differing`` ones, this software's version
    is not the one in use.
    """

    provisional: list[str]
    differing: list[str]


def open_platform(client: Client, *, training: bool = False) -> TextsToDecide:
    """Opens a new platform; returns the texts that wait for a decision.

    :raises NoPlatformError: it is to be for ``training``, and was opened for work.
    """
    # Under a key of its own: what was opened in one way is asked again in the other, and is answered by the rule.
    key, body = ("opening-training", {"training": True}) if training else ("opening", None)
    try:
        client.post("registry", "/opening", OPERATOR, key, body)
    except ProblemError as refused:
        if refused.rule != FOR_WORK:
            raise
        message = "this platform was opened for real work and cannot be for training: name another --data-dir"
        raise NoPlatformError(message) from refused
    binding = {one["name"]: one for one in client.get("registry", "/references", OPERATOR)["items"]}
    return TextsToDecide(
        [name for name, one in binding.items() if one["provisional"]],
        [one.name for one in packaged_texts() if binding.get(one.name, {}).get("sha256") != one.sha256],
    )
