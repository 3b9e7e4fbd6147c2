"""Acts of several parties that wait for confirmation: which of them an office sees, and how they are told in words.

What is said of a proposal is for the parties, and for those whom it asks (:mod:`ksad.contracts.sight`). The feeds of
the provinces follow rules of their own.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ksad.contracts.dates import PartialDate, Precision, in_words
from ksad.contracts.sight import concerned
from ksad.contracts.umbrella import ACT_NAMES, PendingAct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.contracts.regions import RegionTable

Event = dict[str, Any]
PREFIX = "ksad.cooperation.act_"


def asks(office: str, asked: Iterable[str], regions: RegionTable, day: date) -> bool:
    """Whether a proposal asks the region of an office, or one in its province, on a day."""
    return concerned(office, list(asked), lambda code: regions.code_on(code, day))


def waiting(
    pending: Mapping[str, Any], office: str, regions: RegionTable, day: date, *, every: bool
) -> list[dict[str, Any]]:
    """What waits for confirmation and an office may see, each with ``says``: the same in a sentence.

    :param pending: the acts as a row of the register has them, by the proposal that they wait under.
    :param every: the office is a party or supervises, so that it sees all; otherwise those that ask its region.
    """
    acts = {key: PendingAct.model_validate(one) for key, one in pending.items()}
    return [
        act.shown(key) | {"says": _said(act, regions)}
        for key, act in acts.items()
        if every or asks(office, act.asked, regions, day)
    ]


def told(event: Event, proposal: Event, regions: RegionTable) -> str | None:
    """An event of consent in a sentence; ``None`` for any other event.

    :param proposal: the event by which the act was proposed.
    """
    name = event["type"].rpartition(".v")[0]
    if not name.startswith(PREFIX):
        return None
    effect, said = proposal["data"]["effect"], event["data"]
    on = PartialDate(first=date.fromisoformat(effect["on"]), precision=Precision(effect["precision"]))
    act = _act(effect["type"], effect["data"], on, regions)
    return {"proposed": _proposed, "confirmed": _confirmed, "refused": _refused, "closed": _closed}[
        name.removeprefix(PREFIX)
    ](act, said, regions)


def _said(act: PendingAct, regions: RegionTable) -> str:
    what = _act(act.type, act.data, PartialDate(first=act.on, precision=act.precision), regions)
    until = "" if act.expires_on is None else f", paling lambat {in_words(act.expires_on)}"
    since = "" if act.since is None else f" sejak {in_words(act.since)}"
    asked = _names(act.awaiting, regions)
    return f"{_capital(what)} menunggu konfirmasi {asked}{since}{until}. Tindakan ini belum berlaku."


def _act(kind: str, data: Mapping[str, Any], on: PartialDate, regions: RegionTable) -> str:
    name = kind.split(".")[2]
    called = f"bergabungnya {_name(data['region'], regions)}" if name == "party_joined" else ACT_NAMES[name]
    title = f" “{data['title']}”" if data.get("title") else ""
    # A month or a year alone is no day.
    return f"{called}{title} {'tanggal' if on.precision is Precision.DAY else 'pada'} {in_words(on)}"


def _proposed(act: str, said: Mapping[str, Any], regions: RegionTable) -> str:
    if said["proposer"] is None:
        return f"{_capital(act)} dicatat pembina berdasarkan naskah yang ditandatangani."
    others = [code for code in said["asked"] if code != said["proposer"]]
    until = "" if said["expires_on"] is None else f", paling lambat {in_words(date.fromisoformat(said['expires_on']))}"
    asked = f"; menunggu konfirmasi {_names(others, regions)}{until}" if others else ""
    return f"{_name(said['proposer'], regions)} mengusulkan {act}{asked}."


def _confirmed(act: str, said: Mapping[str, Any], regions: RegionTable) -> str:
    names = _names(said["regions"], regions)
    if said["by"] == "party":
        return f"{names} mengonfirmasi {act}."
    over = f" Pernah ditolak, tetap dicatat karena: {said['over_refusal']}" if said["over_refusal"] else ""
    return f"Pembina mencatat konfirmasi {names} atas {act} dari naskah yang ditandatangani.{over}"


def _refused(act: str, said: Mapping[str, Any], regions: RegionTable) -> str:
    return f"{_name(said['region'], regions)} menolak {act}: {said['reason']}"


def _closed(act: str, said: Mapping[str, Any], _: RegionTable) -> str:
    if said["why"] == "withdrawn":
        return f"Usulan {act} ditarik oleh pengusulnya."
    if said["why"] == "expired":
        return f"Usulan {act} ditutup: tidak dikonfirmasi sampai batas waktunya."
    return f"Usulan {act} ditutup karena keadaan berubah: {said['reason']}"


def _names(codes: Iterable[str], regions: RegionTable) -> str:
    names = [_name(code, regions) for code in codes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} dan {names[-1]}"


def _name(code: str, regions: RegionTable) -> str:
    return regions.known(code).name if regions.known_lineage(code) is not None else code


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
