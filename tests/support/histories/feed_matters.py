"""Matters of the feed rule and their threads as docs/feed-rule.md says, beside the rest of that recomputation."""

from typing import Any

Leaf = dict[str, Any]
SETTLING = (
    "termination_item_added",
    "termination_item_completed",
    "goods_inventoried",
    "obligations_listed",
    "division_agreed",
    "settlement_closed",
)
CORRECTIONS = ("ksad.cooperation.corrected.", "ksad.cooperation.public_corrected.")


class Matter:
    """Parties, supervisor, and the leaves that belong to it with their audiences.

    Under version 2 also supervisors of agreements, guests by thread, the thread of each leaf, and of which leaf ids.
    """

    def __init__(self) -> None:
        self.parties: list[str] = []
        self.supervisor: str | None = None
        self.leaves: list[tuple[int, str]] = []
        self.agreements: dict[str, str] = {}
        self.guests: dict[str, set[str]] = {}
        self.threads: dict[int, str] = {}
        self.ids: dict[str, str] = {}

    def state(self) -> tuple[list[str], str | None]:
        """What a leaf may change."""
        return self.parties, self.supervisor


def thread(matter: Matter, at: int, leaf: Leaf) -> None:
    """The leaf's thread, and whom it makes a guest of one."""
    kind, data = leaf["type"], leaf["data"]
    noun, _, name = kind.rpartition(".v")[0].rpartition(".")
    if kind.startswith(CORRECTIONS) and data["corrects"] in matter.ids:
        matter.threads[at] = matter.ids[data["corrects"]]
    if noun == "ksad.task" and name in {"delivered", "declined"}:
        matter.threads[at] = f"to/{data['region']}"
        matter.guests.setdefault(matter.threads[at], set()).add(data["region"])
    if noun != "ksad.cooperation":
        return
    if name in SETTLING or (name == "ended" and data.get("of") == "agreement"):
        key = data["key"] if name == "ended" else data.get("agreement", "perjanjian-1")
        matter.threads[at] = matter.ids[leaf["id"]] = f"settlement/{key}"
    if name.startswith("act_"):
        matter.threads[at] = thread = f"act/{leaf['id'] if name == 'act_proposed' else data['proposal']}"
        strangers = set(data.get("asked", ())) - set(matter.parties)
        matter.guests.setdefault(thread, set()).update(strangers)
    if name == "party_withdrew" and data.get("settlement") == "with_the_end":
        for key in data["agreements"]:
            matter.guests.setdefault(f"settlement/{key}", set()).add(data["region"])
