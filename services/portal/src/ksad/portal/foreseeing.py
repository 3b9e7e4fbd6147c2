"""What a form would bring about, in sentences: the answer of a service's dry run, of which nothing was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.portal.languages import noted
from ksad.portal.telling import ELSE, REPORTED, SENTENCES, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ksad.portal.naming import Names

PREFIX = "ksad."
TRIAL = "periksa"
"""The button that asks what a form would bring about."""
STANDS = noted("Langsung berlaku; tidak ada konfirmasi yang diminta.")
WAITS = noted("Menunggu konfirmasi %(names)s; baru berlaku setelah semuanya mengonfirmasi.")
SUPERVISED = noted("Pembinaan dan pengawasan oleh %(name)s.")
SILENT = noted("Peraturan tidak mengatur keadaan ini; platform mengisinya menurut ketentuan yang terdekat.")
ARISES = noted("Segera timbul kewajiban pembina: %(duty)s.")
NONE_ARISES = noted("Tidak ada kewajiban pembina yang segera timbul.")
THIS_DONE = noted("Tugas ini selesai.")
OTHER_DONE = noted("Tugas lain atas perselisihan yang sama ikut selesai.")
STILL_OPEN = noted("Tugas ini tetap terbuka.")
STILL_REACHED = noted("Tugas ini tetap terbuka; masih menunggu %(names)s.")
UNCHANGED = noted("Keadaan tugas ini tidak berubah.")
CALLED_FOR = noted("Temuan nomor %(number)s: %(who)s menindaklanjuti paling lambat %(by)s: %(what)s.")
NEXT = noted("Langkah berikutnya pada %(name)s.")
NO_NEXT = noted("Laporan ini selesai; tidak ada langkah berikutnya.")
FULFILLED = noted("Kewajiban melapor terpenuhi.")
FINAL = {"completed", "cancelled"}


class Effect(NamedTuple):
    """One thing that would follow: a sentence, and the clause by which it does."""

    sentence: str
    clause: str | None = None


class Forecast(NamedTuple):
    """What a form would bring about: what would be recorded, each with its day, and what would follow from it."""

    recorded: list[tuple[str, str]]
    follows: list[Effect]


def forecast(names: Names, office: str, answer: Mapping[str, Any]) -> Forecast:
    """The answer of a dry run in sentences.

    :param office: the office that asks, which would record.
    """
    follow = _of_cooperation if "supervising_body" in answer else _of_report if "turn" in answer else _of_task
    return Forecast([_recorded(names, office, one) for one in answer["facts"]], list(follow(names, answer)))


def _recorded(names: Names, office: str, fact: Mapping[str, Any]) -> tuple[str, str]:
    name = fact["name"].removeprefix(PREFIX)
    _, sentence = SENTENCES.get(name) or REPORTED.get(name, ELSE)
    event = {"data": fact["says"], "actoroffice": office, "subject": ""}
    return names.day(fact["on"]), said(names, sentence, event, {})


def _of_cooperation(names: Names, answer: Mapping[str, Any]) -> Iterator[Effect]:
    tell = names.language.gettext
    if answer["state"] == "proposed":
        yield Effect(tell(WAITS) % {"names": names.listed(one["region"] for one in answer["awaiting"])})
    else:
        yield Effect(tell(STANDS))
    yield Effect(tell(SUPERVISED) % {"name": names.office(answer["supervising_body"])}, answer["clause"])
    if answer["gap_filled"]:
        yield Effect(tell(SILENT))
    for one in answer["duties"]:
        yield Effect(tell(ARISES) % {"duty": one["label"]}, one["clause"])
    if not answer["duties"]:
        yield Effect(tell(NONE_ARISES))


def _of_task(names: Names, answer: Mapping[str, Any]) -> Iterator[Effect]:
    tell = names.language.gettext
    for number, one in enumerate(answer["completes"]):
        yield Effect(tell(OTHER_DONE if number else THIS_DONE), one["clause"])
    if answer["status"] in FINAL:
        if not answer["completes"]:
            yield Effect(tell(UNCHANGED))
    elif answer["awaiting"]:
        yield Effect(tell(STILL_REACHED) % {"names": names.listed(one["region"] for one in answer["awaiting"])})
    else:
        yield Effect(tell(STILL_OPEN))
    for one in answer["follow_ups"]:
        words = {"number": one["finding"], "who": names.office(one["who"]), "what": one["what"].rstrip(".")}
        yield Effect(tell(CALLED_FOR) % {**words, "by": names.day(one["by"])})


def _of_report(names: Names, answer: Mapping[str, Any]) -> Iterator[Effect]:
    tell = names.language.gettext
    if answer["fulfils"]:
        yield Effect(tell(FULFILLED), answer["fulfils"])
    if answer["turn"] is None:
        yield Effect(tell(NO_NEXT))
    else:
        yield Effect(tell(NEXT) % {"name": names.office(answer["turn"])})
