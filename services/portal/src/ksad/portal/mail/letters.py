"""How a reminder is written: in Indonesian, as text and as HTML, with the clause, the facts and the page; no names."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from ksad.contracts.law import citation
from ksad.portal.naming import TRAINING, upper_first
from ksad.portal.regulation import PROFILE
from ksad.portal.rendering import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from ksad.contracts.law import Lawbook
    from ksad.contracts.law.profile import Profile
    from ksad.portal.naming import Names

SERVICE = "Register Nasional Kerja Sama Antardaerah"
WIDTH = 20
HEADS = {"Kota": "Wali Kota", "Kabupaten": "Bupati", "Provinsi": "Gubernur"}


class UnwrittenError(Exception):
    """A reminder is told in a way that this release cannot write."""


class ReminderLetter(NamedTuple):
    """What a mail says: ``quoted`` are the words of the clause that is ``cited``, ``facts`` names with their values.

    ``path`` is the page of the portal that the link, called ``link``, leads to.
    """

    subject: str
    opening: str
    quoted: list[str]
    cited: str | None
    facts: list[tuple[str, str]]
    path: str
    link: str


def addressed(names: Names, office: str) -> str:
    """How an office is addressed: a region by its head, as letters do."""
    name = names.office(office)
    kind, _, place = name.partition(" ")
    return f"{HEADS[kind]} {place}" if office.startswith("region:") and kind in HEADS else name


def letter(names: Names, law: Lawbook, told: Mapping[str, Any]) -> ReminderLetter:
    """The letter of a reminder, as reporting tells it; names are Indonesian.

    :raises UnwrittenError: it tells of an occasion, duty or clause that this release does not know.
    """
    try:
        return LETTERS[told["occasion"]](names, law.profile(PROFILE), told)
    except (LookupError, TypeError, ValueError) as error:
        raise UnwrittenError(f"{told.get('occasion')}: {error!r}") from error


def _end(names: Names, law: Profile, told: Mapping[str, Any]) -> ReminderLetter:
    task, about = told["task"], _about(names, told)
    when = f" berakhir {names.day(task['rests_on'])}" if task["rests_on"] else " akan berakhir"
    title = told["cooperation"]["title"] if told["cooperation"] else ""
    items = [one.text for one in law.clauses.values() if one.id.startswith(f"{task['clause']}.")]
    return ReminderLetter(
        f"Kerja sama {title}{when}",
        f"{names.office(task['body'])} mengingatkan bahwa kerja sama {title}{when}. Para pihak diingatkan untuk "
        "melakukan persiapan pengakhiran, antara lain:",
        items,
        citation(task["clause"]),
        [*about, ("Jatuh tempo pengingat", names.day(task["due_on"]))],
        f"/tugas/{task['task_id']}/pengingat/end",
        "Buka pengingat",
    )


def _assigned(names: Names, law: Profile, told: Mapping[str, Any]) -> ReminderLetter:
    task = told["task"]
    label = law.in_present_names(law.duty(task["duty"]).label)
    return ReminderLetter(
        f"Tugas diserahkan: {label}, jatuh tempo {names.day(task['due_on'])}",
        f"Tugas {names.office(task['body'])} berikut telah diserahkan kepada petugas. Mohon ditindaklanjuti.",
        [],
        citation(task["clause"]),
        [("Tugas", label), *_about(names, told), ("Jatuh tempo", names.day(task["due_on"]))],
        f"/tugas/{task['task_id']}/pengingat/assigned",
        "Buka tugas",
    )


def _late(names: Names, law: Profile, told: Mapping[str, Any]) -> ReminderLetter:
    task = told["task"]
    label = law.in_present_names(law.duty(task["duty"]).label)
    return ReminderLetter(
        f"Tugas terlambat: {label}, jatuh tempo {names.day(task['due_on'])}",
        f"Tugas {names.office(task['body'])} berikut melewati jatuh temponya dan belum tercatat selesai. Mohon "
        "dilaksanakan, lalu hasilnya dicatat.",
        [],
        citation(task["clause"]),
        [("Tugas", label), *_about(names, told), ("Jatuh tempo", names.day(task["due_on"]))],
        f"/tugas/{task['task_id']}/pengingat/late",
        "Buka tugas",
    )


def _confirmation(names: Names, _: Profile, told: Mapping[str, Any]) -> ReminderLetter:
    act, cooperation = told["act"], told["cooperation"]
    proposer = names.region(act["proposer"]) if act["proposer"] else "Badan pembina"
    until = [("Paling lambat", names.day(act["expires_on"]))] if act["expires_on"] else []
    return ReminderLetter(
        f"Menunggu konfirmasi: {act['name']}, {cooperation['title']}",
        f"{proposer} mencatat {act['name']} yang memerlukan konfirmasi {names.region(_code(told['office']))}. "
        "Sebelum dikonfirmasi, tindakan itu belum berlaku.",
        [],
        None,
        [("Tindakan", upper_first(act["name"])), *_about(names, told), *until],
        f"/kerja-sama/{cooperation['key']}#konfirmasi",
        "Periksa dan konfirmasi",
    )


def _returned(names: Names, _: Profile, told: Mapping[str, Any]) -> ReminderLetter:
    report = told["report"]
    called = f"{names.report(report['kind'])} {names.period(report['period'])}"
    return ReminderLetter(
        f"Laporan dikembalikan: {called}",
        f"{names.office(report['to_office'])} mengembalikan {called} untuk diperbaiki. Catatannya dapat dibaca pada "
        "halaman laporan itu.",
        [],
        None,
        [("Laporan", called), ("Dari", names.office(report["from_office"])), ("Dikembalikan", names.day(told["on"]))],
        f"/laporan/{report['report_id']}",
        "Buka laporan",
    )


LETTERS: dict[str, Callable[[Names, Profile, Mapping[str, Any]], ReminderLetter]] = {
    "end": _end,
    "assigned": _assigned,
    "late": _late,
    "confirmation": _confirmation,
    "returned": _returned,
}
"""How each occasion of reporting is written."""


def _about(names: Names, told: Mapping[str, Any]) -> list[tuple[str, str]]:
    about = told["cooperation"]
    return [] if about is None else [("Kerja sama", about["title"]), ("Para pihak", names.listed(about["parties"]))]


def _code(office: str) -> str:
    return office.partition(":")[2]


def message(
    names: Names,
    law: Lawbook,
    told: Mapping[str, Any],
    sender: str,
    mailbox: str,
    home: str,
    moment: datetime,
    *,
    training: bool,
) -> EmailMessage:
    """The mail of a reminder.

    Its Message-ID comes from event and office: what is sent twice, since a process died in between, is known as one.

    :param training: whether the platform is one for training, which subject and text then say.
    :param home: the portal's own address, without a slash at its end.
    :param moment: when the office was to be reminded.
    :raises UnwrittenError: as :func:`letter`.
    """
    said = letter(names, law, told)
    if training:
        opening = f"Ini surel platform latihan; isinya tidak berlaku. {said.opening}"
        said = said._replace(subject=f"{TRAINING}: {said.subject}", opening=opening)
    made = EmailMessage(policy=SMTP)
    # A title may have been typed with line breaks, which no header takes.
    made["Subject"] = " ".join(said.subject.split())
    made["From"], made["To"] = sender, mailbox
    made["Date"] = format_datetime(moment)
    made["Message-ID"] = message_id(told, sender)
    made["Content-Language"] = "id"
    # Nobody's absence notice is to answer (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    to, office, address = addressed(names, told["office"]), names.office(told["office"]), f"{home}{said.path}"
    made.set_content(_text(said, to, office, address))
    page = rendered("mail.html", names.language, letter=said, to=to, office=office, address=address, service=SERVICE)
    made.add_alternative(page, subtype="html")
    return made


def message_id(told: Mapping[str, Any], sender: str) -> str:
    """The Message-ID of a reminder: the same for the same event and office."""
    name = f"ksad:mail:{told['id']}:{told['office']}"
    return f"<{uuid5(NAMESPACE_URL, name)}@{sender.rpartition('@')[2].rstrip('>')}>"


def _text(letter: ReminderLetter, to: str, office: str, address: str) -> str:
    quoted = [f"  {chr(ord('a') + number)}. {words}" for number, words in enumerate(letter.quoted)]
    facts = [f"{name + ':':<{WIDTH}} {value}" for name, value in letter.facts]
    basis = [] if letter.cited is None else [f"Permendagri 23/2009 {letter.cited}"]
    parts = [
        f"Yth. {to}",
        letter.opening,
        "\n".join([*quoted, *basis]),
        "\n".join(facts),
        f"{letter.link}:\n{address}",
        f"-- \n{SERVICE}\nDikirim otomatis ke kotak surat {office}; surel ini tidak dapat dibalas.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
